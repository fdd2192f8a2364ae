// SPDX-License-Identifier: GPL-3.0-only
// Looks for a history in which the promise is broken: explorer SECONDS [SEED [HISTORIES]], until one is found, so many
// seconds have passed, or so many histories were kept. 0 SEED: that history alone, once more. What is found is told whole,
// and without the events that it is found without.
#include <QCoreApplication>
#include <QHashSeed>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/explore/world.h"

using namespace weir;
using namespace weir::explore;

namespace {

struct Found {
    std::int64_t histories{0}, outages{0}, requests{0}, exact{0};
    Nanos slowest{0};
};

using RealTime = std::chrono::steady_clock;

/// Leaves out events as long as a promise is broken without them: those that are left.
void shorten(Timeline &timeline, std::uint64_t seed, int events)
{
    constexpr auto kLongest = std::chrono::seconds{20};
    const auto begin = RealTime::now();
    std::set<int> without;
    for (int size = std::max(1, events / 2); size > 0; size /= 2)
        for (int first = 0; first < events && RealTime::now() - begin < kLongest; first += size) {
            std::set<int> more = without;
            for (int event = first; event < std::min(first + size, events); ++event)
                more.insert(event);
            if (more.size() > without.size() && World{timeline, seed, more}.run())
                without = std::move(more);
        }
    World world{timeline, seed, without};
    const std::string failure = world.run().value_or("");
    const auto left = world.events() - std::distance(without.begin(), without.lower_bound(world.events()));
    std::printf("\nwith %d events:\n%s%s\n", static_cast<int>(left), world.history().c_str(), failure.c_str());
}

bool keepsThePromise(Timeline &timeline, std::uint64_t seed, Found &found)
{
    World world{timeline, seed};
    const auto failure = world.run();
    ++found.histories;
    found.outages += world.outages();
    found.requests += world.requests();
    found.exact += world.exactReturns();
    found.slowest = std::max(found.slowest, world.slowest());
    if (!failure)
        return true;
    std::printf("%s\n%s%s\n", world.setup().c_str(), world.history().c_str(), failure->c_str());
    shorten(timeline, seed, world.events());
    std::printf("\nagain: ./dev explore 0 %llu\n", static_cast<unsigned long long>(seed));
    return false;
}

} // namespace

int main(int argc, char **argv)
{
    QHashSeed::setDeterministicGlobalSeed(); // the order of tables is part of a history
    auto *timeline = new Timeline;           // the application's
    QCoreApplication::setEventDispatcher(timeline);
    QCoreApplication application{argc, argv};
    qputenv("QT_LOGGING_RULES", "weir.*=false");
    const double seconds = argc > 1 ? std::atof(argv[1]) : 60;
    std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
    const std::int64_t most = argc > 3 ? std::atoll(argv[3]) : INT64_MAX;
    Found found;
    bool isKept = true;
    const auto begin = RealTime::now();
    const auto passed = [begin] { return std::chrono::duration<double>(RealTime::now() - begin).count(); };
    do
        isKept = keepsThePromise(*timeline, seed++, found);
    while (isKept && passed() < seconds && found.histories < most);
    std::printf(
        "%lld histories until seed %llu in %.1f s: %lld requests, %lld outages, %lld exact returns, slowest answer "
        "%.1f ms; %s\n",
        static_cast<long long>(found.histories), static_cast<unsigned long long>(seed - 1), passed(),
        static_cast<long long>(found.requests), static_cast<long long>(found.outages),
        static_cast<long long>(found.exact), std::chrono::duration<double, std::milli>(found.slowest).count(),
        isKept ? "every promise was kept" : "a promise was broken");
    return isKept ? 0 : 1;
}
