// SPDX-License-Identifier: GPL-3.0-only
#include "tests/soak/fault_case.h"

#include <QTest>

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr int kClients = 4;             // of a single Weir; each of several has half of them
constexpr std::int64_t kRefusals = 200; // the level is known, and the bucket empty
constexpr std::int64_t kWarm = 100;     // admitted: the level is known, and the bucket not empty
constexpr auto kAfterwards = 400ms;

std::int64_t millis(steady_clock::duration time)
{
    return time / 1ms;
}

/// Everything that was seen of one case.
struct Found {
    Seen seen;
    Shown shown;
    std::int64_t taken{0}; ///< in Redis
    limit::Tokens most{0}, over{0};
    Broken broken;
    std::chrono::milliseconds margin{0};
    std::chrono::microseconds stall{0};
    /// The longest from a return of the store to the last answer before it decided again; nothing: it never did.
    std::optional<steady_clock::duration> back{steady_clock::duration{}};
};

void judgeAnswers(const FaultCase &each, const Found &found, Broken &broken)
{
    const Seen &seen = found.seen;
    if (seen.unanswered + seen.notConnected > 0)
        broken.push_back(text(seen.unanswered) + " requests unanswered, " + text(seen.notConnected)
                         + " connections refused");
    if (seen.odd > 0)
        broken.push_back(text(seen.odd) + " answers of an unexpected status");
    if (seen.longest > kPromisedAnswer + found.margin)
        broken.push_back("an answer took longer than " + text((kPromisedAnswer + found.margin).count()) + " ms");
    if (!found.back)
        broken.emplace_back("the store did not decide again within 20 s");
    else if (*found.back > kPromisedReturn + found.margin)
        broken.push_back("the store decided again later than " + text((kPromisedReturn + found.margin).count())
                         + " ms after its return");
    using Without = FaultCase::Without;
    if (each.without == Without::Never
        && (found.shown.outages > static_cast<std::int64_t>(each.instances) || seen.without() * 10 > seen.answers()))
        broken.push_back(text(seen.without()) + " decisions without a store that was there");
    if (each.without == Without::Some && seen.without() == 0)
        broken.emplace_back("the fault had no effect");
    if (each.without == Without::Rejects && seen.rejected == 0)
        broken.emplace_back("nobody was told that a person has to look");
}

void judgeTokens(const FaultCase &each, const Found &found, Broken &broken)
{
    const bool isAlone = each.instances == 1;
    // What several take too much is told. Where all know of each other it is no more than one that is back can take
    // of what another has spent, until that one is back as well.
    limit::Tokens excused = isAlone ? 0 : found.shown.excess;
    if (each.cap > 0 && found.back)
        excused = std::min(excused,
                           static_cast<limit::Tokens>(each.rate * std::chrono::duration<double>(*found.back).count()));
    if (found.over > excused)
        broken.push_back(text(found.over) + " admitted too many, excused are " + text(excused));
    // A take that comes late, after its outage was settled, looks like somebody else's: an excess that is none.
    if (isAlone && found.shown.excess > found.shown.inDoubt)
        broken.push_back("a single instance finds an excess of " + text(found.shown.excess));
    if (each.forgets && found.shown.statesLost == 0)
        broken.emplace_back("the lost state was not counted");
    if (each.cap > 0 && found.taken < each.cap)
        broken.push_back("at the end " + text(found.taken) + " tokens of " + text(each.cap) + " are taken");
}

void tell(const FaultCase &each, const std::vector<std::string> &head, Found &found, Table &table)
{
    Broken &broken = found.broken;
    judgeAnswers(each, found, broken);
    const Seen &seen = found.seen;
    std::vector<std::string> values = head;
    for (const std::string &value :
         {text(seen.requests()), text(seen.unanswered + seen.notConnected), text(millis(seen.longest)),
          text(seen.quantile(0.999)), text(millis(found.stall)), text(seen.admitted), text(found.most),
          text(found.shown.excess), text(found.over), text(seen.local), text(seen.rejected + seen.allowed),
          found.back ? text(millis(*found.back)) : "-", text(found.shown.inDoubt), text(found.taken - seen.admitted),
          text(found.shown.exactReturns) + "/" + text(found.shown.outages), text(found.shown.statesLost),
          std::string{broken.empty() ? "ok" : "BROKEN"}})
        values.push_back(value);
    table.add(values, broken);
}

FleetPlan planOf(const FaultCase &each, LimitSetup::Kind kind, Stage &stage)
{
    FleetPlan plan;
    plan.setup = {kind, each.cap > 0 ? cappedAt(each.cap) : kSoakSpec};
    plan.instances = each.instances;
    plan.policy = each.policy;
    if (!each.isPrivate)
        plan.redis = each.url ? each.url(stage) : stage.proxy ? stage.proxy->url() : stage.redis.url();
    plan.clients = each.instances == 1 ? kClients : kClients / 2;
    plan.threads = each.instances == 1 ? 2 : 1;
    plan.rate = each.rate / static_cast<double>(each.instances);
    return plan;
}

/// What of it went wrong; nothing: it is ready for the fault.
std::optional<std::string> begin(const FaultCase &each, LimitSetup::Kind kind, Stage &stage)
{
    if (!each.isPrivate && !stage.redis.start(each.redisArguments))
        return "redis-server does not start";
    if (each.isProxied)
        stage.proxy = std::make_unique<ChaosProxy>(stage.redis.socketPath());
    if (each.prepare && !each.prepare(stage))
        return "the case could not be prepared";
    if (!stage.fleet.start(planOf(each, kind, stage)))
        return "Weir does not start: " + stage.fleet.weir(stage.fleet.size() - 1).process().errors().toStdString();
    // Meanwhile what is not refilled must not be used up.
    if (!stage.fleet.rest(each.cap > 0) || (each.instances > 1 && !stage.fleet.waitUntilCounted())
        || !stage.fleet.rest(false))
        return "the instances do not know of each other";
    const bool isWarm = each.cap == 0 ? stage.fleet.waitForRefusals(kRefusals)
                                      : QTest::qWaitFor([&] { return stage.fleet.seen().admitted >= kWarm; });
    return isWarm ? std::nullopt : std::optional<std::string>{"the clients do not begin to empty the buckets"};
}

/// Until what is left is taken. False: it never is.
bool drain(Fleet &fleet)
{
    std::int64_t most = 0;
    for (std::size_t group = 0; group < fleet.plan().setup.groups(); ++group)
        most = std::max(most, fleet.seenOf(group).refused);
    return fleet.waitForRefusals(most + kRefusals);
}

/// The fault, again and again; false: it could not be made.
bool suffer(const FaultCase &each, Stage &stage, Found &found)
{
    Fleet &fleet = stage.fleet;
    for (std::size_t round = 0; round <= each.ends.size(); ++round) {
        if (round > 0)
            fleet.restart(round % fleet.size(), each.ends[round - 1]);
        if (!each.fault(stage))
            return false;
        const auto backAt = steady_clock::now();
        if (!fleet.waitForStore())
            found.back.reset();
        if (found.back)
            found.back = std::max(*found.back, std::max(fleet.seen().lastWithout, backAt) - backAt);
        Stage::wait(kAfterwards);
    }
    return true;
}

} // namespace

std::chrono::milliseconds marginFor(const StallMeter &stall)
{
    return kMargin + std::chrono::ceil<std::chrono::milliseconds>(2 * stall.longest());
}

void Stage::wait(std::chrono::milliseconds time)
{
    QTest::qWait(static_cast<int>(time.count()));
}

bool isAsked(const std::string &name, const QStringList &asked)
{
    for (const QString &part : asked)
        if (QString::fromStdString(name).contains(part, Qt::CaseInsensitive))
            return true;
    return asked.isEmpty();
}

std::vector<Table::Column> faultColumns()
{
    return {{"fault", -44},  {"limits", -7}, {"Weirs", 5}, {"requests", 8},  {"unansw", 6},
            {"longest", 7},  {"p99.9", 5},   {"stall", 5}, {"admitted", 8},  {"bound", 7},
            {"told", 5},     {"over", 4},    {"local", 7}, {"503/allow", 9}, {"back ms", 7},
            {"in doubt", 8}, {"taken", 5},   {"exact", 6}, {"lost", 4},      {"", -6}};
}

void runCase(const FaultCase &each, LimitSetup::Kind kind, Table &table)
{
    Stage stage;
    const std::vector<std::string> head{each.name, LimitSetup{kind, kSoakSpec}.name(), text(each.instances)};
    if (const auto problem = begin(each, kind, stage))
        return table.add(head, {*problem});
    Fleet &fleet = stage.fleet;
    StallMeter stall;
    Found found;
    if (!suffer(each, stage, found))
        return table.add(head, {"the fault could not be made"});
    if (each.cap > 0 && !drain(fleet))
        found.broken.emplace_back("the buckets are never empty");
    fleet.stop();
    found.seen = fleet.seen();
    RedisClient own{fleet.dataDir() + QStringLiteral("/redis/redis.sock")};
    RedisClient &redis = each.isPrivate ? own : stage.redis;
    const limit::Tokens debt = each.cap > 0 ? 0 : fleet.debt(redis); // of what no refill pays nothing may be owed
    found.over = std::max<limit::Tokens>(0, fleet.over() - debt);
    found.most = fleet.most();
    found.shown = fleet.shown();
    found.taken = fleet.judgeBooks(redis, found.shown, found.broken);
    fleet.judgeCounts(found.broken);
    found.margin = marginFor(stall);
    found.stall = stall.longest();
    judgeTokens(each, found, found.broken);
    tell(each, head, found, table);
}

} // namespace weir::test
