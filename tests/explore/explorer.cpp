// SPDX-License-Identifier: GPL-3.0-only
// Looks for a history in which the promise is broken: explore SECONDS [SEED]; 0 SEED: that history alone, once more.
#include <QCoreApplication>
#include <QHashSeed>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "tests/explore/world.h"

using namespace weir;
using namespace weir::explore;

namespace {

struct Found {
    std::int64_t histories{0}, outages{0}, requests{0}, exact{0};
    limit::Tokens excess{0};
    Nanos slowest{0};
};

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
    std::printf("%s\n%s%s\nagain: ./dev explore 0 %llu\n", world.setup().c_str(), world.history().c_str(),
                failure->c_str(), static_cast<unsigned long long>(seed));
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
    const int mostFailures = argc > 3 ? std::atoi(argv[3]) : 1;
    Found found;
    int failures = 0;
    const auto begin = std::chrono::steady_clock::now();
    const auto passed = [begin] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    do
        failures += keepsThePromise(*timeline, seed++, found) ? 0 : 1;
    while (passed() < seconds && failures < mostFailures);
    std::printf("%lld histories until seed %llu in %.1f s: %lld requests, %lld outages, %lld exact returns, slowest answer "
                "%.1f ms, %d broken promises\n",
                static_cast<long long>(found.histories), static_cast<unsigned long long>(seed - 1), passed(),
                static_cast<long long>(found.requests), static_cast<long long>(found.outages),
                static_cast<long long>(found.exact), std::chrono::duration<double, std::milli>(found.slowest).count(),
                failures);
    return failures == 0 ? 0 : 1;
}
