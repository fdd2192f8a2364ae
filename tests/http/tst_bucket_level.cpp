// SPDX-License-Identifier: GPL-3.0-only
// A bucket is set to any level, of every algorithm: so many requests are admitted then, and setting it counts as none.
#include <QTest>

#include "tests/http/limits_file.h"
#include "tests/support/limit_setup.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;

namespace {

constexpr int kSoonMs = 5000;
constexpr limit::Tokens kCapacity = 40;

} // namespace

class TestBucketLevel : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;
    LimitsFile m_file;
    std::unique_ptr<RunningService> m_service;

    limit::Tokens set(const std::string &subject, limit::Tokens tokens)
    {
        std::optional<Result<limit::Tokens>> done;
        (*m_service)->setBucketLevel("global", subject, tokens, this, [&](const Result<limit::Tokens> &level) {
            done = level;
        });
        return QTest::qWaitFor([&] { return done.has_value(); }, kSoonMs) && *done ? done->value() : -1;
    }
    int admittedOf(int requests, const QByteArray &fields)
    {
        int admitted = 0;
        RawHttpClient client;
        for (int i = 0; i < requests; ++i) {
            if (!client.isOpen() && !client.connectTo(m_service->port()))
                return -1;
            if (!client.sendRequest(QByteArrayLiteral("GET"), QByteArrayLiteral("/"), fields))
                return -1;
            const auto response = client.readResponse();
            if (!response || (response->status != 200 && response->status != 429))
                return -(response ? response->status : 1);
            admitted += response->status == 200 ? 1 : 0;
        }
        return admitted;
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        QVERIFY(m_redis.isRunning() || m_redis.start());
        m_redis.command({"FLUSHALL"});
    }
    void cleanup()
    {
        m_service.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void soManyRequestsAreAdmittedThen_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("algorithm");
        for (const LimitSetup::Kind kind : kLimitKinds)
            for (std::size_t i = 0; i < limit::kAlgorithmNames.size(); ++i) {
                LimitSetup setup{kind, cappedAt(kCapacity)};
                setup.total.algorithm = static_cast<limit::Algorithm>(i);
                QTest::newRow(setup.name().c_str()) << static_cast<int>(kind) << static_cast<int>(i);
            }
    }
    void soManyRequestsAreAdmittedThen()
    {
        QFETCH(const int, kind);
        QFETCH(const int, algorithm);
        LimitSetup setup{static_cast<LimitSetup::Kind>(kind), cappedAt(kCapacity)};
        setup.total.algorithm = static_cast<limit::Algorithm>(algorithm);
        if (limit::isWindow(setup.total.algorithm))
            setup.total.refill = setup.total.capacity;
        m_service = m_file.serve(m_redis, setup.text("reject"));
        const limit::Tokens capacity = setup.spec().capacity;
        const QByteArray fields = setup.fields(0);
        const std::string subject = setup.groups() > 1 ? "k0" : "";
        if (subject.empty())
            (*m_service)->showBucket("global", subject);
        QCOMPARE(admittedOf(3, fields), 3);
        std::int64_t admitted = 3;
        for (const limit::Tokens level : {limit::Tokens{7}, limit::Tokens{0}, limit::Tokens{1}, capacity - 1}) {
            QCOMPARE(set(subject, level), level);
            QCOMPARE(admittedOf(static_cast<int>(level) + 2, fields), static_cast<int>(level));
            admitted += level;
            (*m_service)->showBucket("global", subject);
            QTRY_COMPARE_WITH_TIMEOUT((*m_service)->status().level.admittedLifetime, admitted, kSoonMs);
            QTRY_COMPARE_WITH_TIMEOUT((*m_service)->status().level.tokens, limit::Tokens{0}, kSoonMs);
        }
        QCOMPARE(set(subject, limit::kMaxCapacity), capacity);
        QCOMPARE(set(subject, -3), limit::Tokens{0});
    }
};

QTEST_GUILESS_MAIN(TestBucketLevel)
#include "tst_bucket_level.moc"
