// SPDX-License-Identifier: GPL-3.0-only
// Paints the bucket as a glass of water, with the level that the store reported last.
#pragma once

#include <QPixmap>
#include <QTimer>
#include <QVariantAnimation>
#include <QWidget>
#include <chrono>
#include <optional>

#include "core/limit/limit.h"

namespace weir::ui {

class BucketGauge : public QWidget {
    Q_OBJECT
public:
    explicit BucketGauge(QWidget *parent = nullptr);

    /// Set the level; nothing: not known. `isOld`: the store cannot be asked now, and this is the last known level.
    /// Water moves smoothly from the level reported before to this one; the number is right at once.
    void setLevel(std::optional<limit::Tokens> tokens, limit::Tokens capacity, bool isOld);

    [[nodiscard]] bool isMoving() const { return m_motion.state() == QAbstractAnimation::Running; }
    [[nodiscard]] QSize sizeHint() const override { return {190, 196}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 120}; }

protected:
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    using Clock = std::chrono::steady_clock;
    struct Glass;
    struct Words;
    [[nodiscard]] Glass glass() const;
    [[nodiscard]] Words words(const Glass &glass) const;
    void moveTo(double share);
    void requestFrame();
    void paintStill(const Glass &glass);
    void paintWater(QPainter &painter, const Glass &glass) const;
    void paintLayers(QPainter &painter, const Glass &glass) const;
    void paintScale(QPainter &painter, const Glass &glass) const;
    void paintWords(QPainter &painter, const Glass &glass) const;
    void describe();
    [[nodiscard]] double share(limit::Tokens tokens) const;

    std::optional<limit::Tokens> m_tokens;
    limit::Tokens m_capacity{1};
    bool m_isOld{false};
    double m_shown{0}; ///< share of the glass that is filled on screen
    QVariantAnimation m_motion;
    QTimer m_nextFrame;
    bool m_isFlowing{false}; ///< changes follow each other, so fewer frames are enough
    Clock::time_point m_changedAt{};
    Clock::time_point m_paintedAt{};
    int m_paintedStep{-1}; ///< the place of the surface in the last frame
    // What does not move, drawn once for a size and a theme.
    QPixmap m_emptyGlass;
    QPixmap m_water;
    QPixmap m_rim;
};

} // namespace weir::ui
