// SPDX-License-Identifier: GPL-3.0-only
// The steps that every call on a bucket is made of; for the kernel's own files.
#pragma once

#include <optional>

#include "core/limit/token_bucket.h"

namespace weir::limit::steps {

[[nodiscard]] std::int64_t intervalAt(Micros time, Micros interval);
void addToTotal(std::int64_t &total, std::int64_t more);
/// `losses` of a bucket that is restored by a caller who knows it with `losses`: no other restoration has the same, whatever
/// its caller had heard of.
[[nodiscard]] std::int64_t lossAfter(std::int64_t losses, Micros now);

/// What `intervals` (>= 0) add to `tokens` (<= capacity; may be below 0). Never multiplies before it
/// knows that the product stays below what is missing.
[[nodiscard]] Tokens addedBy(std::int64_t intervals, Tokens tokens, const LimitSpec &spec);

/// Compares with what the caller knows, refills, changes the limit: everything before the tokens are
/// taken. When the caller's limit is stale, nothing is done and `output` says so.
void open(std::optional<Bucket> &bucket, const TakeInput &input, TakeOutput &output);

/// Fills in what every answer tells, from the bucket after the call.
void close(const Bucket &bucket, const TakeInput &input, TakeOutput &output);

} // namespace weir::limit::steps
