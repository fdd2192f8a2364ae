// SPDX-License-Identifier: GPL-3.0-only
// The texts about failures and harm on purpose. Pure; plain text.
#pragma once

#include <QString>
#include <chrono>

#include "core/engine/port/service_port.h"
#include "ui/failures/failure_comparison.h"

namespace weir::ui {

/// The present situation in the panel; the most striking one wins.
enum class Situation {
    Healthy,
    Hung,
    Cut,
    Killed,
    Forgot,
    Slow,
    ClockStepped,
    Starving,  ///< no timer and no refill on demand
    Paused,    ///< no timer, but requests refill
    TimerOnly, ///< no refill on demand, but the timer runs
    Away,      ///< Redis fails, not on purpose
};

/// Harm that was done once; it is shown for a while.
enum class Deed { None, Forgot, Killed };

[[nodiscard]] Situation situationOf(const engine::Status &status, Deed deed = Deed::None);

/// Tell whether any request is not decided by the store.
[[nodiscard]] bool isDegraded(const engine::Status &status);
/// Tell whether requests are answered 503 although the store is there.
[[nodiscard]] bool isUndecided(const engine::Status &status);
/// Tell whether anything is broken on purpose.
[[nodiscard]] bool isHarmed(const engine::Status &status);

struct FailureMessage {
    QString headline; ///< empty: nothing to say
    QString detail;
    QString figures; ///< several lines for a tool tip; may be empty
};

using SteadyNow = std::chrono::steady_clock::time_point;

/// Return the message of the banner. `wallSecond`: now, seconds since 1970.
[[nodiscard]] FailureMessage failureMessage(const engine::Status &status, SteadyNow now, qint64 wallSecond);
/// Return "Decided locally", "All rejected"; "Broken on purpose" while the store decides all; else empty.
[[nodiscard]] QString failureChip(const engine::Status &status);
/// Return "0:24"; empty when it is not known.
[[nodiscard]] QString failureAge(const engine::Status &status, SteadyNow now);
/// Return "Breaker closed", "Breaker open · a probe every 250 ms".
[[nodiscard]] QString breakerText(engine::CircuitBreaker::State state);

/// Return the last tick of the refill timer, "Last beat 15:38:00, 0.4 ms late"; empty before the first.
[[nodiscard]] QString beatText(const engine::RefillStatus &refill);
/// Return "by a request", "by host:4711": who added the last interval; empty: not known.
[[nodiscard]] QString refillerText(const engine::RefillStatus &refill);
/// Return both, with the worst lateness, as lines for a tool tip; may be empty.
[[nodiscard]] QString refillFigures(const engine::RefillStatus &refill);

/// Return "admitted 241 of 250 allowed · 0 over", "would admit 126 · 480 rejected with 503".
[[nodiscard]] QString lineFigures(const FailureComparison &comparison, config::StoreFailurePolicy policy);

} // namespace weir::ui
