// SPDX-License-Identifier: GPL-3.0-only
// THE port to what instances tell each other for people: what somebody has done. Nothing depends on it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace weir::store {

/// What one instance has done that the others should hear of.
struct Deed {
    std::string author;   ///< as of store::Author
    std::string limit;    ///< of the bucket that was set; empty: no bucket was
    std::string subject;  ///< of that bucket
    std::string sentence; ///< "has added the limit a": what follows the author's name; at most kMostDeedBytes
    std::string id;       ///< tells it from all others of the store; given by it
};

/// So many of the last are kept; each is read about twice a second by each instance.
inline constexpr int kKeptDeeds = 16;
inline constexpr std::size_t kMostDeedBytes = 300;

using DeedsDone = std::function<void(Result<std::vector<Deed>>)>;

/// Thread and callbacks as of BucketStore.
class DeedStore {
public:
    virtual ~DeedStore() = default;

    /// Keeps it for the others; what gets lost on the way is not told again. Two round trips.
    virtual void tellDeed(const Deed &deed) = 0;
    /// The last kKeptDeeds, in the order in which they were told. One round trip.
    virtual void loadDeeds(DeedsDone done) = 0;
};

} // namespace weir::store
