// SPDX-License-Identifier: GPL-3.0-only
// Weir as most people start it, with one limit and no file: what the panel shows of that limit, and what the first file changes.
#include <QTest>

#include "tests/http/limits_file.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;

namespace {

constexpr int kSoonMs = 5000;
constexpr limit::LimitSpec kCapped{5, 1, limit::kMaxInterval, limit::StartLevel::Full};

} // namespace

class TestDefaultLimit : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;
    QTemporaryDir m_folder;
    std::unique_ptr<RunningService> m_service;

    [[nodiscard]] QString path() const { return m_folder.filePath(QStringLiteral("first/weir.toml")); }
    engine::BucketRow row()
    {
        const auto list = (*m_service)->buckets();
        return list->rows.size() == 1 ? list->rows.front() : engine::BucketRow{"no row", -1, -1, -1, 0, 0};
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        QVERIFY(m_redis.isRunning() || m_redis.start());
        m_redis.command({"FLUSHALL"});
        QVERIFY(QDir{m_folder.path()}.mkpath(QStringLiteral("first")));
        m_service = std::make_unique<RunningService>(
            m_redis, kCapped, 2, config::StoreFailurePolicy::Local,
            [this](config::Config &config) { config.fileToMake = path().toStdString(); });
        (*m_service)->watchBuckets("global", {});
    }
    void cleanup()
    {
        m_service.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void itsBucketIsInTheTable()
    {
        QTRY_COMPARE_WITH_TIMEOUT(row().tokens, limit::Tokens{5}, kSoonMs); // before anybody has asked
        QCOMPARE(row().subject, std::string{});
        QCOMPARE(row().admitted, std::int64_t{0});
        QCOMPARE(row().lastSeenMs, std::int64_t{0});
        for (int i = 0; i < 7; ++i)
            QVERIFY(m_service->get());
        QTRY_COMPARE_WITH_TIMEOUT(row().tokens, limit::Tokens{0}, kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(row().refused, std::int64_t{2}, kSoonMs);
        QCOMPARE(row().admitted, std::int64_t{5});
        QVERIFY(row().lastSeenMs > 0);
        (*m_service)->watchBuckets("global", "some");
        QTRY_COMPARE_WITH_TIMEOUT((*m_service)->buckets()->rows.size(), std::size_t{0}, kSoonMs);
    }

    // What an Apply of the panel does that needs a file, where there was none.
    void theFirstFileResetsNoCounter()
    {
        for (int i = 0; i < 7; ++i)
            QVERIFY(m_service->get());
        config::LimitSet next = *(*m_service)->limits();
        next.limits.front().isShadow = true;
        next.limits.front().spec.capacity = 8;
        std::optional<Result<Done>> done;
        change(*m_service, next, done);
        QTRY_VERIFY_WITH_TIMEOUT(done.has_value(), kSoonMs);
        QVERIFY(*done);
        QVERIFY(QFile::exists(path()));
        QTRY_COMPARE_WITH_TIMEOUT((*m_service)->status().config.file, path().toStdString(), kSoonMs);
        const engine::Status status = (*m_service)->status();
        QCOMPARE(status.limits.front().admitted, std::int64_t{5});
        QTRY_COMPARE_WITH_TIMEOUT((*m_service)->status().limits.front().refused, std::int64_t{2}, kSoonMs);
        QCOMPARE(status.totals.admitted, std::int64_t{5});
        QTRY_COMPARE_WITH_TIMEOUT(row().admitted, std::int64_t{5}, kSoonMs);
        QVERIFY(m_service->get());
        QTRY_COMPARE_WITH_TIMEOUT((*m_service)->status().limits.front().admitted
                                      + (*m_service)->status().limits.front().refused,
                                  std::int64_t{8}, kSoonMs);
    }
};

QTEST_GUILESS_MAIN(TestDefaultLimit)
#include "tst_default_limit.moc"
