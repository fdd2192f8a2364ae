// SPDX-License-Identifier: GPL-3.0-only
// The last minute as it was, and as it would have been under the other failure policies. Pure.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "core/config/config.h"
#include "core/telemetry/history.h"

namespace weir::ui {

inline constexpr int kComparedSeconds = 60;
inline constexpr std::size_t kPolicies = 3; ///< of config::StoreFailurePolicy

struct PolicyBar {
    std::int64_t admitted{0};
    std::int64_t refused{0};  ///< 429
    std::int64_t rejected{0}; ///< 503
};

/// The outcome of the requests, measured or worked out.
struct PolicyLine {
    std::vector<PolicyBar> bars; ///< kComparedSeconds; none when it cannot be worked out
    PolicyBar sum;
    std::int64_t rejectedSeconds{0};      ///< in how many seconds requests got 503
    std::optional<limit::Tokens> allowed; ///< level at the begin + refills within; nothing: the level is not known
    std::int64_t over{0};                 ///< admitted beyond that
};

struct FailureComparison {
    std::int64_t begin{0};                   ///< of the first bar, seconds since 1970
    std::vector<bool> away;                  ///< kComparedSeconds
    std::array<PolicyLine, kPolicies> lines; ///< index: config::StoreFailurePolicy
    config::StoreFailurePolicy inForce{};    ///< its line is measured, the others are worked out
    std::int64_t peak{0};                    ///< most requests in a second
    bool wasAway{false};                     ///< in any second: otherwise all lines are what was measured
};

/// Compare the last minute. `phase`: see sim::Boundaries. The time before the last change of the limit, or of the level
/// by hand, is shown as it was in all lines. `nowSecond` is used only while the history is empty.
[[nodiscard]] FailureComparison compareFailures(const telemetry::History &history, config::StoreFailurePolicy inForce,
                                                const limit::LimitSpec &spec, Micros phase, std::int64_t nowSecond);

} // namespace weir::ui
