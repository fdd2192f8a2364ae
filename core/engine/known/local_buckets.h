// SPDX-License-Identifier: GPL-3.0-only
// Buckets of any limits that this process goes on with while the store is away.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/engine/known/known_buckets.h"
#include "core/limit/settle.h"

namespace weir::engine {

/// From the last known levels, with this instance's share (core/limit/share.h). Pure; whoever
/// shares it locks.
class LocalBuckets {
public:
    /// An outage begins. `knownSince`: since when this process has heard of the store without a break, by the store's
    /// clock; nothing: it never has. `now` likewise.
    void begin(std::int64_t outage, std::int64_t instances, std::optional<Micros> knownSince, Micros now);

    struct Call {
        std::string name;
        limit::LimitSpec spec;
        std::int64_t epoch{1};
    };
    /// As limit::take on this instance's shares. `known` tells where they begin.
    limit::TakeOutput take(const std::vector<Call> &calls, std::span<const limit::AskRun> runs,
                           const KnownBuckets &known, Micros now, bool appliesDue);

    /// What was decided of a bucket since it was last confirmed, as the next part.
    struct Work {
        std::string name;
        Call call;
        limit::Settlement settlement;
    };
    /// At most `most` buckets that have work. `isAlone`: nobody else is known of by now.
    [[nodiscard]] std::vector<Work> work(std::size_t most, bool isAlone);
    /// `excess`: SettleOutput::excess. Returns what of it had not been told yet.
    limit::Tokens confirm(const Work &work, limit::Tokens excess);

    /// The store cannot be told of this bucket until a person has looked: it is put aside, over the end of the outage, until
    /// it is confirmed after all. Nothing of it counts as unsettled, and it must not be taken from.
    void putAside(const std::string &name);
    /// As work(), of those that were put aside.
    [[nodiscard]] std::vector<Work> asideWork(std::size_t most, bool isAlone);

    /// Something was asked of it in this outage.
    [[nodiscard]] bool has(const std::string &name) const { return m_buckets.contains(name); }
    [[nodiscard]] std::size_t size() const { return m_buckets.size(); }
    [[nodiscard]] std::size_t unsettled() const { return m_unsettled; }
    /// Tokens that the store has not been told of for good: of this outage, and of those that were put aside.
    [[nodiscard]] limit::Tokens spent() const { return m_spent + m_spentAside; }
    void clear();

private:
    struct Local {
        std::int64_t outage{0};
        std::int64_t instances{1};
        limit::Bucket bucket; ///< its totals count from 0; `taken` is what was paid (share.h)
        Call call;            ///< by which it was made
        bool hasBase{false};
        std::int64_t baseTaken{0};
        limit::Tokens baseDebt{0};
        std::array<std::int64_t, limit::kMostCellNumbers> base{}; ///< Settlement::base
        limit::Tokens inDoubt{0};
        std::int64_t parts{0};
        std::int64_t confirmed{0}; ///< admitted + refused of the last part that was confirmed
        limit::Tokens excess{0};   ///< that the store has told of
        [[nodiscard]] std::int64_t requests() const { return bucket.admitted + bucket.refused; }
        [[nodiscard]] bool hasWork() const { return requests() > confirmed; }
    };
    Local &localOf(const Call &call, const KnownBuckets &known);
    [[nodiscard]] limit::Bucket beginningOf(Local &local, const KnownBuckets::Entry *entry) const;
    [[nodiscard]] static limit::Tokens spentOf(const Local &local) { return local.bucket.taken / local.instances; }
    [[nodiscard]] static Work nextPartOf(const std::string &name, Local &local, bool isAlone);

    using Locals = std::unordered_map<std::string, Local, policy::SeededHash, std::equal_to<>>;
    Locals m_buckets;
    Locals m_aside; ///< of this outage and of earlier ones
    std::int64_t m_outage{0};
    std::int64_t m_instances{1};
    std::optional<Micros> m_knownSince;
    Micros m_begunAt{0};
    std::size_t m_unsettled{0};
    limit::Tokens m_spent{0};
    limit::Tokens m_spentAside{0};
};

} // namespace weir::engine
