// SPDX-License-Identifier: GPL-3.0-only
// Admitted and refused requests per second as stacked bars, the bucket's level as a line of steps,
// and a dashed line wherever the limit changed.
#pragma once

#include <QChartView>
#include <vector>

#include "core/limit/limit.h"
#include "ui/live/chart_series.h"

class QBarSet;
class QLineSeries;
class QStackedBarSeries;
class QValueAxis;

namespace weir::ui {

class TrafficChart : public QChartView {
    Q_OBJECT
public:
    explicit TrafficChart(QWidget *parent = nullptr);

    /// Redraw what looks different; to be called when a bin closes, not more often. The axis of the level ends at
    /// `capacity` or at the highest level in the range.
    void showSeries(ChartSeries series, ChartRange range, limit::Tokens capacity);

protected:
    void drawBackground(QPainter *painter, const QRectF &rect) override;
    void drawForeground(QPainter *painter, const QRectF &rect) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    bool viewportEvent(QEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    void placePlot();
    void paintAxes(QPainter &painter, const QRectF &plot) const;
    void paintTimes(QPainter &painter, const QRectF &plot) const;
    void paintMarks(QPainter &painter, const QRectF &plot) const;
    [[nodiscard]] QRect timesRect() const; ///< the strip of the times, of the viewport
    void replaceBars(const std::vector<PlotBin> &before);
    void replaceLevels();
    void recolour();
    void showToolTip();
    void followToolTip();
    [[nodiscard]] QString describe(const PlotBin &bin) const;
    struct Level {
        QLineSeries *halo{nullptr};
        QLineSeries *line{nullptr};
    };
    Level &level(std::size_t index);

    QStackedBarSeries *m_bars{nullptr};
    QBarSet *m_admitted{nullptr};
    QBarSet *m_refused{nullptr};
    QBarSet *m_undecided{nullptr};
    QValueAxis *m_time{nullptr};
    QValueAxis *m_rate{nullptr};
    QValueAxis *m_tokens{nullptr};
    std::vector<Level> m_levels; ///< one for each stretch in which the level was known
    ChartSeries m_series;
    ChartRange m_range{ChartRange::OneMinute};
    NiceScale m_rateScale;
    NiceScale m_tokenScale;
    int m_hovered{-1}; ///< the bar under the mouse; -1: none
    QPointF m_pointer; ///< in the viewport
};

} // namespace weir::ui
