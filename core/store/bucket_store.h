// SPDX-License-Identifier: GPL-3.0-only
// THE port to where buckets live: take a batch, change a limit, look. Asynchronous by callback.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/limit/settle.h"

namespace weir::store {

/// One call on several buckets, as limit::TakeInput, less the time.
struct TakeRequest {
    struct Bucket {
        std::string name; ///< LIMIT:SUBJECT, or LIMIT alone when all share it
        limit::BucketCall call;
    };
    /// In a store of many servers all buckets that are ever taken from together must lie on one: the name that they
    /// share. Empty: there is one bucket, and it lies where its own name says.
    std::string group;
    std::vector<Bucket> buckets; ///< at most kMaxBuckets, each once
    std::vector<limit::AskRun> runs;
    bool appliesDue{true};
    std::string refiller{}; ///< who calls, if it is a refiller: at most 64 of [A-Za-z0-9._:-]; empty: a request
};

/// What an instance decided by itself about several buckets.
struct SettleRequest {
    struct Bucket {
        std::string name;
        limit::BucketCall call; ///< mode Keep
        limit::Settlement settlement;
    };
    std::string group;
    std::vector<Bucket> buckets; ///< at most kMaxBuckets, each once
    std::string instance;        ///< a name that no other instance has or had: at most 64 of [A-Za-z0-9._:-]
    bool appliesDue{true};       ///< as of TakeRequest
};

/// A script call is O(runs); this bounds how long it may keep the store busy.
inline constexpr std::size_t kMaxRuns = 512;
inline constexpr std::size_t kMaxBuckets = 256; ///< likewise; a bucket costs more than a run
/// Return as how many buckets one of `spec` counts in kMaxBuckets: all records of a sliding log are read and written, 9
/// bytes each.
[[nodiscard]] constexpr std::size_t weightOf(const limit::LimitSpec &spec)
{
    constexpr limit::Tokens kRecords = 256; // measured: Redis reads and writes as many in the time of a bucket
    return spec.algorithm == limit::Algorithm::SlidingLog ? static_cast<std::size_t>(1 + spec.capacity / kRecords) : 1;
}

/// The instances of a bucket count themselves in windows of this length, by the store's clock.
inline constexpr Micros kInstanceWindow{5'000'000};

struct InstanceCounts {
    Micros time{0};             ///< of the store's clock
    std::int64_t window{0};     ///< the present one; if another was asked for, nothing was done and the rest is empty
    std::int64_t now{0};        ///< in it, this one included
    std::int64_t before{0};     ///< in the one before
    bool wasThere{false};       ///< this one was marked in it already
    bool wasThereBefore{false}; ///< and in the one before
};

using TakeDone = std::function<void(Result<limit::TakeOutput>)>;
using SettleDone = std::function<void(Result<std::vector<limit::SettleOutput>>)>;
using CountDone = std::function<void(Result<InstanceCounts>)>;
using LimitDone = std::function<void(Result<std::optional<limit::Limit>>)>;
using RegisterDone = std::function<void(Result<std::vector<std::optional<limit::Limit>>>)>;
using WriteDone = std::function<void(Result<Done>)>;

/// Who brought a limit of the register into force, under that epoch; without a name: not known.
struct Author {
    std::int64_t epoch{0};
    std::string name; ///< at most 64 of [A-Za-z0-9._:-]
};
using AuthorsDone = std::function<void(Result<std::vector<Author>>)>;

/// Thread: an instance belongs to one thread; callbacks come in that thread, never from inside the
/// call, and always (an Error when the store does not answer in time) unless the store is destroyed.
class BucketStore {
public:
    virtual ~BucketStore() = default;

    /// Refill, set levels as their modes say; then each request takes from all its buckets or from none. One round
    /// trip.
    virtual void take(TakeRequest request, TakeDone done) = 0;

    /// Enter what was decided without the store: once, even if it is sent again. One round trip.
    virtual void settle(SettleRequest request, SettleDone done) = 0;

    /// Tell whether buckets lie on different servers: then only those of one group can be taken from in one call.
    [[nodiscard]] virtual bool isSpread() const { return false; }

    /// Ask whether the store answers; touches nothing. One round trip.
    virtual void ping(WriteDone done) = 0;

    /// Mark this instance, `instance` as in SettleRequest, in the present window, if that is number `window`, and count
    /// those marked there. Marking it again changes nothing. One round trip.
    virtual void countInstances(std::int64_t window, const std::string &instance, CountDone done) = 0;

    /// Load the newest limit called `name` that the store knows, from its register and from the bucket.
    virtual void loadLimit(const std::string &name, LimitDone done) = 0;

    /// Load what the register has under each of these names, which is nothing for one that was never saved. One round
    /// trip.
    virtual void loadRegister(const std::vector<std::string> &names, RegisterDone done) = 0;

    /// Load who made what the register has under each of these names. One round trip.
    virtual void loadAuthors(const std::vector<std::string> &names, AuthorsDone done) = 0;

    /// Write the register, so that the limit outlives its bucket; `author`: who made it, empty: not known.
    virtual void saveLimit(const limit::Limit &limit, const std::string &author, WriteDone done) = 0;
};

} // namespace weir::store
