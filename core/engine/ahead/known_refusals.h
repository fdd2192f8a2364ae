// SPDX-License-Identifier: GPL-3.0-only
// Requests that the store has just refused, and so refuses until the bucket that said no has more.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/engine/batch/batch.h"

namespace weir::engine {

/// What is remembered is the answer to requests that ask the same. Thread: lives in one thread. Memory: kMost answers, about 1 KB each for a request of two limits.
class KnownRefusals {
public:
    using Instant = std::chrono::steady_clock::time_point;
    static constexpr std::size_t kMost = 4096;

    /// Requests that are refused as the store would: `output` says what it would say of `batch`.
    struct Refused {
        Batch batch;
        limit::TakeOutput output;
    };

    /// The answer, not stale, to a batch that went out at `sentAt` and applies the intervals that are due. `changes`:
    /// BucketTable::changes() before it went out. All batches since the last forget() have the same policies.
    void learn(const Batch &batch, const limit::TakeOutput &output, Instant sentAt, Instant heardAt,
               std::uint64_t changes);
    void forget() { m_known.clear(); }

    /// Moves out of `batch` what the store is known to refuse; nothing: it has to be asked about all.
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
