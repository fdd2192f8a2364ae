// SPDX-License-Identifier: GPL-3.0-only
#include "tests/soak/fault_case.h"

#include <QTest>

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr int kClients = 4;
constexpr auto kPause = 1ms;
constexpr int kPatienceMs = 20'000;
constexpr std::int64_t kWarmRefusals = 500; // the level is known, and the bucket empty
constexpr auto kAfterwards = 1s;

std::string text(std::int64_t number)
{
    return std::to_string(number);
}

std::int64_t millis(steady_clock::duration time)
{
    return time / 1ms;
}

/// Everything that was seen of one case.
struct Found {
    Seen seen;
    Shown shown;
    Books books;
    std::int64_t most{0}; ///< that may be admitted: capacity + refills
    std::chrono::milliseconds margin{0};
    std::chrono::microseconds stall{0};
    std::optional<steady_clock::duration> back; ///< from the store's return to the last answer before it decided again
};

using Broken = std::vector<std::string>;

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
    if (each.without == Without::Never && (found.shown.outages > 1 || seen.without() * 10 > seen.answers()))
        broken.push_back(text(seen.without()) + " decisions without a store that was there");
    if (each.without == Without::Some && seen.without() == 0)
        broken.emplace_back("the fault had no effect");
    if (each.without == Without::Rejects && seen.rejected == 0)
        broken.emplace_back("nobody was told that a person has to look");
}

void judgeTokens(const FaultCase &each, const Found &found, Broken &broken)
{
    if (found.seen.admitted > found.most)
        broken.push_back(text(found.seen.admitted - found.most) + " admitted too many");
    // A take that comes late, after its outage was settled, looks like somebody else's: an excess that is none.
    if (found.shown.excess > found.shown.inDoubt)
        broken.push_back("a single instance finds an excess of " + text(found.shown.excess));
    if (each.forgets && found.shown.statesLost == 0)
        broken.emplace_back("the lost state was not counted");
}

void judgeCounts(const Found &found, Broken &broken)
{
    const Seen &seen = found.seen;
    const Shown &shown = found.shown;
    if (shown.admitted != seen.admitted || shown.refused != seen.refused
        || shown.undecided != seen.rejected + seen.allowed || shown.local != seen.local)
        broken.push_back("clients and Weir count differently: " + text(seen.admitted) + "/" + text(seen.refused) + "/"
                         + text(seen.rejected + seen.allowed) + " and " + text(shown.admitted) + "/"
                         + text(shown.refused) + "/" + text(shown.undecided));
    const Books &books = found.books;
    if (!books.isThere || books.taken < seen.admitted || books.taken > seen.admitted + shown.inDoubt)
        broken.push_back("Redis has taken " + text(books.taken) + " tokens for " + text(seen.admitted)
                         + " admitted requests and " + text(shown.inDoubt) + " in doubt");
    if (books.tokens != kSoakSpec.capacity + books.refilled - books.taken)
        broken.push_back("the bucket's books do not add up: " + text(books.tokens) + " tokens, " + text(books.refilled)
                         + " refilled, " + text(books.taken) + " taken");
}

void tell(const FaultCase &each, const Found &found, Table &table)
{
    Broken broken;
    judgeAnswers(each, found, broken);
    judgeTokens(each, found, broken);
    judgeCounts(found, broken);
    const Seen &seen = found.seen;
    table.add({each.name, text(seen.requests()), text(seen.unanswered + seen.notConnected), text(millis(seen.longest)),
               text(seen.quantile(0.999)), text(millis(found.stall)), text(seen.admitted), text(found.most),
               text(std::max<std::int64_t>(0, seen.admitted - found.most)), text(seen.local),
               text(seen.rejected + seen.allowed), found.back ? text(millis(*found.back)) : "-",
               text(found.shown.inDoubt), text(found.books.taken - seen.admitted), text(found.shown.excess),
               text(found.shown.exactReturns) + "/" + text(found.shown.outages), text(found.shown.statesLost),
               broken.empty() ? "ok" : "BROKEN"},
              broken);
}

bool isWarm(Stage &stage)
{
    return QTest::qWaitFor([&] { return stage.load->seen().refused >= kWarmRefusals; }, kPatienceMs);
}

QStringList weirArguments(const FaultCase &each, Stage &stage)
{
    const QString url = each.url ? each.url(stage) : stage.proxy ? stage.proxy->url() : stage.redis.url();
    return words("serve --threads 2 --on-store-failure " + QByteArray{each.policy} + " --redis") + QStringList{url}
           + soakLimit();
}

} // namespace

QStringList soakLimit()
{
    return words("--capacity " + QByteArray::number(qint64{kSoakSpec.capacity}) + " --refill "
                 + QByteArray::number(qint64{kSoakSpec.refill}) + " --every 100ms");
}

std::int64_t intervalNow()
{
    return std::chrono::system_clock::now().time_since_epoch() / kSoakSpec.interval;
}

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
    return {{"fault", -44},  {"requests", 8}, {"unansw", 6}, {"longest", 7}, {"p99.9", 5},     {"stall", 5},
            {"admitted", 8}, {"bound", 7},    {"over", 4},   {"local", 7},   {"503/allow", 9}, {"back ms", 7},
            {"in doubt", 8}, {"taken", 5},    {"excess", 6}, {"exact", 6},   {"lost", 4},      {"", -6}};
}

void runCase(const FaultCase &each, Table &table)
{
    Stage stage;
    if (!stage.redis.start(each.redisArguments))
        return table.add({each.name}, {"redis-server does not start"});
    if (each.isProxied)
        stage.proxy = std::make_unique<ChaosProxy>(stage.redis.socketPath());
    if (each.prepare && !each.prepare(stage))
        return table.add({each.name}, {"the case could not be prepared"});
    const std::int64_t first = intervalNow();
    if (!stage.weir.start(weirArguments(each, stage)))
        return table.add({each.name}, {"Weir does not start: " + stage.weir.process().errors().toStdString()});
    stage.load = std::make_unique<Load>(stage.weir.port(), kClients, kPause);
    if (!isWarm(stage))
        return table.add({each.name}, {"the clients do not empty the bucket"});
    StallMeter stall;
    if (!each.fault(stage))
        return table.add({each.name}, {"the fault could not be made"});
    const auto backAt = steady_clock::now();
    Found found;
    if (QTest::qWaitFor([&] { return stage.weir.shown().isFromStore; }, kPatienceMs))
        found.back = std::max(stage.load->seen().lastWithout, backAt) - backAt;
    Stage::wait(kAfterwards);
    found.seen = stage.load->stop();
    found.shown = stage.weir.shown();
    found.books = readBooks(stage.redis);
    found.most = kSoakSpec.capacity + kSoakSpec.refill * (intervalNow() - first);
    found.margin = marginFor(stall);
    found.stall = stall.longest();
    tell(each, found, table);
}

} // namespace weir::test
