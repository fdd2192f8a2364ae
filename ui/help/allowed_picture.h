// SPDX-License-Identifier: GPL-3.0-only
// What each algorithm allows at a window's edge and after a pause: a row for each, worked out by the limit's own
// arithmetic.
#pragma once

#include <QWidget>
#include <vector>

#include "core/sim/allowed_over_time.h"

class QPainter;

namespace weir::ui {

class AllowedPicture : public QWidget {
    Q_OBJECT
public:
    explicit AllowedPicture(QWidget *parent = nullptr);

    /// Return "Fixed window: 10 at the edge, at most 10 in any 10 s, 5 at once after a pause."
    [[nodiscard]] QString wordsOf(limit::Algorithm algorithm) const;
    /// Return the places of the squares of a moment, in lengths of the design, the lowest first; none when nothing is
    /// given then.
    [[nodiscard]] std::vector<QRectF> squaresOf(limit::Algorithm algorithm, Micros at) const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    struct Row {
        limit::Algorithm algorithm;
        sim::AllowedOverTime allowed;
        limit::Tokens atEdge{0};
        limit::Tokens afterPause{0};
    };

    [[nodiscard]] int designHeight() const;
    [[nodiscard]] double breadth() const;
    [[nodiscard]] QRectF plot() const; ///< all rows, between the names and the numbers
    [[nodiscard]] QRectF rowRect(std::size_t row) const;
    [[nodiscard]] double xOf(Micros at) const;
    [[nodiscard]] std::vector<QRectF> squares(std::size_t row, const sim::Given &given) const;
    void paintHead(QPainter &painter) const;
    void paintEdges(QPainter &painter) const;
    void paintRow(QPainter &painter, std::size_t row) const;
    void paintLegend(QPainter &painter) const;

    std::vector<Row> m_rows;
};

} // namespace weir::ui
