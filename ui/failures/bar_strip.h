// SPDX-License-Identifier: GPL-3.0-only
// A minute of requests as a row of thin bars, the seconds without Redis shaded. Painted without QtCharts: three strips
// cost less than one of its views.
#pragma once

#include <QWidget>
#include <vector>

#include "ui/failures/failure_comparison.h"

namespace weir::ui {

class BarStrip : public QWidget {
    Q_OBJECT
public:
    explicit BarStrip(QWidget *parent = nullptr);

    /// Show a minute from `begin` (seconds since 1970). `peak`: requests of a bar of full height; strips with the same
    /// one can be compared.
    void showLine(const PolicyLine &line, const std::vector<bool> &away, std::int64_t begin, std::int64_t peak);
    [[nodiscard]] QSize sizeHint() const override { return {360, 56}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 30}; }
    /// Return the place of bar `index`, in full height.
    [[nodiscard]] QRectF column(int index) const;
    /// Return "12:08:14 · 3 admitted, 6 refused, Redis away".
    [[nodiscard]] QString wordsOf(int index) const;

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    void paintAway(QPainter &painter) const;
    void paintBars(QPainter &painter) const;

    std::vector<PolicyBar> m_bars;
    std::vector<bool> m_away;
    std::int64_t m_begin{0};
    std::int64_t m_peak{0};
};

} // namespace weir::ui
