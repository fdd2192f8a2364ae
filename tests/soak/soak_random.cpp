// SPDX-License-Identifier: GPL-3.0-only
// Half an hour of one fault after the other, by a seed, over one kind of limit and number of Weirs after the other, of any
// algorithm: counts are equal, and nothing is overspent that was not told. In every second stretch Weirs end and begin again;
// in the others memory stays flat and descriptors the same.
// usage: soak_random [SECONDS in all]; WEIR_TEST_SEED
#include <QCoreApplication>
#include <QTest>

#include "tests/soak/faults.h"
#include "tests/support/random_limit.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Way = ChaosProxy::Way;

namespace {

constexpr int kPatienceMs = 20'000;
constexpr int kRoundsPerLine = 20;
// Memory may grow by less than 1 MB an hour. An allocator takes pages in steps, which in a run shorter than
// that looks like more: so much growth by the straight line is none.
constexpr double kStepMb = 1.0;

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

/// One configuration for a while.
struct Run {
    Stage stage;
    bool hasRestarts{false};
    std::vector<std::int64_t> descriptors; ///< of each Weir
    Memory memory;                         ///< of the first
    steady_clock::time_point begun;
    // Since the last line:
    std::unique_ptr<StallMeter> stall;
    milliseconds worstReturn{0};
    int restarts{0};
    Broken broken;

    [[nodiscard]] Fleet &fleet() { return stage.fleet; }
    [[nodiscard]] std::vector<std::string> name()
    {
        const FleetPlan &plan = fleet().plan();
        return {plan.setup.name() + ", " + plan.policy, text(plan.instances)};
    }
};

/// As kSoakSpec: so many tokens a second, of any algorithm.
limit::LimitSpec specOf(limit::Algorithm algorithm)
{
    limit::LimitSpec spec = kSoakSpec;
    spec.algorithm = algorithm;
    if (limit::isWindow(algorithm)) {
        spec.capacity = spec.refill = 200;
        spec.interval = 1s;
    }
    return spec;
}

bool start(Run &run, const LimitSetup &setup, std::size_t instances, const char *policy)
{
    Stage &stage = run.stage;
    if (!stage.redis.start())
        return false;
    stage.proxy = std::make_unique<ChaosProxy>(stage.redis.socketPath());
    FleetPlan plan;
    plan.setup = setup;
    plan.instances = instances;
    plan.policy = policy;
    plan.redis = stage.proxy->url();
    plan.threads = instances == 1 ? 2 : 1;
    plan.clients = instances == 1 ? 4 : 2;
    if (!run.fleet().start(plan) || !run.fleet().waitUntilCounted() || !run.fleet().waitForRefusals(200))
        return false;
    for (std::size_t who = 0; who < instances; ++who)
        run.descriptors.push_back(run.fleet().weir(who).process().descriptors());
    run.stall = std::make_unique<StallMeter>();
    run.begun = steady_clock::now();
    return true;
}

void makeOne(Run &run, const Fault &fault, milliseconds time)
{
    Fleet &fleet = run.fleet();
    const std::string what = std::string{fault.name} + " for " + text(time.count()) + " ms";
    if (!fault.make(run.stage, time)) {
        run.broken.push_back(what + ": the fault could not be made");
        return;
    }
    const auto backAt = steady_clock::now();
    if (!fleet.waitForStore())
        run.broken.push_back(what + ": the store did not decide again within 20 s");
    const auto took = std::max(fleet.seen().lastWithout, backAt) - backAt;
    run.worstReturn = std::max(run.worstReturn, std::chrono::duration_cast<milliseconds>(took));
    if (took > kPromisedReturn + marginFor(*run.stall))
        run.broken.push_back(what + ": the store decided again after " + text(took / 1ms) + " ms");
    if (run.hasRestarts)
        return;
    for (std::size_t who = 0; who < fleet.size(); ++who) {
        const WeirProcess &process = fleet.weir(who).process();
        if (!QTest::qWaitFor([&] { return process.descriptors() == run.descriptors[who]; }, kPatienceMs))
            run.broken.push_back(what + ": " + text(process.descriptors()) + " descriptors, there were "
                                 + text(run.descriptors[who]));
    }
    run.memory.note(std::chrono::duration<double>(steady_clock::now() - run.begun).count(),
                    static_cast<double>(fleet.weir(0).process().residentBytes()) / 1e6);
}

void restartOne(Run &run, Random &random)
{
    ++run.restarts;
    const auto who = static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(run.fleet().size()) - 1));
    run.fleet().restart(who, random.oneIn(2) ? Fleet::End::Terminated : Fleet::End::Killed);
}

/// Nobody asks for a moment, so that the three counts are of the same requests.
void judgeCounts(Run &run, Table &table, int rounds)
{
    Fleet &fleet = run.fleet();
    if (!fleet.rest(true))
        run.broken.emplace_back("a client still waits for its answer");
    const Seen seen = fleet.seen();
    const limit::Tokens debt = fleet.debt(run.stage.redis), over = std::max<limit::Tokens>(0, fleet.over() - debt);
    const limit::Tokens most = fleet.most();
    const Shown shown = fleet.shown();
    fleet.judgeCounts(run.broken);
    const std::int64_t taken = fleet.judgeBooks(run.stage.redis, shown, run.broken);
    (void)fleet.rest(false);
    if (seen.unanswered + seen.notConnected + seen.odd > 0)
        run.broken.push_back(text(seen.unanswered) + " requests unanswered, " + text(seen.notConnected)
                             + " connections refused, " + text(seen.odd) + " odd answers");
    if (seen.longest > kPromisedAnswer + marginFor(*run.stall))
        run.broken.push_back("an answer took longer than " + text((kPromisedAnswer + marginFor(*run.stall)).count())
                             + " ms");
    if (const limit::Tokens told = fleet.size() == 1 ? 0 : shown.excess; over > told)
        run.broken.push_back(text(over) + " admitted too many, told were " + text(told));
    std::vector<std::string> values = run.name();
    for (const std::string &value : {text((steady_clock::now() - run.begun) / 1s),
                                     text(rounds),
                                     text(run.restarts),
                                     text(seen.requests()),
                                     text(seen.unanswered + seen.notConnected),
                                     text(seen.longest / 1ms),
                                     text(run.stall->longest() / 1ms),
                                     text(seen.admitted),
                                     text(taken),
                                     text(shown.inDoubt),
                                     text(most),
                                     text(shown.excess),
                                     text(over),
                                     text(seen.local),
                                     text(seen.rejected + seen.allowed),
                                     text(run.worstReturn.count()),
                                     text(shown.exactReturns) + "/" + text(shown.outages),
                                     text(shown.statesLost),
                                     text(run.memory.last()),
                                     std::string{run.broken.empty() ? "ok" : "BROKEN"}})
        values.push_back(value);
    table.add(values, run.broken);
    run.broken.clear();
    run.worstReturn = {};
    fleet.forgetLongest();
    run.stall = std::make_unique<StallMeter>();
}

void judgeMemory(Run &run, Table &table)
{
    const double hour = run.memory.slope() * 3600;
    const double grown = run.memory.slope() * std::chrono::duration<double>(steady_clock::now() - run.begun).count();
    std::printf("    memory %.1f MB, slope %+.2f MB an hour, %+.2f MB in this stretch; descriptors %lld\n",
                run.memory.last(), hour, grown, static_cast<long long>(run.descriptors.front()));
    if (grown > kStepMb)
        table.add({"memory"}, {"it grows"});
}

/// One stretch of `time`.
void soak(const LimitSetup &setup, std::size_t instances, const char *policy, bool hasRestarts,
          std::chrono::seconds time, Random &random, Table &table)
{
    Run run;
    run.hasRestarts = hasRestarts;
    if (!start(run, setup, instances, policy))
        return table.add(run.name(), {"Redis or Weir does not start, or the clients do not empty the buckets"});
    const std::vector<Fault> all = allFaults();
    int rounds = 0;
    for (const auto until = run.begun + time; steady_clock::now() < until;) {
        const Fault &fault =
            all[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(all.size()) - 1))];
        makeOne(run, fault, milliseconds{random.between(fault.shortest, fault.longest)});
        if (hasRestarts && random.oneIn(2))
            restartOne(run, random);
        Stage::wait(milliseconds{random.between(0, 1000)});
        if (++rounds % kRoundsPerLine == 0)
            judgeCounts(run, table, rounds);
    }
    judgeCounts(run, table, rounds);
    if (!hasRestarts)
        judgeMemory(run, table);
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application{argc, argv};
    const std::chrono::seconds time{argc > 1 ? std::max(1, QCoreApplication::arguments().at(1).toInt()) : 1800};
    Random random;
    Table table{{{"limits, policy", -36},
                 {"Weirs", 5},
                 {"seconds", 7},
                 {"faults", 6},
                 {"ended", 5},
                 {"requests", 8},
                 {"unansw", 6},
                 {"longest", 7},
                 {"stall", 5},
                 {"admitted", 8},
                 {"Redis", 8},
                 {"in doubt", 8},
                 {"bound", 8},
                 {"told", 5},
                 {"over", 5},
                 {"local", 8},
                 {"503/allow", 9},
                 {"back ms", 7},
                 {"exact", 9},
                 {"lost", 5},
                 {"RSS MB", 6},
                 {"", -6}}};
    // Every kind of limit and number of Weirs, with and without restarts, as often as there is time for: one with restarts
    // and one without behind each other, the plain one first.
    const std::chrono::seconds stretch = std::clamp(time / 12, 15s, 150s);
    const auto until = steady_clock::now() + time;
    for (std::size_t n = 0; steady_clock::now() < until; ++n) {
        const LimitSetup::Kind kind = kLimitKinds[n % std::size(kLimitKinds)];
        const std::size_t instances = n / 3 % 2 == 0 ? 3 : 1;
        const bool isPlain = n < 3; // as most are, whatever the seed
        const limit::Algorithm algorithm = isPlain ? limit::Algorithm::TokenBucket : randomAlgorithm(random);
        const char *policy = isPlain || random.oneIn(2) ? "local" : random.oneIn(2) ? "reject" : "allow";
        const auto left = std::chrono::ceil<std::chrono::seconds>(until - steady_clock::now());
        soak({kind, specOf(algorithm)}, instances, policy, (n + n / 6) % 2 == 0, std::min(stretch, left), random,
             table);
    }
    return table.conclude("random");
}
