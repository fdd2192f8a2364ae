// SPDX-License-Identifier: GPL-3.0-only
// What instances keep in Redis beside the buckets, in every broken form: the marks of settlements and the count of instances.
#include <QTest>

#include "tests/redis/either_store.h"
#include "tests/redis/taker.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::store;
using namespace weir::test;
using limit::LimitSpec;
using limit::StartLevel;
using limit::TokenMode;

namespace {

constexpr LimitSpec kYearly{9, 9, limit::kMaxInterval, StartLevel::Full};
const QByteArray kKey = "weir:{b}", kMark = "weir:{b}:settled:me";

} // namespace

class TestBrokenBooks : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    EitherStore m_store;

    /// Three tokens that "me" spent in its first outage; the error, if any.
    std::optional<Error> settle()
    {
        SettleRequest request{"b", {}, "me"};
        request.buckets.push_back({"b", {kYearly, 1, TokenMode::Keep, {}}, {.isWhole = false, .spent = 3}});
        const auto answer = m_store.ask<std::vector<limit::SettleOutput>>(
            [&](BucketStore &store, auto done) { store.settle(request, std::move(done)); });
        return answer ? std::nullopt : std::optional{answer.error()};
    }
    Result<InstanceCounts> count(std::int64_t window)
    {
        return m_store.ask<InstanceCounts>(
            [&](BucketStore &store, auto done) { store.countInstances(window, "me", std::move(done)); });
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init() { m_store.open(true); }
    void cleanup()
    {
        m_store.close();
        WEIR_NO_WARNINGS(m_warnings);
    }

    // Nothing is entered, and nothing is written: a person has to look.
    void aBrokenMarkIsAnErrorAndAllStays_data()
    {
        QTest::addColumn<RedisCommand>("breaks");
        for (const char *field : {"outage", "part", "spent", "admitted", "refused", "excess"})
            for (const QByteArray &value :
                 {QByteArray{}, QByteArray{"nan"}, QByteArray{"-1"}, QByteArray{"1.5"}, QByteArray{"1e3"},
                  QByteArray{" 5"}, QByteArray{"0x5"}, QByteArray{"9007199254740992"}, QByteArray{"\x00\x01", 2},
                  QByteArray(5000, '9')})
                QTest::addRow("%s=%s", field, value.left(20).toPercentEncoding().constData())
                    << RedisCommand{"HSET", kMark, field, value};
        QTest::newRow("a string") << RedisCommand{"SET", kMark, "x"};
        QTest::newRow("a list") << RedisCommand{"RPUSH", kMark, "x"};
    }
    void aBrokenMarkIsAnErrorAndAllStays()
    {
        QFETCH(const RedisCommand, breaks);
        const auto taken = oneAnswer(m_store.ask<limit::TakeOutput>([](BucketStore &store, auto done) {
            store.take(OneBucket{.bucket = "b", .spec = kYearly, .runs = {{1, 2}}}.request(), std::move(done));
        }));
        QVERIFY(taken && taken.value().room == 7);
        QVERIFY(!m_store.redis().command(breaks).isError());
        const auto bucket = m_store.redis().hash(kKey);
        const QByteArray mark = m_store.redis().command({"DUMP", kMark}).text;
        const auto error = settle();
        QVERIFY(error && (error->code == Error::Code::State || error->code == Error::Code::Configuration));
        QVERIFY(!error->transient);
        QCOMPARE(m_store.redis().hash(kKey), bucket);
        QCOMPARE(m_store.redis().command({"DUMP", kMark}).text, mark);
        m_store.redis().command({"DEL", kMark});
        QVERIFY(!settle());
        QCOMPARE(storedField(m_store.redis(), kKey, "tokens"), QByteArray{"4"});
        QVERIFY(!settle()); // once
        QCOMPARE(storedField(m_store.redis(), kKey, "tokens"), QByteArray{"4"});
    }

    // It tells an error, or a number that is no smaller than one; never one that makes a share larger than it is.
    void aBrokenCountIsNoSmallNumber_data()
    {
        QTest::addColumn<QByteArray>("value");
        for (const char *value : {"", "nan", "-5", "1.5", "1e3", " 5", "x", "9007199254740993", "(string)", "(list)"})
            QTest::newRow(value) << QByteArray{value};
    }
    void aBrokenCountIsNoSmallNumber()
    {
        QFETCH(const QByteArray, value);
        std::int64_t window = count(0).value().window;
        bool isMet = false; // no window has passed between the two
        while (!isMet) {
            const QByteArray key = "weir:{instances}:" + QByteArray::number(qlonglong{window});
            m_store.redis().command({"DEL", key});
            if (value == "(string)")
                m_store.redis().command({"SET", key, "x"});
            else if (value == "(list)")
                m_store.redis().command({"RPUSH", key, "x"});
            else
                m_store.redis().command({"HSET", key, "n", value});
            for (int again = 0; again < 2; ++again) {
                const auto counts = count(window);
                if (counts && counts.value().window != window) {
                    window = counts.value().window;
                    break;
                }
                isMet = true;
                if (counts && counts.value().wasThere) // only then it may be believed to be lower
                    QVERIFY2(counts.value().now >= 1, QByteArray::number(qint64{counts.value().now}));
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestBrokenBooks)
#include "tst_broken_books.moc"
