// SPDX-License-Identifier: GPL-3.0-only
// Requests that the store has just refused, and will refuse until the refusing bucket has more room.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/engine/batch/batch.h"

namespace weir::engine {

/// Remembers the answer to each kind of requests, which ask the same of the same buckets. Thread: lives in one thread.
/// Memory: kMost answers, about 1 KB each for a request of two limits.
class KnownRefusals {
public:
    using Instant = std::chrono::steady_clock::time_point;
    static constexpr std::size_t kMost = 4096;

    /// Requests that the store would refuse; `output` is what it would answer.
    struct Refused {
        Batch batch;
        limit::TakeOutput output;
    };

    /// Learn from the answer, not stale, to a batch that was sent at `sentAt` and applies the intervals that are due.
    /// `changes`: BucketTable::changes() before it was sent. All batches since the last forget() have the same
    /// policies.
    void learn(const Batch &batch, const limit::TakeOutput &output, Instant sentAt, Instant heardAt,
               std::uint64_t changes);
    void forget() { m_known.clear(); }

    /// Move the requests that the store is known to refuse out of `batch`, with their answers; nothing when there are
    /// none.
    [[nodiscard]] std::optional<Refused> takeOut(Batch &batch, Instant now, std::uint64_t changes);

    [[nodiscard]] std::size_t size() const { return m_known.size(); }

private:
    struct Known {
        Instant until{};
        Instant heardAt{};
        Micros now{0};                            ///< of the store's clock
        std::vector<limit::AskOutput> asks;       ///< of a request
        std::vector<limit::BucketOutput> buckets; ///< by ask
    };

    void follow(std::uint64_t changes);
    [[nodiscard]] bool hasRoom(Instant now);
    [[nodiscard]] const Known *find(const Batch &batch, const limit::AskRun &run, Instant now) const;

    std::unordered_map<std::string, Known> m_known;
    std::uint64_t m_changes{0};
    Instant m_sweepAt{}; ///< when it was full
};

} // namespace weir::engine
