// SPDX-License-Identifier: GPL-3.0-only
// Connects the batches of Limiter with Lease: requests that are held ahead.
#pragma once

#include <optional>
#include <vector>

#include "core/engine/batch/batch.h"
#include "core/engine/ahead/lease.h"

namespace weir::engine {

/// A request with a shadow limit always goes to the store: a shadow may take for some requests of a run and not for
/// others. Thread: lives in one thread.
class BatchLease {
public:
    using Instant = Lease::Instant;

    struct Ahead {
        std::vector<Lease::Asked> asked;
        std::vector<limit::AskRun> runs; ///< of each
        Instant at{};
        std::uint64_t round{0}; ///< Lease::round()
    };
    struct Served {
        Batch batch;
        limit::TakeOutput output;
    };
    /// Requests to be given back in one call.
    struct Returns {
        Batch batch;
        std::vector<Lease::Unused> unused;
    };

    [[nodiscard]] Lease &lease() { return m_lease; }

    /// Move the requests that are held ahead out of `batch`, with their answers; nothing when all of it goes to the
    /// store.
    [[nodiscard]] std::optional<Served> takeOut(Batch &batch, Instant now, std::uint64_t changes);
    /// Choose what to ask for ahead when `batch` goes to the store, as further runs of the call. Adds its tokens to
    /// Batch::Bucket::asked.
    [[nodiscard]] Ahead ask(Batch &batch, Instant now, std::uint64_t changes);
    /// Take the tokens of `ahead` off Batch::Bucket::asked.
    static void takeOff(Batch &batch, const Ahead &ahead);

    /// Hold what the answer, not stale, granted ahead, and cut `output` down to an answer to `batch` alone. Returns the
    /// tokens granted ahead, by bucket.
    std::vector<limit::Tokens> hear(const Batch &batch, const Ahead &ahead, limit::TakeOutput &output, Instant now,
                                    std::uint64_t changes);
    /// Note that the call failed: nothing of `ahead` is held.
    void lose(const Ahead &ahead, std::uint64_t changes);

    /// Take what is to be given back next, if the store is spread of one group; nothing when there is none.
    [[nodiscard]] std::optional<Returns> takeReturns(const PoliciesPtr &policies, bool isSpread);

private:
    Lease m_lease;
};

} // namespace weir::engine
