// SPDX-License-Identifier: GPL-3.0-only
#include <QAction>
#include <QClipboard>
#include <QDeadlineTimer>
#include <QDir>
#include <QImage>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTextBlock>
#include <QTextBrowser>
#include <algorithm>

#include "tests/ui/fake_service.h"
#include "tests/support/warnings_fail.h"
#include "ui/words/format.h"
#include "ui/window/main_window.h"
#include "ui/window/rail.h"
#include "ui/window/screenshot.h"
#include "ui/help/allowed_picture.h"
#include "ui/controls/banner.h"
#include "ui/live/chart_panel.h"
#include "ui/live/live_page.h"
#include "ui/live/stat_tile.h"
#include "ui/controls/status_chip.h"
#include "ui/controls/tabular_text.h"
#include "ui/controls/value_edit.h"

using namespace weir;
using namespace weir::ui;

namespace {

using namespace std::chrono_literals;

// The window's clock: it stands still until a test moves it, and pulls come as fast as the machine allows.
constexpr auto kPeriod = 50ms; // between two pulls, as a user has it
constexpr auto kFlood = 2000ms;

} // namespace

class TestMainWindow : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;
    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<test::FakeService> m_service;
    std::unique_ptr<MainWindow> m_window;
    Pace::Clock::time_point m_now{1h};

    template<class T>
    T *child(const char *name)
    {
        return m_window->findChild<T *>(QLatin1String(name));
    }
    QPushButton *button(const char *name) { return child<QPushButton>(name); }
    /// False: no pull came.
    bool waitForPull()
    {
        m_now += kPeriod;
        const int before = m_service->pulls;
        const QDeadlineTimer end(5s);
        while (m_service->pulls == before && !end.hasExpired())
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents); // the feed's timer wakes it
        return m_service->pulls > before;
    }
    void open()
    {
        m_window.reset();
        m_window =
            std::make_unique<MainWindow>(*m_service, *m_settings, FeedTime{1ms, 5ms, [this] { return m_now; }, 1ms});
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_settings = std::make_unique<QSettings>(m_dir->filePath(QStringLiteral("weir.ini")), QSettings::IniFormat);
        m_service = std::make_unique<test::FakeService>();
        open();
    }
    void cleanup()
    {
        m_window.reset();
        m_service.reset();
        m_settings.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void watchesOnlyWhileShown()
    {
        QVERIFY(!m_service->isWatched);
        m_window->show();
        QVERIFY(m_service->isWatched);
        const int pulls = m_service->pulls;
        QTRY_VERIFY(m_service->pulls > pulls + 3);
        m_window->hide();
        QVERIFY(!m_service->isWatched);
    }

    void hiddenWindowStillEmptiesTheRing()
    {
        m_service->waiting.push_back(test::record(0, 200));
        QTRY_COMPARE(child<QTableView>("requests")->model()->rowCount(), 1);
    }

    void aMinimisedWindowDrawsNoChart()
    {
        m_window->show();
        auto *chart = m_window->findChild<ChartPanel *>();
        QVERIFY(chart);
        QSignalSpy redrawn{chart, &ChartPanel::redrawn};
        m_service->past = std::make_shared<const telemetry::History>();
        QTRY_COMPARE(redrawn.count(), 1);
        m_window->showMinimized();
        m_service->past = std::make_shared<const telemetry::History>();
        const int drains = m_service->drains;
        const int pulls = m_service->pulls;
        QTRY_VERIFY(m_service->drains > drains + 2);
        QCOMPARE(redrawn.count(), 1);
        QCOMPARE(m_service->pulls, pulls); // nor is anything else asked for
        m_window->showNormal();
        QTRY_COMPARE(redrawn.count(), 2);
    }

    void anIdleWindowTakesOnlyWhatIsNew()
    {
        m_window->show();
        m_now += 4s;
        const auto waitForLooks = [this] {
            const int looks = m_service->looks;
            return QTest::qWaitFor([this, looks] { return m_service->looks > looks + 3; });
        };
        QVERIFY(waitForLooks()); // the last pull of the busy window is over
        const int pulls = m_service->pulls;
        QVERIFY(waitForLooks());
        QCOMPARE(m_service->pulls, pulls);
        ++m_service->published;
        QTRY_COMPARE(m_service->pulls, pulls + 1);
        m_now += 500ms; // the countdown, the running time
        QTRY_COMPARE(m_service->pulls, pulls + 2);
        QVERIFY(waitForLooks());
        QCOMPARE(m_service->pulls, pulls + 2);
        m_service->waiting.push_back(test::record(0, 200));
        QTRY_COMPARE(child<QTableView>("requests")->model()->rowCount(), 1);
    }

    void aPageThatIsOpenedHasTheNewest()
    {
        m_window->show();
        QVERIFY(m_window->openPage(QStringLiteral("failures")));
        m_service->now.store.version = "7.0.99";
        const int pulls = m_service->pulls;
        QTRY_VERIFY(m_service->pulls > pulls + 1);
        QCOMPARE(child<StatusChip>("storeChip")->mainText(), QStringLiteral("Redis 7.0.15"));
        QVERIFY(m_window->openPage(QStringLiteral("live")));
        QCOMPARE(child<StatusChip>("storeChip")->mainText(), QStringLiteral("Redis 7.0.99"));
    }

    void chipsSayHowThingsAre()
    {
        auto *store = child<StatusChip>("storeChip");
        QCOMPARE(child<StatusChip>("addressChip")->mainText(), QStringLiteral("http://127.0.0.1:8000"));
        QCOMPARE(store->mainText(), QStringLiteral("Redis 7.0.15"));
        QCOMPARE(store->state(), StatusDot::State::Good);
        QVERIFY(child<Banner>("storeBanner")->isHidden());
        m_service->now.store.state = engine::StoreStatus::State::Down;
        m_service->now.store.problem = "Connection <refused>.";
        m_window->takeNewest();
        QCOMPARE(store->state(), StatusDot::State::Bad);
        QVERIFY(store->toolTip().contains(QStringLiteral("&lt;refused&gt;")));
        QVERIFY(!child<Banner>("storeBanner")->isHidden());
        QVERIFY(child<Banner>("storeBanner")->message().contains(QStringLiteral("Connection <refused>.")));
        m_service->now.store.state = engine::StoreStatus::State::Ready;
        m_window->takeNewest();
        QVERIFY(child<Banner>("storeBanner")->isHidden());
    }

    void whatIsTakenAheadIsShown()
    {
        auto *chip = child<StatusChip>("leaseChip");
        QVERIFY(chip->isHidden()); // none is
        m_service->now.workers = 2;
        m_service->now.lease = {.most = 1000, .held = 37, .bound = 4000};
        m_window->takeNewest();
        QVERIFY(!chip->isHidden());
        QCOMPARE(chip->mainText(), QStringLiteral("Ahead ≤ 4,000"));
        QCOMPARE(chip->detailText(), QStringLiteral("37 now"));
        QVERIFY2(chip->toolTip().contains(QStringLiteral("1,000 by each of 2")), qPrintable(chip->toolTip()));
        m_service->now.lease = {};
        m_window->takeNewest();
        QVERIFY(chip->isHidden());
    }

    void noticesArePutAwayByHand()
    {
        auto *notice = child<Banner>("noticeBanner");
        QVERIFY(notice->isHidden());
        m_service->now.store.notice = "the files were moved to /a/<b>.broken";
        m_service->now.store.noticeAtMs = 1'800'000'000'000;
        m_window->takeNewest();
        QVERIFY(!notice->isHidden());
        QVERIFY(notice->message().endsWith(QStringLiteral(": the files were moved to /a/<b>.broken")));
        QVERIFY(notice->toolTip().contains(QStringLiteral("&lt;b&gt;")));
        button("dismissNotice")->click();
        QVERIFY(notice->isHidden());
        m_window->takeNewest();
        QVERIFY(notice->isHidden()); // the same one stays away
        m_service->now.store.noticeAtMs += 1000;
        m_window->takeNewest();
        QVERIFY(!notice->isHidden());
    }

    void policyIsChosenInItsMenu()
    {
        auto *policy = button("policyChip");
        QCOMPARE(policy->text(), QStringLiteral("If Redis &fails: Reject (503)"));
        policy->menu()->actions().at(1)->trigger();
        QCOMPARE(m_service->policies.size(), std::size_t{1});
        QCOMPARE(m_service->policies.front(), config::StoreFailurePolicy::Allow);
        m_window->takeNewest();
        QCOMPARE(policy->text(), QStringLiteral("If Redis &fails: Allow (200)"));
        // Each limit has its own: it says whose this is.
        m_service->now.limit.name = "per-client";
        m_window->takeNewest();
        QVERIFY(policy->toolTip().contains(QStringLiteral("&quot;per-client&quot;")));
        QVERIFY(policy->accessibleDescription().contains(QStringLiteral("\"per-client\"")));
        m_service->failure = "the file cannot be written";
        policy->menu()->actions().at(0)->trigger();
        QVERIFY(m_window->findChild<QLabel *>(QStringLiteral("sentence"))
                    ->text()
                    .contains(QStringLiteral("cannot be written")));
    }

    void addressIsCopied()
    {
        button("copyAddress")->click();
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("http://127.0.0.1:8000"));
    }

    void requestsAreSentThroughThePort()
    {
        m_service->report.admitted = 5;
        m_service->report.refused = 5;
        button("sendOne")->click();
        button("sendTen")->click();
        QCOMPARE(m_service->sends, (std::vector<int>{1, 10}));
        QCOMPARE(child<TabularLabel>("sendReport")->text(), QStringLiteral("Sent: 5 admitted, 5 refused"));
        QVERIFY(button("sendTen")->isEnabled());
    }

    void limitIsChangedThroughThePort()
    {
        child<ValueEdit>("capacity")->stepBy(1);
        button("apply")->click();
        QCOMPARE(m_service->setChanges.size(), std::size_t{1});
        QCOMPARE(m_service->setChanges.front().set.limits.front().spec.capacity, limit::Tokens{6});
        QCOMPARE(m_service->setChanges.front().mode, limit::TokenMode::Keep);
        QVERIFY(!button("apply")->isEnabled());
        QVERIFY(child<QLabel>("sentence")->text().startsWith(QStringLiteral("In force")));
    }

    void failedChangeSaysWhyAndKeepsTheEdit()
    {
        m_service->failure = "Redis is away";
        child<ValueEdit>("capacity")->stepBy(1);
        button("apply")->click();
        QCOMPARE(child<QLabel>("sentence")->text(), QStringLiteral("Redis is away"));
        QVERIFY(button("apply")->isEnabled());
        m_window->takeNewest();
        QCOMPARE(child<ValueEdit>("capacity")->value(), std::optional<qint64>(6));
    }

    void bucketIsFilledAndEmptied()
    {
        button("empty")->click();
        button("fill")->click();
        QCOMPARE(m_service->bucketLevels.size(), std::size_t{2});
        QCOMPARE(m_service->bucketLevels.front().tokens, limit::Tokens{0});
        QCOMPARE(m_service->bucketLevels.back().tokens, limit::kMaxCapacity);
    }

    void fillAndEmptyAreUndoneFromAnyLevel()
    {
        m_service->now.level.tokens = 3;
        m_window->takeNewest();
        m_window->show();
        auto *undo = m_window->findChild<LivePage *>()->findChild<QPushButton *>(QStringLiteral("undoLast"));
        button("empty")->click();
        QVERIFY(undo->isVisible());
        undo->click();
        QCOMPARE(m_service->bucketLevels.back().tokens, limit::Tokens{3});
        QCOMPARE(child<QLabel>("sentence")->text(), QStringLiteral("The bucket holds 3 tokens again."));
        button("fill")->click();
        QCOMPARE(m_service->now.level.tokens, limit::Tokens{5});
        undo->click();
        QCOMPARE(m_service->now.level.tokens, limit::Tokens{3});
        button("fill")->click();
        m_service->now.level.tokens = 1; // requests have come since
        undo->click();
        QCOMPARE(m_service->bucketLevels.back().tokens, limit::Tokens{1});
        QVERIFY(!undo->isVisible());
    }

    void pauseFreezesChartAndTable()
    {
        m_window->show();
        auto *chart = m_window->findChild<ChartPanel *>();
        const auto busy = [](telemetry::SecondBin &bin, int) { bin.admitted = 9; };
        button("pauseView")->click();
        m_service->waiting.push_back(test::record(0, 200));
        m_service->past = test::historyOf(1'800'000'000, 60, busy);
        m_window->takeNewest();
        QCOMPARE(child<QTableView>("requests")->model()->rowCount(), 0);
        QCOMPARE(chart->series().admitted, 0);
        QVERIFY(chart->accessibleName().contains(QStringLiteral("paused")));
        button("pauseView")->click();
        QCOMPARE(child<QTableView>("requests")->model()->rowCount(), 1);
        QCOMPARE(chart->series().admitted, 9 * 60);
    }

    void tilesCount()
    {
        m_service->now.totals.admitted = 1284;
        m_service->now.totals.refused = 312;
        m_service->now.decisionP50 = Micros{120};
        m_service->now.decisionP99 = Micros{410};
        m_window->takeNewest();
        QCOMPARE(child<StatTile>("tileAdmitted")->value(), QStringLiteral("1,284"));
        QCOMPARE(child<StatTile>("tileRefused")->value(), QStringLiteral("312"));
        QCOMPARE(child<StatTile>("tileDecision")->value(), QStringLiteral("0.41 ms"));
        QCOMPARE(child<StatTile>("tileDecision")->remark(), QStringLiteral("p50 0.12 ms"));
    }

    void aNumberThatDoesNotFitIsShortenedNotCut()
    {
        m_window->resize(1024, 640);
        m_window->show();
        auto *tile = child<StatTile>("tileAdmitted");
        m_service->now.totals.admitted = 12'345;
        m_window->takeNewest();
        QCOMPARE(tile->shownValue(), QStringLiteral("12,345"));
        m_service->now.totals.admitted = 123'456'789'012;
        m_window->takeNewest();
        QCOMPARE(tile->shownValue(), format::shortCount(123'456'789'012));
        QCOMPARE(tile->value(), QStringLiteral("123,456,789,012"));
        QVERIFY(tile->accessibleName().contains(tile->value()));
        m_window->resize(1900, 640);
        QTRY_COMPARE(tile->shownValue(), tile->value());
    }

    void aFloodIsShownAtThePaceOfReading()
    {
        m_window->show();
        auto *tile = child<StatTile>("tileAdmitted");
        QStringList shown;
        for (auto time = 0ms; time < kFlood; time += kPeriod) {
            m_service->now.totals.admitted += 500;
            m_service->waiting.assign(500, test::record(0, 200));
            QVERIFY(waitForPull());
            if (shown.isEmpty() || shown.last() != tile->value())
                shown << tile->value();
        }
        QVERIFY2(shown.size() >= 4 && shown.size() <= 12, qPrintable(QString::number(shown.size())));
        // And it ends with the truth.
        m_now += 1s;
        QTRY_COMPARE(tile->value(), format::count(m_service->now.totals.admitted));
    }

    void fewRequestsAreShownOneByOne()
    {
        m_window->show();
        for (int i = 1; i <= 8; ++i) {
            m_service->now.totals.admitted = i;
            m_service->waiting.push_back(test::record(i, 200));
            QVERIFY(waitForPull());
            QCOMPARE(child<QTableView>("requests")->model()->rowCount(), i);
            QCOMPARE(child<StatTile>("tileAdmitted")->value(), QString::number(i));
        }
    }

    void silenceStillMovesTheNumbers()
    {
        m_window->show();
        auto *connections = child<TabularLabel>("connections");
        QCOMPARE(connections->text(), QStringLiteral("0 connections"));
        m_service->now.totals.connections = 3;
        m_now += 1s;
        QTRY_COMPARE(connections->text(), QStringLiteral("3 connections"));
    }

    void turnedAwayRequestsAreListedAndCounted()
    {
        m_window->show();
        m_service->now.totals.turnedAwayBy[0] = 1;
        m_service->waiting.push_back(test::turnedAway(0, 400, "There is no Host header."));
        m_window->takeNewest();
        const QAbstractItemModel *rows = child<QTableView>("requests")->model();
        QCOMPARE(rows->rowCount(), 1);
        QCOMPARE(rows->index(0, 2).data().toString(), QStringLiteral("There is no Host header."));
        QCOMPARE(child<TabularLabel>("turnedAway")->text(), QStringLiteral("1 turned away"));
        QVERIFY(!child<TabularLabel>("turnedAway")->isHidden());
    }

    void nothingIsMarkedBeforeTheKeyboardIsUsed()
    {
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        QVERIFY(qobject_cast<QAbstractButton *>(QApplication::focusWidget()) == nullptr);
        for (const char *name : {"copyAddress", "openAddress", "policyChip", "pauseView"}) {
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            QCOMPARE(QApplication::focusWidget(), button(name));
        }
    }

    void pagesOpenByName()
    {
        QVERIFY(m_window->openPage(QStringLiteral("help")));
        QCOMPARE(m_window->currentPage(), QStringLiteral("help"));
        QVERIFY(!m_window->openPage(QStringLiteral("nowhere")));
        QCOMPARE(m_window->currentPage(), QStringLiteral("help"));
        QVERIFY(m_window->openPage(QStringLiteral("live")));
        QVERIFY(m_window->openPage(QStringLiteral("algorithms"))); // of the help
        QCOMPARE(m_window->currentPage(), QStringLiteral("help"));
        for (const QString &name : MainWindow::pageNames())
            QVERIFY(m_window->openPage(name));
    }

    void algorithmsAreComparedInTheHelp()
    {
        m_window->resize(1024, 640);
        m_window->openPage(QStringLiteral("algorithms")); // before anything has its size
        m_window->show();
        QCOMPARE(m_window->currentPage(), QStringLiteral("help"));
        auto *browser = m_window->findChild<QTextBrowser *>();
        const auto *picture = m_window->findChild<AllowedPicture *>();
        const auto heading = [browser] { return browser->cursorForPosition({40, 30}).block().text(); };
        QTRY_COMPARE(heading(), QStringLiteral("Token bucket or time window?"));
        QVERIFY(browser->viewport()->rect().contains(picture->geometry().topLeft()));
        QVERIFY(picture->isVisible());

        const auto textAt = [&](int y) { return browser->cursorForPosition({picture->x() + 9, y}).block().text(); };
        const auto verifyPlace = [&](int line) {
            const QRect place = picture->geometry();
            const QString above = textAt(place.top() - 14);
            const QString below = textAt(place.bottom() + 24);
            QVERIFY2(above == QLatin1String("The same numbers, seven times"),
                     qPrintable(above + QString::number(line)));
            QVERIFY2(below.startsWith(QLatin1String("Every row has")), qPrintable(below + QString::number(line)));
            // Qt tells the size of a long text a turn later.
            QTRY_COMPARE(browser->horizontalScrollBar()->maximum(), 0);
            QVERIFY(place.right() <= browser->viewport()->width());
        };
        verifyPlace(__LINE__);
        const int top = picture->y();
        browser->verticalScrollBar()->setValue(browser->verticalScrollBar()->value() + 25);
        QCOMPARE(picture->y(), top - 25);
        verifyPlace(__LINE__);
        m_window->showTheme(colors().isDark ? ThemeChoice::Light : ThemeChoice::Dark); // another document
        verifyPlace(__LINE__);
        m_window->resize(960, 640); // the text above it breaks otherwise
        verifyPlace(__LINE__);
    }

    void theEditorLeadsToTheComparison()
    {
        m_window->show();
        m_window->openPage(QStringLiteral("limits"));
        button("compareAlgorithms")->click();
        QCOMPARE(m_window->currentPage(), QStringLiteral("help"));
        auto *browser = m_window->findChild<QTextBrowser *>();
        QTRY_COMPARE(browser->cursorForPosition({40, 30}).block().text(),
                     QStringLiteral("Token bucket or time window?"));
    }

    void helpIsDressedInTheThemeThatIsShown()
    {
        m_window->show();
        const auto heading = [this] {
            const QTextBlock first = m_window->findChild<QTextBrowser *>()->document()->firstBlock();
            return first.begin().fragment().charFormat().foreground().color();
        };
        for (const ThemeChoice theme : {ThemeChoice::Light, ThemeChoice::Dark}) {
            m_window->openPage(QStringLiteral("live"));
            m_window->showTheme(theme); // while the text is hidden
            m_window->openPage(QStringLiteral("help"));
            QCOMPARE(heading(), colors().text);
        }
        m_window->showTheme(ThemeChoice::Light); // and while it is shown
        QCOMPARE(heading(), colors().text);
    }

    void themeIsSwitchedAndRemembered()
    {
        button("theme-light")->click();
        QVERIFY(!colors().isDark);
        button("theme-dark")->click();
        QVERIFY(colors().isDark);
        open();
        QVERIFY(colors().isDark);
        QVERIFY(button("theme-dark")->isChecked());
    }

    void themeOfAPictureIsShownAndForgotten()
    {
        button("theme-light")->click();
        m_window->showTheme(ThemeChoice::Dark);
        QVERIFY(colors().isDark);
        QVERIFY(button("theme-dark")->isChecked());
        m_window->saveState();
        open();
        QVERIFY(!colors().isDark);
        QVERIFY(button("theme-light")->isChecked());
    }

    void geometrySurvivesARestart()
    {
        m_window->show();
        m_window->resize(1111, 733);
        m_window->findChild<ChartPanel *>()->setRange(ChartRange::OneHour);
        m_window->openPage(QStringLiteral("failures"));
        m_window->close();
        open();
        QCOMPARE(m_window->size(), QSize(1111, 733));
        QCOMPARE(m_window->currentPage(), QStringLiteral("failures"));
        const auto chosen = m_window->findChild<Rail *>()->findChildren<QPushButton *>();
        QVERIFY(std::any_of(chosen.begin(), chosen.end(), [](const QPushButton *page) {
            return page->isChecked() && page->text() == QStringLiteral("Failures");
        }));
        QCOMPARE(m_window->findChild<ChartPanel *>()->range(), ChartRange::OneHour);
    }

    void everyControlHasANameForReaders()
    {
        for (const QAbstractButton *control : m_window->findChildren<QAbstractButton *>()) {
            if (control->focusPolicy() != Qt::NoFocus && !control->objectName().startsWith(QLatin1String("qt_"))
                && control->parent()->metaObject() != nullptr)
                QVERIFY2(!control->text().isEmpty() || !control->accessibleName().isEmpty(),
                         qPrintable(control->objectName()));
        }
    }

    void mnemonicsAreUnique()
    {
        // Those of a hidden page do nothing.
        const auto *pages = child<QStackedWidget>("pages");
        QSet<QString> seen;
        const auto isOf = [&](const QWidget *widget, int page) {
            return !pages->isAncestorOf(widget) || pages->widget(page)->isAncestorOf(widget);
        };
        const auto note = [&](const QString &text) {
            const QString key = QKeySequence::mnemonic(text).toString();
            if (!key.isEmpty())
                QVERIFY2(!std::exchange(seen, seen | QSet{key}).contains(key), qPrintable(text));
        };
        for (int page = 0; page < pages->count(); ++page) {
            seen.clear();
            for (const QAbstractButton *control : m_window->findChildren<QAbstractButton *>()) {
                if (isOf(control, page))
                    note(control->text());
            }
            for (const QLabel *label : m_window->findChildren<QLabel *>()) {
                if (label->buddy() && isOf(label, page))
                    note(label->text());
            }
        }
    }

    void picturesHaveTheSizeAskedFor_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<QString>("page");
        QTest::newRow("large") << QSize(1280, 820) << QStringLiteral("live");
        QTest::newRow("small") << QSize(1024, 640) << QStringLiteral("live");
        QTest::newRow("failures") << QSize(1024, 640) << QStringLiteral("failures");
        QTest::newRow("help") << QSize(1024, 640) << QStringLiteral("help");
    }
    void picturesHaveTheSizeAskedFor()
    {
        QFETCH(QSize, size);
        QFETCH(QString, page);
        QImage before;
        for (const ThemeChoice theme : {ThemeChoice::Dark, ThemeChoice::Light}) {
            const QString file = m_dir->filePath(QStringLiteral("page.png"));
            std::optional<QString> error;
            renderScreenshot(*m_window, {file, page, size, theme, 10ms, 0ms},
                             [&](const QString &said) { error = said; });
            QTRY_VERIFY(error.has_value());
            QCOMPARE(*error, QString());
            const QImage image(file);
            QCOMPARE(image.size(), size);
            QVERIFY(image != before);
            before = image;
        }
    }

    void pictureThatCannotBeSaysWhy()
    {
        const auto errorOf = [this](const ScreenshotRequest &request) {
            std::optional<QString> error;
            renderScreenshot(*m_window, request, [&](const QString &said) { error = said; });
            return QTest::qWaitFor([&] { return error.has_value(); }) ? *error : QStringLiteral("nothing");
        };
        const QString file = m_dir->filePath(QStringLiteral("page.png"));
        QVERIFY(errorOf({file, QStringLiteral("nowhere"), QSize(1280, 820), ThemeChoice::Dark, {}})
                    .contains(QStringLiteral("live, limits, failures, history, help")));
        QVERIFY(errorOf({file, QStringLiteral("live"), QSize(100, 100), ThemeChoice::Dark, {}})
                    .contains(QStringLiteral("smallest")));
        QVERIFY(errorOf({m_dir->filePath(QStringLiteral("no/such/page.png")), QStringLiteral("live"), QSize(1280, 820),
                         ThemeChoice::Dark, 0ms, 0ms})
                    .contains(QStringLiteral("Cannot write")));
    }
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
