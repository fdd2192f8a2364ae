// SPDX-License-Identifier: GPL-3.0-only
// A hash for texts that clients choose.
#pragma once

#include <cstddef>
#include <string_view>

#include <QHashFunctions>
#include <QHashSeed>

namespace weir::policy {

/// Has a random seed for each process, so that no client can choose texts that collide (std::hash has a known seed).
/// Not noexcept, so that libstdc++ stores the hash with each entry and does not compute it again for each one that it
/// passes.
struct SeededHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const
    {
        static const std::size_t kSeed = QHashSeed::globalSeed();
        return qHashBits(text.data(), text.size(), kSeed);
    }
};

} // namespace weir::policy
