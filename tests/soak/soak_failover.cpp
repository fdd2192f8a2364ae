// SPDX-License-Identifier: GPL-3.0-only
// Three sentinels, a master and two replicas: the master is killed under load, again and again; every second time
// with writes that no replica has got. For each kind of limit, with one Weir and with three, one of which ends and begins
// again before each failover but the first.
// usage: soak_failover [HOW OFTEN for each]
#include <QCoreApplication>
#include <QTest>

#include "tests/soak/fault_case.h"
#include "tests/support/sentinel_group.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr int kPatienceMs = 60'000;

/// The Weirs of one configuration, their clients and the group; everything is counted from the start on.
struct Run {
    SentinelGroup &group;
    Fleet fleet{};
    std::unique_ptr<StallMeter> stall{std::make_unique<StallMeter>()}; ///< since the last line
    std::int64_t lost{0}; ///< tokens: writes that Weir had an answer to and the new master did not know
    std::int64_t statesLost{0};

    std::optional<std::size_t> promoted{}; ///< by the last failover

    [[nodiscard]] std::string name() const { return fleet.plan().setup.name() + ", " + text(fleet.size()); }
};

bool start(Run &run, LimitSetup::Kind kind, std::size_t instances)
{
    FleetPlan plan;
    plan.setup = {kind, kSoakSpec};
    plan.instances = instances;
    plan.redis = run.group.url();
    plan.clients = instances == 1 ? 4 : 2;
    plan.threads = instances == 1 ? 2 : 1;
    constexpr std::int64_t kRefusals = 200; // the level is known, and the bucket empty
    return run.fleet.start(std::move(plan)) && run.fleet.waitUntilCounted() && run.fleet.waitForRefusals(kRefusals);
}

/// Of the buckets that refuse.
std::int64_t takenAt(const Fleet &fleet, RedisServer &node)
{
    std::int64_t taken = 0;
    for (const LimitSetup::Bucket &bucket : fleet.plan().setup.buckets())
        taken += bucket.isLooser ? 0 : readBooks(node, bucket.key).taken;
    return taken;
}

/// What a killed master had confirmed and its best replica has not. The replicas stand still until one is promoted.
std::int64_t lostWrites(Run &run, std::size_t killed, std::int64_t confirmed)
{
    std::int64_t most = 0;
    for (std::size_t i = 0; i < 3; ++i)
        if (i != killed)
            most = std::max(most, takenAt(run.fleet, run.group.node(i)));
    return std::max<std::int64_t>(0, confirmed - most);
}

/// When a replica had become master, when the first sentinel named it, and when the last one did.
struct Milestones {
    steady_clock::time_point promoted, named, known;
};

std::optional<Milestones> waitForFailover(Run &run, std::size_t killed)
{
    const auto isMaster = [&run](std::size_t i) {
        return run.group.node(i).command({"ROLE"}).items.value(0).text == "master";
    };
    const auto names = [&run, killed](std::size_t sentinel) {
        const std::size_t named = run.group.master(sentinel);
        return named != killed && named < 3;
    };
    const auto wait = [](const std::function<bool()> &condition) -> std::optional<steady_clock::time_point> {
        return QTest::qWaitFor(condition, kPatienceMs) ? std::optional{steady_clock::now()} : std::nullopt;
    };
    const auto promoted = wait(
        [&] { return (killed != 0 && isMaster(0)) || (killed != 1 && isMaster(1)) || (killed != 2 && isMaster(2)); });
    const auto named = wait([&] { return names(0) || names(1) || names(2); });
    const auto known = wait([&] { return names(0) && names(1) && names(2); });
    return promoted && named && known ? std::optional{Milestones{*promoted, *named, *known}} : std::nullopt;
}

// The replicas hang, cut off, while the master takes writes; they come to life when it is dead. Too short for a
// sentinel to find them missing.
void killAheadOfReplicas(Run &run, std::size_t master)
{
    const auto replicas = [&run, master](void (RedisServer::*what)()) {
        for (std::size_t i = 0; i < 3; ++i)
            if (i != master)
                (run.group.node(i).*what)();
    };
    replicas(&RedisServer::pause);
    run.group.node(master).command({"CLIENT", "KILL", "TYPE", "replica"});
    Stage::wait(500ms);
    run.group.node(master).kill();
    replicas(&RedisServer::resume);
}

void failOver(Run &run, int number, Table &table)
{
    const std::vector<std::string> head{run.name(), text(number)};
    if (!run.group.isWhole(kPatienceMs))
        return table.add(head, {"the group does not become whole"});
    const std::size_t old = run.group.master();
    // Sentinels replace a master that lives, too, when the machine stands still: nothing of this round.
    if (run.promoted && *run.promoted != old)
        std::puts("    (meanwhile the sentinels have replaced a master that lived)");
    if (number > 1)
        run.fleet.restart(static_cast<std::size_t>(number) % run.fleet.size(),
                          number % 2 == 0 ? Fleet::End::Terminated : Fleet::End::Killed);
    run.fleet.forgetLongest();
    run.stall = std::make_unique<StallMeter>();
    if (!run.fleet.rest(true) || !run.fleet.waitForStore())
        return table.add(head, {"a client still waits for its answer"});
    const Seen before = run.fleet.seen();
    const std::int64_t takenBefore = takenAt(run.fleet, run.group.node(old));
    (void)run.fleet.rest(false);
    Stage::wait(300ms);
    const bool losesWrites = number % 2 == 0;
    if (losesWrites)
        killAheadOfReplicas(run, old);
    else
        run.group.node(old).kill();
    const auto killedAt = steady_clock::now();
    Stage::wait(300ms); // the last answers of the old master have come
    const Seen atDeath = run.fleet.seen();
    const std::int64_t byStore = (atDeath.admitted - atDeath.localAdmitted) - (before.admitted - before.localAdmitted);
    const std::int64_t lost = lostWrites(run, old, takenBefore + byStore);
    run.lost += lost;
    const auto done = waitForFailover(run, old);
    if (!done)
        return table.add(head, {"the sentinels promote nobody"});
    const bool isBack = run.fleet.waitForStore();
    const auto backAt = std::max(run.fleet.seen().lastWithout, done->promoted);
    Stage::wait(1s);
    const limit::Tokens over = run.fleet.over();
    const Seen seen = run.fleet.seen();
    const Shown shown = run.fleet.shown();
    run.promoted = run.group.master();
    const limit::Tokens told = run.fleet.size() > 1 ? shown.excess : 0;
    std::vector<std::string> broken;
    // Before a sentinel names it, nobody can know of the new master.
    if (!isBack || backAt - done->named > kPromisedReturn + marginFor(*run.stall))
        broken.push_back("the store decided again later than " + text((kPromisedReturn + marginFor(*run.stall)).count())
                         + " ms after a sentinel named the new master");
    if (seen.unanswered + seen.notConnected + seen.odd > before.unanswered + before.notConnected + before.odd)
        broken.emplace_back("requests without a proper answer");
    if (seen.longest > kPromisedAnswer + marginFor(*run.stall))
        broken.push_back("an answer took longer than " + text((kPromisedAnswer + marginFor(*run.stall)).count())
                         + " ms");
    if (losesWrites && lost == 0)
        broken.emplace_back("no write was lost, so nothing is shown by this");
    if (losesWrites && shown.statesLost == run.statesLost)
        broken.emplace_back("the lost state was not counted");
    if (over > run.lost + told)
        broken.emplace_back("more were admitted too many than writes were lost and told");
    table.add({run.name(),
               text(number),
               text((done->promoted - killedAt) / 1ms),
               text((done->named - killedAt) / 1ms),
               text((done->known - killedAt) / 1ms),
               text((backAt - killedAt) / 1ms),
               text((backAt - done->named) / 1ms),
               text(seen.requests() - before.requests()),
               text(seen.unanswered + seen.notConnected),
               text(seen.longest / 1ms),
               text(run.stall->longest() / 1ms),
               text(seen.local - before.local),
               text(seen.rejected - before.rejected),
               text(lost),
               text(shown.statesLost - run.statesLost),
               text(seen.admitted),
               text(run.fleet.most()),
               text(told),
               text(over),
               broken.empty() ? "ok" : "BROKEN"},
              broken);
    run.statesLost = shown.statesLost;
    run.group.restart(old);
}

void concludeCounts(Run &run, Table &table)
{
    std::vector<std::string> broken;
    if (!run.group.isWhole(kPatienceMs))
        broken.emplace_back("the group does not become whole");
    run.fleet.stop();
    const Seen seen = run.fleet.seen();
    const Shown shown = run.fleet.shown();
    run.fleet.judgeCounts(broken);
    const std::int64_t taken = run.fleet.judgeBooks(run.group.node(run.group.master()), shown, broken);
    std::printf(
        "    clients admitted %lld, Weir %lld, Redis took %lld (in doubt %lld); lost writes %lld, excess told %lld\n",
        static_cast<long long>(seen.admitted), static_cast<long long>(shown.admitted), static_cast<long long>(taken),
        static_cast<long long>(shown.inDoubt), static_cast<long long>(run.lost), static_cast<long long>(shown.excess));
    table.add({run.name(), broken.empty() ? "counts are equal" : "counts differ"}, broken);
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application{argc, argv};
    const int times = argc > 1 ? std::max(1, QCoreApplication::arguments().at(1).toInt()) : 8;
    SentinelGroup group;
    if (!group.start()) {
        std::puts("failover: the group does not start");
        return 1;
    }
    std::puts("milliseconds from the kill; \"after\": from when the first sentinel named the new master");
    Table table{{{"limits, Weirs", -13},
                 {"#", -3},
                 {"promoted", 8},
                 {"named", 6},
                 {"by all", 6},
                 {"back", 6},
                 {"after", 6},
                 {"requests", 8},
                 {"unansw", 6},
                 {"longest", 7},
                 {"stall", 5},
                 {"local", 6},
                 {"503", 5},
                 {"lost writes", 11},
                 {"lost seen", 9},
                 {"admitted", 8},
                 {"bound", 7},
                 {"told", 5},
                 {"over", 4},
                 {"", -6}}};
    for (const LimitSetup::Kind kind : kLimitKinds)
        for (const std::size_t instances : {1U, 3U}) {
            if (!group.isWhole(kPatienceMs))
                return table.add({"the group"}, {"does not become whole"}), table.conclude("failover");
            group.node(group.master()).command({"FLUSHALL"});
            Run run{.group = group};
            if (!start(run, kind, instances)) {
                table.add({run.name()}, {"a Weir does not start, or its clients do not empty the buckets"});
                continue;
            }
            for (int i = 1; i <= times; ++i)
                failOver(run, i, table);
            concludeCounts(run, table);
        }
    return table.conclude("failover");
}
