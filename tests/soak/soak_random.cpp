// SPDX-License-Identifier: GPL-3.0-only
// Half an hour of one fault after the other, by a seed: memory stays flat, descriptors the same, counts equal.
// usage: soak_random [SECONDS]; WEIR_TEST_SEED
#include <QCoreApplication>
#include <QTest>

#include "tests/soak/faults.h"
#include "tests/support/seed.h"

using namespace weir::test;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Way = ChaosProxy::Way;

namespace {

constexpr int kClients = 4;
constexpr auto kPause = 1ms;
constexpr int kPatienceMs = 20'000;
constexpr int kRoundsPerLine = 20;
// hazards.md 6d asks for less than 1 MB an hour. An allocator takes pages in steps, which in a run shorter than
// that looks like more: so much growth by the straight line is none.
constexpr double kStepMb = 1.0;

using Broken = std::vector<std::string>;

std::string text(std::int64_t number)
{
    return std::to_string(number);
}

struct Fault {
    const char *name;
    std::int64_t shortest, longest; ///< ms
    std::function<bool(Stage &, milliseconds)> make;
};

std::vector<Fault> allFaults()
{
    std::vector<Fault> all{
        {"hang", 50, 3000, faults::hang},
        {"SIGKILL, back empty", 50, 2000,
         [](Stage &stage, milliseconds time) { return faults::dieAndReturn(stage, time); }},
        {"BUSY", 100, 1500, faults::beBusy},
        {"SCRIPT FLUSH", 100, 1000, faults::forgetScripts},
        {"OOM", 50, 1500, faults::runOutOfMemory},
        {"READONLY", 50, 1500, faults::beDemoted},
        {"wrong password", 50, 2000, faults::changePassword},
        {"maxclients", 50, 2000, faults::refuseClients},
        {"MISCONF", 50, 1500, faults::failToSave},
        {"NOREPLICAS", 50, 1500, faults::missReplicas},
        {"connections cut", 100, 1000, faults::cutAgainAndAgain},
        {"late answers", 50, 2000,
         [](Stage &stage, milliseconds time) { return faults::delay(stage, milliseconds{time.count() % 500}, time); }},
    };
    constexpr std::array<std::pair<const char *, Way>, 9> kWays{{{"byte by byte", Way::ByteByByte},
                                                                 {"garbage", Way::Garbage},
                                                                 {"half answers", Way::Half},
                                                                 {"RST inside", Way::Reset},
                                                                 {"no answers", Way::Swallow},
                                                                 {"banner", Way::Banner},
                                                                 {"huge string", Way::HugeBulk},
                                                                 {"huge array", Way::HugeArray},
                                                                 {"nested arrays", Way::NestedArrays}}};
    for (const auto &[name, way] : kWays)
        all.push_back({name, 50, 1500,
                       [way = way](Stage &stage, milliseconds time) { return faults::distort(stage, way, time); }});
    return all;
}

/// Memory over time, and how steep it is.
class Memory {
public:
    void note(double seconds, double megabytes) { m_points.emplace_back(seconds, megabytes); }
    [[nodiscard]] double last() const { return m_points.empty() ? 0 : m_points.back().second; }
    /// Megabytes a second by least squares, without the first quarter.
    [[nodiscard]] double slope() const
    {
        double n = 0, x = 0, y = 0, xx = 0, xy = 0;
        for (std::size_t i = m_points.size() / 4; i < m_points.size(); ++i) {
            const auto [seconds, megabytes] = m_points[i];
            n += 1;
            x += seconds;
            y += megabytes;
            xx += seconds * seconds;
            xy += seconds * megabytes;
        }
        const double spread = n * xx - x * x;
        return spread > 0 ? (n * xy - x * y) / spread : 0;
    }

private:
    std::vector<std::pair<double, double>> m_points;
};

struct Run {
    Stage stage;
    std::int64_t first{0}; ///< interval
    std::int64_t descriptors{0};
    Memory memory;
    steady_clock::time_point begun;
    // Since the last line:
    std::unique_ptr<StallMeter> stall;
    milliseconds worstReturn{0};
    Broken broken;
};

bool start(Run &run)
{
    Stage &stage = run.stage;
    if (!stage.redis.start())
        return false;
    stage.proxy = std::make_unique<ChaosProxy>(stage.redis.socketPath());
    run.first = intervalNow();
    if (!stage.weir.start(words("serve --threads 2 --redis") + QStringList{stage.proxy->url()} + soakLimit()))
        return false;
    stage.load = std::make_unique<Load>(stage.weir.port(), kClients, kPause);
    if (!QTest::qWaitFor([&stage] { return stage.load->seen().refused > 500; }, kPatienceMs))
        return false;
    run.descriptors = stage.weir.process().descriptors();
    run.stall = std::make_unique<StallMeter>();
    run.begun = steady_clock::now();
    return true;
}

void makeOne(Run &run, const Fault &fault, milliseconds time)
{
    Stage &stage = run.stage;
    const std::string what = std::string{fault.name} + " for " + text(time.count()) + " ms";
    if (!fault.make(stage, time)) {
        run.broken.push_back(what + ": the fault could not be made");
        return;
    }
    const auto backAt = steady_clock::now();
    if (!QTest::qWaitFor([&stage] { return stage.weir.shown().isFromStore; }, kPatienceMs))
        run.broken.push_back(what + ": the store did not decide again within 20 s");
    const auto took = std::max(stage.load->seen().lastWithout, backAt) - backAt;
    run.worstReturn = std::max(run.worstReturn, std::chrono::duration_cast<milliseconds>(took));
    if (took > kPromisedReturn + marginFor(*run.stall))
        run.broken.push_back(what + ": the store decided again after " + text(took / 1ms) + " ms");
    if (!QTest::qWaitFor([&] { return stage.weir.process().descriptors() == run.descriptors; }, kPatienceMs))
        run.broken.push_back(what + ": " + text(stage.weir.process().descriptors()) + " descriptors, there were "
                             + text(run.descriptors));
    run.memory.note(std::chrono::duration<double>(steady_clock::now() - run.begun).count(),
                    static_cast<double>(stage.weir.process().residentBytes()) / 1e6);
}

/// Nobody asks for a moment, so that the three counts are of the same requests.
void judgeCounts(Run &run, Table &table, int rounds)
{
    Stage &stage = run.stage;
    stage.load->rest(true);
    if (!QTest::qWaitFor([&stage] { return stage.load->isResting(); }, kPatienceMs))
        run.broken.emplace_back("a client still waits for its answer");
    const Seen seen = stage.load->seen();
    const Shown shown = stage.weir.shown();
    const Books books = readBooks(stage.redis);
    const std::int64_t most = kSoakSpec.capacity + kSoakSpec.refill * (intervalNow() - run.first);
    stage.load->rest(false);
    if (shown.admitted != seen.admitted || shown.refused != seen.refused || shown.undecided != seen.rejected)
        run.broken.emplace_back("clients and Weir count differently");
    if (!books.isThere || books.taken < seen.admitted || books.taken > seen.admitted + shown.inDoubt)
        run.broken.emplace_back("Redis counts differently");
    if (seen.unanswered + seen.notConnected + seen.odd > 0)
        run.broken.push_back(text(seen.unanswered) + " requests unanswered, " + text(seen.notConnected)
                             + " connections refused, " + text(seen.odd) + " odd answers");
    if (seen.longest > kPromisedAnswer + marginFor(*run.stall))
        run.broken.push_back("an answer took longer than " + text((kPromisedAnswer + marginFor(*run.stall)).count())
                             + " ms");
    if (seen.admitted > most)
        run.broken.push_back(text(seen.admitted - most) + " admitted too many");
    char megabytes[32];
    std::snprintf(megabytes, sizeof megabytes, "%.1f", run.memory.last());
    table.add({text((steady_clock::now() - run.begun) / 1s),
               text(rounds),
               text(seen.requests()),
               text(seen.unanswered + seen.notConnected),
               text(seen.longest / 1ms),
               text(run.stall->longest() / 1ms),
               text(seen.admitted),
               text(shown.admitted),
               text(books.taken),
               text(shown.inDoubt),
               text(most),
               text(seen.local),
               text(seen.rejected),
               text(run.worstReturn.count()),
               text(shown.exactReturns) + "/" + text(shown.outages),
               text(shown.statesLost),
               text(shown.excess),
               megabytes,
               text(stage.weir.process().descriptors()),
               run.broken.empty() ? "ok" : "BROKEN"},
              run.broken);
    run.broken.clear();
    run.worstReturn = {};
    stage.load->forgetLongest();
    run.stall = std::make_unique<StallMeter>();
}

void judgeMemory(Run &run, Table &table)
{
    const double hour = run.memory.slope() * 3600;
    const double grown = run.memory.slope() * std::chrono::duration<double>(steady_clock::now() - run.begun).count();
    std::printf("memory %.1f MB, slope %+.2f MB an hour, %+.2f MB in this run; descriptors %lld\n", run.memory.last(),
                hour, grown, static_cast<long long>(run.descriptors));
    Broken broken;
    if (grown > kStepMb)
        broken.emplace_back("memory grows");
    table.add({"memory", broken.empty() ? "flat" : "grows"}, broken);
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application{argc, argv};
    const std::chrono::seconds time{argc > 1 ? std::max(1, QCoreApplication::arguments().at(1).toInt()) : 1800};
    Random random;
    Run run;
    if (!start(run)) {
        std::puts("random: Redis or Weir does not start");
        return 1;
    }
    const std::vector<Fault> all = allFaults();
    Table table{{{"seconds", 7}, {"faults", 6},  {"requests", 8}, {"unansw", 6},  {"longest", 7},
                 {"stall", 5},   {"clients", 8}, {"Weir", 8},     {"Redis", 8},   {"in doubt", 8},
                 {"bound", 8},   {"local", 8},   {"503", 7},      {"back ms", 7}, {"exact", 9},
                 {"lost", 5},    {"excess", 6},  {"RSS MB", 6},   {"fds", 4},     {"", -6}}};
    int rounds = 0;
    for (const auto until = run.begun + time; steady_clock::now() < until;) {
        const Fault &fault =
            all[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(all.size()) - 1))];
        makeOne(run, fault, milliseconds{random.between(fault.shortest, fault.longest)});
        Stage::wait(milliseconds{random.between(0, 1000)});
        if (++rounds % kRoundsPerLine == 0)
            judgeCounts(run, table, rounds);
    }
    judgeCounts(run, table, rounds);
    judgeMemory(run, table);
    return table.conclude("random");
}
