// SPDX-License-Identifier: GPL-3.0-only
// Which buckets of one limit are in use; bounds how many clients can make.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/duration.h"
#include "core/limit/limit.h"
#include "core/policy/seeded_hash.h"

namespace weir::policy {

/// The subjects of one limit whose buckets are in the store: not full, or full only for a short time. One that has been
/// full for longer equals a new one, and is deleted. At most `most` are live; while there are that many, all new
/// subjects share one bucket, kOverflowSubject. No live subject is evicted for a new one: a bucket that was emptied
/// stays empty however many keys its client makes up.
///
/// Memory: 130 bytes for each live subject and, when it is longer than 15 bytes, its length and 16 more: so 13 MB for
/// 100,000 clients by IPv4 address, 40 MB if all subjects are as long as can be (kMaxSubjectBytes). It is given back as
/// they expire; the table itself, at most 16 bytes for each of the most there ever were, stays.
///
/// Time: O(1) amortised. Single calls take longer when the table doubles (10 ms at a million) or when many expire at
/// once, whose cost counts for the calls that added them.
///
/// Thread: one. A clock that goes back counts as standing still.
class LiveKeys {
public:
    /// `most` >= 0. `toFull`: the longest time that a bucket stays in the store after the last take.
    LiveKeys(std::int64_t most, Micros toFull);
    LiveKeys(const LiveKeys &) = delete;
    LiveKeys &operator=(const LiveKeys &) = delete;

    /// Return the subject whose bucket a request of `subject` takes from: itself or kOverflowSubject. It is live from
    /// now on, until nothing was taken for `toFull`, or until the time of noteFull(). The result is `subject`'s own
    /// text or a constant.
    [[nodiscard]] std::string_view enter(std::string_view subject, Micros now);

    /// Note that the bucket of `subject` is full, and deleted, at `fullAt` if nothing more is taken. No effect when it
    /// is not live.
    void noteFull(std::string_view subject, Micros fullAt);

    /// Forget the subjects whose buckets are full; up to 1/256 of `toFull` late.
    void expire(Micros now);

    /// Take over a changed limit: every live bucket is full within `toFull` from now. O(live subjects).
    void setLongest(Micros toFull, Micros now);
    void setMost(std::int64_t most) { m_most = most; } ///< if more are live, none is evicted

    [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(m_live.size()); }
    [[nodiscard]] bool isLive(std::string_view subject) const { return m_live.contains(subject); }
    [[nodiscard]] std::int64_t overflows() const { return m_overflows; } ///< how often enter() said kOverflowSubject

private:
    // A ring of lists by the time of expiry: entries move between them and leave them without search.
    static constexpr std::int64_t kSlots = 512; // at least two rounds of 1/256
    struct Entry {
        std::size_t slot{0};
        const std::string *subject{nullptr}; // the key of the map; nodes do not move
        Entry *before{nullptr};
        Entry *after{nullptr};
    };
    void place(Entry &entry, Micros fullAt);
    void unlink(Entry &entry);
    void expireSlot(std::size_t slot);
    [[nodiscard]] std::int64_t roundOf(Micros time) const { return time / m_tick; }

    std::int64_t m_most;
    Micros m_toFull;
    Micros m_tick;
    Micros m_now{0};
    std::int64_t m_round{0}; // all before it have expired
    std::array<Entry *, kSlots> m_slots{};
    std::unordered_map<std::string, Entry, SeededHash, std::equal_to<>> m_live;
    std::int64_t m_overflows{0};
};

} // namespace weir::policy
