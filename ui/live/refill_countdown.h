// SPDX-License-Identifier: GPL-3.0-only
// When the next tokens come: a ring that closes, "+5 in 0:37", "refill every 1 min".
#pragma once

#include <QWidget>
#include <optional>

#include "core/limit/limit.h"

class QPainter;

namespace weir::ui {

class RefillCountdown : public QWidget {
    Q_OBJECT
public:
    /// A countdown of less is only flicker: it says how often instead.
    static constexpr Micros kShortest{2'000'000};

    explicit RefillCountdown(QWidget *parent = nullptr);

    struct State {
        std::optional<Micros> left; ///< until the next refill; nothing: not known
        std::optional<limit::Tokens> level;
        limit::LimitSpec spec;
        bool isRunning{true}; ///< false: nobody refills
    };
    void setState(const State &state);

    [[nodiscard]] QString headline() const { return m_headline; }
    [[nodiscard]] QString remark() const { return m_remark; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 36}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void paintRing(QPainter &painter) const;

    QString m_headline;
    QString m_remark;
    int m_degrees{0}; ///< of the ring: how much of the interval has passed
    QRect m_ring;     ///< where it was painted last
};

} // namespace weir::ui
