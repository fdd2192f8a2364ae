// SPDX-License-Identifier: GPL-3.0-only
// The panel in front of a real Weir: what its controls do is looked up at the server, over HTTP and in Redis.
#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include "tests/http/limits_file.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"
#include "ui/window/main_window.h"
#include "ui/live/request_model.h"
#include "ui/look/theme.h"
#include "ui/controls/banner.h"
#include "ui/live/bucket_gauge.h"
#include "ui/live/chart_panel.h"
#include "ui/live/mode_picker.h"
#include "ui/live/stat_tile.h"
#include "ui/controls/status_chip.h"
#include "ui/controls/tabular_text.h"
#include "ui/controls/value_edit.h"

using namespace weir;
using namespace weir::test;
using namespace weir::ui;
using namespace std::chrono_literals;

namespace {

constexpr limit::LimitSpec kHourly{12, 5, Micros{3600s}, limit::StartLevel::Full}; // no refill comes in between
constexpr int kSoonMs = 3000;       // an answer over a socket and the pull after it
constexpr int kHistoryMs = 5000;    // bins and marks come once a second
constexpr int kRecoveryMs = 10'000; // the back-off of the link ends at 5 s

} // namespace

class TestPanelWithServer : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;
    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<RunningService> m_service;
    std::unique_ptr<MainWindow> m_window;

    template<class T>
    T *child(const char *name)
    {
        return m_window->findChild<T *>(QLatin1String(name));
    }
    QPushButton *button(const char *name) { return child<QPushButton>(name); }
    void click(const char *name) { QTest::mouseClick(button(name), Qt::LeftButton); }
    void type(const char *field, const char *text)
    {
        auto *line = child<ValueEdit>(field)->findChild<QLineEdit *>();
        line->selectAll();
        QTest::keyClicks(line, QString::fromUtf8(text));
    }
    [[nodiscard]] QAbstractItemModel *rows() { return child<QTableView>("requests")->model(); }
    QString cell(int row, RequestModel::Column column) { return rows()->index(row, column).data().toString(); }
    QString gauge() { return m_window->findChild<BucketGauge *>()->accessibleDescription(); }
    QString tile(const char *name) { return child<StatTile>(name)->value(); }
    QString sentence() { return child<QLabel>("sentence")->text(); }

    /// A field of the bucket's hash.
    qint64 stored(const QByteArray &field) { return storedField(m_redis, "weir:{global}", field).toLongLong(); }
    qint64 policyOfNextAnswer(QByteArray &policy)
    {
        const auto response = m_service->get();
        policy = response ? response->header("ratelimit-policy") : QByteArray();
        return response ? response->status : 0;
    }
    /// Clicks Apply and waits for the confirmation.
    bool apply()
    {
        if (!button("apply")->isEnabled())
            return false;
        click("apply");
        return QTest::qWaitFor([this] { return sentence().startsWith(QLatin1String("In force")); }, kSoonMs);
    }
    bool comesTo(int status)
    {
        return QTest::qWaitFor(
            [&] {
                const auto response = m_service->get();
                return response && response->status == status;
            },
            kRecoveryMs);
    }
    void open()
    {
        m_window.reset();
        m_window = std::make_unique<MainWindow>(*m_service->operator->(), *m_settings);
        m_window->show();
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_settings = std::make_unique<QSettings>(m_dir->filePath(QStringLiteral("weir.ini")), QSettings::IniFormat);
        QVERIFY(m_redis.isRunning() || m_redis.start());
        m_redis.command({"FLUSHALL"});
        m_service = std::make_unique<RunningService>(m_redis, kHourly);
        open();
        QTRY_COMPARE_WITH_TIMEOUT(gauge(), QStringLiteral("12 of 12 tokens"), kSoonMs);
    }
    void cleanup()
    {
        m_window.reset();
        m_service.reset();
        m_settings.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void sentRequestsAreSeenEverywhere()
    {
        click("sendOne");
        QTRY_COMPARE_WITH_TIMEOUT(child<TabularLabel>("sendReport")->text(), QStringLiteral("Sent: 1 admitted"),
                                  kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(rows()->rowCount(), 1, kSoonMs);
        QCOMPARE(cell(0, RequestModel::Request), QStringLiteral("GET /"));
        QCOMPARE(cell(0, RequestModel::Status), QStringLiteral("200"));
        QCOMPARE(cell(0, RequestModel::TokensLeft), QStringLiteral("11"));
        click("sendTen");
        QTRY_COMPARE_WITH_TIMEOUT(rows()->rowCount(), 11, kSoonMs);
        QTRY_VERIFY_WITH_TIMEOUT(button("sendTen")->isEnabled(), kSoonMs);
        click("sendTen");
        QTRY_COMPARE_WITH_TIMEOUT(child<TabularLabel>("sendReport")->text(),
                                  QStringLiteral("Sent: 1 admitted, 9 refused"), kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(rows()->rowCount(), 21, kSoonMs);

        int refused = 0;
        for (int row = 0; row < rows()->rowCount(); ++row)
            refused += cell(row, RequestModel::Status) == QLatin1String("429") ? 1 : 0;
        QCOMPARE(refused, 9);
        QVERIFY(!cell(0, RequestModel::RetryAfter).isEmpty());
        QTRY_COMPARE_WITH_TIMEOUT(gauge(), QStringLiteral("0 of 12 tokens"), kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(tile("tileAdmitted"), QStringLiteral("12"), kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(tile("tileRefused"), QStringLiteral("9"), kSoonMs);
        QCOMPARE(stored("tokens"), 0);
        QCOMPARE(stored("admitted"), 12);
        QCOMPARE(stored("refused"), 9);
    }

    void anEditedLimitHoldsForTheNextRequest()
    {
        type("capacity", "20");
        type("refill", "7");
        type("interval", "2 h");
        QVERIFY(apply());
        QByteArray policy;
        QCOMPARE(policyOfNextAnswer(policy), 200);
        QCOMPARE(policy, QByteArray{"\"global\";q=14;w=14400"});
        QCOMPARE(stored("capacity"), 20);
        QCOMPARE(stored("refill"), 7);
        QVERIFY(!button("apply")->isEnabled());
        QTRY_COMPARE_WITH_TIMEOUT(gauge(), QStringLiteral("11 of 20 tokens"), kSoonMs);

        auto *chart = m_window->findChild<ChartPanel *>();
        QTRY_COMPARE_WITH_TIMEOUT(chart->series().marks.size(), std::size_t{1}, kHistoryMs);
        QCOMPARE(chart->series().marks.front().change.before.capacity, 12);
        QCOMPARE(chart->series().marks.front().change.after.capacity, 20);
    }

    void revertFillAndEmptyDoWhatTheySay()
    {
        type("capacity", "50");
        QVERIFY(button("revert")->isEnabled());
        click("revert");
        QCOMPARE(child<ValueEdit>("capacity")->value(), std::optional<qint64>(12));
        QByteArray policy;
        policyOfNextAnswer(policy);
        QCOMPARE(policy, QByteArray{"\"global\";q=10;w=7200"});

        click("empty");
        QTRY_COMPARE_WITH_TIMEOUT(sentence(), QStringLiteral("The bucket holds 0 tokens now."), kSoonMs);
        QCOMPARE(m_service->get()->status, 429);
        QTRY_COMPARE_WITH_TIMEOUT(gauge(), QStringLiteral("0 of 12 tokens"), kSoonMs);
        click("fill");
        QTRY_COMPARE_WITH_TIMEOUT(sentence(), QStringLiteral("The bucket holds 12 tokens now."), kSoonMs);
        QCOMPARE(stored("tokens"), 12);
        QCOMPARE(m_service->get()->status, 200);
        QTRY_COMPARE_WITH_TIMEOUT(gauge(), QStringLiteral("11 of 12 tokens"), kSoonMs);
    }

    void theLevelIsWhatThePreviewPromised_data()
    {
        QTest::addColumn<int>("mode");
        QTest::addColumn<qint64>("level");
        QTest::newRow("keep") << static_cast<int>(limit::TokenMode::Keep) << 6LL;
        QTest::newRow("proportional") << static_cast<int>(limit::TokenMode::Proportional) << 15LL;
        QTest::newRow("refill") << static_cast<int>(limit::TokenMode::Refill) << 30LL;
    }
    void theLevelIsWhatThePreviewPromised()
    {
        QFETCH(int, mode);
        QFETCH(qint64, level);
        for (int i = 0; i < 6; ++i)
            QCOMPARE(m_service->get()->status, 200);
        auto *picker = m_window->findChild<ModePicker *>();
        type("capacity", "30");
        const auto chosen = static_cast<limit::TokenMode>(mode);
        QTRY_COMPARE_WITH_TIMEOUT(picker->preview(chosen), QStringLiteral("6 → %1").arg(level), kSoonMs);
        QTest::mouseClick(picker->button(chosen), Qt::LeftButton);
        QVERIFY(apply());
        QCOMPARE(stored("tokens"), level);
        QTRY_COMPARE_WITH_TIMEOUT(gauge(), QStringLiteral("%1 of 30 tokens").arg(level), kSoonMs);
    }

    void aPresetIsApplied()
    {
        button("presets")->menu()->actions().at(1)->trigger(); // 60 an hour
        QByteArray policy;
        policyOfNextAnswer(policy);
        QCOMPARE(policy, QByteArray{"\"global\";q=10;w=7200"}); // not before Apply
        QVERIFY(apply());
        policyOfNextAnswer(policy);
        QCOMPARE(policy, QByteArray{"\"global\";q=60;w=3600"});
        QCOMPARE(stored("refill"), 60);
    }

    void theAlgorithmStays_data()
    {
        QTest::addColumn<QByteArray>("algorithm");
        QTest::addColumn<bool>("hasFile");
        QTest::addColumn<bool>("isAlone");
        for (const std::string_view algorithm : limit::kAlgorithmNames)
            for (const bool hasFile : {true, false})
                for (const bool isAlone : {true, false})
                    QTest::addRow("%s, %s, %s", algorithm.data(), hasFile ? "file" : "no file",
                                  isAlone ? "alone" : "one of two")
                        << QByteArray{algorithm.data()} << hasFile << isAlone;
    }
    // In force, on the disk and in Redis, when one number of it is edited.
    void theAlgorithmStays()
    {
        QFETCH(const QByteArray, algorithm);
        QFETCH(const bool, hasFile);
        QFETCH(const bool, isAlone);
        const bool isWindow = limit::isWindow(*limit::algorithmOf(algorithm.toStdString()));
        const QByteArray said = "[[limit]] # mine\nname = \"global\"\nalgorithm = \"" + algorithm
                                + "\"\ncapacity = 20\n" + (isWindow ? "" : "refill = 5\n")
                                + "every = \"1h\"\nstart = \"empty\"\n"
                                + (isAlone ? QByteArray{} : limitText("b", 9, kByKey));
        const LimitsFile file;
        m_window.reset();
        m_service.reset();
        m_service = hasFile ? file.serve(m_redis, said) : file.serveWithout(m_redis, said);
        open();
        QTRY_COMPARE_WITH_TIMEOUT(child<ValueEdit>("capacity")->value(), std::optional<qint64>(20), kSoonMs);
        QVERIFY(!button("apply")->isEnabled());
        QVERIFY(!button("revert")->isEnabled());
        const config::LimitSet before = *(*m_service)->limits();

        type("interval", "2 h");
        QVERIFY2(apply(), qPrintable(sentence()));
        config::LimitSet expected = before;
        expected.limits.front().spec.interval = Micros{7200s};
        QVERIFY(*(*m_service)->limits() == expected);
        m_service->get();
        QCOMPARE(storedField(m_redis, "weir:{global}", "algorithm"), algorithm);
        QCOMPARE(storedField(m_redis, "weir:{global}", "every"), QByteArray{"7200000000"});
        if (hasFile)
            QCOMPARE(file.text(), QByteArray{said}.replace("\"1h\"", "\"2h\""));
        QVERIFY(!button("apply")->isEnabled());
    }

    // A cost that the capacity must be enough for is no surprise after Apply.
    void aCostIsThoughtOfBeforeApply()
    {
        const LimitsFile file;
        m_window.reset();
        m_service.reset();
        m_service = file.serve(m_redis, limitText("global", 20, "cost = 3\n"));
        open();
        QTRY_COMPARE_WITH_TIMEOUT(child<ValueEdit>("capacity")->value(), std::optional<qint64>(20), kSoonMs);
        type("capacity", "2");
        QVERIFY2(sentence().startsWith(QStringLiteral("Cost: 3 is more than the capacity of 2")),
                 qPrintable(sentence()));
        QVERIFY(!button("apply")->isEnabled());
        type("capacity", "3");
        QVERIFY(apply());
    }

    void theOtherLimitsStayAsAnotherWeirMadeThem()
    {
        const QByteArray said = limitText("a", 5) + limitText("b", 9, kByKey);
        const LimitsFile file;
        m_window.reset();
        m_service.reset();
        m_service = file.serveWithout(m_redis, said);
        const auto other = file.serveWithout(m_redis, said);
        config::LimitSet next = *(*other)->limits();
        next.limits[1].spec.capacity = 77;
        std::optional<Result<Done>> done;
        change(*other, next, done);
        QTRY_VERIFY_WITH_TIMEOUT(done.has_value() && *done, kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(inForce(*m_service), QByteArray{"a=5 b=77 "}, kRecoveryMs);
        open();
        QTRY_COMPARE_WITH_TIMEOUT(child<ValueEdit>("capacity")->value(), std::optional<qint64>(5), kSoonMs);
        type("capacity", "6");
        QVERIFY(apply());
        QCOMPARE(inForce(*m_service), QByteArray{"a=6 b=77 "});
        QTRY_COMPARE_WITH_TIMEOUT(inForce(*other), QByteArray{"a=6 b=77 "}, kRecoveryMs);
    }

    void withoutRedisThePolicyDecidesAndThePanelSaysSo()
    {
        m_warnings.expect(QStringLiteral(".*")); // the log says that the store is gone
        auto *chip = child<StatusChip>("storeChip");
        auto *banner = child<Banner>("storeBanner");
        m_redis.kill();
        QTRY_VERIFY_WITH_TIMEOUT(banner->isVisible(), kRecoveryMs);
        QTRY_COMPARE_WITH_TIMEOUT(chip->state(), StatusDot::State::Bad, kSoonMs);
        QVERIFY(banner->message().contains(QStringLiteral("503")));
        QVERIFY(comesTo(503));

        button("policyChip")->menu()->actions().at(1)->trigger(); // allow
        QVERIFY(comesTo(200));
        const auto allowed = m_service->get();
        QVERIFY(allowed);
        QCOMPARE(allowed->header("weir-decided-by"), QByteArray{"allow"});
        QTRY_COMPARE_WITH_TIMEOUT(button("policyChip")->text(), QStringLiteral("If Redis &fails: Allow (200)"),
                                  kSoonMs);
        QTRY_VERIFY_WITH_TIMEOUT(banner->message().contains(QStringLiteral("without a limit")), kSoonMs);

        QVERIFY(m_redis.start());
        QTRY_VERIFY_WITH_TIMEOUT(banner->isHidden(), kRecoveryMs);
        QTRY_COMPARE_WITH_TIMEOUT(chip->state(), StatusDot::State::Good, kSoonMs);
        // Each worker finds the store again by itself, so one answer does not speak for the next.
        QVERIFY(QTest::qWaitFor(
            [this] {
                const auto response = m_service->get();
                return response && !response->hasHeader("weir-decided-by");
            },
            kRecoveryMs));
        button("policyChip")->menu()->actions().at(0)->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(button("policyChip")->text(), QStringLiteral("If Redis &fails: Reject (503)"),
                                  kSoonMs);
    }

    void placeAndThemeSurviveANewWindow()
    {
        click("theme-light");
        m_window->resize(1100, 700);
        QVERIFY(m_window->close());
        open();
        QCOMPARE(m_window->size(), QSize(1100, 700));
        QVERIFY(!colors().isDark);
        QVERIFY(button("theme-light")->isChecked());
    }

    void invalidNumbersAreNeverSent()
    {
        const QByteArray epoch = storedField(m_redis, "weir:{global}", "epoch");
        for (const char *wrong : {"0", "-3", "many", "2000000000"}) {
            type("capacity", wrong);
            QVERIFY2(!button("apply")->isEnabled(), wrong);
            click("apply");
            QTest::keyClick(child<ValueEdit>("capacity"), Qt::Key_Return);
        }
        QByteArray policy;
        QCOMPARE(policyOfNextAnswer(policy), 200);
        QCOMPARE(policy, QByteArray{"\"global\";q=10;w=7200"});
        QCOMPARE(storedField(m_redis, "weir:{global}", "epoch"), epoch);
        QVERIFY(!sentence().startsWith(QLatin1String("In force")));
    }
};

QTEST_MAIN(TestPanelWithServer)
#include "tst_panel_with_server.moc"
