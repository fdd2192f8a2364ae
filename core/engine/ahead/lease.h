// SPDX-License-Identifier: GPL-3.0-only
// Requests that the store has granted ahead, before clients made them, so that the next ones need no call.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/limit/take.h"

namespace weir::engine {

/// Tokens unused for so long after they were asked for are given back: other instances may need them.
inline constexpr Micros kLeaseHolds{100'000};
/// Only kinds that came less than this ago are asked for ahead: one that comes less than 100 times a second would
/// hardly be used in time, and costs the store little.
inline constexpr Micros kLeaseHot{10'000};
/// Tokens that could not be given back within this time are left as taken.
inline constexpr Micros kLeaseReturns{1'000'000};

/// Counts requests by their kind (the same costs from the same buckets); knows nothing of stores and batches. Thread:
/// lives in one thread. Memory: kMost kinds, about 1 KB each for a request of two limits.
class Lease {
public:
    using Instant = std::chrono::steady_clock::time_point;
    static constexpr std::size_t kMost = 4096;

    struct Charge {
        std::string bucket;
        limit::Tokens cost{1}; ///< more than 0
    };
    /// The last answer of the store about the buckets of a kind.
    struct Answer {
        std::vector<limit::BucketOutput> buckets; ///< by charge
        Micros now{0};                            ///< of the store's clock
        Instant heardAt{};
    };
    /// Requests of a kind that are asked for ahead; count 0: none.
    struct Asked {
        std::string kind;
        std::int64_t count{0};
        std::uint64_t round{0}; ///< ended by drop()
    };
    struct Used {
        std::int64_t count{0};         ///< requests that are admitted now
        std::int64_t left{0};          ///< that are still held
        const Answer *answer{nullptr}; ///< valid until the next call; null: count is 0
    };
    /// Requests to be given back. Cost limit::kMaxTotal: refusals that the store has counted for requests asked for
    /// ahead.
    struct Unused {
        std::vector<Charge> charges;
        std::int64_t count{0};
        Instant since{}; ///< when they were asked for
        bool isAgain{false};
    };

    /// Set the most tokens of a bucket that are held or asked for at a time; 0: none, and nothing is remembered.
    void setMost(limit::Tokens most);
    [[nodiscard]] bool isOn() const { return m_most > 0; }

    // `changes`: BucketTable::changes() now. Another count than before drops all.

    /// Use at most `wanted` of the held requests of `kind`.
    [[nodiscard]] Used use(const std::string &kind, std::int64_t wanted, Instant now, std::uint64_t changes);
    /// Return how many requests of `kind` to ask for ahead, now that some of it go to the store. `charges` makes the
    /// charges of the kind.
    [[nodiscard]] Asked ask(const std::string &kind, const std::function<std::vector<Charge>()> &charges, Instant now,
                            std::uint64_t changes);
    /// Keep the answer of the store to requests of `kind`; `round`: round() when they were sent.
    void learn(const std::string &kind, Answer answer, std::uint64_t round, std::uint64_t changes);
    [[nodiscard]] std::uint64_t round() const { return m_round; }
    /// Hold `granted` of the requests asked for at `askedAt`, unless a drop() came between. If not all were granted,
    /// the next time few are asked for. `refusedBy`: the buckets that counted the others as refused; the next return
    /// takes them off their counts.
    void hear(const Asked &asked, std::int64_t granted, const std::vector<std::string> &refusedBy, Instant askedAt,
              std::uint64_t changes);

    /// Forget what is held and what is to be given back; answers that are still to come are not held either.
    void drop();
    /// Mark what has been held for too long, or all of it, to be given back.
    void expire(Instant now, std::uint64_t changes);
    void expireAll(std::uint64_t changes);
    /// Return when expire() will find something; nothing when nothing is held.
    [[nodiscard]] std::optional<Instant> nextExpiry() const;
    /// Take at most `most` of what is to be given back, with no more than `mostCharges` charges together but for the
    /// first.
    [[nodiscard]] std::vector<Unused> takeUnused(std::size_t most, std::size_t mostCharges);
    /// Put back what was surely not given back, to be tried once more.
    void addAgain(std::vector<Unused> unused, Instant now);

    [[nodiscard]] bool hasUnused() const { return !m_unused.empty(); }
    /// Return the tokens held, of all buckets.
    [[nodiscard]] limit::Tokens held() const { return m_held; }
    [[nodiscard]] std::size_t kinds() const { return m_entries.size(); }

private:
    struct Entry {
        std::vector<Charge> charges;
        Answer answer;
        Instant usedAt{}; ///< the last time that it was used or asked for
        Instant since{};  ///< when the oldest of what is held was asked for
        std::int64_t held{0};
        std::int64_t asked{0};
        std::int64_t next{1}; ///< how many to ask for the next time
    };
    void follow(std::uint64_t changes);
    [[nodiscard]] Entry *entryOf(const std::string &kind, const std::function<std::vector<Charge>()> &charges,
                                 Instant now);
    [[nodiscard]] std::int64_t mostAhead(const Entry &entry) const;
    void count(const Entry &entry, std::int64_t requests);
    void hold(Entry &entry, std::int64_t requests);
    void putAside(Entry &entry);

    limit::Tokens m_most{0};
    std::unordered_map<std::string, Entry> m_entries;        ///< by kind
    std::unordered_map<std::string, limit::Tokens> m_tokens; ///< held or asked for, by bucket
    std::vector<Unused> m_unused;
    limit::Tokens m_held{0};
    std::uint64_t m_round{0};
    std::uint64_t m_changes{0};
    Instant m_sweepAt{}; ///< when it was full
};

} // namespace weir::engine
