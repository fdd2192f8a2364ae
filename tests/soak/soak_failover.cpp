// SPDX-License-Identifier: GPL-3.0-only
// Three sentinels, a master and two replicas: the master is killed under load, again and again; every second time
// with writes that no replica has got.
// usage: soak_failover [HOW OFTEN]
#include <QCoreApplication>
#include <QTest>

#include "tests/soak/fault_case.h"
#include "tests/support/sentinel_group.h"

using namespace weir::test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr int kPatienceMs = 60'000;
constexpr int kClients = 4;
constexpr auto kPause = 1ms;

std::string text(std::int64_t number)
{
    return std::to_string(number);
}

/// One Weir, its clients and the group; everything is counted from the start on.
struct Run {
    std::unique_ptr<StallMeter> stall{std::make_unique<StallMeter>()}; ///< since the last line
    SentinelGroup group;
    SoakedWeir weir;
    std::unique_ptr<Load> load;
    std::int64_t first{0}; ///< interval
    std::int64_t lost{0};  ///< tokens: writes that Weir had an answer to and the new master did not know
    std::int64_t statesLost{0};

    std::optional<std::size_t> promoted; ///< by the last failover

    [[nodiscard]] std::int64_t over() const { return std::max<std::int64_t>(0, load->seen().admitted - most()); }
    [[nodiscard]] std::int64_t most() const { return kSoakSpec.capacity + kSoakSpec.refill * (intervalNow() - first); }
};

bool start(Run &run)
{
    if (!run.group.start())
        return false;
    run.first = intervalNow();
    if (!run.weir.start(words("serve --threads 2 --redis") + QStringList{run.group.url()} + soakLimit()))
        return false;
    run.load = std::make_unique<Load>(run.weir.port(), kClients, kPause);
    return QTest::qWaitFor([&run] { return run.load->seen().refused > 500; }, kPatienceMs);
}

std::int64_t takenAt(RedisServer &node)
{
    return readBooks(node).taken;
}

/// What a killed master had confirmed and its best replica has not. The replicas stand still until one is promoted.
std::int64_t lostWrites(Run &run, std::size_t killed, std::int64_t confirmed)
{
    std::int64_t most = 0;
    for (std::size_t i = 0; i < 3; ++i)
        if (i != killed)
            most = std::max(most, takenAt(run.group.node(i)));
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

/// What the store had granted: clients' answers by the store, what was settled, and what was found taken of the tokens in doubt.
std::int64_t confirmedBy(const Seen &seen, const Seen &before, const Shown &shown)
{
    return before.admitted + shown.foundTaken + (seen.admitted - seen.localAdmitted)
           - (before.admitted - before.localAdmitted);
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
    if (!run.group.isWhole(kPatienceMs))
        return table.add({text(number)}, {"the group does not become whole"});
    const std::size_t old = run.group.master();
    // Sentinels replace a master that lives, too, when the machine stands still: nothing of this round.
    if (run.promoted && *run.promoted != old)
        std::puts("    (meanwhile the sentinels have replaced a master that lived)");
    const std::int64_t overBefore = run.over();
    run.load->forgetLongest();
    run.stall = std::make_unique<StallMeter>();
    const Shown shownBefore = run.weir.shown();
    const Seen before = run.load->seen(); // nothing is open: the store decides
    const bool losesWrites = number % 2 == 0;
    if (losesWrites)
        killAheadOfReplicas(run, old);
    else
        run.group.node(old).kill();
    const auto killedAt = steady_clock::now();
    Stage::wait(300ms); // the last answers of the old master have come
    const std::int64_t lost = lostWrites(run, old, confirmedBy(run.load->seen(), before, shownBefore));
    run.lost += lost;
    const auto done = waitForFailover(run, old);
    if (!done)
        return table.add({text(number)}, {"the sentinels promote nobody"});
    const bool isBack = QTest::qWaitFor([&run] { return run.weir.shown().isFromStore; }, kPatienceMs);
    const auto backAt = std::max(run.load->seen().lastWithout, done->promoted);
    Stage::wait(1s);
    const Seen seen = run.load->seen();
    const Shown shown = run.weir.shown();
    const std::int64_t most = run.most(), over = std::max<std::int64_t>(0, run.over() - overBefore);
    run.promoted = run.group.master();
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
    if (over > lost)
        broken.emplace_back("more were admitted too many than writes were lost");
    table.add({text(number), text((done->promoted - killedAt) / 1ms), text((done->named - killedAt) / 1ms),
               text((done->known - killedAt) / 1ms), text((backAt - killedAt) / 1ms),
               text((backAt - done->named) / 1ms), text(seen.requests() - before.requests()),
               text(seen.unanswered + seen.notConnected), text(seen.longest / 1ms), text(run.stall->longest() / 1ms),
               text(seen.local - before.local), text(seen.rejected - before.rejected), text(lost),
               text(shown.statesLost - run.statesLost), text(seen.admitted), text(most), text(over),
               broken.empty() ? "ok" : "BROKEN"},
              broken);
    run.statesLost = shown.statesLost;
    run.group.restart(old);
}

void concludeCounts(Run &run, Table &table)
{
    const bool isWhole = run.group.isWhole(kPatienceMs);
    const Seen seen = run.load->stop();
    const Shown shown = run.weir.shown();
    const Books books = readBooks(run.group.node(run.group.master()));
    std::vector<std::string> broken;
    if (!isWhole)
        broken.emplace_back("the group does not become whole");
    if (shown.admitted != seen.admitted || shown.refused != seen.refused || shown.undecided != seen.rejected)
        broken.emplace_back("clients and Weir count differently");
    if (!books.isThere || books.taken < seen.admitted || books.taken > seen.admitted + shown.inDoubt)
        broken.push_back("Redis has taken " + text(books.taken));
    std::printf(
        "clients admitted %lld, Weir %lld, Redis took %lld (in doubt %lld); lost writes %lld, excess told %lld\n",
        static_cast<long long>(seen.admitted), static_cast<long long>(shown.admitted),
        static_cast<long long>(books.taken), static_cast<long long>(shown.inDoubt), static_cast<long long>(run.lost),
        static_cast<long long>(shown.excess));
    table.add({"counts", broken.empty() ? "equal" : "differ"}, broken);
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application{argc, argv};
    const int times = argc > 1 ? std::max(1, QCoreApplication::arguments().at(1).toInt()) : 10;
    Run run;
    if (!start(run)) {
        std::puts("failover: the group or Weir does not start");
        return 1;
    }
    std::printf("once warm: longest answer %lld ms, the machine stood still %lld ms\n",
                static_cast<long long>(run.load->seen().longest / 1ms),
                static_cast<long long>(run.stall->longest() / 1ms));
    std::puts("milliseconds from the kill; \"after\": from when the first sentinel named the new master");
    Table table{{{"#", -6},
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
                 {"over", 4},
                 {"", -6}}};
    for (int i = 1; i <= times; ++i)
        failOver(run, i, table);
    concludeCounts(run, table);
    return table.conclude("failover");
}
