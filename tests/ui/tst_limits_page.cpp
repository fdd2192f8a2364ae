// SPDX-License-Identifier: GPL-3.0-only
#include <QAction>
#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QDateTime>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QTableView>
#include <QTemporaryDir>

#include "tests/ui/fake_service.h"
#include "tests/support/warnings_fail.h"
#include "ui/window/main_window.h"
#include "ui/limits/limit_list_model.h"
#include "ui/limits/access_form.h"
#include "ui/controls/banner.h"
#include "ui/limits/bucket_browser.h"
#include "ui/limits/change_bar.h"
#include "ui/limits/change_view.h"
#include "ui/controls/choice_button.h"
#include "ui/limits/limit_card_delegate.h"
#include "ui/limits/limit_editor.h"
#include "ui/limits/limit_list.h"
#include "ui/limits/limits_page.h"
#include "ui/limits/limit_form.h"
#include "ui/controls/tabular_text.h"
#include "ui/controls/toggle.h"
#include "ui/controls/value_edit.h"

using namespace weir;
using namespace weir::ui;
using config::KeyPart;

namespace {

constexpr int kPatience = 10'000; // ms

config::LimitSet someLimits()
{
    config::LimitSet set;
    for (const char *name : {"global", "per-client", "per-key"})
        set.limits.emplace_back().name = name;
    set.limits[1].key = {{}};
    set.limits[1].match.path = "/api/*";
    set.limits[2].key = {{KeyPart::Kind::Header, "X-Api-Key"}};
    return set;
}

} // namespace

class TestLimitsPage : public QObject {
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
    QPushButton *button(const char *name) { return child<QPushButton>(name); }
    LimitList *list() { return m_window->findChild<LimitList *>(); }
    LimitEditor *editor() { return m_window->findChild<LimitEditor *>(); }
    BucketBrowser *buckets() { return m_window->findChild<BucketBrowser *>(); }
    QListView *view() { return child<QListView>("limits"); }
    QString summary() { return editor()->bar()->summary(); }
    QString order()
    {
        QStringList names;
        for (int row = 0; row + 1 < view()->model()->rowCount(); ++row)
            names << view()->model()->index(row, 0).data().toString();
        return names.join(u' ');
    }
    void choose(int row) { list()->setCurrentRow(row); }
    void pull() { m_window->takeNewest(); }
    void write(const char *line, const QString &text)
    {
        auto *edit = child<QLineEdit>(line);
        edit->selectAll();
        QTest::keyClicks(edit, text);
        if (text.isEmpty())
            QTest::keyClick(edit, Qt::Key_Delete);
    }
    void writeValue(const char *field, const QString &text)
    {
        auto *line = child<ValueEdit>(field)->findChild<QLineEdit *>();
        line->selectAll();
        QTest::keyClicks(line, text);
    }
    void pick(const char *name, const QString &value)
    {
        for (QAction *action : child<ChoiceButton>(name)->menu()->actions()) {
            if (action->data().toString() == value)
                return action->trigger();
        }
        QFAIL(qPrintable(value));
    }
    void showBuckets(const char *limit, std::initializer_list<const char *> subjects)
    {
        auto next = std::make_shared<engine::BucketList>();
        next->limit = limit;
        for (const char *subject : subjects) {
            engine::BucketRow row;
            row.subject = subject;
            row.tokens = 2;
            row.lastSeenMs = QDateTime::currentMSecsSinceEpoch();
            next->rows.push_back(row);
        }
        next->live = static_cast<std::int64_t>(next->rows.size());
        m_service->bucketList = next;
        pull();
    }
    void press(QWidget *widget, Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        widget->setFocus();
        QTest::keyClick(widget, key, modifiers);
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_settings = std::make_unique<QSettings>(m_dir->filePath(QStringLiteral("weir.ini")), QSettings::IniFormat);
        m_service = std::make_unique<test::FakeService>();
        m_service->set = std::make_shared<const config::LimitSet>(someLimits());
        m_window = std::make_unique<MainWindow>(*m_service, *m_settings);
        m_window->openPage(QStringLiteral("limits"));
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
        press(m_window.get(), Qt::Key_2, Qt::ControlModifier);
        QCOMPARE(m_window->currentPage(), QStringLiteral("limits"));
    }

    void showsWhatIsInForce()
    {
        QCOMPARE(order(), QStringLiteral("global per-client per-key"));
        QCOMPARE(list()->currentRow(), 0);
        QCOMPARE(child<QLineEdit>("editName")->text(), QStringLiteral("global"));
        QVERIFY(editor()->meaning().startsWith(QStringLiteral("All requests together")));
        QCOMPARE(summary(), QStringLiteral("Nothing is changed."));
        QVERIFY(!button("applyLimits")->isEnabled() && !button("revertLimits")->isEnabled());
        choose(1);
        QCOMPARE(child<QLineEdit>("editPath")->text(), QStringLiteral("/api/*"));
        QVERIFY(editor()->meaning().startsWith(QStringLiteral("Each IP address")));
    }

    void editsSurviveAnotherLimitAndAreApplied()
    {
        choose(1);
        writeValue("editCapacity", QStringLiteral("9"));
        write("editMethods", QStringLiteral("get"));
        QVERIFY(editor()->meaning().contains(QStringLiteral("9 requests at once")));
        choose(0);
        QCOMPARE(child<ValueEdit>("editCapacity")->value(), std::optional<qint64>(5));
        choose(1);
        QCOMPARE(child<ValueEdit>("editCapacity")->value(), std::optional<qint64>(9));
        QCOMPARE(summary(), QStringLiteral("per-client: methods any → GET, capacity 5 → 9"));
        pick("tokenMode", QStringLiteral("proportional"));
        button("applyLimits")->click();
        QCOMPARE(m_service->setChanges.size(), std::size_t{1});
        QCOMPARE(m_service->setChanges.front().mode, limit::TokenMode::Proportional);
        config::LimitSet expected = someLimits();
        expected.limits[1].spec.capacity = 9;
        expected.limits[1].match.methods = {"GET"};
        QVERIFY(m_service->setChanges.front().set == expected);
        QVERIFY(summary().startsWith(QStringLiteral("In force since")));
        QVERIFY(!button("applyLimits")->isEnabled());
        pull();
        QVERIFY(child<Banner>("limitsNotice")->isHidden());
    }

    void everyFieldReachesTheLimit()
    {
        write("editName", QStringLiteral("exports"));
        child<Toggle>("editOn")->click();
        child<Toggle>("editShadow")->click();
        write("editPath", QStringLiteral("/export"));
        pick("editKeyKind", QStringLiteral("several"));
        write("editKey", QStringLiteral("ip, cookie:sid"));
        pick("editAlgorithm", QStringLiteral("gcra"));
        writeValue("editCapacity", QStringLiteral("20"));
        writeValue("editRefill", QStringLiteral("10"));
        writeValue("editEvery", QStringLiteral("90 s"));
        writeValue("editCost", QStringLiteral("2"));
        pick("editOnFailure", QStringLiteral("allow"));
        button("editMore")->click();
        write("editNetworks", QStringLiteral("10.0.0.0/8 2001:db8::/32"));
        child<QPlainTextEdit>("editHeaders")->setPlainText(QStringLiteral("X-Plan: free"));
        pick("editStart", QStringLiteral("empty"));
        child<QPlainTextEdit>("editRoutes")->setPlainText(QStringLiteral("POST /export = 10"));
        write("editCostHeader", QStringLiteral("X-Cost"));
        button("applyLimits")->click();
        QCOMPARE(m_service->setChanges.size(), std::size_t{1});
        config::LimitEntry entry;
        entry.name = "exports";
        entry.isOn = false;
        entry.isShadow = true;
        entry.match = {
            "/export",
            {},
            {std::get<Network>(parseNetwork("10.0.0.0/8")), std::get<Network>(parseNetwork("2001:db8::/32"))},
            {{"X-Plan", "free"}}};
        entry.key = {{}, {KeyPart::Kind::Cookie, "sid"}};
        entry.spec = {20, 10, Micros{90'000'000}, limit::StartLevel::Empty, limit::Algorithm::Gcra};
        entry.cost = {2, {{{"/export", {"POST"}, {}, {}}, 10}}, "X-Cost"};
        entry.onStoreFailure = config::StoreFailurePolicy::Allow;
        QVERIFY(m_service->setChanges.front().set.limits.front() == entry);
    }

    void problemsStandAtTheirFields()
    {
        write("editName", QStringLiteral("per-key"));
        writeValue("editCapacity", QStringLiteral("0"));
        write("editPath", QStringLiteral("api"));
        const LimitForm *form = editor()->form();
        for (const LimitField field : {LimitField::Name, LimitField::Capacity, LimitField::Path})
            QVERIFY(form->issueOf(field).endsWith(u'.'));
        QVERIFY(child<QLineEdit>("editPath")->property("wrong").toBool());
        QVERIFY(!child<QLineEdit>("editMethods")->property("wrong").toBool());
        QVERIFY(!child<QLineEdit>("editPath")->accessibleDescription().isEmpty());
        QVERIFY(!button("applyLimits")->isEnabled() && button("revertLimits")->isEnabled());
        // Its name is the one of the third, so that has a problem too.
        QCOMPARE(summary(), QStringLiteral("Not usable yet: per-key (3 problems), per-key (1 problem)"));
        choose(2);
        choose(0);
        QCOMPARE(child<QLineEdit>("editPath")->text(), QStringLiteral("api"));
        button("revertLimits")->click();
        QCOMPARE(child<QLineEdit>("editPath")->text(), QString());
        QVERIFY(form->issueOf(LimitField::Path).isEmpty());
        QCOMPARE(list()->currentRow(), 0);
    }

    void whatIsNoNumberStaysAsItWasWritten()
    {
        writeValue("editEvery", QStringLiteral("soon"));
        choose(1);
        choose(0);
        QCOMPARE(child<ValueEdit>("editEvery")->text(), QStringLiteral("soon"));
        QVERIFY(editor()->form()->issueOf(LimitField::Every).startsWith(QStringLiteral("Write a time")));
    }

    void rareFieldsOpenWhenTheyAreWrong()
    {
        QVERIFY(!editor()->form()->isMoreShown());
        QVERIFY(!child<QLineEdit>("editNetworks")->isVisible());
        writeValue("editCapacity", QStringLiteral("4"));
        writeValue("editRefill", QStringLiteral("4"));
        QVERIFY(!editor()->form()->isMoreShown());
        button("editMore")->click();
        child<QPlainTextEdit>("editRoutes")->setPlainText(QStringLiteral("/export = 4"));
        button("editMore")->click();
        QVERIFY(!editor()->form()->isMoreShown());
        QVERIFY(button("editMore")->text().endsWith(QStringLiteral("More: cost by route")));
        writeValue("editCapacity", QStringLiteral("3")); // the route costs more than that
        QVERIFY(editor()->form()->isMoreShown());
        QVERIFY(!editor()->form()->issueOf(LimitField::Routes).isEmpty());
    }

    void numbersAreCalledAsTheAlgorithmUsesThem()
    {
        QVERIFY(child<ValueEdit>("editRefill")->isVisible());
        pick("editAlgorithm", QStringLiteral("sliding-log"));
        QVERIFY(!child<ValueEdit>("editRefill")->isVisible());
        QCOMPARE(child<ValueEdit>("editCapacity")->accessibleName(), QStringLiteral("At most"));
        writeValue("editCapacity", QStringLiteral("3"));
        QCOMPARE(summary(), QStringLiteral("global: algorithm Token bucket → Sliding window log, at most 5 → 3"));
        pick("editAlgorithm", QStringLiteral("leaky-bucket"));
        QCOMPARE(child<ValueEdit>("editRefill")->value(), std::optional<qint64>(3)); // no refill above the capacity
        QCOMPARE(child<ValueEdit>("editCapacity")->accessibleName(), QStringLiteral("Queue"));
        QVERIFY(button("applyLimits")->isEnabled());
    }

    void keysAreChosenOrWritten()
    {
        pick("editKeyKind", QStringLiteral("header"));
        QVERIFY(!button("applyLimits")->isEnabled()); // which one?
        write("editKey", QStringLiteral("X-Api-Key"));
        QCOMPARE(editor()->form()->text()[LimitField::Key], QStringLiteral("header:X-Api-Key"));
        pick("editKeyKind", QStringLiteral("cookie"));
        QCOMPARE(editor()->form()->text()[LimitField::Key], QStringLiteral("cookie:X-Api-Key"));
        pick("editKeyKind", QStringLiteral("several"));
        QCOMPARE(child<QLineEdit>("editKey")->text(), QStringLiteral("cookie:X-Api-Key"));
        pick("editKeyKind", QStringLiteral("ip"));
        QVERIFY(!child<QLineEdit>("editKey")->isVisible());
        pick("editKeyKind", QStringLiteral("all"));
        QCOMPARE(summary(), QStringLiteral("Nothing is changed."));
        choose(2);
        QCOMPARE(child<ChoiceButton>("editKeyKind")->value(), QStringLiteral("header"));
        QCOMPARE(child<QLineEdit>("editKey")->text(), QStringLiteral("X-Api-Key"));
    }

    void choicesAreStepped()
    {
        auto *algorithm = child<ChoiceButton>("editAlgorithm");
        press(algorithm, Qt::Key_Down);
        QCOMPARE(algorithm->value(), QStringLiteral("token-bucket-smooth"));
        press(algorithm, Qt::Key_Up);
        press(algorithm, Qt::Key_Up); // the first one
        QCOMPARE(algorithm->value(), QStringLiteral("token-bucket"));
        QCOMPARE(summary(), QStringLiteral("Nothing is changed."));
    }

    void limitsAreReorderedByKeyboard()
    {
        choose(2);
        press(view(), Qt::Key_Up, Qt::AltModifier);
        QCOMPARE(order(), QStringLiteral("global per-key per-client"));
        QCOMPARE(list()->currentRow(), 1);
        press(view(), Qt::Key_Up, Qt::AltModifier);
        press(view(), Qt::Key_Up, Qt::AltModifier); // it is the first by now
        QCOMPARE(order(), QStringLiteral("per-key global per-client"));
        press(view(), Qt::Key_Down, Qt::AltModifier);
        QCOMPARE(summary(), QStringLiteral("per-client: moved from 2 to 3"));
        button("applyLimits")->click();
        QCOMPARE(m_service->setChanges.back().set.limits[1].name, std::string("per-key"));
    }

    void limitsAreReorderedByDropping()
    {
        // A drag runs an event loop of its own; what a view does with a drop is what counts.
        QVERIFY(view()->model()->moveRows({}, 0, 1, {}, 3));
        QCOMPARE(order(), QStringLiteral("per-client per-key global"));
        QCOMPARE(list()->currentRow(), 2); // it is still the chosen one
        QCOMPARE(child<QLineEdit>("editName")->text(), QStringLiteral("global"));
        writeValue("editCapacity", QStringLiteral("9"));
        QCOMPARE(summary(), QStringLiteral("global: capacity 5 → 9, moved from 1 to 3"));
    }

    void limitsAreSwitchedByMouseAndKeyboard()
    {
        choose(1);
        press(view(), Qt::Key_Space);
        QCOMPARE(summary(), QStringLiteral("per-client: switched on → off"));
        QVERIFY(!child<Toggle>("editOn")->isChecked());
        const QRect card = view()->visualRect(view()->model()->index(1, 0));
        QTest::mouseClick(view()->viewport(), Qt::LeftButton, {}, LimitCardDelegate::toggleRect(card).center());
        QCOMPARE(summary(), QStringLiteral("Nothing is changed."));
    }

    void limitsAreAddedAndCopied()
    {
        button("addLimit")->click();
        QCOMPARE(order(), QStringLiteral("global per-client per-key limit"));
        QCOMPARE(list()->currentRow(), 3);
        QCOMPARE(buckets()->hint(), QStringLiteral("It has no buckets before it is applied."));
        choose(1);
        button("duplicateLimit")->click();
        QCOMPARE(order(), QStringLiteral("global per-client per-client-2 per-key limit"));
        QCOMPARE(child<QLineEdit>("editPath")->text(), QStringLiteral("/api/*"));
        QCOMPARE(summary(), QStringLiteral("per-client-2: added · limit: added"));
        button("applyLimits")->click();
        QCOMPARE(m_service->setChanges.back().set.limits.size(), std::size_t{5});
        pull();
        QCOMPARE(summary().left(8), QStringLiteral("In force"));
        QCOMPARE(m_service->watched.first, std::string("per-client-2"));
    }

    void removedLimitsComeBack()
    {
        QVERIFY(child<QFrame>("undoBar")->isHidden());
        choose(1);
        writeValue("editCapacity", QStringLiteral("9"));
        button("removeLimit")->click();
        QCOMPARE(order(), QStringLiteral("global per-key"));
        QCOMPARE(child<QLineEdit>("editName")->text(),
                 order().section(u' ', list()->currentRow(), list()->currentRow()));
        QVERIFY(!child<QFrame>("undoBar")->isHidden());
        button("undo")->click();
        QCOMPARE(order(), QStringLiteral("global per-client per-key"));
        QCOMPARE(child<ValueEdit>("editCapacity")->value(), std::optional<qint64>(9));
        QVERIFY(child<QFrame>("undoBar")->isHidden());
        press(view(), Qt::Key_Delete);
        press(view(), Qt::Key_Delete);
        QCOMPARE(order().count(u' '), 0);
        QVERIFY(!child<QFrame>("undoBar")->isHidden());
        press(view(), Qt::Key_Z, Qt::ControlModifier);
        press(view(), Qt::Key_Z, Qt::ControlModifier);
        press(view(), Qt::Key_Z, Qt::ControlModifier); // nothing more to bring back
        QCOMPARE(order(), QStringLiteral("global per-client per-key"));
        QCOMPARE(summary(), QStringLiteral("per-client: capacity 5 → 9"));
    }

    void undoBarGoesWithApplyAndRevert()
    {
        for (const char *done : {"revertLimits", "applyLimits"}) {
            choose(1);
            button("removeLimit")->click();
            QVERIFY(!child<QFrame>("undoBar")->isHidden());
            button(done)->click();
            QVERIFY2(child<QFrame>("undoBar")->isHidden(), done);
        }
        press(view(), Qt::Key_Z, Qt::ControlModifier); // also after it holds: as it was before
        QCOMPARE(order(), QStringLiteral("global per-client per-key"));
        QCOMPARE(m_service->set->limits.size(), std::size_t{3});
        QVERIFY(!button("applyLimits")->isEnabled());
        press(view(), Qt::Key_Z, Qt::ControlModifier); // and nothing more
        QCOMPARE(order(), QStringLiteral("global per-client per-key"));
    }

    void whatIsAppliedIsUndone()
    {
        auto *page = m_window->findChild<LimitsPage *>();
        auto *offer = page->findChild<QFrame *>(QStringLiteral("undoneBar"));
        writeValue("editCapacity", QStringLiteral("9"));
        pick("tokenMode", QStringLiteral("refill"));
        button("applyLimits")->click();
        QCOMPARE(m_service->setChanges.back().mode, limit::TokenMode::Refill);
        QCOMPARE(editor()->bar()->mode(), limit::TokenMode::Keep); // the next Apply hands out nothing
        QVERIFY(!offer->isHidden());
        page->findChild<QPushButton *>(QStringLiteral("undoLast"))->click();
        QCOMPARE(m_service->setChanges.back().set.limits[0].spec.capacity, limit::Tokens{5});
        QCOMPARE(m_service->setChanges.back().mode, limit::TokenMode::Keep);
        QCOMPARE(child<ValueEdit>("editCapacity")->value(), std::optional<qint64>(5));
        QVERIFY(offer->isHidden());
    }

    void whatOthersChangedSinceIsNotUndone()
    {
        writeValue("editCapacity", QStringLiteral("9"));
        button("applyLimits")->click();
        auto theirs = std::make_shared<config::LimitSet>(*m_service->set);
        theirs->limits[1].spec.capacity = 77;
        theirs->limits[1].spec.refill = 5;
        m_service->set = theirs;
        const std::size_t changes = m_service->setChanges.size();
        press(view(), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(m_service->setChanges.size(), changes);
        QVERIFY(summary().contains(QStringLiteral("nothing was undone")));
    }

    void noLimitIsASetToo()
    {
        for (int i = 0; i < 3; ++i) {
            choose(0);
            button("removeLimit")->click();
        }
        QCOMPARE(view()->model()->rowCount(), 1); // everybody
        QVERIFY(!button("removeLimit")->isVisible());
        button("applyLimits")->click();
        QVERIFY(m_service->setChanges.back().set.limits.empty());
    }

    void everythingIsReviewedBeforeItHolds()
    {
        choose(1);
        writeValue("editCapacity", QStringLiteral("9"));
        button("duplicateLimit")->click();
        choose(0);
        button("removeLimit")->click();
        button("reviewLimits")->click();
        const auto *changes = m_window->findChild<ChangeView *>();
        QVERIFY(changes->isVisible());
        const QStringList expected{QStringLiteral("~ per-client: capacity 5 → 9"),
                                   QStringLiteral("+ per-client-2: added"), QStringLiteral("− global: removed")};
        QCOMPARE(changes->lines(), expected);
        for (auto *name : changes->findChildren<QPushButton *>()) {
            if (name->text() == QLatin1String("per-client-2"))
                name->click();
        }
        QVERIFY(!changes->isVisible());
        QCOMPARE(child<QLineEdit>("editName")->text(), QStringLiteral("per-client-2"));
    }

    void failedChangeSaysWhyAndKeepsTheEdits()
    {
        m_service->failure = "Redis is away";
        writeValue("editCapacity", QStringLiteral("9"));
        button("applyLimits")->click();
        QCOMPARE(summary(), QStringLiteral("Redis is away."));
        QVERIFY(button("applyLimits")->isEnabled());
        pull();
        QCOMPARE(summary(), QStringLiteral("Redis is away."));
        writeValue("editCapacity", QStringLiteral("8"));
        QCOMPARE(summary(), QStringLiteral("global: capacity 5 → 8"));
    }

    void changesOfOthersDoNotDestroyTheDraft()
    {
        writeValue("editCapacity", QStringLiteral("9"));
        config::LimitSet next = someLimits();
        next.limits[0].match.path = "/new";
        next.limits[0].spec.capacity = 7;
        next.limits.emplace_back().name = "another";
        m_service->set = std::make_shared<const config::LimitSet>(next);
        pull();
        QCOMPARE(order(), QStringLiteral("global per-client per-key another"));
        QCOMPARE(child<QLineEdit>("editPath")->text(), QStringLiteral("/new"));
        QCOMPARE(child<ValueEdit>("editCapacity")->value(), std::optional<qint64>(9));
        QCOMPARE(summary(), QStringLiteral("global: capacity 7 → 9"));
        QVERIFY(child<Banner>("limitsNotice")->message().contains(QStringLiteral("global: capacity")));
        button("revertLimits")->click();
        QVERIFY(child<Banner>("limitsNotice")->isHidden());
        QCOMPARE(child<ValueEdit>("editCapacity")->value(), std::optional<qint64>(7));
    }

    void changesOfOthersAreShownWhileNothingIsEdited()
    {
        config::LimitSet next = someLimits();
        next.limits[0].spec.capacity = 7;
        m_service->set = std::make_shared<const config::LimitSet>(next);
        pull();
        QCOMPARE(child<ValueEdit>("editCapacity")->value(), std::optional<qint64>(7));
        QVERIFY(child<Banner>("limitsNotice")->isHidden());
    }

    void limitsReadBeforeOurChangeAreNoChangeOfOthers()
    {
        const auto before = m_service->set;
        writeValue("editCapacity", QStringLiteral("9"));
        button("applyLimits")->click();
        pull();
        const auto applied = m_service->set;
        m_service->set = std::make_shared<const config::LimitSet>(*before); // a late answer
        pull();
        QCOMPARE(child<ValueEdit>("editCapacity")->value(), std::optional<qint64>(9));
        m_service->set = applied;
        pull();
        QCOMPARE(child<ValueEdit>("editCapacity")->value(), std::optional<qint64>(9));
        QVERIFY(child<Banner>("limitsNotice")->isHidden());
    }

    void ourChangeUndoneElsewhereAtOnceIsSeen()
    {
        const auto before = m_service->set;
        writeValue("editCapacity", QStringLiteral("9"));
        button("applyLimits")->click();
        m_service->set = std::make_shared<const config::LimitSet>(*before);
        QTRY_COMPARE_WITH_TIMEOUT(child<ValueEdit>("editCapacity")->value(), std::optional<qint64>(5), kPatience);
    }

    void accessIsEditedUnderEverybody()
    {
        choose(3);
        child<QPlainTextEdit>("blockNetworks")->setPlainText(QStringLiteral("203.0.113.7\n10.0.0.0/8"));
        child<QPlainTextEdit>("allowKeys")->setPlainText(QStringLiteral("header:X-Api-Key=abc"));
        writeValue("ipv6Prefix", QStringLiteral("56"));
        writeValue("maxLive", QStringLiteral("5000"));
        button("applyLimits")->click();
        const config::LimitSet &set = m_service->setChanges.back().set;
        QCOMPARE(set.block.networks.size(), std::size_t{2});
        QCOMPARE(set.allow.keys.front().value, std::string("abc"));
        QVERIFY(set.keys == (config::KeySettings{56, 5000}));
        child<QPlainTextEdit>("blockNetworks")->setPlainText(QStringLiteral("localhost"));
        QVERIFY(editor()->access()->issueOf(AccessField::BlockNetworks).startsWith(QStringLiteral("\"localhost\"")));
        QCOMPARE(summary(), QStringLiteral("Not usable yet: Everybody (1 problem)"));
    }

    void bucketsOfTheChosenLimitAreWatched()
    {
        QCOMPARE(m_service->watched.first, std::string("global"));
        choose(1);
        QCOMPARE(m_service->watched.first, std::string("per-client"));
        child<QLineEdit>("bucketSearch")->setText(QStringLiteral(" 203.0 "));
        QCOMPARE(m_service->watched.second, std::string("203.0"));
        writeValue("editCapacity", QStringLiteral("9"));
        write("editName", QStringLiteral("renamed"));
        QCOMPARE(m_service->watched.first, std::string("per-client")); // as it is in force
        choose(3);
        QCOMPARE(m_service->watched.first, std::string());
        choose(1);
        m_window->openPage(QStringLiteral("live"));
        QCOMPARE(m_service->watched.first, std::string());
        m_window->openPage(QStringLiteral("limits"));
        QCOMPARE(m_service->watched.first, std::string("per-client"));
    }

    void bucketsAreShownAndCounted()
    {
        choose(1);
        QVERIFY(buckets()->hint().startsWith(QStringLiteral("No live buckets")));
        showBuckets("per-client", {"203.0.113.7", "198.51.100.24"});
        QCOMPARE(buckets()->model().rowCount(), 2);
        QCOMPARE(buckets()->titleText(), QStringLiteral("Buckets of “per-client” · 2 live · top by requests"));
        engine::LimitCounts counts;
        counts.limit = "per-client";
        counts.admitted = 90;
        counts.refused = 10;
        counts.overflows = 212;
        m_service->now.limits = {counts};
        pull();
        QVERIFY(buckets()->titleText().contains(QStringLiteral("212 requests")));
        QVERIFY(editor()->meaning().endsWith(QStringLiteral("So far it refused 10.0% of 100.")));
        choose(0); // of another limit
        QCOMPARE(buckets()->model().rowCount(), 0);
        choose(1); // the newest list is still of this one
        QCOMPARE(buckets()->model().rowCount(), 2);
        child<QLineEdit>("bucketSearch")->setText(QStringLiteral("x"));
        showBuckets("per-client", {});
        QCOMPARE(buckets()->hint(), QStringLiteral("No live bucket has a key with “x” in it."));
    }

    void bucketsAreFilledAndEmptied()
    {
        choose(1);
        showBuckets("per-client", {"203.0.113.7", "198.51.100.24"});
        const QRect cell = buckets()->view()->visualRect(buckets()->model().index(1, BucketModel::Actions));
        const QFont font = buckets()->view()->font();
        const auto click = [&](BucketDelegate::Deed deed) {
            QTest::mouseClick(buckets()->view()->viewport(), Qt::LeftButton, {},
                              BucketDelegate::wordRect(deed, cell, font).center());
        };
        click(BucketDelegate::Deed::Fill);
        QCOMPARE(m_service->bucketLevels.size(), std::size_t{1});
        QCOMPARE(m_service->bucketLevels.back().subject, std::string("198.51.100.24"));
        QCOMPARE(m_service->bucketLevels.back().limit, std::string("per-client"));
        QCOMPARE(m_service->bucketLevels.back().tokens, limit::kMaxCapacity);
        QCOMPARE(child<TabularLabel>("bucketOutcome")->text(), QStringLiteral("198.51.100.24 holds 5 tokens now."));
        m_window->findChild<LimitsPage *>()->findChild<QPushButton *>(QStringLiteral("undoLast"))->click();
        QCOMPARE(m_service->bucketLevels.back().subject, std::string("198.51.100.24"));
        QCOMPARE(m_service->bucketLevels.back().tokens, limit::Tokens{2});
        click(BucketDelegate::Deed::Empty);
        QCOMPARE(m_service->bucketLevels.back().tokens, limit::Tokens{0});
        buckets()->view()->selectRow(0);
        press(buckets()->view(), Qt::Key_F);
        QCOMPARE(m_service->bucketLevels.back().subject, std::string("203.0.113.7"));
        press(buckets()->view(), Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("203.0.113.7"));
        m_service->failure = "Redis is away";
        press(buckets()->view(), Qt::Key_E);
        QCOMPARE(child<TabularLabel>("bucketOutcome")->text(), QStringLiteral("Redis is away."));
    }

    void ownersAreBlockedBesideTheDraft()
    {
        choose(1);
        writeValue("editCapacity", QStringLiteral("9"));
        showBuckets("per-client", {"2001:db8:7::/64"});
        buckets()->view()->selectRow(0);
        press(buckets()->view(), Qt::Key_B);
        QCOMPARE(m_service->setChanges.size(), std::size_t{1});
        config::LimitSet expected = someLimits(); // without the edit
        expected.block.networks = {std::get<Network>(parseNetwork("2001:db8:7::/64"))};
        QVERIFY(m_service->setChanges.front().set == expected);
        pull();
        QCOMPARE(summary(), QStringLiteral("per-client: capacity 5 → 9"));
        QVERIFY(child<Banner>("limitsNotice")->isHidden());
        choose(2);
        showBuckets("per-key", {"a%20b"});
        buckets()->view()->selectRow(0);
        press(buckets()->view(), Qt::Key_B);
        const config::KeyValue &key = m_service->setChanges.back().set.block.keys.front();
        QVERIFY(key == (config::KeyValue{{KeyPart::Kind::Header, "X-Api-Key"}, "a b"}));
        button("applyLimits")->click();
        QCOMPARE(m_service->setChanges.back().set.block.keys.size(), std::size_t{1});
        QCOMPARE(m_service->setChanges.back().set.limits[1].spec.capacity, limit::Tokens{9});
    }

    void whatNobodyOwnsIsNotBlocked()
    {
        choose(0);
        showBuckets("global", {""});
        buckets()->view()->selectRow(0);
        press(buckets()->view(), Qt::Key_B);
        choose(1);
        showBuckets("per-client", {"(others)"});
        buckets()->view()->selectRow(0);
        press(buckets()->view(), Qt::Key_B);
        QVERIFY(m_service->setChanges.empty());
        QCOMPARE(child<TabularLabel>("bucketOutcome")->text(), QStringLiteral("This bucket is shared by many."));
    }

    void fileThatIsNotInForceIsShown()
    {
        auto *banner = child<Banner>("configBanner");
        QVERIFY(banner->isHidden());
        m_service->now.config = {"/etc/weir/weir.toml", 1'800'000'000'000, "Line 3: <b> is no key."};
        pull();
        QVERIFY(!banner->isHidden());
        QVERIFY(banner->message().contains(QStringLiteral("weir.toml is not in force")));
        QVERIFY(banner->toolTip().contains(QStringLiteral("&lt;b&gt;")));
        QCOMPARE(child<TabularLabel>("configFile")->text(), QStringLiteral("weir.toml is not in force"));
        m_service->now.config.problem = "Redis did not answer within 100 ms";
        m_service->now.config.isRetried = true;
        pull();
        QVERIFY(banner->message().contains(QStringLiteral("within 100 ms. It is tried again until Redis answers.")));
        m_service->now.config.problem.clear();
        m_service->now.config.isRetried = false;
        pull();
        QVERIFY(banner->isHidden());
        QVERIFY(child<TabularLabel>("configFile")->text().startsWith(QStringLiteral("weir.toml · read ")));
    }

    void nothingIsCutAtTheSmallestSize()
    {
        m_window->resize(1024, 640);
        button("editMore")->click();
        for (const auto &algorithm : limit::kAlgorithmNames) {
            pick("editAlgorithm", QString::fromLatin1(algorithm.data(), static_cast<qsizetype>(algorithm.size())));
            QCoreApplication::processEvents();
            const QWidget *form = editor()->form();
            QVERIFY2(form->width() <= form->parentWidget()->width(), algorithm.data());
        }
        choose(3);
        QCoreApplication::processEvents();
        QVERIFY(editor()->access()->width() <= editor()->access()->parentWidget()->width());
    }

    void everyControlHasAName()
    {
        choose(3);
        choose(0);
        button("editMore")->click();
        for (QWidget *widget : m_window->findChild<QWidget *>(QStringLiteral("pages"))->findChildren<QWidget *>()) {
            if (!editor()->isAncestorOf(widget) && !list()->isAncestorOf(widget) && !buckets()->isAncestorOf(widget))
                continue;
            if (widget->focusPolicy() == Qt::NoFocus || qobject_cast<QLineEdit *>(widget) == nullptr)
                continue;
            if (qobject_cast<ValueEdit *>(widget->parentWidget()))
                continue;
            QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(widget->objectName()));
        }
        for (const char *name : {"editCapacity", "editRefill", "editEvery", "editCost", "ipv6Prefix", "maxLive"})
            QVERIFY2(!child<ValueEdit>(name)->accessibleName().isEmpty(), name);
        for (const char *name :
             {"editHeaders", "editRoutes", "blockNetworks", "blockKeys", "allowNetworks", "allowKeys"})
            QVERIFY2(!child<QPlainTextEdit>(name)->accessibleName().isEmpty(), name);
    }
};

QTEST_MAIN(TestLimitsPage)
#include "tst_limits_page.moc"
