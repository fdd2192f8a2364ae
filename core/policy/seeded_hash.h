// SPDX-License-Identifier: GPL-3.0-only
// A hash for texts that strangers choose.
#pragma once

#include <cstddef>
#include <string_view>

#include <QHashFunctions>
#include <QHashSeed>

namespace weir::policy {

/// With a seed that is drawn anew for every process: nobody outside can choose texts that all fall into one place of a
/// table. (std::hash has a seed that is known.) Not noexcept, so that libstdc++ keeps the hash beside each entry: else it
/// works it out again for every neighbour that it passes.
struct SeededHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const
    {
        static const std::size_t kSeed = QHashSeed::globalSeed();
        return qHashBits(text.data(), text.size(), kSeed);
    }
};

} // namespace weir::policy
