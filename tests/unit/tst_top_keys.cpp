// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include <malloc.h>

#include "core/policy/top_keys.h"
#include "tests/support/seed.h"

using namespace weir;
using namespace weir::policy;

namespace {

constexpr std::size_t kCounters = 100;

struct Truth {
    std::int64_t admitted{0};
    std::int64_t refused{0};
    Micros lastSeen{0};
    [[nodiscard]] std::int64_t count() const { return admitted + refused; }
};
using Truths = std::unordered_map<std::string, Truth>;

// Few ask often, many seldom, as in real traffic: number n about as often as 1 / n.
std::string randomSubject(test::Random &random, std::int64_t most)
{
    const double share = static_cast<double>(random.between(0, 1'000'000)) / 1'000'000.0;
    return "k" + std::to_string(static_cast<std::int64_t>(std::pow(static_cast<double>(most), share)));
}

void ask(TopKeys &top, Truths &truths, const std::string &subject, bool isAdmitted, Micros now)
{
    top.record(subject, isAdmitted, now);
    Truth &truth = truths[subject];
    ++(isAdmitted ? truth.admitted : truth.refused);
    truth.lastSeen = now;
}

// Small pieces and those that are mapped by themselves.
std::int64_t used()
{
    const auto info = mallinfo2();
    return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

// What the sketch promises, against what really was.
void checkBounds(const TopList &list, const Truths &truths, std::size_t counters)
{
    const auto bound = list.total / static_cast<std::int64_t>(counters);
    std::unordered_map<std::string, bool> isListed;
    std::int64_t before = std::numeric_limits<std::int64_t>::max();
    for (const TopEntry &entry : list.entries) {
        const auto found = truths.find(entry.subject);
        QVERIFY(found != truths.end());
        const Truth &truth = found->second;
        QVERIFY(truth.count() <= entry.count() && truth.count() >= entry.count() - entry.error);
        QVERIFY(entry.error <= bound);
        QVERIFY(entry.admitted <= truth.admitted && entry.refused <= truth.refused);
        QVERIFY(entry.lastSeen <= truth.lastSeen);
        QVERIFY(entry.count() <= before);
        before = entry.count();
        isListed[entry.subject] = true;
    }
    for (const auto &[subject, truth] : truths) {
        if (isListed.contains(subject))
            continue;
        QVERIFY2(truth.count() <= list.floor, subject.c_str());
    }
}

} // namespace

class TestTopKeys : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void isExactWhileThereIsRoom();
    void theSmallestGivesWay();
    void heavyHittersAreFound();
    void countsAreWithinTheBound_data();
    void countsAreWithinTheBound();
    void severalSketchesMakeOneList();
    void clears();
    void memoryIsFlat();
};

void TestTopKeys::isExactWhileThereIsRoom()
{
    TopKeys top{3};
    QVERIFY(top.top(10).entries.empty());
    for (int i = 0; i < 5; ++i)
        top.record("a", i % 2 == 0, Micros{i});
    top.record("b", false, Micros{9});
    const TopList list = top.top(10);
    QCOMPARE(list.total, std::int64_t{6});
    QCOMPARE(list.floor, std::int64_t{0});
    QVERIFY((list.entries == std::vector<TopEntry>{{"a", 0, 3, 2, Micros{4}}, {"b", 0, 0, 1, Micros{9}}}));
    QCOMPARE(top.top(1).entries.size(), std::size_t{1});
    QCOMPARE(top.top(1).floor, std::int64_t{1});
    QVERIFY(top.top(0).entries.empty());
}

void TestTopKeys::theSmallestGivesWay()
{
    TopKeys top{2};
    for (const char *subject : {"a", "a", "a", "b", "b", "c"})
        top.record(subject, true, Micros{1});
    const TopList list = top.top(2);
    const TopEntry a{"a", 0, 3, 0, Micros{1}}, c{"c", 2, 1, 0, Micros{1}};
    QVERIFY((list.entries == std::vector{a, c} || list.entries == std::vector{c, a}));
    QCOMPARE(list.floor, std::int64_t{3}); // "b" asked twice
}

// Ten who ask 1 % each, in a flood of others who ask once.
void TestTopKeys::heavyHittersAreFound()
{
    constexpr int kRequests = 300'000;
    test::Random random;
    TopKeys top{200};
    Truths truths;
    for (int i = 0; i < kRequests; ++i) {
        const std::int64_t which = random.between(0, 99);
        const std::string subject = which < 10 ? "heavy" + std::to_string(which) : "once" + std::to_string(i);
        ask(top, truths, subject, !random.oneIn(3), Micros{i});
    }
    checkBounds(top.top(200), truths, 200);
    const TopList first = top.top(10);
    for (const TopEntry &entry : first.entries) {
        QCOMPARE(entry.lastSeen, truths[entry.subject].lastSeen);
        QVERIFY2(entry.subject.starts_with("heavy"), entry.subject.c_str());
        QVERIFY(entry.admitted + entry.refused > kRequests / 100 / 2); // nearly all were told apart
    }
}

void TestTopKeys::countsAreWithinTheBound_data()
{
    QTest::addColumn<int>("subjects");
    for (const int subjects : {50, 100, 101, 1'000, 100'000})
        QTest::addRow("%d subjects", subjects) << subjects;
}

void TestTopKeys::countsAreWithinTheBound()
{
    QFETCH(const int, subjects);
    test::Random random;
    TopKeys top{kCounters};
    Truths truths;
    for (int i = 0; i < 200'000; ++i) {
        ask(top, truths, randomSubject(random, subjects), random.oneIn(2), Micros{i});
        if (i % 20'000 == 0)
            checkBounds(top.top(kCounters), truths, kCounters);
    }
    checkBounds(top.top(kCounters), truths, kCounters);
    checkBounds(top.top(7), truths, kCounters);
}

void TestTopKeys::severalSketchesMakeOneList()
{
    test::Random random;
    Truths truths;
    std::array<TopKeys, 4> tops{TopKeys{kCounters}, TopKeys{kCounters}, TopKeys{kCounters}, TopKeys{kCounters}};
    for (int i = 0; i < 200'000; ++i)
        ask(tops[static_cast<std::size_t>(random.between(0, 3))], truths, randomSubject(random, 5'000), random.oneIn(2),
            Micros{i});
    std::vector<TopList> lists(tops.size());
    std::transform(tops.begin(), tops.end(), lists.begin(), [](const TopKeys &top) { return top.top(kCounters); });
    const TopList all = merged(lists, 20);
    QCOMPARE(all.total, std::int64_t{200'000});
    QCOMPARE(all.entries.size(), std::size_t{20});
    checkBounds(all, truths, kCounters);
    QCOMPARE(all.entries.front().subject, std::string{"k1"});
    QVERIFY(merged({}, 5).entries.empty());
}

void TestTopKeys::clears()
{
    TopKeys top{2};
    for (const char *subject : {"a", "b", "c"})
        top.record(subject, true, Micros{1});
    top.clear();
    QCOMPARE(top.total(), std::int64_t{0});
    top.record("d", true, Micros{2});
    QVERIFY((top.top(5).entries == std::vector<TopEntry>{{"d", 0, 1, 0, Micros{2}}}));
}

void TestTopKeys::memoryIsFlat()
{
    constexpr std::int64_t kDistinct = 1'000'000;
    constexpr std::size_t kMany = 1000;
    const std::string filler(240, 'x');
    const std::int64_t before = used();
    TopKeys top{kMany};
    std::int64_t highest = 0;
    for (std::int64_t i = 0; i < kDistinct; ++i) {
        top.record(filler + std::to_string(i), true, Micros{i});
        if (i % 1000 == 0)
            highest = std::max(highest, used() - before);
    }
    QCOMPARE(top.total(), kDistinct);
    qInfo("%lld bytes a counter", static_cast<long long>(highest) / static_cast<long long>(kMany));
    constexpr std::int64_t kBytesEach = 250 + 257; // as top_keys.h says
    QVERIFY(highest < static_cast<std::int64_t>(kMany) * kBytesEach);
}

QTEST_APPLESS_MAIN(TestTopKeys)
#include "tst_top_keys.moc"
