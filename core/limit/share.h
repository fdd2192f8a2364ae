// SPDX-License-Identifier: GPL-3.0-only
// One instance's share of a bucket while the instances cannot ask each other.
#pragma once

#include "core/limit/limit.h"

namespace weir::limit {

/// What one of `instances` (>= 1) may do with the bucket so that all of them together never pass it.
/// Remainders go to nobody.
struct Share {
    /// Capacity 0: the share of this bucket is less than a token; then nothing may be taken.
    LimitSpec spec;
    Tokens tokens{0};
};

/// The share of a bucket with `tokens`. With one instance it is the whole. The intervals of the share
/// are those of the bucket, or every so many of them; they must be counted from the moment of sharing.
[[nodiscard]] Share shareOf(const LimitSpec &spec, Tokens tokens, std::int64_t instances);

} // namespace weir::limit
