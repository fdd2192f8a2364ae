// SPDX-License-Identifier: GPL-3.0-only
#include <QRegularExpression>
#include <algorithm>
#include <utility>

#include "core/sim/allowed_over_time.h"
#include "tests/support/warnings_fail.h"
#include "ui/words/limit_words.h"
#include "ui/words/panel_words.h"

using namespace weir;
using namespace weir::ui;
using config::KeyPart;
using limit::Algorithm;

namespace {

constexpr Micros kMinute{60'000'000};

config::LimitEntry entry(Algorithm algorithm, limit::Tokens capacity = 5, limit::Tokens refill = 5,
                         Micros interval = kMinute)
{
    config::LimitEntry entry;
    entry.key = {{}};
    entry.spec = {capacity, refill, interval, {}, algorithm};
    return entry;
}

QString meaning(Algorithm algorithm)
{
    return entryMeaning(entry(algorithm));
}

} // namespace

class TestLimitWords : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void everyAlgorithmHasItsSentence()
    {
        QCOMPARE(meaning(Algorithm::TokenBucket),
                 QStringLiteral("Each IP address may send 5 requests at once and 5 per minute after that; around a "
                                "refill at most 10 in a moment."));
        QCOMPARE(meaning(Algorithm::TokenBucketSmooth),
                 QStringLiteral("Each IP address may send 5 requests at once and 5 per minute (one every 12 s) after "
                                "that; at most 9 in any 1 min."));
        QCOMPARE(
            meaning(Algorithm::Gcra),
            QStringLiteral("Each IP address may send 5 per minute (one every 12 s) at an even pace, and 5 requests "
                           "at once after a pause; at most 9 in any 1 min."));
        QCOMPARE(meaning(Algorithm::LeakyBucket),
                 QStringLiteral("Each IP address may fill a queue of 5 requests, which empties by 5 per minute (one "
                                "every 12 s); while it is full, more are refused: at most 9 in any 1 min."));
        QCOMPARE(meaning(Algorithm::FixedWindow),
                 QStringLiteral("Each IP address may send 5 requests in each window of 1 min; all windows begin at the "
                                "same moments, so around an edge at most 10 in a moment."));
        QCOMPARE(meaning(Algorithm::SlidingLog),
                 QStringLiteral("Each IP address may send 5 requests in any stretch of 1 min, exactly: each one is "
                                "remembered."));
        QCOMPARE(
            meaning(Algorithm::SlidingCounter),
            QStringLiteral("Each IP address may send 5 requests at once and about as many in any stretch of 1 min, "
                           "at the very worst 9: what the window before took counts by its share."));
    }

    void theMostIsWhatTheKernelGives_data()
    {
        QTest::addColumn<int>("algorithm");
        QTest::addColumn<qint64>("capacity");
        QTest::addColumn<qint64>("refill");
        for (std::size_t i = 0; i < limit::kAlgorithmNames.size(); ++i)
            for (const auto &[capacity, refill] : {std::pair{5, 5}, std::pair{12, 5}, std::pair{100, 7}})
                QTest::addRow("%s %d %d", limit::kAlgorithmNames[i].data(), capacity, refill)
                    << static_cast<int>(i) << qint64{capacity} << qint64{refill};
    }
    // Somebody takes whatever there is from every moment on: the most that any stretch of one interval sees.
    void theMostIsWhatTheKernelGives()
    {
        QFETCH(const int, algorithm);
        QFETCH(const qint64, capacity);
        QFETCH(const qint64, refill);
        limit::LimitSpec spec{capacity, refill, kMinute, {}, static_cast<Algorithm>(algorithm)};
        if (limit::isWindow(spec.algorithm))
            spec.refill = capacity;
        const Micros edge = 1000 * kMinute;
        limit::Tokens most = 0;
        for (Micros first = edge - kMinute; first <= edge; first += kMinute / 120)
            for (const Micros from : {first, first - Micros{1}}) {
                const sim::Stretch greedy{from, from + 3 * kMinute};
                most = std::max(most, sim::allowedOverTime(spec, {&greedy, 1}).most);
            }
        config::LimitEntry limit;
        limit.spec = spec;
        // "... at most 9 in any 1 min", "... at the very worst 9: ...", "may send 5 requests in any stretch ..."
        static const QRegularExpression last(QStringLiteral("(?:at most|very worst|may send) ([0-9,]+)"));
        QString said;
        for (auto found = last.globalMatch(entryMeaning(limit)); found.hasNext();)
            said = found.next().captured(1);
        QCOMPARE(said, QString::number(most));
        QVERIFY2(limitMeaning(spec).contains(QStringLiteral("at worst %1 within 1 min").arg(most)),
                 qPrintable(limitMeaning(spec)));
    }

    void whoeverTheBucketIsForIsNamed()
    {
        config::LimitEntry limit = entry(Algorithm::TokenBucket);
        limit.key = {};
        QVERIFY(entryMeaning(limit).startsWith(QStringLiteral("All requests together may send")));
        limit.key = {{KeyPart::Kind::Header, "X-Api-Key"}};
        QVERIFY(entryMeaning(limit).startsWith(QStringLiteral("Each value of header X-Api-Key may")));
        limit.key = {{}, {KeyPart::Kind::Cookie, "sid"}};
        QVERIFY(entryMeaning(limit).startsWith(QStringLiteral("Each combination of IP address, cookie sid may")));
    }

    void otherCostsAreTokens()
    {
        config::LimitEntry limit = entry(Algorithm::TokenBucket);
        limit.cost.cost = 2;
        QVERIFY(entryMeaning(limit).contains(QStringLiteral("may spend 5 tokens at once")));
    }

    void offAndShadowAreSaid()
    {
        config::LimitEntry limit = entry(Algorithm::Gcra);
        limit.isShadow = true;
        QVERIFY(entryMeaning(limit).contains(QStringLiteral("As a shadow")));
        limit.isOn = false;
        QVERIFY(entryMeaning(limit).contains(QStringLiteral("It is off")));
    }

    void stepsAreRoundedOnlyWhenTheyMust()
    {
        const auto step = [](limit::Tokens refill, Micros interval) {
            return entryMeaning(entry(Algorithm::Gcra, 1000, refill, interval));
        };
        QVERIFY(step(3, Micros{1'000'000}).contains(QStringLiteral("3 per second (one every about 333 ms)")));
        QVERIFY(step(7, 7 * 24 * 60 * kMinute).contains(QStringLiteral("(one every 1 d)")));
        QVERIFY(step(7, 24 * 60 * kMinute).contains(QStringLiteral("7 per day (one every about 3.43 h)")));
        QVERIFY(!step(1000, Micros{10'000}).contains(QStringLiteral("one every"))); // faster than anybody sees
        QVERIFY(step(1, kMinute).contains(QStringLiteral("may send 1 per minute at")));
    }

    void cardsAreShort()
    {
        config::LimitEntry limit = entry(Algorithm::Gcra, 50, 50, Micros{1'000'000});
        limit.match.path = "/api/*";
        limit.match.methods = {"GET", "POST"};
        QCOMPARE(cardWords(limit), QStringLiteral("GET, POST /api/* · by IP address"));
        QCOMPARE(numberWords(limit.spec), QStringLiteral("GCRA · 50 per second, burst 50"));
        QCOMPARE(numberWords(entry(Algorithm::TokenBucket).spec), QStringLiteral("Token bucket · 5 per minute"));
        QCOMPARE(numberWords(entry(Algorithm::LeakyBucket, 9, 2, Micros{90'000'000}).spec),
                 QStringLiteral("Leaky bucket · 2 every 90 s, queue 9"));
        QCOMPARE(numberWords(entry(Algorithm::SlidingLog, 100, 100, 60 * kMinute).spec),
                 QStringLiteral("Sliding window log · 100 per hour"));
        QCOMPARE(cardWords({}), QStringLiteral("every request"));
    }

    void windowsAskForNoRefill()
    {
        for (std::size_t i = 0; i < limit::kAlgorithmNames.size(); ++i) {
            const auto algorithm = static_cast<Algorithm>(i);
            QCOMPARE(numberNames(algorithm).refill.isEmpty(), limit::isWindow(algorithm));
            QVERIFY(!algorithmName(algorithm).isEmpty() && !algorithmHint(algorithm).isEmpty());
        }
    }
};

QTEST_APPLESS_MAIN(TestLimitWords)
#include "tst_limit_words.moc"
