// SPDX-License-Identifier: GPL-3.0-only
// For long, at 60 % of what it can: does anything grow, is any request lost, does anybody count differently?
// usage: soak_steady [SECONDS, at least 120]
//
// First 64 clients ask as fast as they are answered, for the peak; then the same number holds 60 % of it, evenly. Every
// request meets a limit for all and one by header: half come from 8 clients that want more than they may, half from 5,000.
// Memory, of the second half: the slope of a straight line through it, which must not be above 1 MB/h by more than twice
// its standard error. In a short run that error is large; it is shown. Not the first minute: Weir keeps the decision times
// of one, second by second.
#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <utility>

#include "tests/soak/fault_case.h"
#include "tests/soak/site.h"
#include "tests/support/slope.h"

using namespace weir::test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr int kClients = 64;
constexpr auto kPeakWarmUp = 1s, kPeakTime = 10s;
constexpr double kShareOfPeak = 0.6;
constexpr double kMostMbPerHour = 1;
// A decision is to take 25 ms at most: what the machine stands still for longer, Weir answers with 503.
constexpr auto kLongStall = 20ms;

// Neither becomes full again, so Redis forgets none of their buckets, and its counts are of the whole run.
constexpr const char *kConfig = "[[limit]]\nname = 'all'\non_store_failure = 'reject'\n"
                                "capacity = 1000000000\nrefill = 1\nevery = '1h'\n"
                                "[[limit]]\nname = 'per-key'\non_store_failure = 'reject'\nkey = ['header:X-Api-Key']\n"
                                "capacity = 1000000000\nrefill = 50\nevery = '1s'\nstart = 'empty'\n";
constexpr std::uint64_t kBusyKeys = 8, kQuietKeys = 5000;

/// As random as it needs to be, and the same in every run.
QByteArray keyOf(std::size_t client, std::int64_t n)
{
    std::uint64_t mix = (client << 40U) + static_cast<std::uint64_t>(n) + 0x9E3779B97F4A7C15U;
    mix = (mix ^ (mix >> 30U)) * 0xBF58476D1CE4E5B9U;
    mix = (mix ^ (mix >> 27U)) * 0x94D049BB133111EBU;
    mix ^= mix >> 31U;
    return mix % 2 == 0 ? "busy-" + QByteArray::number(mix / 2 % kBusyKeys)
                        : "quiet-" + QByteArray::number(mix / 2 % kQuietKeys);
}

LoadPlan planOf(double rate)
{
    return {.clients = kClients, .rate = rate, .fields = [](std::size_t client, std::int64_t n) {
                return "X-Api-Key: " + keyOf(client, n) + "\r\n";
            }};
}

/// `field` of all buckets of "per-key".
std::int64_t sumOfKeys(RedisServer &redis, const QByteArray &field)
{
    QList<RedisCommand> commands;
    const auto ask = [&](const char *kind, std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i)
            commands.append({"HGET", QByteArray{"weir:{per-key:"} + kind + QByteArray::number(i) + "}", field});
    };
    ask("busy-", kBusyKeys);
    ask("quiet-", kQuietKeys);
    std::int64_t sum = 0;
    for (const RespValue &value : redis.pipeline(commands))
        sum += value.text.toLongLong();
    return sum;
}

struct Watch {
    std::vector<Point> weir, redis; ///< hours, MB
    std::vector<std::int64_t> descriptors;

    void look(Site &site, double seconds)
    {
        weir.push_back({seconds / 3600, site.weirMb()});
        redis.push_back({seconds / 3600, site.redisMb()});
        descriptors.push_back(site.weir().process().descriptors());
    }
};

Seen findPeak(std::uint16_t port, double &peak)
{
    Load load{port, planOf(0)};
    Stage::wait(kPeakWarmUp);
    const std::int64_t before = load.seen().answers();
    const auto from = steady_clock::now();
    Stage::wait(kPeakTime);
    peak = static_cast<double>(load.seen().answers() - before)
           / std::chrono::duration<double>(steady_clock::now() - from).count();
    return load.stop();
}

Seen holdSteady(Site &site, double rate, std::chrono::seconds time, Watch &watch)
{
    Table table{{{"second", 7},
                 {"a second", 9},
                 {"503", 5},
                 {"longest ms", 10},
                 {"stolen ms", 9},
                 {"Weir MB", 8},
                 {"Redis MB", 8},
                 {"descriptors", 11}}};
    const auto step = std::clamp<std::chrono::milliseconds>(time / 24, 500ms, 10s);
    Load load{site.weir().port(), planOf(rate)};
    std::int64_t answers = 0;
    std::chrono::microseconds longest{0};
    std::chrono::milliseconds stolen = stolenTime();
    const auto from = steady_clock::now();
    for (auto next = from + step; next <= from + time; next += step) {
        Stage::wait(std::chrono::duration_cast<std::chrono::milliseconds>(next - steady_clock::now()));
        const double seconds = std::chrono::duration<double>(steady_clock::now() - from).count();
        const Seen seen = load.seen();
        load.forgetLongest();
        longest = std::max(longest, seen.longest);
        const auto before = std::exchange(stolen, stolenTime());
        watch.look(site, seconds);
        table.add({text(seconds, 0),
                   text(static_cast<double>(seen.answers() - answers) / std::chrono::duration<double>(step).count(), 0),
                   text(seen.rejected), text(seen.longest / 1ms), text((stolen - before) / 1ms),
                   text(watch.weir.back().y, 2), text(watch.redis.back().y, 2), text(watch.descriptors.back())},
                  {});
        answers = seen.answers();
    }
    Seen all = load.stop();
    all.longest = std::max(all.longest, longest);
    return all;
}

void judgeAnswers(const Seen &steady, std::chrono::microseconds stall, Broken &broken)
{
    if (steady.odd + steady.unanswered + steady.notConnected > 0)
        broken.push_back(text(steady.odd) + " answers of an unexpected status, " + text(steady.unanswered)
                         + " requests unanswered, " + text(steady.notConnected) + " connections refused");
    if (steady.local + steady.allowed > 0)
        broken.push_back(text(steady.local + steady.allowed) + " decisions by another policy than that of the limits");
    if (steady.rejected > 0 && stall < kLongStall)
        broken.push_back(text(steady.rejected) + " times 503 on a machine that never stood still");
    if (steady.refused == 0 || steady.admitted == 0)
        broken.emplace_back("not everything was tried: all were admitted, or none");
}

/// Clients, Weir and Redis. A take whose answer came too late was answered with 503, and may have been done.
void judgeCounts(Site &site, const Seen &all, Broken &broken)
{
    const Shown shown = site.weir().shown();
    const auto hold = [&](const char *who, std::int64_t count, std::int64_t clients, std::int64_t more) {
        if (count < clients || count > clients + more)
            broken.push_back(std::string{who} + ": " + text(count) + ", the clients: " + text(clients));
    };
    RedisServer &redis = site.redis();
    hold("Weir admitted", shown.admitted, all.admitted, 0);
    hold("Weir refused", shown.refused, all.refused, 0);
    hold("Weir rejected", shown.undecided, all.rejected, 0);
    hold("Redis admitted for all", redis.command({"HGET", "weir:{all}", "admitted"}).text.toLongLong(), all.admitted,
         all.rejected);
    hold("Redis admitted by key", sumOfKeys(redis, "admitted"), all.admitted, all.rejected);
    hold("Redis refused by key", sumOfKeys(redis, "refused"), all.refused, all.rejected);
    std::printf("admitted: clients %lld, Weir %lld, Redis %lld; refused: %lld, %lld, %lld; 503: %lld\n",
                static_cast<long long>(all.admitted), static_cast<long long>(shown.admitted),
                static_cast<long long>(sumOfKeys(redis, "admitted")), static_cast<long long>(all.refused),
                static_cast<long long>(shown.refused), static_cast<long long>(sumOfKeys(redis, "refused")),
                static_cast<long long>(all.rejected));
}

std::string judgeGrowth(const char *who, const std::vector<Point> &points, Broken &broken)
{
    const Slope slope = slopeOf(std::span{points}.subspan(points.size() / 2));
    if (slope.slope - 2 * slope.error > kMostMbPerHour)
        broken.push_back(std::string{who} + " grows by " + text(slope.slope, 2) + " MB/h");
    return text(slope.slope, 2) + " +- " + text(2 * slope.error, 2);
}

int soakSteadily(Site &site, std::chrono::seconds time)
{
    Broken broken;
    double peak = 0;
    Seen all = findPeak(site.weir().port(), peak);
    const double rate = kShareOfPeak * peak;
    std::printf("peak %.0f a second with %d clients; held: %.0f\n", peak, kClients, rate);
    Watch watch;
    Seen steady;
    std::chrono::microseconds stall{0};
    {
        const StallMeter meter;
        steady = holdSteady(site, rate, time, watch);
        stall = meter.longest();
    }
    all.add(steady);
    judgeAnswers(steady, stall, broken);
    judgeCounts(site, all, broken);
    const double held = static_cast<double>(steady.answers()) / static_cast<double>(time.count());
    if (held < 0.95 * rate)
        broken.push_back("only " + text(held, 0) + " a second were held");
    const auto [fewest, most] = std::minmax_element(watch.descriptors.begin(), watch.descriptors.end());
    if (*fewest != *most)
        broken.push_back("between " + text(*fewest) + " and " + text(*most) + " descriptors");
    const std::string weirGrowth = judgeGrowth("Weir", watch.weir, broken);
    const std::string redisGrowth = judgeGrowth("Redis", watch.redis, broken);
    Table table{{{"seconds", 7},
                 {"requests", 9},
                 {"admitted", 9},
                 {"refused", 9},
                 {"503", 5},
                 {"p50 ms", 6},
                 {"p99", 4},
                 {"p99.9", 5},
                 {"longest", 7},
                 {"machine's stall", 15},
                 {"Weir MB/h", 14},
                 {"Redis MB/h", 14},
                 {"", -6}}};
    table.add({text(time.count()), text(steady.requests()), text(steady.admitted), text(steady.refused),
               text(steady.rejected), text(steady.quantile(0.5)), text(steady.quantile(0.99)),
               text(steady.quantile(0.999)), text(steady.longest / 1ms), text(stall / 1ms), weirGrowth, redisGrowth,
               broken.empty() ? "ok" : "BROKEN"},
              broken);
    return table.conclude("steady");
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application{argc, argv};
    const std::chrono::seconds time{argc > 1 ? std::max(120, QCoreApplication::arguments().at(1).toInt()) : 1800};
    Site site;
    if (!site.begin(kConfig)) {
        std::puts("steady: Redis or Weir does not start");
        return 1;
    }
    return soakSteadily(site, time);
}
