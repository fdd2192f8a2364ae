// SPDX-License-Identifier: GPL-3.0-only
// A range of allowed values.
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
