// SPDX-License-Identifier: GPL-3.0-only
// Shows when the next tokens come: a ring that closes, "+5 in 0:37", "refill every 1 min"; "+1 in 0:10", "1 every 12
// s".
#pragma once

#include <QWidget>
#include <optional>

#include "core/limit/limit.h"

class QPainter;

namespace weir::ui {

class RefillCountdown : public QWidget {
    Q_OBJECT
public:
    /// Below this a countdown would only flicker; the rate is shown instead.
    static constexpr Micros kShortest{2'000'000};

    explicit RefillCountdown(QWidget *parent = nullptr);

    struct State {
        std::optional<Micros> left; ///< until there is more, or the next interval begins; nothing: not known
        std::optional<limit::Tokens> level;
        limit::LimitSpec spec;
        bool isRunning{true}; ///< false: nobody refills
    };
    void setState(const State &state);
    /// Return the time from one refill to the next; for algorithms that refill evenly, from token to token.
    [[nodiscard]] static Micros period(const limit::LimitSpec &spec);

    [[nodiscard]] QString headline() const { return m_headline; }
    [[nodiscard]] QString remark() const { return m_remark; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 36}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    [[nodiscard]] static QString headlineOf(const State &state);
    [[nodiscard]] static QString remarkOf(const limit::LimitSpec &spec);
    void paintRing(QPainter &painter) const;

    QString m_headline;
    QString m_remark;
    int m_degrees{0}; ///< of the ring: how much of the interval has passed
    QRect m_ring;     ///< where it was painted last
};

} // namespace weir::ui
