// SPDX-License-Identifier: GPL-3.0-only
// One bucket that the store has just found empty: what the store would say to who asks before its next refill.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "core/limit/token_bucket.h"

namespace weir::engine {

/// Thread: lives in one thread.
class EmptyBucket {
public:
    using Instant = std::chrono::steady_clock::time_point;

    /// An answer, not stale, to a call that went out at `sentAt` and applies the intervals that are due. Tokens in it
    /// end what was known. `changes`: Standby::changes() before the call went out.
    void learn(limit::TakeOutput output, Instant sentAt, Instant heardAt, std::uint64_t changes);
    void forget() { m_last.reset(); }

    /// The store's answer to `runs`, all refused, with the waits as of `now`; nothing: it has to be asked.
    [[nodiscard]] std::optional<limit::TakeOutput> refusalOf(std::span<const limit::CostRun> runs, Instant now,
                                                             std::uint64_t changes) const;

private:
    std::optional<limit::TakeOutput> m_last;
    Instant m_heardAt{};
    Instant m_until{};
    std::uint64_t m_changes{0};
};

} // namespace weir::engine
