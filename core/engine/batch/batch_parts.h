// SPDX-License-Identifier: GPL-3.0-only
// Parts of a batch on several buckets: some of its requests alone, their kind, and answers made older.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "core/engine/batch/batch.h"

namespace weir::engine {

/// Return a text that is equal for requests that ask the same of the same buckets.
[[nodiscard]] std::string signatureOf(const Batch &batch, const limit::AskRun &run);

/// Some of the requests of a batch as a batch of their own, with no bucket that they do not ask. `whole` outlives it.
class BatchPart {
public:
    explicit BatchPart(const Batch &whole) : batch{emptyLike(whole)}, m_whole{whole} {}

    /// Add `count` requests of the run at `place`, whose first ticket is `firstTicket`.
    void add(std::size_t place, std::size_t firstTicket, std::int64_t count);

    Batch batch;

private:
    [[nodiscard]] static Batch emptyLike(const Batch &whole);
    [[nodiscard]] std::size_t placeOf(std::size_t bucket);

    const Batch &m_whole;
    std::map<std::size_t, std::size_t> m_places; ///< of buckets: there, here
};

/// Return the bucket of that name, with nothing asked of it; nothing when its limit is gone.
[[nodiscard]] std::optional<Batch::Bucket> bucketOf(const std::string &name, const Policies &policies);
/// Return store::TakeRequest::group of a bucket.
[[nodiscard]] std::string groupOf(const Batch::Bucket &bucket, const Policies &policies, bool isSpread);

/// Return what is left of a wait after `passed`; one that has not ended is at least a microsecond.
[[nodiscard]] inline Micros whatIsLeft(Micros wait, Micros passed)
{
    return wait == Micros{0} ? wait : std::max(wait - passed, Micros{1});
}
[[nodiscard]] limit::BucketOutput aged(limit::BucketOutput told, Micros passed);

} // namespace weir::engine
