// SPDX-License-Identifier: GPL-3.0-only
// The Failures page in front of a real Weir with a private Redis: what its switches do is looked up over HTTP.
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QTextEdit>

#include "tests/http/running_service.h"
#include "tests/support/warnings_fail.h"
#include "ui/window/main_window.h"
#include "ui/controls/banner.h"
#include "ui/failures/policy_panel.h"
#include "ui/controls/toggle.h"

using namespace weir;
using namespace weir::test;
using namespace weir::ui;
using namespace std::chrono_literals;
using Policy = config::StoreFailurePolicy;

namespace {

constexpr limit::LimitSpec kHourly{1000, 1, Micros{3600s}, limit::StartLevel::Full};
constexpr int kSoonMs = 5000;       // deadlines, pulls and the bin of a second on a busy machine
constexpr int kRecoveryMs = 20'000; // a restart and the back-off of the links

} // namespace

class TestFailuresWithServer : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis; // somebody else's
    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<RunningService> m_service;
    std::unique_ptr<MainWindow> m_window;

    template<class T>
    T *child(const char *name)
    {
        return m_window->findChild<T *>(QLatin1String(name));
    }
    void open(bool isPrivate)
    {
        m_service = std::make_unique<RunningService>(m_redis, kHourly, 1, Policy::Reject, [&](config::Config &config) {
            if (isPrivate)
                config.redisUrl.clear();
            config.dataDir = m_dir->filePath(QStringLiteral("data")).toStdString();
        });
        m_window = std::make_unique<MainWindow>(*m_service->operator->(), *m_settings);
        m_window->openPage(QStringLiteral("failures"));
        m_window->show();
    }
    int statusNow()
    {
        const auto response = m_service->get();
        return response ? response->status : 0;
    }
    engine::Status service() { return (*m_service)->status(); }

private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY(m_redis.start());
    }
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_settings = std::make_unique<QSettings>(m_dir->filePath(QStringLiteral("weir.ini")), QSettings::IniFormat);
        m_warnings.expect(QStringLiteral(".*")); // the log says what was broken
    }
    void cleanup()
    {
        m_window.reset();
        m_service.reset();
        m_settings.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void aHungRedisIsSeenAndRepaired()
    {
        open(true);
        QCOMPARE(statusNow(), 200);
        // A second of health: from its level on the others are worked out.
        const auto isLevelKnown = [this] {
            const auto history = (*m_service)->history();
            return !history->bins.empty() && history->bins.back().tokens >= 0 && !history->bins.back().isAway;
        };
        QTRY_VERIFY_WITH_TIMEOUT(isLevelKnown(), kSoonMs);
        child<Toggle>("hangRedis")->click();
        QTRY_VERIFY_WITH_TIMEOUT(service().harm.isServerHung, kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(statusNow(), 503, kSoonMs);
        auto *banner = child<Banner>("storeBanner");
        QTRY_VERIFY_WITH_TIMEOUT(banner->isVisible() && banner->message().contains(QStringLiteral("hangs")), kSoonMs);
        QTRY_VERIFY_WITH_TIMEOUT(
            child<QTextEdit>("explanation")->toPlainText().startsWith(QStringLiteral("Redis hangs")), kSoonMs);
        // The requests that got 503 would have been admitted by the last known level.
        const auto *policies = m_window->findChild<PolicyPanel *>();
        QTRY_VERIFY_WITH_TIMEOUT(policies->figures(Policy::Local).startsWith(QStringLiteral("would admit ")), kSoonMs);
        QTRY_VERIFY_WITH_TIMEOUT(policies->figures(Policy::Reject).contains(QStringLiteral("rejected")), kSoonMs);
        child<QPushButton>("bannerRepair")->click();
        QTRY_COMPARE_WITH_TIMEOUT(statusNow(), 200, kRecoveryMs);
        QTRY_VERIFY_WITH_TIMEOUT(banner->isHidden(), kRecoveryMs);
        QVERIFY(!child<Toggle>("hangRedis")->isChecked());
    }

    void aCutConnectionIsSeenAndRepaired()
    {
        open(false); // it harms nobody else's Redis
        QCOMPARE(statusNow(), 200);
        child<Toggle>("cutConnection")->click();
        QTRY_COMPARE_WITH_TIMEOUT(statusNow(), 503, kSoonMs);
        auto *banner = child<Banner>("storeBanner");
        QTRY_VERIFY_WITH_TIMEOUT(banner->isVisible() && banner->message().contains(QStringLiteral("cut")), kSoonMs);
        child<QPushButton>("repairAll")->click();
        QTRY_COMPARE_WITH_TIMEOUT(statusNow(), 200, kRecoveryMs);
        QTRY_VERIFY_WITH_TIMEOUT(banner->isHidden(), kRecoveryMs);
    }

    void aSlowRedisIsWaitedForAndThenNotAnyMore()
    {
        open(false);
        QCOMPARE(statusNow(), 200);
        (*m_service)->setHarm({.linkDelay = 20ms}); // within the deadline
        QTRY_COMPARE_WITH_TIMEOUT(service().harm.linkDelay, 20ms, kSoonMs);
        QTRY_VERIFY_WITH_TIMEOUT(child<Toggle>("slowRedis")->isChecked(), kSoonMs);
        QCOMPARE(statusNow(), 200);
        (*m_service)->setHarm({.linkDelay = 500ms});
        QTRY_COMPARE_WITH_TIMEOUT(statusNow(), 503, kSoonMs);
        child<QPushButton>("repairAll")->click();
        QTRY_COMPARE_WITH_TIMEOUT(statusNow(), 200, kRecoveryMs);
    }

    void aSteppedClockRefills()
    {
        open(true);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(statusNow(), 200);
        QTRY_COMPARE_WITH_TIMEOUT(service().level.tokens, limit::Tokens{997}, kSoonMs);
        (*m_service)->setHarm({.clockStep = 1h});
        QTRY_COMPARE_WITH_TIMEOUT(service().harm.clockStep, std::chrono::seconds{1h}, kSoonMs);
        QTRY_VERIFY_WITH_TIMEOUT(child<Toggle>("stepClock")->isChecked(), kSoonMs);
        QCOMPARE(statusNow(), 200); // one token comes, one goes
        QTRY_COMPARE_WITH_TIMEOUT(service().level.tokens, limit::Tokens{997}, kSoonMs);
        child<QPushButton>("repairAll")->click();
        QTRY_COMPARE_WITH_TIMEOUT(service().harm.clockStep, 0s, kSoonMs);
        QCOMPARE(statusNow(), 200); // going back gives nothing
        QTRY_COMPARE_WITH_TIMEOUT(service().level.tokens, limit::Tokens{996}, kSoonMs);
    }

    void aKilledRedisComesBack()
    {
        open(true);
        child<QPushButton>("killRedis")->click();
        QTRY_VERIFY_WITH_TIMEOUT(child<QLabel>("harmOutcome")->text().contains(QStringLiteral("was killed")), kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(service().store.restarts, 1, kRecoveryMs);
        QTRY_COMPARE_WITH_TIMEOUT(statusNow(), 200, kRecoveryMs);
        QTRY_VERIFY_WITH_TIMEOUT(
            child<QTextEdit>("explanation")->toPlainText().startsWith(QStringLiteral("Redis was killed")), kSoonMs);
    }

    void redisForgets()
    {
        open(true);
        child<QPushButton>("makeForget")->click();
        QTRY_VERIFY_WITH_TIMEOUT(child<QLabel>("harmOutcome")->text().contains(QStringLiteral("lost every bucket")),
                                 kSoonMs);
        QCOMPARE(statusNow(), 200);
        // While it hangs it cannot; that is said, not kept silent.
        child<Toggle>("hangRedis")->click();
        QTRY_VERIFY_WITH_TIMEOUT(service().harm.isServerHung, kSoonMs);
        child<QPushButton>("makeForget")->click();
        QTRY_VERIFY_WITH_TIMEOUT(child<QLabel>("harmOutcome")->text().startsWith(QStringLiteral("Not forgotten: ")),
                                 kRecoveryMs);
        QVERIFY(child<QPushButton>("makeForget")->isEnabled());
    }

    void theRedisOfSomebodyElseIsLeftAlone()
    {
        open(false);
        QVERIFY(!child<Toggle>("hangRedis")->isEnabled() && !child<QPushButton>("killRedis")->isEnabled());
        std::optional<Error> forgotten, killed;
        (*m_service)->setHarm({.isServerHung = true});
        (*m_service)->makeStoreForget(m_window.get(), [&](const Result<Done> &result) { forgotten = result.error(); });
        (*m_service)->killStore(m_window.get(), [&](const Result<Done> &result) { killed = result.error(); });
        QTRY_VERIFY_WITH_TIMEOUT(forgotten && killed, kSoonMs);
        QCOMPARE(forgotten->code, Error::Code::Invalid);
        QCOMPARE(killed->code, Error::Code::Invalid);
        QVERIFY(!service().harm.isServerHung);
        QCOMPARE(statusNow(), 200);
    }
};

QTEST_MAIN(TestFailuresWithServer)
#include "tst_failures_with_server.moc"
