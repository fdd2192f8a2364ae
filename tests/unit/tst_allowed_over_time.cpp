// SPDX-License-Identifier: GPL-3.0-only
// The numbers of the picture in the help, and that they are those of the kernels and of their promises.
#include <QTest>

#include "core/limit/promise.h"
#include "core/sim/allowed_over_time.h"
#include "core/sim/edge_and_pause.h"
#include "tests/support/random_limit.h"

using namespace weir;
using namespace weir::limit;
using namespace weir::sim;
using namespace std::chrono_literals;

namespace {

constexpr Micros kMinute{1'700'000'040'000'000}; // a minute begins here

std::vector<Given> each(std::initializer_list<int> seconds)
{
    std::vector<Given> list;
    for (const int second : seconds)
        list.push_back({std::chrono::seconds{second}, 1});
    return list;
}

std::vector<Given> bursts(std::initializer_list<int> seconds)
{
    std::vector<Given> list = each(seconds);
    for (Given &given : list)
        given.tokens = 5;
    return list;
}

std::vector<Given> both(std::vector<Given> first, const std::vector<Given> &then)
{
    first.insert(first.end(), then.begin(), then.end());
    return first;
}

QString textOf(const std::vector<Given> &list)
{
    QStringList parts;
    for (const Given &given : list)
        parts << QStringLiteral("%1 at %2").arg(given.tokens).arg(given.at.count());
    return parts.join(QStringLiteral(", "));
}

AllowedOverTime story(Algorithm algorithm)
{
    return allowedOverTime(edge_and_pause::specOf(algorithm), edge_and_pause::kWaiting);
}

void addAlgorithms()
{
    QTest::addColumn<int>("index");
    for (const Algorithm algorithm : test::kAlgorithms)
        QTest::newRow(nameOf(algorithm).data()) << static_cast<int>(algorithm);
}

} // namespace

class TestAllowedOverTime : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theStory_data()
    {
        QTest::addColumn<int>("index");
        QTest::addColumn<QString>("given");
        const auto row = [](Algorithm algorithm, const std::vector<Given> &given) {
            QTest::newRow(nameOf(algorithm).data()) << static_cast<int>(algorithm) << textOf(given);
        };
        const auto even = both(both(bursts({9}), each({11, 13, 15, 17, 19, 21, 23, 25, 27, 29})),
                               both(bursts({55}), each({57, 59, 61, 63, 65, 67, 69})));
        row(Algorithm::TokenBucket, bursts({9, 10, 20, 55, 60}));
        row(Algorithm::TokenBucketSmooth, even);
        row(Algorithm::Gcra, even);
        row(Algorithm::LeakyBucket, even);
        row(Algorithm::FixedWindow, bursts({9, 10, 20, 55, 60}));
        row(Algorithm::SlidingLog, bursts({9, 19, 29, 55, 65}));
        // The five of the first window fade out over the second, its four over the third, until one of them is left.
        row(Algorithm::SlidingCounter,
            both(both(both(bursts({9}), each({12, 14, 16, 18, 20})), {{22'500ms, 1}, {25s, 1}, {27'500ms, 1}}),
                 both(bursts({55}), each({62, 64, 66, 68}))));
    }
    void theStory()
    {
        QFETCH(const int, index);
        QFETCH(const QString, given);
        QCOMPARE(textOf(story(static_cast<Algorithm>(index)).given), given);
    }

    // As tst_kernel_moments and lua/README.md have it for 5 a minute.
    void itsNumbers_data()
    {
        QTest::addColumn<int>("index");
        QTest::addColumn<qint64>("atEdge");
        QTest::addColumn<qint64>("most");
        const auto row = [](Algorithm algorithm, qint64 atEdge, qint64 most) {
            QTest::newRow(nameOf(algorithm).data()) << static_cast<int>(algorithm) << atEdge << most;
        };
        row(Algorithm::TokenBucket, 10, 10);
        row(Algorithm::TokenBucketSmooth, 5, 9);
        row(Algorithm::Gcra, 5, 9);
        row(Algorithm::LeakyBucket, 5, 9);
        row(Algorithm::FixedWindow, 10, 10);
        row(Algorithm::SlidingLog, 5, 5);
        row(Algorithm::SlidingCounter, 5, 9);
    }
    void itsNumbers()
    {
        QFETCH(const int, index);
        QFETCH(const qint64, atEdge);
        QFETCH(const qint64, most);
        const auto algorithm = static_cast<Algorithm>(index);
        const LimitSpec spec = edge_and_pause::specOf(algorithm);
        const AllowedOverTime allowed = story(algorithm);
        QCOMPARE(givenWithin(allowed, edge_and_pause::kAtEdge), atEdge);
        QCOMPARE(allowed.most, most);
        QCOMPARE(allowed.most, mostWithin(spec, spec.interval)); // so the picture shows the worst there is
        QCOMPARE(allowed.mostFrom, edge_and_pause::kWaiting.front().from);
        QCOMPARE(givenWithin(allowed, {allowed.mostFrom, allowed.mostFrom + spec.interval}), most);
        QCOMPARE(givenWithin(allowed, edge_and_pause::kAfterPause), Tokens{5});
    }

    // What the help says of the long run: the pace, and a burst at most; the counter rounds up what counts.
    void inADay_data()
    {
        QTest::addColumn<int>("index");
        QTest::addColumn<qint64>("paceOfADay");
        for (const Algorithm algorithm : test::kAlgorithms)
            QTest::newRow(nameOf(algorithm).data())
                << static_cast<int>(algorithm)
                << (algorithm == Algorithm::SlidingCounter ? qint64{4} : qint64{5}) * 8640;
    }
    void inADay()
    {
        QFETCH(const int, index);
        QFETCH(const qint64, paceOfADay);
        const Stretch day{9s, 9s + 24h};
        const LimitSpec spec = edge_and_pause::specOf(static_cast<Algorithm>(index));
        const Tokens given = givenWithin(allowedOverTime(spec, std::span(&day, 1)), day);
        QVERIFY2(given >= paceOfADay && given <= paceOfADay + spec.capacity, qPrintable(QString::number(given)));
    }

    void afterThePauseItIsAsNew_data() { addAlgorithms(); }
    void afterThePauseItIsAsNew()
    {
        QFETCH(const int, index);
        const auto algorithm = static_cast<Algorithm>(index);
        const Stretch last = edge_and_pause::kWaiting.back();
        const AllowedOverTime allowed = story(algorithm);
        std::vector<Given> after;
        for (const Given &given : allowed.given) {
            if (given.at >= last.from)
                after.push_back(given);
        }
        const AllowedOverTime ofNew = allowedOverTime(edge_and_pause::specOf(algorithm), std::span(&last, 1));
        QCOMPARE(textOf(after), textOf(ofNew.given));
    }

    void itIsTheSameInAnyOtherMinute_data() { addAlgorithms(); }
    void itIsTheSameInAnyOtherMinute()
    {
        QFETCH(const int, index);
        const auto algorithm = static_cast<Algorithm>(index);
        std::array<Stretch, 2> later = edge_and_pause::kWaiting;
        for (Stretch &stretch : later)
            stretch = {stretch.from + kMinute, stretch.until + kMinute};
        std::vector<Given> given = allowedOverTime(edge_and_pause::specOf(algorithm), later).given;
        for (Given &moment : given)
            moment.at -= kMinute;
        QCOMPARE(textOf(given), textOf(story(algorithm).given));
    }

    // One microsecond before an edge: what the promises are about, whatever the numbers of the limit.
    void nobodyGetsMoreThanThePromise_data() { addAlgorithms(); }
    void nobodyGetsMoreThanThePromise()
    {
        QFETCH(const int, index);
        for (const Tokens capacity : {1, 2, 7, 100}) {
            LimitSpec spec{.capacity = capacity, .refill = (capacity + 1) / 2, .interval = 60ms};
            spec.algorithm = static_cast<Algorithm>(index);
            if (isWindow(spec.algorithm))
                spec.refill = capacity;
            const Micros last = kMinute - 1us;
            const Stretch waiting{last, last + 10 * spec.interval};
            const AllowedOverTime allowed = allowedOverTime(spec, std::span(&waiting, 1));
            QCOMPARE(allowed.most, mostWithin(spec, spec.interval));
        }
    }

    void whoDoesNotWaitGetsNothing()
    {
        const LimitSpec spec = edge_and_pause::specOf(Algorithm::TokenBucket);
        QVERIFY(allowedOverTime(spec, {}).given.empty());
        const Stretch none{1s, 1s};
        const AllowedOverTime allowed = allowedOverTime(spec, std::span(&none, 1));
        QVERIFY(allowed.given.empty());
        QCOMPARE(allowed.most, Tokens{0});
    }

    void anEmptyBucketWaitsForItsFirstToken()
    {
        LimitSpec spec = edge_and_pause::specOf(Algorithm::TokenBucket);
        spec.start = StartLevel::Empty;
        const Stretch waiting{9s, 11s};
        QCOMPARE(textOf(allowedOverTime(spec, std::span(&waiting, 1)).given), textOf(bursts({10})));
    }
};

QTEST_APPLESS_MAIN(TestAllowedOverTime)
#include "tst_allowed_over_time.moc"
