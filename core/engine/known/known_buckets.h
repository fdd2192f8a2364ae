// SPDX-License-Identifier: GPL-3.0-only
// What this process last heard of each bucket that is not full.
#pragma once

#include <string>
#include <unordered_map>

#include "core/limit/take.h"
#include "core/policy/seeded_hash.h"

namespace weir::engine {

/// Thread: one at a time; the owner locks. Memory: about 300 bytes and the name for each bucket that is not full; full
/// ones are forgotten whenever the number has doubled.
class KnownBuckets {
public:
    struct Entry {
        limit::Known known;
        limit::LimitSpec spec;     ///< by which it was heard of
        Micros at{0};              ///< of the store's clock, when it was heard of
        Micros fullAt{0};          ///< of the store's clock
        std::int64_t restored{0};  ///< `taken` that the last restoration of the bucket knew of
        limit::Tokens inFlight{0}; ///< of takes that are under way
        limit::Tokens inDoubt{0};  ///< of takes that got no answer, since the last that did
        Micros askedAt{0};         ///< of the store's clock, not after the first take; 0: not known

        [[nodiscard]] limit::Known knownBy(const limit::LimitSpec &asked) const
        {
            return limit::knownUnder(asked, known, spec, at);
        }
        /// Learn from the answer to a call that carried `sent`; not a stale one. Answers to several workers may arrive
        /// in another order; older ones are ignored.
        void learn(const limit::LimitSpec &asked, const limit::Known &sent, const limit::BucketOutput &output,
                   Micros now);
    };

    [[nodiscard]] limit::Known knownFor(const std::string &name, const limit::LimitSpec &spec) const;
    /// Return the entry of that name; makes one that knows nothing if there is none.
    Entry &entry(const std::string &name, Micros now);
    [[nodiscard]] const Entry *find(const std::string &name) const;

    /// Call Entry::learn() for a bucket that may not be known yet.
    void learn(const std::string &name, const limit::LimitSpec &spec, const limit::Known &sent,
               const limit::BucketOutput &output, Micros now)
    {
        entry(name, now).learn(spec, sent, output, now);
    }
    [[nodiscard]] std::size_t size() const { return m_entries.size(); }

private:
    void forgetFull(Micros now);

    std::unordered_map<std::string, Entry, policy::SeededHash, std::equal_to<>> m_entries;
    std::size_t m_sweepAt{1024};
};

} // namespace weir::engine
