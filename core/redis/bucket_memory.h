// SPDX-License-Identifier: GPL-3.0-only
// What a process last heard of its buckets, whichever of its links heard it: so that any of them can tell a store that has
// forgotten.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "core/limit/older.h"
#include "core/store/bucket_store.h"

namespace weir::redis {

/// Any thread.
class BucketMemory {
public:
    [[nodiscard]] limit::Known knownFor(const store::TakeRequest &request) const
    {
        const std::lock_guard lock{m_mutex};
        return known(request);
    }

    /// The answer to a call that went out with `sent`. Answers of several links may come in another order than they were
    /// given; an older one teaches nothing.
    void learn(const store::TakeRequest &request, const limit::Known &sent, const limit::TakeOutput &output)
    {
        if (output.isStale)
            return;
        const std::lock_guard lock{m_mutex};
        const limit::Known before = known(request), after = limit::knownFrom(before, sent, output);
        Entry &entry = m_entries[request.bucket];
        if (limit::isOlder(after, before, entry.restored))
            return;
        entry = {after, request.spec, output.now, limit::restoredAfter(before, entry.restored, after, output.restored)};
    }

private:
    struct Entry {
        limit::Known known;
        limit::LimitSpec spec; ///< by which it was heard
        Micros at{0};          ///< of the store's clock
        std::int64_t restored{0};
    };
    [[nodiscard]] limit::Known known(const store::TakeRequest &request) const
    {
        const auto it = m_entries.find(request.bucket);
        return it == m_entries.end()
                   ? limit::Known{}
                   : limit::knownUnder(request.spec, it->second.known, it->second.spec, it->second.at);
    }

    mutable std::mutex m_mutex;
    std::unordered_map<std::string, Entry> m_entries; ///< by bucket
};

} // namespace weir::redis
