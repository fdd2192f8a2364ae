// SPDX-License-Identifier: GPL-3.0-only
#include <QAbstractButton>
#include <QAccessible>
#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QRadioButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTextEdit>

#include "tests/ui/fake_service.h"
#include "tests/support/warnings_fail.h"
#include "ui/window/main_window.h"
#include "ui/failures/bar_strip.h"
#include "ui/controls/banner.h"
#include "ui/failures/explanation.h"
#include "ui/failures/harm_row.h"
#include "ui/failures/policy_panel.h"
#include "ui/controls/status_chip.h"
#include "ui/controls/tabular_text.h"
#include "ui/controls/toggle.h"
#include "ui/controls/value_edit.h"

using namespace weir;
using namespace weir::ui;
using namespace std::chrono_literals;
using Policy = config::StoreFailurePolicy;

class TestFailuresPage : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;
    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<test::FakeService> m_service;
    std::unique_ptr<MainWindow> m_window;

    template<class T>
    T *child(const char *name)
    {
        return m_window->findChild<T *>(QLatin1String(name));
    }
    Toggle *toggle(const char *name) { return child<Toggle>(name); }
    QPushButton *button(const char *name) { return child<QPushButton>(name); }
    PolicyPanel *policies() { return m_window->findChild<PolicyPanel *>(); }
    QString explained() { return child<QTextEdit>("explanation")->toPlainText(); }
    QString outcome() { return child<QLabel>("harmOutcome")->text(); }
    void pull() { m_window->takeNewest(); }
    void write(const char *field, const QString &text)
    {
        auto *line = child<ValueEdit>(field)->findChild<QLineEdit *>();
        line->selectAll();
        QTest::keyClicks(line, text);
    }
    void hang()
    {
        m_service->now.harm.isServerHung = true;
        m_service->now.failure.isDegraded = true;
        m_service->now.failure.since = std::chrono::steady_clock::now() - 24s;
        m_service->now.failure.by = telemetry::DecidedBy::Local;
        m_service->now.failure.spentLocally = 14;
        pull();
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_settings = std::make_unique<QSettings>(m_dir->filePath(QStringLiteral("weir.ini")), QSettings::IniFormat);
        m_service = std::make_unique<test::FakeService>();
        m_window = std::make_unique<MainWindow>(*m_service, *m_settings);
        m_window->openPage(QStringLiteral("failures"));
        m_window->show();
    }
    void cleanup()
    {
        m_window.reset();
        m_service.reset();
        m_settings.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void pageHasItsKey()
    {
        m_window->openPage(QStringLiteral("live"));
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        QTest::keyClick(m_window.get(), Qt::Key_3, Qt::ControlModifier);
        QCOMPARE(m_window->currentPage(), QStringLiteral("failures"));
    }

    void theRefillerIsPausedAndStarted()
    {
        toggle("pauseRefiller")->click();
        QCOMPARE(m_service->pauses, (std::vector<bool>{true}));
        pull();
        QVERIFY(toggle("pauseRefiller")->isChecked());
        QVERIFY(explained().startsWith(QStringLiteral("The refiller is paused")));
        toggle("refillOnDemand")->click();
        QCOMPARE(m_service->onDemands, (std::vector<bool>{false}));
        pull();
        QVERIFY(explained().startsWith(QStringLiteral("The bucket starves")));
        toggle("pauseRefiller")->click();
        pull();
        QCOMPARE(m_service->pauses, (std::vector<bool>{true, false}));
        QVERIFY(explained().startsWith(QStringLiteral("Only the timer refills")));
    }

    void redisIsHungAndCut()
    {
        toggle("hangRedis")->click();
        QCOMPARE(m_service->harms.size(), std::size_t{1});
        QVERIFY(m_service->harms.back().isServerHung);
        pull();
        QVERIFY(explained().startsWith(QStringLiteral("Redis hangs")));
        toggle("cutConnection")->click(); // the other harm stays
        QCOMPARE(m_service->harms.back(), (engine::Harm{.isLinkCut = true, .isServerHung = true}));
        toggle("hangRedis")->click();
        QCOMPARE(m_service->harms.back(), engine::Harm{.isLinkCut = true});
        pull();
        QVERIFY(explained().startsWith(QStringLiteral("The connection is cut")));
    }

    void twoSwitchesBeforeTheNextPullAddUp()
    {
        m_window->hide(); // no pull comes in between
        toggle("cutConnection")->click();
        toggle("stepClock")->click();
        QCOMPARE(m_service->harms.back(), (engine::Harm{.isLinkCut = true, .clockStep = -1h}));
    }

    void redisIsSlowedByWhatIsWritten()
    {
        write("delay", QStringLiteral("250"));
        QVERIFY(m_service->harms.empty()); // it is off
        toggle("slowRedis")->click();
        QCOMPARE(m_service->harms.back().linkDelay, 250ms);
        pull();
        QVERIFY(explained().startsWith(QStringLiteral("Redis is slow")));
        write("delay", QStringLiteral("10000 ms"));
        QCOMPARE(m_service->harms.back().linkDelay, 10'000ms);
        const std::size_t before = m_service->harms.size();
        for (const char *wrong : {"10001", "-1", "a lot"}) {
            m_service->harms.resize(before);
            child<ValueEdit>("delay")->findChild<QLineEdit *>()->setText(QLatin1String(wrong));
            Q_EMIT child<ValueEdit>("delay")->edited();
            QVERIFY2(child<ValueEdit>("delay")->property("wrong").toBool(), wrong);
            QVERIFY2(m_service->harms.size() == before, wrong);
        }
        toggle("slowRedis")->click();
        QCOMPARE(m_service->harms.back().linkDelay, 0ms);
    }

    void slowByNothingIsNotOn()
    {
        write("delay", QStringLiteral("0"));
        toggle("slowRedis")->click();
        QVERIFY(!toggle("slowRedis")->isChecked());
        QCOMPARE(m_service->harms.back(), engine::Harm{});
    }

    void theClockIsSteppedByWhatIsChosen()
    {
        const QList<QAction *> steps = button("clockStep")->menu()->actions();
        QCOMPARE(steps.size(), qsizetype{6});
        steps.at(5)->trigger();
        QVERIFY(m_service->harms.empty());
        QCOMPARE(button("clockStep")->text(), QStringLiteral("+1 d"));
        toggle("stepClock")->click();
        QCOMPARE(m_service->harms.back().clockStep, std::chrono::seconds{24h});
        pull();
        QVERIFY(explained().startsWith(QStringLiteral("The clock was stepped")));
        steps.at(1)->trigger(); // at once while it is on
        QCOMPARE(m_service->harms.back().clockStep, std::chrono::seconds{-1h});
        toggle("stepClock")->click();
        QCOMPARE(m_service->harms.back().clockStep, 0s);
    }

    void whatIsDoneOnceSaysWhatCameOfIt()
    {
        button("makeForget")->click();
        QCOMPARE(m_service->forgets, 1);
        QVERIFY(outcome().contains(QStringLiteral("lost every bucket")));
        pull();
        QVERIFY(explained().startsWith(QStringLiteral("Redis has forgotten")));
        button("killRedis")->click();
        QCOMPARE(m_service->kills, 1);
        pull();
        QVERIFY(explained().startsWith(QStringLiteral("Redis was killed")));
        m_service->failure = "the private redis-server does not run";
        button("killRedis")->click();
        QCOMPARE(outcome(), QStringLiteral("Not killed: The private redis-server does not run."));
        QVERIFY(button("killRedis")->isEnabled());
        button("makeForget")->click();
        QVERIFY(outcome().startsWith(QStringLiteral("Not forgotten: ")));
    }

    void repairUndoesEverything()
    {
        QVERIFY(!button("repairAll")->isEnabled());
        for (const char *name : {"pauseRefiller", "refillOnDemand", "hangRedis", "slowRedis"})
            toggle(name)->click();
        pull();
        button("repairAll")->click();
        QCOMPARE(m_service->now.harm, engine::Harm{});
        QVERIFY(!m_service->now.refill.isPaused && m_service->now.refill.isOnDemand);
        pull();
        for (const char *name : {"pauseRefiller", "hangRedis", "cutConnection", "slowRedis", "stepClock"})
            QVERIFY2(!toggle(name)->isChecked(), name);
        QVERIFY(toggle("refillOnDemand")->isChecked());
        QVERIFY(explained().startsWith(QStringLiteral("Nothing is broken")));
    }

    void switchesShowWhatIsReallySo()
    {
        m_service->now.harm = {.isLinkCut = true, .linkDelay = 120ms, .clockStep = 60s};
        pull();
        QVERIFY(toggle("cutConnection")->isChecked() && toggle("slowRedis")->isChecked());
        QVERIFY(!toggle("hangRedis")->isChecked());
        QCOMPARE(child<ValueEdit>("delay")->value(), std::optional<qint64>(120));
        QCOMPARE(button("clockStep")->text(), QStringLiteral("+1 min"));
        QVERIFY(m_service->harms.empty()); // showing is not asking
    }

    void aRedisOfSomebodyElseIsNotHarmed()
    {
        m_service->now.store.isPrivate = false;
        m_service->now.store.address = "redis.example:6379";
        pull();
        for (QWidget *control :
             {static_cast<QWidget *>(toggle("hangRedis")), static_cast<QWidget *>(button("makeForget")),
              static_cast<QWidget *>(button("killRedis"))}) {
            QVERIFY2(!control->isEnabled(), qPrintable(control->objectName()));
            QVERIFY(control->toolTip().contains(QStringLiteral("redis.example:6379")));
            QVERIFY(control->accessibleDescription().startsWith(QStringLiteral("Only the private Redis")));
        }
        for (const char *name : {"pauseRefiller", "refillOnDemand", "cutConnection", "slowRedis", "stepClock"})
            QVERIFY2(toggle(name)->isEnabled(), name);
        QVERIFY(child<QLabel>("harmNote")->isVisible());
        QTest::mouseClick(toggle("hangRedis")->parentWidget(), Qt::LeftButton, {}, QPoint(80, 10));
        QVERIFY(m_service->harms.empty());
        m_service->now.store.isPrivate = true;
        pull();
        QVERIFY(toggle("hangRedis")->isEnabled() && toggle("hangRedis")->toolTip().isEmpty());
    }

    void theWordsAreTheSwitchToo()
    {
        QTest::mouseClick(toggle("cutConnection")->parentWidget(), Qt::LeftButton, {}, QPoint(80, 10));
        QCOMPARE(m_service->harms.size(), std::size_t{1});
        QVERIFY(m_service->harms.back().isLinkCut);
    }

    void everythingIsReachedByKeyboard()
    {
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        hang(); // so that repairing is possible
        QStringList reached;
        button("repairAll")->setFocus();
        for (int i = 0; i < 40 && !reached.contains(QStringLiteral("explanation")); ++i) {
            reached << QApplication::focusWidget()->objectName();
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        }
        for (const char *name : {"pauseRefiller", "refillOnDemand", "hangRedis", "cutConnection", "slowRedis", "delay",
                                 "stepClock", "clockStep", "makeForget", "killRedis", "failuresSendOne", "policy-0"})
            QVERIFY2(reached.contains(QLatin1String(name)), qPrintable(reached.join(u' ')));
        toggle("cutConnection")->setFocus();
        QTest::keyClick(toggle("cutConnection"), Qt::Key_Space);
        QVERIFY(m_service->now.harm.isLinkCut);
        QTest::keyClick(toggle("cutConnection"), Qt::Key_Return);
        QVERIFY(!m_service->now.harm.isLinkCut);
    }

    void switchesAreSwitchesForReaders()
    {
        for (Toggle *control : m_window->findChildren<Toggle *>()) {
            QVERIFY(!control->accessibleName().isEmpty() && !control->accessibleDescription().isEmpty());
            QAccessibleInterface *reader = QAccessible::queryAccessibleInterface(control);
            QCOMPARE(reader->role(), QAccessible::CheckBox);
            QCOMPARE(reader->state().checked != 0, control->isChecked());
            QCOMPARE(reader->text(QAccessible::Name), control->accessibleName());
        }
        for (const Policy policy : {Policy::Reject, Policy::Allow, Policy::Local})
            QCOMPARE(policies()->strip(policy)->accessibleDescription(), policies()->figures(policy));
    }

    void aFocusedSwitchIsMarked()
    {
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        Toggle *control = toggle("hangRedis");
        const auto picture = [&] { return control->grab().toImage(); };
        const QImage off = picture();
        control->setFocus();
        QVERIFY(picture() != off);
        toggle("cutConnection")->setFocus();
        QCOMPARE(picture(), off);
        control->setChecked(true);
        QVERIFY(picture() != off);
    }

    void policyIsChosenAndShown()
    {
        QVERIFY(policies()->choice(Policy::Reject)->isChecked());
        QVERIFY(policies()->standing(Policy::Reject).startsWith(QStringLiteral("in force")));
        policies()->choice(Policy::Local)->click();
        QVERIFY(policies()->standing(Policy::Local).startsWith(QStringLiteral("in force"))); // at once
        QVERIFY(policies()->standing(Policy::Reject).isEmpty());
        QCOMPARE(m_service->policies, (std::vector{Policy::Local}));
        pull();
        QVERIFY(policies()->choice(Policy::Local)->isChecked());
        m_service->now.onStoreFailure = Policy::Allow; // somebody else
        pull();
        QVERIFY(policies()->choice(Policy::Allow)->isChecked());
        QCOMPARE(m_service->policies.size(), std::size_t{1});
        m_service->now.limit.name = "per-client";
        pull();
        QVERIFY(policies()->choice(Policy::Allow)->toolTip().contains(QStringLiteral("per-client")));
    }

    void theLinesAreComparedOnceASecond()
    {
        m_service->past = test::historyOf(1'800'000'059, 120, [](telemetry::SecondBin &bin, int i) {
            bin.isAway = i >= 80 && i < 100;
            bin.admitted = bin.isAway ? 0 : 1;
            bin.undecided = bin.isAway ? 3 : 0;
            bin.tokens = 0;
        });
        pull();
        QVERIFY(policies()->figures(Policy::Reject).contains(QStringLiteral("60 rejected")));
        QVERIFY(policies()->figures(Policy::Allow).startsWith(QStringLiteral("would admit ")));
        QVERIFY(policies()->figures(Policy::Local).endsWith(QStringLiteral("0 over the limit")));
    }

    void everyPageSaysWhenItIsDegraded()
    {
        auto *banner = child<Banner>("storeBanner");
        auto *chip = child<StatusChip>("alertChip");
        const int top = toggle("hangRedis")->mapTo(m_window.get(), QPoint()).y();
        QVERIFY(banner->isHidden() && chip->isHidden());
        hang();
        for (const QString &page : MainWindow::pageNames()) {
            m_window->openPage(page);
            QVERIFY2(banner->isVisible() && chip->isVisible(), qPrintable(page));
        }
        QVERIFY(banner->message().contains(QStringLiteral("14 tokens to settle")));
        QCOMPARE(chip->mainText(), QStringLiteral("Local"));
        QCOMPARE(chip->state(), StatusDot::State::Bad);
        QCOMPARE(child<StatusChip>("storeChip")->mainText(), QStringLiteral("Redis silent"));
        m_window->openPage(QStringLiteral("failures"));
        QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
        QCOMPARE(toggle("hangRedis")->mapTo(m_window.get(), QPoint()).y(), top); // nothing moved below the mouse
        button("bannerRepair")->click();
        QCOMPARE(m_service->now.harm, engine::Harm{});
    }

    void thereIsNothingToRepairWhenItWasNotUs()
    {
        m_service->now.store.state = engine::StoreStatus::State::Down;
        m_service->now.store.problem = "Connection refused.";
        pull();
        QVERIFY(child<Banner>("storeBanner")->isVisible());
        QVERIFY(button("bannerRepair")->isHidden());
        QVERIFY(explained().startsWith(QStringLiteral("Redis is away")));
    }

    void requestsAreSentFromHereToo()
    {
        m_service->report.admitted = 5;
        m_service->report.other = 5;
        button("failuresSendTen")->click();
        QCOMPARE(m_service->sends, (std::vector<int>{10}));
        QCOMPARE(outcome(), QStringLiteral("Sent: 5 admitted, 5 other answers"));
    }

    void nothingIsCut_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::newRow("large") << QSize(1280, 820);
        QTest::newRow("small") << QSize(1024, 640);
        QTest::newRow("smallest") << QSize(960, 600);
    }
    void nothingIsCut()
    {
        QFETCH(QSize, size);
        m_window->resize(size);
        hang();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
        QCOMPARE(m_window->size(), size);
        for (const HarmRow *row : m_window->findChildren<HarmRow *>())
            for (const QWidget *part : row->findChildren<QWidget *>(QString(), Qt::FindDirectChildrenOnly)) {
                const bool isWords = qobject_cast<const TabularLabel *>(part) || qobject_cast<const QLabel *>(part);
                QVERIFY2(!isWords || part->width() >= part->sizeHint().width(), qPrintable(row->toolTip()));
                QVERIFY2(row->rect().contains(part->geometry()), qPrintable(row->toolTip()));
            }
        for (const Policy policy : {Policy::Reject, Policy::Allow, Policy::Local})
            QVERIFY(policies()->strip(policy)->height() >= policies()->strip(policy)->minimumSizeHint().height());
        QVERIFY(child<QTextEdit>("explanation")->viewport()->height() >= 60);
    }
};

QTEST_MAIN(TestFailuresPage)
#include "tst_failures_page.moc"
