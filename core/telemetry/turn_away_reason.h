// SPDX-License-Identifier: GPL-3.0-only
// Why a request or a connection was turned away before any decision.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weir::telemetry {

enum class TurnAwayReason : std::uint8_t {
    Malformed,   ///< no proper HTTP/1.1 or 1.0 (400, 421, 505)
    TooLarge,    ///< head, target or body (413, 414, 431)
    TooSlow,     ///< head or body did not come in time (408)
    Unsupported, ///< method, expectation or upgrade that is not met here (417, 501)
    TooMany,     ///< connections, or requests of one connection without an answer (503)
    Unread,      ///< cut: the client does not read its answers
};
inline constexpr std::size_t kTurnAwayReasons = 6;

/// Return the reason that a status stands for.
[[nodiscard]] constexpr TurnAwayReason reasonOfStatus(int status)
{
    switch (status) {
    case 408:
        return TurnAwayReason::TooSlow;
    case 413:
    case 414:
    case 431:
        return TurnAwayReason::TooLarge;
    case 417:
    case 501:
        return TurnAwayReason::Unsupported;
    case 503:
        return TurnAwayReason::TooMany;
    default:
        return TurnAwayReason::Malformed;
    }
}

} // namespace weir::telemetry
