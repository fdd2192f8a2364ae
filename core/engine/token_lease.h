// SPDX-License-Identifier: GPL-3.0-only
// What is held ahead of one token bucket: between the batches of Limiter and what Lease counts.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "core/engine/batcher.h"
#include "core/engine/lease.h"

namespace weir::engine {

/// Thread: lives in one thread.
class TokenLease {
public:
    using Instant = Lease::Instant;

    /// What a call asked for behind its requests; all of one call or none.
    struct Ahead {
        std::vector<std::pair<Lease::Asked, limit::Tokens>> asked; ///< with the cost of each request
        Instant at{};
        std::uint64_t round{0}; ///< Lease::round()
        [[nodiscard]] limit::Tokens tokens() const;
    };
    /// Requests that are admitted as the store has granted them: `output` says what it would say of `batch`.
    struct Served {
        Batch batch;
        limit::TakeOutput output;
    };

    [[nodiscard]] Lease &lease() { return m_lease; }

    /// Moves out of `batch` what is held for it; nothing: all of it goes to the store.
    [[nodiscard]] std::optional<Served> takeOut(Batch &batch, Instant now, std::uint64_t changes);
    /// `batch` goes to the store: what to ask for with it, as further runs of the call.
    [[nodiscard]] Ahead ask(const Batch &batch, Instant now, std::uint64_t changes);
    /// The answer to both, not stale: from here on it is one to `batch`. Returns the tokens that it granted ahead.
    limit::Tokens hear(const Batch &batch, const Ahead &ahead, limit::TakeOutput &output, Instant now,
                       std::uint64_t changes);
    /// Nothing of it is held.
    void lose(const Ahead &ahead, std::uint64_t changes);

private:
    Lease m_lease;
};

/// The runs of a call that gives them back.
[[nodiscard]] std::vector<limit::CostRun> runsOf(const std::vector<Lease::Unused> &unused);

} // namespace weir::engine
