// SPDX-License-Identifier: GPL-3.0-only
// The picture of a stretch of the history: what was admitted and refused, what happened, and where it can be zoomed.
#pragma once

#include <QWidget>

#include <optional>

#include "core/history/history_rows.h"
#include "ui/history/history_span.h"
#include "ui/live/chart_series.h"

namespace weir::ui {

/// Zoomed by the wheel and by dragging over a stretch, moved by Shift and the wheel; keys: + and -, arrows, Home (now).
class HistoryChart : public QWidget {
    Q_OBJECT
public:
    explicit HistoryChart(QWidget *parent = nullptr);

    /// Show `answer`, the rows of `span`; `before`: of the same stretch a week earlier, drawn as a line, or nothing.
    void show(const HistorySpan &span, history::Answer answer, std::optional<history::Answer> before);
    /// Set what stands in the place of the picture; empty: the picture.
    void setNotice(const QString &notice);
    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void spanWished(const weir::ui::HistorySpan &span);

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] double xOf(double atS) const;
    [[nodiscard]] double shareAt(double x) const; ///< of the span, 0 to 1
    void paintRows(QPainter &painter, const QRectF &plot) const;
    void paintBefore(QPainter &painter, const QRectF &plot) const;
    void paintAxes(QPainter &painter, const QRectF &plot) const;
    void paintMarks(QPainter &painter, const QRectF &plot) const;
    [[nodiscard]] QString tip(double x) const;

    HistorySpan m_span;
    history::Answer m_answer;
    std::optional<history::Answer> m_before;
    QString m_notice;
    NiceScale m_scale;               ///< requests of a row
    std::optional<double> m_hover;   ///< x
    std::optional<double> m_pressed; ///< x at which dragging began
};

} // namespace weir::ui
