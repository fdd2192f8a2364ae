// SPDX-License-Identifier: GPL-3.0-only
// sliding-log: `capacity` in any stretch of one interval, exactly, by remembering what was taken when. `refill` is not
// used.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "core/limit/limit.h"

namespace weir::limit::kernels {

/// More would make the log of one bucket longer than 36 KiB: an entry takes 9 bytes in Redis.
inline constexpr Tokens kMaxLogCapacity{4'096};

struct SlidingLogCell {
    struct Entry {
        Micros at{0};
        Tokens tokens{0}; ///< >= 1: all that was taken at this moment
        friend bool operator==(const Entry &, const Entry &) = default;
    };
    std::vector<Entry> entries; ///< oldest first; each counts until one interval after its time
    Tokens used{0};             ///< their sum
    Micros at{0};               ///< the time up to which expired entries have been removed

    static constexpr std::array<std::string_view, 2> kFields{"used", "at"};
    using Numbers = std::array<std::int64_t, 2>;
    [[nodiscard]] Numbers numbers() const { return {used, at.count()}; }
    /// Make one entry at `at` of all that counts: that is later than it was taken, so nothing comes back too early.
    [[nodiscard]] static SlidingLogCell of(const Numbers &numbers);
    [[nodiscard]] static SlidingLogCell with(const LimitSpec &spec, Tokens room, Micros at);
    friend bool operator==(const SlidingLogCell &, const SlidingLogCell &) = default;
};

// See core/limit/kernel.h; room() is roomOf() there. fits() tells whether numbers from outside can be a cell of `spec`.
bool advance(const LimitSpec &spec, SlidingLogCell &cell, Micros now);
[[nodiscard]] bool fits(const LimitSpec &spec, const SlidingLogCell &cell);
[[nodiscard]] Tokens room(const LimitSpec &spec, const SlidingLogCell &cell);
void take(const LimitSpec &spec, SlidingLogCell &cell, Tokens cost);
[[nodiscard]] Micros untilRoom(const LimitSpec &spec, const SlidingLogCell &cell, Tokens cost, Micros now);
/// See kernel.h. With another interval all that counts becomes one entry of now; with the same one the oldest entries
/// are dropped first.
void adopt(const LimitSpec &before, const LimitSpec &after, SlidingLogCell &cell, TokenMode mode, Micros now);
[[nodiscard]] Micros timeOf(const LimitSpec &spec, const SlidingLogCell &cell);

} // namespace weir::limit::kernels
