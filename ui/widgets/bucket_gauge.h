// SPDX-License-Identifier: GPL-3.0-only
// The bucket as a glass of water: the level that the store reported last, and never another one.
#pragma once

#include <QVariantAnimation>
#include <QWidget>
#include <optional>

#include "core/limit/limit.h"

namespace weir::ui {

class BucketGauge : public QWidget {
    Q_OBJECT
public:
    explicit BucketGauge(QWidget *parent = nullptr);

    /// `tokens` nothing: not known. `isOld`: the store cannot be asked now; the level is its last word.
    /// Water moves smoothly from the level reported before to this one; the number is right at once.
    void setLevel(std::optional<limit::Tokens> tokens, limit::Tokens capacity, bool isOld);

    [[nodiscard]] bool isMoving() const { return m_motion.state() == QAbstractAnimation::Running; }
    [[nodiscard]] QSize sizeHint() const override { return {190, 196}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 120}; }

protected:
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    struct Glass;
    [[nodiscard]] Glass glass() const;
    void paintWater(QPainter &painter, const Glass &glass) const;
    void paintLayers(QPainter &painter, const Glass &glass) const;
    void paintScale(QPainter &painter, const Glass &glass) const;
    void paintNumber(QPainter &painter, const Glass &glass) const;
    void describe();
    [[nodiscard]] double share(limit::Tokens tokens) const;

    std::optional<limit::Tokens> m_tokens;
    limit::Tokens m_capacity{1};
    bool m_isOld{false};
    double m_shown{0}; ///< share of the glass that is filled on screen
    QVariantAnimation m_motion;
};

} // namespace weir::ui
