// SPDX-License-Identifier: GPL-3.0-only
// One to eight Weirs on one store, started, killed, ended and stopped at random, for each kind of limit: while Redis is well,
// and with outages.
// usage: soak_instances [SECONDS]; WEIR_TEST_SEED
//
// What is exact while Redis is well, whoever dies when, in every bucket:
//   the bucket    tokens = capacity + refilled - taken, and taken = admitted, as every request costs 1
//   refills       refilled grew by refill x the intervals that have passed, never more, never less
//   clients       what Redis admitted and no client got is at most what was under way: requests whose answer was lost
//                 by a kill, and 503s for takes whose answer came too late
// With outages: what clients were given is at most capacity + refills and the excess that was told.
#include <QCoreApplication>
#include <QTest>

#include <csignal>
#include <map>

#include "tests/soak/fault_case.h"
#include "tests/soak/faults.h"
#include "tests/support/seed.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t kMost = 8, kMostInOutages = 4;

struct Tallies {
    int started{0}, killed{0}, ended{0}, paused{0}, outages{0};
    std::size_t most{1};
    std::int64_t struck{0}; ///< requests that a kill left without an answer
    Broken broken;
};

class Herd {
public:
    bool begin(LimitSetup::Kind kind, std::size_t instances, bool hasOutages)
    {
        m_hasOutages = hasOutages;
        FleetPlan plan;
        plan.setup = {kind, kSoakSpec};
        plan.instances = instances;
        plan.policy = hasOutages ? "local" : "reject";
        plan.redis = m_stage.redis.url();
        plan.threads = 1;
        plan.clients = 2;
        plan.pause = 2ms;
        m_tallies.started += static_cast<int>(instances);
        return m_stage.redis.start() && fleet().start(plan) && fleet().waitUntilCounted()
               && fleet().waitForRefusals(200);
    }
    void step(Random &random)
    {
        wakeSleepers();
        const auto who = static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(fleet().size()) - 1));
        const std::int64_t what = random.between(0, 9);
        const std::size_t most = m_hasOutages ? kMostInOutages : kMost;
        if (what <= 3 && fleet().size() < most)
            add();
        else if (what >= 4 && what <= 5 && fleet().size() > 1)
            kill(who);
        else if (what >= 6 && what <= 7 && fleet().size() > 1)
            end(who);
        else if (what >= 8 && m_hasOutages)
            sufferOutage(random);
        else if (what >= 8 && m_sleepers.count(&fleet().weir(who)) == 0)
            pause(who, std::chrono::milliseconds{random.between(50, 1500)});
        m_tallies.most = std::max(m_tallies.most, fleet().size());
        Stage::wait(std::chrono::milliseconds{random.between(20, 600)});
    }
    /// Nobody sleeps, nobody asks: everything that was asked has its answer.
    void conclude()
    {
        while (!m_sleepers.empty()) {
            wakeSleepers();
            Stage::wait(20ms);
        }
        while (fleet().size() > 0)
            end(fleet().size() - 1);
    }
    [[nodiscard]] RedisServer &redis() { return m_stage.redis; }
    [[nodiscard]] Fleet &fleet() { return m_stage.fleet; }
    [[nodiscard]] Tallies &tallies() { return m_tallies; }

private:
    void add()
    {
        ++m_tallies.started;
        if (!fleet().add())
            m_tallies.broken.emplace_back("an instance does not start");
    }
    // In outages what it has decided by itself must have been settled: nobody else knows of it.
    void kill(std::size_t who)
    {
        ++m_tallies.killed;
        wake(who);
        if (m_hasOutages)
            return fleet().remove(who, Fleet::End::Killed);
        const std::int64_t before = fleet().seen().unanswered;
        fleet().strike(who);
        m_tallies.struck += fleet().seen().unanswered - before;
    }
    void end(std::size_t who)
    {
        ++m_tallies.ended;
        wake(who);
        fleet().remove(who, Fleet::End::Terminated);
    }
    void sufferOutage(Random &random)
    {
        ++m_tallies.outages;
        const std::chrono::milliseconds time{random.between(100, 1500)};
        const bool isDone = random.oneIn(3) ? faults::dieAndReturn(m_stage, time) : faults::hang(m_stage, time);
        if (!isDone || !fleet().waitForStore())
            m_tallies.broken.emplace_back("the store does not decide again");
    }
    void pause(std::size_t who, std::chrono::milliseconds time)
    {
        ++m_tallies.paused;
        fleet().weir(who).process().signal(SIGSTOP);
        m_sleepers[&fleet().weir(who)] = steady_clock::now() + time;
    }
    void wake(std::size_t who)
    {
        if (m_sleepers.erase(&fleet().weir(who)) > 0)
            fleet().weir(who).process().signal(SIGCONT);
    }
    void wakeSleepers()
    {
        for (std::size_t who = 0; who < fleet().size(); ++who)
            if (const auto it = m_sleepers.find(&fleet().weir(who));
                it != m_sleepers.end() && it->second <= steady_clock::now())
                wake(who);
    }

    Stage m_stage;
    bool m_hasOutages{false};
    std::map<SoakedWeir *, steady_clock::time_point> m_sleepers; ///< until when
    Tallies m_tallies;
};

/// Of one bucket, from the clients' first request to their last.
void judgeExactly(const LimitSetup::Bucket &bucket, const Seen &seen, const Books &before, const Books &after,
                  Broken &broken)
{
    const std::string name = bucket.key.toStdString() + ": ";
    if (after.tokens != bucket.spec.capacity + after.refilled - after.taken || after.taken != after.admitted)
        broken.push_back(name + "the books do not add up: " + text(after.tokens) + " tokens, " + text(after.refilled)
                         + " refilled, " + text(after.taken) + " taken, " + text(after.admitted) + " admitted");
    const limit::Tokens due = bucket.spec.refill * (after.interval - before.interval);
    if (!bucket.isLooser && after.refilled - before.refilled != due) // the looser one is full at times
        broken.push_back(name + "refilled " + text(after.refilled - before.refilled) + " where " + text(due)
                         + " were due");
    const std::int64_t missing = after.admitted - seen.admitted;
    if (missing < 0 || missing > seen.unanswered + seen.rejected)
        broken.push_back(name + "Redis admitted " + text(after.admitted) + ", the clients were told of "
                         + text(seen.admitted));
}

void runHerd(LimitSetup::Kind kind, std::size_t instances, bool hasOutages, std::chrono::seconds time, Random &random,
             Table &table)
{
    const LimitSetup setup{kind, kSoakSpec};
    const std::string name = setup.name() + (hasOutages ? ", outages" : "");
    Herd herd;
    if (!herd.begin(kind, instances, hasOutages))
        return table.add({name}, {"Redis or Weir does not start, or the clients do not empty the buckets"});
    std::vector<Books> before;
    for (const LimitSetup::Bucket &bucket : setup.buckets())
        before.push_back(readBooks(herd.redis(), bucket.key));
    for (const auto until = steady_clock::now() + time; steady_clock::now() < until;)
        herd.step(random);
    herd.conclude();
    Fleet &fleet = herd.fleet();
    Tallies &tallies = herd.tallies();
    Broken &broken = tallies.broken;
    const Seen seen = fleet.seen();
    const Shown shown = fleet.shown();
    const limit::Tokens debt = fleet.debt(herd.redis()), over = std::max<limit::Tokens>(0, fleet.over() - debt);
    std::int64_t byRedis = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
        const LimitSetup::Bucket bucket = setup.buckets()[i];
        const Books after = readBooks(herd.redis(), bucket.key);
        byRedis += bucket.isLooser ? 0 : after.admitted;
        if (!hasOutages)
            judgeExactly(bucket, fleet.seenOf(bucket.group), before[i], after, broken);
    }
    fleet.judgeCounts(broken);
    if (hasOutages)
        fleet.judgeBooks(herd.redis(), shown, broken);
    if (const limit::Tokens told = hasOutages ? shown.excess : 0; over > told)
        broken.push_back(text(over) + " admitted too many, told were " + text(told));
    if (seen.unanswered > tallies.struck || seen.odd > 0)
        broken.push_back(text(seen.unanswered - tallies.struck) + " requests unanswered by Weirs that live, "
                         + text(seen.odd) + " odd answers");
    table.add({name, text(time.count()), text(tallies.started), text(tallies.killed), text(tallies.ended),
               text(tallies.paused), text(tallies.outages), text(tallies.most), text(seen.requests()),
               text(seen.admitted), text(fleet.most()), text(shown.excess), text(over), text(byRedis),
               text(seen.unanswered), text(seen.rejected), broken.empty() ? "ok" : "BROKEN"},
              broken);
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application{argc, argv};
    const std::chrono::seconds time{argc > 1 ? std::max(6, QCoreApplication::arguments().at(1).toInt()) : 150};
    Random random;
    Table table{{{"limits", -16},
                 {"seconds", 7},
                 {"started", 7},
                 {"killed", 6},
                 {"ended", 5},
                 {"paused", 6},
                 {"outages", 7},
                 {"most", 4},
                 {"requests", 8},
                 {"admitted", 8},
                 {"bound", 8},
                 {"told", 5},
                 {"over", 5},
                 {"by Redis", 8},
                 {"answers lost", 12},
                 {"503", 5},
                 {"", -6}}};
    for (const LimitSetup::Kind kind : kLimitKinds) {
        runHerd(kind, 1, false, time / 6, random, table);
        runHerd(kind, 3, true, time / 6, random, table);
    }
    return table.conclude("instances");
}
