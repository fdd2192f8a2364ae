// SPDX-License-Identifier: GPL-3.0-only
// What requests get while the store is away, as the panel sets it: of one limit, in its turn, written into the file.
#include <QTest>

#include "tests/http/limits_file.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using Policy = config::StoreFailurePolicy;

namespace {

constexpr int kSoonMs = 15'000;
const QByteArray kHead{"# ours\n[server]\nthreads = 2 # two\n\n# the first\n"};

} // namespace

class TestStoreFailurePolicy : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;
    LimitsFile m_file;
    std::unique_ptr<RunningService> m_service;

    [[nodiscard]] std::vector<Policy> policies()
    {
        const auto set = (*m_service)->limits();
        std::vector<Policy> list;
        for (const config::LimitEntry &entry : set->limits)
            list.push_back(entry.onStoreFailure);
        return list;
    }
    /// What a request gets, and by whom.
    QByteArray answer()
    {
        const auto response = m_service->get();
        return response ? QByteArray::number(response->status) + ' ' + response->header("weir-decided-by") : "none";
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
        m_redis.resume();
        m_service.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void onlyTheLimitThatIsShownIsChanged()
    {
        const QByteArray second = "# the second\n" + limitText("b", 9, "on_store_failure = \"reject\" # paid\n");
        const QByteArray first = limitText("a", 5, kByKey);
        m_service = m_file.serve(m_redis, kHead + first + second);
        QCOMPARE((*m_service)->status().limit.name, std::string{"b"}); // the first with one bucket for all
        QVERIFY(m_service->setPolicy(Policy::Allow));
        QCOMPARE(policies(), (std::vector{Policy::Local, Policy::Allow}));
        QCOMPARE((*m_service)->status().onStoreFailure, Policy::Allow);
        QCOMPARE(m_file.text(), kHead + first + QByteArray{second}.replace("reject", "allow"));

        (*m_service)->showBucket("a", "k");
        QTRY_COMPARE_WITH_TIMEOUT((*m_service)->status().limit.name, std::string{"a"}, kSoonMs);
        QVERIFY(m_service->setPolicy(Policy::Reject));
        QCOMPARE(policies(), (std::vector{Policy::Reject, Policy::Allow}));
        QVERIFY2(m_file.text().contains("on_store_failure = \"reject\""), m_file.text());
        QVERIFY(m_file.text().startsWith(kHead));
        const config::Config read = config::readConfigText(m_file.text().toStdString()).config;
        QCOMPARE(read.limitSet, *(*m_service)->limits());
    }

    // Also of one limit, with the file in its short form.
    void theOnlyLimitIsChanged()
    {
        const QByteArray text = "capacity = 5 # a few\nrefill = 1\nevery = \"366d\"\n";
        m_service = m_file.serve(m_redis, text);
        QVERIFY(m_service->setPolicy(Policy::Allow));
        QVERIFY2(m_file.text().startsWith("capacity = 5 # a few\n"), m_file.text());
        QCOMPARE(config::readConfigText(m_file.text().toStdString()).config.onStoreFailure, Policy::Allow);
        m_redis.kill();
        QTRY_COMPARE_WITH_TIMEOUT(answer(), QByteArray{"200 allow"}, kSoonMs);
        // It needs no store.
        QVERIFY(m_service->setPolicy(Policy::Reject));
        QCOMPARE(answer(), QByteArray{"503 "});
        QCOMPARE(config::readConfigText(m_file.text().toStdString()).config.onStoreFailure, Policy::Reject);
    }

    void withoutAFileItHoldsAllTheSame()
    {
        m_service = m_file.serveWithout(m_redis, limitText("a", 5) + limitText("b", 9, kByKey));
        QVERIFY(m_service->setPolicy(Policy::Reject));
        QCOMPARE(policies(), (std::vector{Policy::Reject, Policy::Local}));
    }

    // Asked for last, it holds last: a change of the limits that is still under way does not bring the old one back.
    void itWaitsForItsTurn()
    {
        m_service = m_file.serve(m_redis, limitText("a", 5) + limitText("b", 9, kByKey));
        config::LimitSet next = *(*m_service)->limits();
        bool isMet = false; // the change was confirmed: it did not meet the deadline of a call
        for (int round = 0; round < 20 && !isMet; ++round) {
            next.limits[0].spec.capacity = 100 + round;
            std::optional<Result<Done>> changed, set;
            QObject context;
            m_redis.pause();
            change(*m_service, next, changed);
            (*m_service)->setStoreFailurePolicy(Policy::Allow, &context, [&](const Result<Done> &one) { set = one; });
            m_redis.resume();
            QTRY_VERIFY_WITH_TIMEOUT(changed.has_value() && set.has_value(), kSoonMs);
            QVERIFY(*set);
            QCOMPARE(policies(), (std::vector{Policy::Allow, Policy::Local}));
            QCOMPARE(config::readConfigText(m_file.text().toStdString()).config.limitSet, *(*m_service)->limits());
            isMet = changed->isOk();
        }
        QVERIFY(isMet);
    }

    void aFileThatCannotBeWrittenIsSaid()
    {
        m_service = m_file.serve(m_redis, limitText("a", 5));
        m_file.write(limitText("a", 5) + "# theirs\n"); // an editor was faster
        std::optional<Result<Done>> set;
        QObject context;
        (*m_service)->setStoreFailurePolicy(Policy::Allow, &context, [&](const Result<Done> &one) { set = one; });
        QTRY_VERIFY_WITH_TIMEOUT(set.has_value(), kSoonMs);
        QVERIFY(*set || set->error().code == Error::Code::State);
        QVERIFY(m_file.text().endsWith("# theirs\n"));
        QCOMPARE(policies().front(), *set ? Policy::Allow : Policy::Local);
    }

    // The file wants what Redis has not taken yet: that stays its wish.
    void whatTheFileWantsAlreadyIsKept()
    {
        m_warnings.expect(QStringLiteral("the limits stay as they were"));
        m_service = m_file.serve(m_redis, limitText("a", 5) + limitText("b", 9, kByKey));
        m_redis.pause();
        m_file.write(limitText("a", 6) + limitText("b", 9, kByKey));
        QTRY_VERIFY_WITH_TIMEOUT((*m_service)->status().config.isRetried, kSoonMs);
        QVERIFY(m_service->setPolicy(Policy::Allow));
        QCOMPARE(policies(), (std::vector{Policy::Allow, Policy::Local}));
        QCOMPARE(inForce(*m_service), QByteArray{"a=5 b=9 "});
        QVERIFY((*m_service)->status().config.isRetried);
        m_redis.resume();
        QTRY_COMPARE_WITH_TIMEOUT(inForce(*m_service), QByteArray{"a=6 b=9 "}, kSoonMs);
        QCOMPARE(policies(), (std::vector{Policy::Allow, Policy::Local}));
        QTRY_VERIFY_WITH_TIMEOUT((*m_service)->status().config.problem.empty(), kSoonMs);
    }
};

QTEST_GUILESS_MAIN(TestStoreFailurePolicy)
#include "tst_store_failure_policy.moc"
