// SPDX-License-Identifier: GPL-3.0-only
// The subjects with most requests, in bounded memory: the Space-Saving sketch.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/duration.h"
#include "core/policy/seeded_hash.h"

namespace weir::policy {

/// One subject as far as the sketch knows it: it asked at most `count()` times, and at least `count() - error`.
struct TopEntry {
    std::string subject;
    std::int64_t error{0};    ///< requests that may be other subjects', from before it was counted
    std::int64_t admitted{0}; ///< since it is counted, as are all below
    std::int64_t refused{0};
    Micros lastSeen{0};

    [[nodiscard]] std::int64_t count() const { return error + admitted + refused; }
    friend bool operator==(const TopEntry &, const TopEntry &) = default;
};

struct TopList {
    std::vector<TopEntry> entries; ///< by count, the highest first
    std::int64_t total{0};         ///< requests of all subjects
    std::int64_t floor{0};         ///< most requests of any subject that is not in the list
};

/// Metwally, Agrawal, El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams" (2005): a new
/// subject takes over the smallest counter, and with it its count as its error.
///
/// With N counters and T requests: no error is above T / N, and every subject with more than T / N requests is in the
/// list. Memory: at most N times (250 bytes + the subject). Time: O(1) a request, whatever the subjects are.
///
/// Thread: one.
class TopKeys {
public:
    explicit TopKeys(std::size_t counters); ///< at least 1
    TopKeys(const TopKeys &) = delete;      // the parts point at each other
    TopKeys &operator=(const TopKeys &) = delete;

    void record(std::string_view subject, bool isAdmitted, Micros now);
    void clear();

    [[nodiscard]] std::int64_t total() const { return m_total; }
    /// Return the `most` highest; O(most + groups of equal counts).
    [[nodiscard]] TopList top(std::size_t most) const;

private:
    struct Group {
        std::int64_t count;
        std::list<TopEntry> entries; // the one that waits longest first
    };
    using Groups = std::list<Group>; // by count, the highest first; none is empty
    struct Place {
        Groups::iterator group;
        std::list<TopEntry>::iterator entry;
    };
    Place &placeOf(std::string_view subject);
    Place &add(std::string_view subject);
    Place &takeOver(std::string_view subject);
    void countUp(Place &place);

    std::size_t m_counters;
    std::int64_t m_total{0};
    Groups m_groups;
    std::unordered_map<std::string_view, Place, SeededHash, std::equal_to<>>
        m_places; // keys: the entries' own subjects
};

/// Merge the lists of several sketches, each of a part of the requests, and return the `most` highest. The bounds hold
/// as they do for one; `lastSeen` is the latest of the sketches that list the subject.
[[nodiscard]] TopList merged(std::span<const TopList> lists, std::size_t most);

} // namespace weir::policy
