// SPDX-License-Identifier: GPL-3.0-only
// How the panel says that something fails, or was broken on purpose. Pure; plain text.
#pragma once

#include <QString>
#include <chrono>

#include "core/engine/port/service_port.h"
#include "ui/failures/failure_comparison.h"

namespace weir::ui {

/// What somebody who looks at the panel sees just now; the most striking first.
enum class Situation {
    Healthy,
    Hung,
    Cut,
    Killed,
    Forgot,
    Slow,
    ClockStepped,
    Starving,  ///< no timer and no refill on demand
    Paused,    ///< no timer, and it does not matter
    TimerOnly, ///< no refill on demand, but the timer runs
    Away,      ///< Redis fails, and it was not us
};

/// What was done once, and shows for a while.
enum class Deed { None, Forgot, Killed };

[[nodiscard]] Situation situationOf(const engine::Status &status, Deed deed = Deed::None);

/// Not every request is decided by the store.
[[nodiscard]] bool isDegraded(const engine::Status &status);
/// The store is there, and requests are answered 503 all the same.
[[nodiscard]] bool isUndecided(const engine::Status &status);
/// Anything is broken on purpose.
[[nodiscard]] bool isHarmed(const engine::Status &status);

struct FailureMessage {
    QString headline; ///< empty: nothing to say
    QString detail;
    QString figures; ///< several lines for a tool tip; may be empty
};

using SteadyNow = std::chrono::steady_clock::time_point;

/// For the banner. `wallSecond`: now, seconds since 1970.
[[nodiscard]] FailureMessage failureMessage(const engine::Status &status, SteadyNow now, qint64 wallSecond);
/// "Decided locally", "All rejected"; "Broken on purpose" while all is decided by the store; else empty.
[[nodiscard]] QString failureChip(const engine::Status &status);
/// "0:24"; empty when it is not known.
[[nodiscard]] QString failureAge(const engine::Status &status, SteadyNow now);
/// "Breaker closed", "Breaker open · a probe every 250 ms".
[[nodiscard]] QString breakerText(engine::CircuitBreaker::State state);

/// "Last beat 15:38:00, 0.4 ms late": the timer's own sign of life; empty before the first.
[[nodiscard]] QString beatText(const engine::RefillStatus &refill);
/// "by a request", "by host:4711": who added the last interval; empty: not known.
[[nodiscard]] QString refillerText(const engine::RefillStatus &refill);
/// Both, with the worst, for a tool tip: several lines; may be empty.
[[nodiscard]] QString refillFigures(const engine::RefillStatus &refill);

/// "admitted 241 of 250 allowed · 0 over", "would admit 126 · 480 rejected with 503".
[[nodiscard]] QString lineFigures(const FailureComparison &comparison, config::StoreFailurePolicy policy);

} // namespace weir::ui
