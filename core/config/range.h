// SPDX-License-Identifier: GPL-3.0-only
// What may be asked for, from the least to the most.
#pragma once

namespace weir::config {

/// Both ends included.
template<class T>
struct Range {
    T least;
    T most;
    [[nodiscard]] constexpr bool holds(T value) const { return value >= least && value <= most; }
};

} // namespace weir::config
