// SPDX-License-Identifier: GPL-3.0-only
// Random sequences that can be repeated: the seed is printed, WEIR_TEST_SEED sets another one.
#pragma once

#include <QtGlobal>

#include <cstdint>
#include <random>

namespace weir::test {

/// The same numbers on every machine: no std distribution, whose results differ between libraries.
class Random {
public:
    Random() : Random{chosenSeed()} {}
    explicit Random(std::uint64_t seed, bool isTold = true) : m_engine{seed}
    {
        if (isTold)
            qInfo("seed %llu", static_cast<unsigned long long>(seed));
    }

    /// low <= result <= high; the small bias of the remainder does not matter here.
    std::int64_t between(std::int64_t low, std::int64_t high)
    {
        const auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
        const std::uint64_t step = span == 0 ? m_engine() : m_engine() % span;
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + step);
    }
    bool oneIn(std::int64_t n) { return between(1, n) == 1; }
    /// As many small results as large ones: first the number of digits, then the digits.
    std::int64_t scaled(std::int64_t low, std::int64_t high)
    {
        std::int64_t top = low < 1 ? 1 : low;
        for (std::int64_t decades = between(0, 18); decades > 0 && top < high / 10; --decades)
            top *= 10;
        return between(low, top * 10 < high ? top * 10 : high);
    }

private:
    static std::uint64_t chosenSeed()
    {
        bool isSet = false;
        const auto seed = qEnvironmentVariable("WEIR_TEST_SEED").toULongLong(&isSet);
        constexpr std::uint64_t kSeed = 20'261'123;
        return isSet ? seed : kSeed;
    }
    std::mt19937_64 m_engine;
};

} // namespace weir::test
