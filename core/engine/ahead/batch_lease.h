// SPDX-License-Identifier: GPL-3.0-only
// What is held ahead of requests: between the batches of Limiter and what Lease counts.
#pragma once

#include <optional>
#include <vector>

#include "core/engine/batch/batch.h"
#include "core/engine/ahead/lease.h"

namespace weir::engine {

/// A request that a shadow is among is always asked for: a shadow may take of some requests of a run and not
/// of others. Thread: lives in one thread.
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

    /// Moves out of `batch` what is held for it; nothing: all of it goes to the store.
    [[nodiscard]] std::optional<Served> takeOut(Batch &batch, Instant now, std::uint64_t changes);
    /// `batch` goes to the store: what to ask for with it, as further runs of the call. Added to what its buckets are asked.
    [[nodiscard]] Ahead ask(Batch &batch, Instant now, std::uint64_t changes);
    /// No longer asked of the buckets of `batch`.
    static void takeOff(Batch &batch, const Ahead &ahead);

    /// The answer to both, not stale: from here on it is one to `batch`. Returns the tokens that it granted ahead, by bucket.
    std::vector<limit::Tokens> hear(const Batch &batch, const Ahead &ahead, limit::TakeOutput &output, Instant now,
                                    std::uint64_t changes);
    /// Nothing of it is held.
    void lose(const Ahead &ahead, std::uint64_t changes);

    /// What is to be given back next; nothing: nothing is. If the store is spread, of one group.
    [[nodiscard]] std::optional<Returns> takeReturns(const PoliciesPtr &policies, bool isSpread);

private:
    Lease m_lease;
};

} // namespace weir::engine
