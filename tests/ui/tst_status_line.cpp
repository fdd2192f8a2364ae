// SPDX-License-Identifier: GPL-3.0-only
#include <QTextDocument>

#include "tests/ui/fake_service.h"
#include "tests/support/warnings_fail.h"
#include "ui/look/theme.h"
#include "ui/window/status_line.h"
#include "ui/controls/tabular_text.h"

using namespace weir;
using namespace weir::ui;
using telemetry::TurnAwayReason;

namespace {

constexpr std::int64_t kBillion = 1'000'000'000;

void setTurnedAway(telemetry::Totals &totals, TurnAwayReason reason, std::int64_t count)
{
    totals.turnedAwayBy[static_cast<std::size_t>(reason)] = count;
}

} // namespace

class TestStatusLine : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;
    test::FakeService m_service;
    std::unique_ptr<QWidget> m_window;
    StatusLine *m_line{nullptr};

    TabularLabel *label(const char *name) { return m_line->findChild<TabularLabel *>(QLatin1String(name)); }
    QStringList shown()
    {
        QStringList texts;
        for (const TabularLabel *item : m_line->findChildren<TabularLabel *>()) {
            if (!item->isHidden())
                texts << item->text();
        }
        return texts;
    }
    bool isShown(const QString &part) { return shown().filter(part).size() == 1; }
    void makeEverythingBig()
    {
        engine::Status &now = m_service.now;
        now.startedAt -= std::chrono::hours{24 * 400};
        now.workers = 64;
        now.totals.admitted = 123 * kBillion;
        now.totals.connections = 65'536;
        setTurnedAway(now.totals, TurnAwayReason::TooMany, 98 * kBillion);
        now.refill.lastAtMs = 1'800'000'000'000;
        now.refill.lastTokens = kBillion;
        now.refill.lastLevel = kBillion;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        applyTheme(ThemeChoice::Dark);
    }
    void init()
    {
        m_service.now = test::FakeService{}.now;
        m_window = std::make_unique<QWidget>();
        m_line = new StatusLine(m_window.get());
        m_line->resize(1280, 27);
        m_window->show();
    }
    void cleanup()
    {
        m_window.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void connectionsAreCounted()
    {
        for (const auto &[count, text] :
             {std::pair{0, "0 connections"}, {1, "1 connection"}, {3, "3 connections"}, {1024, "1,024 connections"}}) {
            m_service.now.totals.connections = count;
            m_line->showStatus(m_service.now, 0);
            QCOMPARE(label("connections")->text(), QLatin1String(text));
            QVERIFY(!label("connections")->isHidden());
        }
    }

    void nobodyTurnedAwayIsNotWorthAWord()
    {
        m_line->showStatus(m_service.now, 0);
        QVERIFY(label("turnedAway")->isHidden());
        QVERIFY(!isShown(QStringLiteral("turned away")));
    }

    void turnedAwayIsToldByReason()
    {
        telemetry::Totals &totals = m_service.now.totals;
        std::int64_t count = 0;
        for (const auto reason : {TurnAwayReason::Malformed, TurnAwayReason::TooLarge, TurnAwayReason::TooSlow,
                                  TurnAwayReason::Unsupported, TurnAwayReason::TooMany, TurnAwayReason::Unread})
            setTurnedAway(totals, reason, ++count * 1000);
        m_line->showStatus(m_service.now, 0);
        const TabularLabel *item = label("turnedAway");
        QVERIFY(!item->isHidden());
        QCOMPARE(item->text(), QStringLiteral("21,000 turned away"));
        const QStringList lines = item->accessibleDescription().split(u'\n');
        QCOMPARE(lines.size(), qsizetype{6});
        const char *const words[] = {"1,000 malformed",     "2,000 too large", "3,000 too slow",
                                     "4,000 not supported", "5,000 too many",  "6,000 answers not read"};
        for (qsizetype i = 0; i < 6; ++i)
            QVERIFY2(lines.at(i).startsWith(QLatin1String(words[i])), qPrintable(lines.at(i)));
        QVERIFY(item->toolTip().endsWith(item->accessibleDescription()));
        QVERIFY(!Qt::mightBeRichText(item->toolTip()));
    }

    void reasonsThatNeverCameAreLeftOut()
    {
        setTurnedAway(m_service.now.totals, TurnAwayReason::TooSlow, 2);
        QVERIFY(turnedAwayReasons(m_service.now.totals).startsWith(QStringLiteral("2 too slow")));
        QVERIFY(!turnedAwayReasons(m_service.now.totals).contains(u'\n'));
        QCOMPARE(turnedAwayReasons({}), QString());
    }

    void turnedAwayIsInTheColourOfAWarning()
    {
        setTurnedAway(m_service.now.totals, TurnAwayReason::Malformed, 1);
        for (const ThemeChoice theme : {ThemeChoice::Light, ThemeChoice::Dark}) {
            applyTheme(theme);
            m_line->showStatus(m_service.now, 0);
            QCOMPARE(label("turnedAway")->palette().color(QPalette::WindowText), colors().warn);
            QCOMPARE(label("connections")->palette().color(QPalette::WindowText), colors().dim);
        }
    }

    void theBreakerIsOnTheRight()
    {
        m_line->showStatus(m_service.now, 0);
        QCOMPARE(label("breaker")->text(), QStringLiteral("Breaker closed"));
        m_service.now.failure.breaker = engine::CircuitBreaker::State::Open;
        m_line->showStatus(m_service.now, 0);
        QCOMPARE(label("breaker")->text(), QStringLiteral("Breaker open · a probe every 250 ms"));
        QCOMPARE(label("breaker")->palette().color(QPalette::WindowText), colors().bad);
        m_service.now.failure.breaker = engine::CircuitBreaker::State::HalfOpen;
        m_line->showStatus(m_service.now, 0);
        QCOMPARE(label("breaker")->text(), QStringLiteral("Breaker half-open · probing"));
        QVERIFY(!label("breaker")->isHidden());
        for (const TabularLabel *item : m_line->findChildren<TabularLabel *>())
            QVERIFY(item->isHidden() || item->x() <= label("breaker")->x());
    }

    void leastImportantGoesFirst_data()
    {
        QTest::addColumn<int>("width");
        for (const int width : {960, 1024, 1280, 2560})
            QTest::addRow("%d", width) << width;
    }
    void leastImportantGoesFirst()
    {
        QFETCH(int, width);
        makeEverythingBig();
        m_line->resize(width, 27);
        m_line->showStatus(m_service.now, 123 * kBillion);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
        for (const char *part : {"turned away", "requests", "connections", "not shown"})
            QVERIFY2(isShown(QLatin1String(part)), part);
        if (width <= 1024)
            QVERIFY(!isShown(QStringLiteral("workers")));
        QCOMPARE(m_line->width(), width);
        for (const TabularLabel *item : m_line->findChildren<TabularLabel *>()) {
            if (!item->isHidden())
                QVERIFY2(item->width() >= item->sizeHint().width(), qPrintable(item->text())); // nothing is cut
        }
    }

    void whatWasLeftOutComesBack()
    {
        makeEverythingBig();
        m_line->showStatus(m_service.now, 123 * kBillion);
        m_line->resize(300, 27);
        QVERIFY(!isShown(QStringLiteral("workers")) && !isShown(QStringLiteral("Last refill")));
        QVERIFY(isShown(QStringLiteral("turned away")));
        m_line->resize(2560, 27);
        QCOMPARE(shown().size(), qsizetype{8});
    }

    void anotherWeirsLimitIsSaidForAnHour()
    {
        m_line->showStatus(m_service.now, 0);
        QVERIFY(label("limitNotice")->isHidden());
        const qint64 now = QDateTime::currentMSecsSinceEpoch();
        m_service.now.notice = {"host:7 has made the limit <b> capacity 5 for all", now};
        m_line->showStatus(m_service.now, 0);
        QVERIFY(isShown(QStringLiteral("Two Weirs, two limits")));
        QVERIFY(label("limitNotice")->toolTip().contains(QStringLiteral("host:7 has made the limit &lt;b&gt;")));
        m_service.now.deeds = {{"host:8 has emptied the bucket of <i>", now}, {"host:9 turns 10.0.0.1 away", now + 1}};
        m_line->showStatus(m_service.now, 0);
        QVERIFY(isShown(QStringLiteral("host:9 turns 10.0.0.1 away")));
        for (const char *said : {"host:7", "host:8 has emptied the bucket of &lt;i&gt;", "host:9"})
            QVERIFY2(label("limitNotice")->toolTip().contains(QLatin1String(said)), said);
        m_service.now.deeds.back().sentence = "host:9 turns " + std::string(90, 'x') + " away";
        m_line->showStatus(m_service.now, 0);
        QVERIFY(isShown(QStringLiteral("host:9 turns xxxx")));
        QVERIFY(!isShown(QStringLiteral("away"))); // all of it is in the tool tip
        QVERIFY(label("limitNotice")->toolTip().contains(QStringLiteral("x away")));
        m_service.now.notice.atMs = now - 3'601'000;
        for (engine::LimitNotice &deed : m_service.now.deeds)
            deed.atMs = now - 3'601'000;
        m_line->showStatus(m_service.now, 0);
        QVERIFY(label("limitNotice")->isHidden());
    }

    void configurationFileIsSaid()
    {
        m_line->showStatus(m_service.now, 0);
        QVERIFY(label("configFile")->isHidden());
        m_service.now.config = {"/home/ada/weir.toml", 1'800'000'000'000, {}};
        m_line->showStatus(m_service.now, 0);
        QVERIFY(isShown(QStringLiteral("weir.toml · read ")));
        m_service.now.config.problem = "Line 3: <b> is no key.";
        m_line->showStatus(m_service.now, 0);
        QVERIFY(isShown(QStringLiteral("weir.toml is not in force")));
        QVERIFY(label("configFile")->toolTip().contains(QStringLiteral("&lt;b&gt;")));
        QVERIFY(!label("configFile")->toolTip().contains(QStringLiteral("tried again")));
        m_service.now.config.problem = "Redis did not answer within 100 ms";
        m_service.now.config.isRetried = true;
        m_line->showStatus(m_service.now, 0);
        QVERIFY(label("configFile")->toolTip().contains(QStringLiteral("It is tried again until Redis answers.")));
    }
};

QTEST_MAIN(TestStatusLine)
#include "tst_status_line.moc"
