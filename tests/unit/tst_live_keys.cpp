// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include <algorithm>
#include <map>

#include <malloc.h>

#include "core/limit/bounds.h"
#include "core/policy/live_keys.h"
#include "core/policy/subject_key.h"
#include "tests/support/seed.h"

using namespace weir;
using namespace weir::policy;

namespace {

constexpr Micros kStart{1'700'000'000'000'000};
constexpr Micros kToFull{60'000'000};
constexpr Micros kLate{kToFull / 256 + Micros{1}};

std::string subject(std::int64_t number)
{
    return "k" + std::to_string(number);
}

// Small pieces and those that are mapped by themselves.
std::int64_t used()
{
    const auto info = mallinfo2();
    return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

bool isOwn(LiveKeys &live, std::string_view subject, Micros now)
{
    return live.enter(subject, now) == subject;
}

} // namespace

class TestLiveKeys : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sharesOneBucketBeyondTheCap();
    void nobodyIsPutOut();
    void forgetsFullBuckets();
    void aNewRequestPutsOffTheEnd();
    void timesOutOfRange();
    void aChangeOfTheLimit();
    void aLowerCapPutsNobodyOut();
    void agreesWithAPlainTable();
    void memoryStaysUnderTheCap();
};

void TestLiveKeys::sharesOneBucketBeyondTheCap()
{
    LiveKeys live{2, kToFull};
    QVERIFY(isOwn(live, "a", kStart));
    QVERIFY(isOwn(live, "b", kStart));
    QCOMPARE(live.enter("c", kStart), kOverflowSubject);
    QCOMPARE(live.enter("d", kStart), kOverflowSubject);
    QCOMPARE(live.overflows(), std::int64_t{2});
    QCOMPARE(live.size(), std::int64_t{2});
    LiveKeys none{0, kToFull};
    QCOMPARE(none.enter("a", kStart), kOverflowSubject);
}

// Who has emptied his bucket cannot get a new one by making others crowd him out.
void TestLiveKeys::nobodyIsPutOut()
{
    LiveKeys live{100, kToFull};
    QVERIFY(isOwn(live, "spent", kStart));
    for (int i = 0; i < 10'000; ++i)
        static_cast<void>(live.enter(subject(i), kStart + Micros{i}));
    QVERIFY(isOwn(live, "spent", kStart + Micros{10'000}));
    QCOMPARE(live.size(), std::int64_t{100});
}

void TestLiveKeys::forgetsFullBuckets()
{
    LiveKeys live{2, kToFull};
    QVERIFY(isOwn(live, "a", kStart));
    QVERIFY(isOwn(live, "b", kStart));
    live.noteFull("b", kStart + Micros{5'000'000});
    live.noteFull("unknown", kStart);
    live.expire(kStart + Micros{5'000'000} - Micros{1});
    QVERIFY(live.isLive("b"));
    live.expire(kStart + Micros{5'000'000} + kLate);
    QVERIFY(!live.isLive("b") && live.isLive("a"));
    QVERIFY(isOwn(live, "c", kStart + Micros{5'000'000} + kLate)); // room again
    live.expire(kStart + kToFull - Micros{1});
    QVERIFY(live.isLive("a")); // nobody said when: as long as it may take
    live.expire(kStart + kToFull + kLate);
    QVERIFY(!live.isLive("a"));
}

void TestLiveKeys::aNewRequestPutsOffTheEnd()
{
    LiveKeys live{2, kToFull};
    QVERIFY(isOwn(live, "a", kStart));
    live.noteFull("a", kStart + Micros{1'000'000});
    QVERIFY(isOwn(live, "a", kStart + Micros{500'000}));
    live.expire(kStart + Micros{30'000'000});
    QVERIFY(live.isLive("a"));
}

void TestLiveKeys::timesOutOfRange()
{
    LiveKeys live{10, kToFull};
    QVERIFY(isOwn(live, "a", kStart));
    QVERIFY(isOwn(live, "b", kStart));
    live.noteFull("a", Micros{-1});                                       // long ago
    live.noteFull("b", Micros{std::numeric_limits<std::int64_t>::max()}); // never
    live.expire(Micros{0});                                               // a clock that goes back
    QCOMPARE(live.size(), std::int64_t{2});
    live.expire(kStart + kLate);
    QVERIFY(!live.isLive("a") && live.isLive("b"));
    live.expire(kStart + kToFull + kLate);
    QCOMPARE(live.size(), std::int64_t{0});
    QVERIFY(isOwn(live, "c", kStart + kToFull * 1'000'000)); // a clock that jumps
    live.expire(kStart + kToFull * 1'000'001 + kLate);
    QCOMPARE(live.size(), std::int64_t{0});

    LiveKeys slow{10, limit::kMaxWait};
    QVERIFY(isOwn(slow, "a", kStart));
    slow.expire(kStart + limit::kMaxInterval);
    QVERIFY(slow.isLive("a"));
    LiveKeys fast{10, Micros{1}};
    QVERIFY(isOwn(fast, "a", kStart));
    fast.expire(kStart + Micros{2});
    QVERIFY(!fast.isLive("a"));
}

void TestLiveKeys::aChangeOfTheLimit()
{
    LiveKeys live{10, kToFull};
    QVERIFY(isOwn(live, "a", kStart));
    live.setLongest(10 * kToFull, kStart);
    live.expire(kStart + 9 * kToFull);
    QVERIFY(live.isLive("a"));
    live.setLongest(kToFull / 10, kStart + 9 * kToFull);
    live.expire(kStart + 9 * kToFull + kToFull / 10 + kLate);
    QCOMPARE(live.size(), std::int64_t{0});
}

void TestLiveKeys::aLowerCapPutsNobodyOut()
{
    LiveKeys live{10, kToFull};
    for (int i = 0; i < 10; ++i)
        QVERIFY(isOwn(live, subject(i), kStart));
    live.setMost(5);
    for (int i = 0; i < 10; ++i)
        QVERIFY(isOwn(live, subject(i), kStart));
    QCOMPARE(live.enter("new", kStart), kOverflowSubject);
}

// Who must be live by these rules is; who must have gone is gone.
void TestLiveKeys::agreesWithAPlainTable()
{
    constexpr std::int64_t kMost = 40;
    test::Random random;
    LiveKeys live{kMost, kToFull};
    std::map<std::string, Micros> fullAt;
    Micros now = kStart;
    int overflows = 0;
    for (int i = 0; i < 200'000; ++i) {
        now += Micros{random.scaled(0, kToFull.count() / 50)};
        std::erase_if(fullAt, [&](const auto &entry) { return !live.isLive(entry.first) && entry.second <= now; });
        const std::string key = subject(random.between(0, 79));
        const bool isKnown = live.isLive(key);
        if (isOwn(live, key, now)) {
            fullAt[key] = now + kToFull;
        } else {
            ++overflows;
            QVERIFY(!isKnown && live.size() == kMost);
        }
        if (fullAt.contains(key) && random.oneIn(2)) {
            fullAt[key] = now + Micros{random.between(0, kToFull.count())};
            live.noteFull(key, fullAt[key]);
        }
        std::erase_if(fullAt, [&](const auto &entry) { return !live.isLive(entry.first) && entry.second <= now; });
        QCOMPARE(live.size(), static_cast<std::int64_t>(fullAt.size())); // nobody went early, nobody was lost
        for (const auto &[name, full] : fullAt)
            QVERIFY(full + kLate > now);
    }
    QVERIFY(overflows > 1000);
}

void TestLiveKeys::memoryStaysUnderTheCap()
{
    constexpr std::int64_t kMost = 100'000;
    constexpr std::int64_t kDistinct = 1'000'000;
    const std::int64_t before = used();
    LiveKeys live{kMost, kToFull};
    std::int64_t highest = 0;
    for (std::int64_t i = 0; i < kDistinct; ++i) {
        static_cast<void>(live.enter("192.0.2." + std::to_string(i), kStart));
        if (i % 1000 == 0)
            highest = std::max(highest, used() - before);
    }
    QCOMPARE(live.size(), kMost);
    QCOMPARE(live.overflows(), kDistinct - kMost);
    qInfo("%lld bytes a live key", static_cast<long long>(highest / kMost));
    constexpr std::int64_t kBytesEach = 130; // as live_keys.h says
    QVERIFY(highest < kMost * kBytesEach);
    live.expire(kStart + kToFull + kLate);
    QCOMPARE(live.size(), std::int64_t{0});
    constexpr std::int64_t kBytesKept = 16; // of the table, which is twice as large at most
    QVERIFY2(used() - before < kMost * kBytesKept, std::to_string(used() - before).c_str());
}

QTEST_APPLESS_MAIN(TestLiveKeys)
#include "tst_live_keys.moc"
