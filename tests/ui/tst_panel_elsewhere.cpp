// SPDX-License-Identifier: GPL-3.0-only
// The panel of a Weir that runs elsewhere: its numbers, its limits changed in the window, and contact that is lost.
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include "core/admin/admin_token.h"
#include "core/remote/remote_service.h"
#include "tests/http/running_service.h"
#include "tests/support/slow_relay.h"
#include "tests/support/warnings_fail.h"
#include "ui/controls/banner.h"
#include "ui/controls/tabular_text.h"
#include "ui/controls/toggle.h"
#include "ui/live/bucket_gauge.h"
#include "ui/live/stat_tile.h"
#include "ui/window/main_window.h"

using namespace weir;
using namespace weir::test;
using namespace weir::ui;
using namespace std::chrono_literals;

namespace {

constexpr limit::LimitSpec kHourly{12, 5, Micros{3600s}, limit::StartLevel::Full}; // no refill comes in between
constexpr int kSoonMs = 5000;

} // namespace

class TestPanelElsewhere : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;
    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<SlowRelay> m_relay;
    std::unique_ptr<RunningService> m_service;
    std::unique_ptr<remote::RemoteService> m_remote;
    std::unique_ptr<MainWindow> m_window;

    template<class T>
    T *child(const char *name)
    {
        return m_window->findChild<T *>(QLatin1String(name));
    }
    void lead(bool isThere)
    {
        const QUrl admin{QString::fromStdString((*m_service)->status().adminUrl)};
        m_relay->leadTo(isThere ? static_cast<std::uint16_t>(admin.port()) : 0);
    }
    [[nodiscard]] QString gauge() const { return m_window->findChild<BucketGauge *>()->accessibleDescription(); }
    [[nodiscard]] QString place() const { return QStringLiteral("127.0.0.1:%1").arg(m_relay->port()); }

private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY(m_redis.start());
    }
    void init()
    {
        m_redis.command({"FLUSHALL"});
        m_dir = std::make_unique<QTemporaryDir>();
        m_relay = std::make_unique<SlowRelay>();
        m_service = std::make_unique<RunningService>(m_redis, kHourly, 2, config::StoreFailurePolicy::Local,
                                                     [this](config::Config &config) {
                                                         config.admin = {true, true, {"127.0.0.1", 0}};
                                                         config.adminHosts = {place().toStdString()};
                                                         config.dataDir = m_dir->path().toStdString();
                                                     });
        lead(true);
        const auto token = admin::AdminToken::readOrMake(m_dir->path().toStdString());
        QVERIFY(token);
        m_remote = std::make_unique<remote::RemoteService>(
            remote::Elsewhere{QUrl{QStringLiteral("http://") + place()}, token.value()});
        QVERIFY(m_remote->start());
        m_settings = std::make_unique<QSettings>(m_dir->filePath(QStringLiteral("w.ini")), QSettings::IniFormat);
        m_window = std::make_unique<MainWindow>(*m_remote, *m_settings);
        m_window->show();
    }
    void cleanup()
    {
        m_window.reset();
        m_remote.reset();
        m_service.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void itsNumbersAreShownAndWhereItIs()
    {
        for (int i = 0; i < 3; ++i)
            QCOMPARE(m_service->get()->status, 200);
        QTRY_COMPARE_WITH_TIMEOUT(child<StatTile>("tileAdmitted")->value(), QStringLiteral("3"), kSoonMs);
        QTRY_VERIFY2_WITH_TIMEOUT(gauge().startsWith(QLatin1String("9 of 12 tokens")), qPrintable(gauge()), kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(child<QTableView>("requests")->model()->rowCount(), 3, kSoonMs);
        QVERIFY2(m_window->windowTitle().startsWith(place()), qPrintable(m_window->windowTitle()));
        QCOMPARE(child<TabularLabel>("elsewhere")->text(), QStringLiteral("At ") + place());

        QTest::mouseClick(child<QPushButton>("empty"), Qt::LeftButton);
        QTRY_VERIFY2_WITH_TIMEOUT(gauge().startsWith(QLatin1String("0 of 12 tokens")), qPrintable(gauge()), kSoonMs);
        QCOMPARE(m_service->get()->status, 429);
    }

    void nothingIsBrokenFromAfar()
    {
        QVERIFY(m_window->openPage(QStringLiteral("failures")));
        m_window->takeNewest();
        for (const char *name : {"pauseRefiller", "refillOnDemand"})
            QVERIFY2(!child<Toggle>(name)->isEnabled(), name);
        QVERIFY(child<QLabel>("harmNote")->text().startsWith(QLatin1String("This Weir runs elsewhere")));
        QVERIFY(!child<QPushButton>("bannerRepair")->isVisible());
    }

    void lostContactIsSaid()
    {
        lead(false);
        auto *banner = child<Banner>("storeBanner");
        QTRY_VERIFY_WITH_TIMEOUT(banner->isVisible(), kSoonMs);
        const QString text = banner->message();
        QVERIFY2(text.contains(QStringLiteral("No connection to http://%1 since ").arg(place())), qPrintable(text));
        lead(true);
        QTRY_VERIFY_WITH_TIMEOUT(!banner->isVisible(), kSoonMs);
    }
};

QTEST_MAIN(TestPanelElsewhere)
#include "tst_panel_elsewhere.moc"
