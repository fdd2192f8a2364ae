// SPDX-License-Identifier: GPL-3.0-only
// The buckets by which this process decides while the store is away.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/engine/known/known_buckets.h"
#include "core/limit/settle.h"

namespace weir::engine {

/// Begin at the last known levels; this instance takes its share (core/limit/share.h). Pure; the owner locks.
class LocalBuckets {
public:
    /// Begin an outage. `knownSince`: since when this process has heard of the store without a break, by the store's
    /// clock; nothing: never. `now` likewise.
    void begin(std::int64_t outage, std::int64_t instances, std::optional<Micros> knownSince, Micros now);

    struct Call {
        std::string name;
        limit::LimitSpec spec;
        std::int64_t epoch{1};
    };
    /// Take as limit::takeShare() does. `known` has the levels at which buckets begin.
    limit::TakeOutput take(const std::vector<Call> &calls, std::span<const limit::AskRun> runs,
                           const KnownBuckets &known, Micros now, bool appliesDue);

    /// The next settlement of a bucket.
    struct Work {
        std::string name;
        Call call;
        limit::Settlement settlement;
    };
    /// Return the settlements of at most `most` buckets with decisions that are not confirmed. `isAlone`: no other
    /// instance is known.
    [[nodiscard]] std::vector<Work> work(std::size_t most, bool isAlone);
    /// Note that `work` is entered, as `output` says. Returns the excess that was not reported before.
    limit::Tokens confirm(const Work &work, const limit::SettleOutput &output);

    /// Put a bucket aside that cannot be settled until a person has looked. It stays so after the end of the outage,
    /// until it is confirmed. It does not count as unsettled, and must not be taken from.
    void putAside(const std::string &name);
    /// As work(), for the buckets put aside.
    [[nodiscard]] std::vector<Work> asideWork(std::size_t most, bool isAlone);

    /// Tell whether the bucket was used in this outage.
    [[nodiscard]] bool has(const std::string &name) const { return m_buckets.contains(name); }
    /// Return the tokens of this instance's share of a bucket, as of its last use in this outage; nothing before that.
    [[nodiscard]] std::optional<limit::Tokens> roomOf(const std::string &name) const;
    [[nodiscard]] std::size_t size() const { return m_buckets.size(); }
    [[nodiscard]] std::size_t unsettled() const { return m_unsettled; }
    /// Return the tokens that are not settled: of this outage, and of the buckets put aside.
    [[nodiscard]] limit::Tokens spent() const { return m_spent + m_spentAside; }
    void clear();

private:
    struct Local {
        std::int64_t outage{0};
        std::int64_t instances{1};
        limit::Bucket bucket; ///< its totals count from 0; `taken` is what was paid (share.h)
        Call call;            ///< by which it was made
        bool hasBase{false};
        bool isBaseGone{false}; ///< the limit has changed, or the store has forgotten, since
        std::int64_t baseTaken{0};
        std::int64_t baseLosses{0};
        std::array<std::int64_t, limit::kMostCellNumbers> base{}; ///< Settlement::base
        limit::Tokens inDoubt{0};
        Micros askedAt{0}; ///< KnownBuckets::Entry::askedAt of a bucket that was not known
        std::int64_t parts{0};
        std::int64_t confirmed{0}; ///< admitted + refused of the last part that was confirmed
        limit::Tokens excess{0};   ///< that the store has told of
        [[nodiscard]] std::int64_t requests() const { return bucket.admitted + bucket.refused; }
        [[nodiscard]] bool hasWork() const { return requests() > confirmed; }
    };
    Local &localOf(const Call &call, const KnownBuckets &known);
    [[nodiscard]] limit::Bucket beginningOf(Local &local, const KnownBuckets::Entry *entry) const;
    [[nodiscard]] static limit::Tokens spentOf(const Local &local) { return local.bucket.taken / local.instances; }
    [[nodiscard]] static limit::Tokens excessOf(const Local &local, const Work &work,
                                                const limit::SettleOutput &output);
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
