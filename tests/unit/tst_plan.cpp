// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include <cstdlib>
#include <new>

#include "core/policy/plan.h"
#include "tests/support/seed.h"
#include "tests/unit/request_made.h"

using namespace weir;
using namespace weir::policy;
using config::KeyPart;
using weir::test::RequestMade;

namespace {

std::size_t allocations = 0;

} // namespace

// NOLINTBEGIN(cppcoreguidelines-no-malloc): what new does when nobody counts. Not inlined: GCC 14 would see a free() of what
// came from new.
[[gnu::noinline]] void *operator new(std::size_t size)
{
    ++allocations;
    if (void *const memory = std::malloc(size))
        return memory;
    std::abort();
}
[[gnu::noinline]] void operator delete(void *memory) noexcept
{
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void *memory, std::size_t) noexcept
{
    std::free(memory);
}
// NOLINTEND(cppcoreguidelines-no-malloc)

namespace {

config::LimitEntry entry(const char *name, config::RequestMatch match = {}, std::vector<KeyPart> key = {})
{
    config::LimitEntry made;
    made.name = name;
    made.match = std::move(match);
    made.key = std::move(key);
    made.spec.capacity = 10;
    return made;
}

QString print(const Decree &decree)
{
    if (decree.access != Access::Limited)
        return decree.access == Access::Blocked ? QStringLiteral("blocked") : QStringLiteral("allowed");
    QStringList words;
    for (const Charge &charge : decree.charges)
        words.append(QStringLiteral("%1[%2]%3%4")
                         .arg(charge.limit)
                         .arg(QString::fromStdString(charge.subject))
                         .arg(charge.cost)
                         .arg(charge.isShadow ? QStringLiteral("s") : QString{}));
    return words.join(QLatin1Char{' '});
}

QString decreeOf(const Plan &plan, RequestMade request)
{
    PlanBuffers buffers;
    return print(plan.decide(request.view(), buffers));
}

config::LimitSet manyLimits()
{
    config::LimitSet set;
    set.limits = {entry("all"), entry("per-client", {.path = "/api/*"}, {{KeyPart::Kind::Ip, {}}}),
                  entry("free", {.headers = {{"X-Plan", "free"}}}, {{KeyPart::Kind::Header, "X-Api-Key"}}),
                  entry("off"), entry("try")};
    set.limits[1].cost = {.cost = 1, .routes = {{{.path = "/api/big"}, 5}}, .header = "X-Cost"};
    set.limits[3].isOn = false;
    set.limits[4].isShadow = true;
    set.block.keys = {{{KeyPart::Kind::Query, "token"}, "bad"}};
    set.allow.networks = {std::get<Network>(parseNetwork("127.0.0.0/8"))};
    return set;
}

} // namespace

class TestPlan : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void oneGlobalLimitIsReady();
    void withoutLimitsNothingIsCharged();
    void namesWhatItNeeds();
    void chargesWhatMatches();
    void aDoubledHeaderDoesNotFree();
    void buffersDoNotMixRequests();
    void allocatesNothing();
    void otherwiseIsForWhatIsLeftOver();
    void headersArePresentAbsentOrOneOfSeveral();
    void pathsAreLetThroughOrTurnedAway();
    void withoutTheKeyALimitShareRefusesOrIsNotMeant();
    void groups();
    void whatIsChargedTogetherIsOneGroup();
};

void TestPlan::oneGlobalLimitIsReady()
{
    config::LimitSet set;
    set.limits = {entry("global")};
    set.limits[0].cost.cost = 3;
    const Plan plan{set};
    QVERIFY(plan.isFixed());
    QVERIFY(plan.needs() == PlanNeeds{});
    PlanBuffers buffers, others;
    const Decree decree = plan.decide({}, buffers);
    QCOMPARE(print(decree), QStringLiteral("0[]3"));
    QCOMPARE(plan.decide({}, others).charges.data(), decree.charges.data()); // made once
}

void TestPlan::withoutLimitsNothingIsCharged()
{
    QVERIFY(Plan{config::LimitSet{}}.isFixed());
    QCOMPARE(decreeOf(Plan{config::LimitSet{}}, {}), QString{});
}

void TestPlan::namesWhatItNeeds()
{
    PlanNeeds all{.path = true, .query = true, .client = true};
    all.headers = {"x-api-key", "x-cost", "x-plan"};
    QVERIFY(Plan{manyLimits()}.needs() == all);

    config::LimitSet set;
    set.limits = {entry("a", {.path = "*", .methods = {"GET"}}, {{KeyPart::Kind::Cookie, "sid"}}),
                  entry("off", {.path = "/x"}, {{KeyPart::Kind::Ip, {}}})};
    set.limits[1].isOn = false;
    PlanNeeds few{.method = true};
    few.headers = {"cookie"};
    QVERIFY(Plan{set}.needs() == few);
    QVERIFY(!Plan{set}.isFixed());
}

void TestPlan::chargesWhatMatches()
{
    const Plan plan{manyLimits()};
    QCOMPARE(decreeOf(plan, {}), QStringLiteral("0[]1 4[]1s"));
    QCOMPARE(decreeOf(plan, {.target = "/api/x"}), QStringLiteral("0[]1 1[192.0.2.1]1 4[]1s"));
    QCOMPARE(decreeOf(plan, {.target = "/%61pi/big?x"}), QStringLiteral("0[]1 1[192.0.2.1]5 4[]1s"));
    QCOMPARE(decreeOf(plan, {.headers = {{"X-Plan", "free"}}}), QStringLiteral("0[]1 2[(none)]1 4[]1s"));
    QCOMPARE(decreeOf(plan, {.headers = {{"X-Plan", "free"}, {"x-api-key", "k"}}}), QStringLiteral("0[]1 2[k]1 4[]1s"));
    QCOMPARE(decreeOf(plan, {.target = "/api/x", .headers = {{"X-Cost", "7"}}, .isPeerTrusted = true}),
             QStringLiteral("0[]1 1[192.0.2.1]7 4[]1s"));
    QCOMPARE(decreeOf(plan, {.target = "/api/x", .headers = {{"X-Cost", "11"}}, .isPeerTrusted = true}),
             QStringLiteral("0[]1 1[192.0.2.1]11 4[]1s"));
    QCOMPARE(decreeOf(plan, {.client = "127.0.0.1"}), QStringLiteral("allowed"));
    QCOMPARE(decreeOf(plan, {.target = "/?token=bad", .client = "127.0.0.1"}), QStringLiteral("blocked"));
}

void TestPlan::aDoubledHeaderDoesNotFree()
{
    QCOMPARE(decreeOf(Plan{manyLimits()}, {.headers = {{"X-Plan", "free"}, {"X-Plan", "paid"}}}),
             QStringLiteral("0[]1 2[(none)]1 4[]1s"));
}

void TestPlan::buffersDoNotMixRequests()
{
    const Plan plan{manyLimits()};
    PlanBuffers buffers;
    test::Random random;
    for (int i = 0; i < 20'000; ++i) {
        RequestMade request;
        if (random.oneIn(2))
            request.target = random.oneIn(2) ? "/api/big" : "/%61pi/x?token=%41";
        if (random.oneIn(4))
            request.client = "127.0.0.1";
        if (random.oneIn(2))
            request.headers.emplace_back("X-Plan", "free");
        if (random.oneIn(2))
            request.headers.emplace_back("X-Api-Key",
                                         std::string(static_cast<std::size_t>(random.scaled(0, 400)), 'k'));
        QCOMPARE(print(plan.decide(request.view(), buffers)), decreeOf(plan, request));
    }
}

void TestPlan::allocatesNothing()
{
    RequestMade request{.target = "/%61pi/big?a=1&token=%41", .client = "203.0.113.255"};
    request.headers = {{"Host", "x"}, {"X-Plan", "free"}, {"X-Api-Key", "0123456789abcdef0123456789abcdef"}};
    const RequestView view = request.view();
    const Plan plan{manyLimits()};
    PlanBuffers buffers;
    static_cast<void>(plan.decide(view, buffers)); // they grow
    const std::size_t before = allocations;
    std::size_t charges = 0;
    for (int i = 0; i < 1000; ++i)
        charges += plan.decide(view, buffers).charges.size();
    const std::size_t after = allocations;
    QCOMPARE(charges, std::size_t{4000});
    QCOMPARE(after - before, std::size_t{0});
    QVERIFY(before > 0);
}

void TestPlan::otherwiseIsForWhatIsLeftOver()
{
    config::LimitSet set;
    set.limits = {entry("off", {.path = "/b"}), entry("a", {.path = "/a*"}),
                  entry("plan", {.headers = {{"X-Plan", "free"}}}), entry("rest")};
    set.limits[0].isOn = false;
    set.limits[3].isOtherwise = true;
    const Plan plan{set};
    QCOMPARE(decreeOf(plan, {.target = "/a"}), QStringLiteral("1[]1"));
    QCOMPARE(decreeOf(plan, {.target = "/b"}), QStringLiteral("3[]1"));
    QCOMPARE(decreeOf(plan, {.headers = {{"X-Plan", "free"}}}), QStringLiteral("2[]1"));
    // Whether it is for a header that is sent twice nobody knows: both hold.
    QCOMPARE(decreeOf(plan, {.headers = {{"X-Plan", "free"}, {"X-Plan", "paid"}}}), QStringLiteral("2[]1 3[]1"));
    QCOMPARE(plan.groupOf(3), plan.groupOf(1));
}

void TestPlan::headersArePresentAbsentOrOneOfSeveral()
{
    using Kind = config::HeaderMatch::Kind;
    config::LimitSet set;
    set.limits = {entry("key", {.headers = {{"X-Api-Key", "", Kind::Present}}}),
                  entry("none", {.headers = {{"X-Api-Key", "", Kind::Absent}}}),
                  entry("some", {.headers = {{"X-Plan", "a", Kind::Value, {"b", "c"}}}})};
    const Plan plan{set};
    QCOMPARE(decreeOf(plan, {}), QStringLiteral("1[]1"));
    QCOMPARE(decreeOf(plan, {.headers = {{"x-api-key", "k"}}}), QStringLiteral("0[]1"));
    QCOMPARE(decreeOf(plan, {.headers = {{"X-Api-Key", ""}, {"X-Api-Key", "k"}}}), QStringLiteral("0[]1"));
    QCOMPARE(decreeOf(plan, {.headers = {{"X-Plan", "c"}}}), QStringLiteral("1[]1 2[]1"));
    QCOMPARE(decreeOf(plan, {.headers = {{"X-Plan", "d"}}}), QStringLiteral("1[]1"));
}

void TestPlan::pathsAreLetThroughOrTurnedAway()
{
    config::LimitSet set;
    set.limits = {entry("all")};
    set.allow.paths = {"/health", "/public/*"};
    set.block.paths = {"/public/admin*"};
    const Plan plan{set};
    QVERIFY(plan.needs().path && !plan.isFixed());
    QCOMPARE(decreeOf(plan, {.target = "/health?x=1"}), QStringLiteral("allowed"));
    QCOMPARE(decreeOf(plan, {.target = "/%68ealth"}), QStringLiteral("allowed"));
    QCOMPARE(decreeOf(plan, {.target = "/health/"}), QStringLiteral("0[]1"));
    QCOMPARE(decreeOf(plan, {.target = "/public/%61dmin"}), QStringLiteral("blocked"));
}

void TestPlan::withoutTheKeyALimitShareRefusesOrIsNotMeant()
{
    config::LimitSet set;
    const config::KeyPart byKey{config::KeyPart::Kind::Header, "X-Api-Key"};
    set.limits = {entry("shared", {.path = "/a*"}, {byKey}), entry("unlimited", {.path = "/b*"}, {byKey}),
                  entry("refused", {.path = "/c*"}, {byKey}), entry("rest")};
    set.limits[1].withoutKey = config::WithoutKey::Unlimited;
    set.limits[2].withoutKey = config::WithoutKey::Refused;
    set.limits[3].isOtherwise = true;
    const std::vector<std::pair<std::string, std::string>> key{{"X-Api-Key", "k"}};
    {
        const Plan plan{set};
        QCOMPARE(decreeOf(plan, {.target = "/a"}), QStringLiteral("0[(none)]1"));
        QCOMPARE(decreeOf(plan, {.target = "/b"}), QStringLiteral("3[]1"));
        QCOMPARE(decreeOf(plan, {.target = "/c"}), QStringLiteral("blocked"));
        QCOMPARE(decreeOf(plan, {.target = "/b", .headers = key}), QStringLiteral("1[k]1"));
        QCOMPARE(decreeOf(plan, {.target = "/c", .headers = key}), QStringLiteral("2[k]1"));
    }
    set.limits[3].key = {{config::KeyPart::Kind::Path, "2"}, {config::KeyPart::Kind::Method, {}}};
    QCOMPARE(decreeOf(Plan{set}, {.method = "PUT", .target = "/%75sers/%37/"}), QStringLiteral("3[7,PUT]1"));
    QVERIFY(Plan{set}.needs().path && Plan{set}.needs().method);
    set.keys.folds = true;
    QCOMPARE(decreeOf(Plan{set}, {.target = "/USERS//a;v=1/"}), QStringLiteral("3[a,GET]1"));
    QCOMPARE(decreeOf(Plan{set}, {.target = "/users/"}), QStringLiteral("3[(none),GET]1"));
    set.limits[2].isShadow = true; // a shadow never refuses
    QCOMPARE(decreeOf(Plan{set}, {.target = "/c"}), QStringLiteral("2[(none)]1s"));
}

void TestPlan::groups()
{
    config::LimitSet set;
    set.limits = {entry("get", {.methods = {"GET"}}),
                  entry("put", {.methods = {"PUT"}}),
                  entry("post-a", {.path = "/a", .methods = {"POST"}}),
                  entry("a", {.path = "/a"}),
                  entry("post-b", {.path = "/b", .methods = {"POST"}}),
                  entry("off")};
    set.limits[5].isOn = false;
    const Plan plan{set};
    QVERIFY(!plan.mayMeet(0, 1));
    QVERIFY(plan.mayMeet(0, 3) && plan.mayMeet(1, 3) && plan.mayMeet(2, 3));
    QVERIFY(!plan.mayMeet(0, 5));
    for (const std::size_t linked : {0U, 1U, 2U, 3U}) // by "a"
        QCOMPARE(plan.groupOf(linked), std::size_t{0});
    QCOMPARE(plan.groupOf(4), std::size_t{4});
    QCOMPARE(plan.groupOf(5), std::size_t{5});
}

void TestPlan::whatIsChargedTogetherIsOneGroup()
{
    test::Random random;
    const std::vector<std::string> paths{"", "/a", "/b", "/a/*", "*b", "/*a*", "/%61"};
    const std::vector<std::string> methods{"GET", "PUT", "POST"};
    const auto one = [&random](const std::vector<std::string> &list) {
        return list[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(list.size()) - 1))];
    };
    int together = 0, apart = 0;
    for (int i = 0; i < 2'000; ++i) {
        config::LimitSet set;
        for (std::int64_t left = random.between(1, 6); left > 0; --left) {
            config::RequestMatch match{.path = one(paths)};
            if (random.oneIn(2))
                match.methods = {one(methods)};
            if (random.oneIn(4))
                match.headers = {{"X", random.oneIn(2) ? "1" : "2"}};
            set.limits.push_back(entry("x", match));
        }
        const Plan plan{set};
        for (std::size_t limit = 0; limit < set.limits.size(); ++limit)
            apart += plan.groupOf(limit) != 0;
        PlanBuffers buffers;
        for (int k = 0; k < 20; ++k) {
            RequestMade request{.method = one(methods), .target = one({"/a", "/b", "/a/b", "/c", "/ab"})};
            request.headers = {{"X", "1"}, {"X", "2"}};
            const Decree decree = plan.decide(request.view(), buffers);
            for (const Charge &charge : decree.charges) {
                QCOMPARE(plan.groupOf(charge.limit), plan.groupOf(decree.charges.front().limit));
                together += &charge != decree.charges.data();
            }
        }
    }
    QVERIFY(together > 1000 && apart > 100);
}

QTEST_APPLESS_MAIN(TestPlan)
#include "tst_plan.moc"
