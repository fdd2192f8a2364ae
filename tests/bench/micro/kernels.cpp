// SPDX-License-Identifier: GPL-3.0-only
// The arithmetic of each algorithm: core/limit/kernel.
#include <cstdlib>

#include "core/limit/kernel.h"
#include "tests/bench/micro/operation.h"

namespace weir::micro {
namespace {

constexpr Micros kStart{1'700'000'000'000'000};
constexpr Micros kSecond{1'000'000};
constexpr limit::Tokens kCapacity = 100;

limit::LimitSpec specOf(limit::Algorithm algorithm)
{
    return {kCapacity, kCapacity, kSecond, limit::StartLevel::Full, algorithm};
}

/// Requests at half the pace of the refill: there is always room.
struct Taker {
    limit::LimitSpec spec;
    limit::Cell cell = limit::startCell(spec, kStart);
    Micros now = kStart;

    limit::Tokens operator()()
    {
        now += kSecond / (kCapacity / 2);
        limit::advance(spec, cell, now);
        if (limit::roomOf(spec, cell) < 1)
            std::abort();
        limit::take(spec, cell, 1);
        return limit::roomOf(spec, cell);
    }
};

/// A cell that is empty, taken from one token after the other.
struct Waiter {
    limit::LimitSpec spec;
    Micros now = kStart;
    limit::Cell cell = emptied();

    limit::Cell emptied()
    {
        limit::Cell made = limit::startCell(spec, now);
        for (limit::Tokens i = 0; i < kCapacity; ++i) {
            now += Micros{10};
            limit::advance(spec, made, now);
            limit::take(spec, made, 1);
        }
        return made;
    }
    Micros operator()() const
    {
        const auto wait = limit::untilRoom(spec, cell, 1, now);
        if (!wait || *wait <= Micros{0})
            std::abort();
        return *wait;
    }
};

} // namespace

void addKernels(Operations &operations)
{
    for (std::size_t i = 0; i < limit::kAlgorithmNames.size(); ++i) {
        const limit::LimitSpec spec = specOf(static_cast<limit::Algorithm>(i));
        const std::string name{limit::kAlgorithmNames[i]};
        operations.add("take/" + name, Taker{spec});
        operations.add("until_room/" + name, Waiter{spec});
    }
}

} // namespace weir::micro
