// SPDX-License-Identifier: GPL-3.0-only
#include <QLineEdit>
#include <QSlider>
#include <QWheelEvent>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>

#include "tests/support/warnings_fail.h"
#include "ui/look/theme.h"
#include "ui/live/numbers_form.h"
#include "ui/live/mode_picker.h"
#include "ui/controls/value_edit.h"

using namespace weir;
using namespace weir::ui;

namespace {

const limit::LimitSpec kStudy{5, 5, Micros{60'000'000}};

limit::Limit inForce(const limit::LimitSpec &spec, std::int64_t epoch)
{
    limit::Limit limit;
    limit.spec = spec;
    limit.epoch = epoch;
    return limit;
}

} // namespace

Q_DECLARE_METATYPE(weir::limit::LimitSpec)

class TestNumbersForm : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;
    std::unique_ptr<NumbersForm> m_form;
    std::vector<std::pair<limit::LimitSpec, limit::TokenMode>> m_applied;

    QPushButton *button(const char *name) { return m_form->findChild<QPushButton *>(QLatin1String(name)); }
    ValueEdit *edit(const char *name) { return m_form->findChild<ValueEdit *>(QLatin1String(name)); }
    void type(const char *name, const char *text)
    {
        auto *line = edit(name)->findChild<QLineEdit *>();
        line->selectAll();
        QTest::keyClicks(line, QString::fromUtf8(text));
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        applyTheme(ThemeChoice::Dark);
    }
    void init()
    {
        m_form = std::make_unique<NumbersForm>();
        m_form->resize(256, 420);
        m_form->show();
        m_form->setInForce(inForce(kStudy, 1));
        m_form->setLevel(3);
        m_applied.clear();
        connect(m_form.get(), &NumbersForm::applyRequested, this,
                [this](const limit::LimitSpec &spec, limit::TokenMode mode) { m_applied.emplace_back(spec, mode); });
    }
    void cleanup()
    {
        m_form.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void showsTheLimitInForce()
    {
        QCOMPARE(*m_form->spec(), kStudy);
        QVERIFY(!m_form->isEdited());
        QVERIFY(!button("apply")->isEnabled());
        QVERIFY(!button("revert")->isEnabled());
        QVERIFY(m_form->sentence().startsWith(QStringLiteral("Sustains 5 per minute")));
    }

    void followsTheLimitWhileNotEdited()
    {
        m_form->setInForce(inForce({8, 4, Micros{10'000'000}}, 2));
        QCOMPARE(m_form->spec()->capacity, 8);
        QCOMPARE(m_form->spec()->interval, Micros{10'000'000});
        QVERIFY(!m_form->isEdited());
    }

    void theKeyboardStaysWithAUsedButton()
    {
        m_form->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_form.get()));
        type("capacity", "9");
        button("apply")->setFocus();
        QTest::keyClick(button("apply"), Qt::Key_Space);
        QCOMPARE(m_applied.size(), std::size_t{1});
        m_form->accept(inForce({9, 5, Micros{60'000'000}}, 2));
        QCOMPARE(QApplication::focusWidget(), button("apply"));
        QTest::keyClick(button("apply"), Qt::Key_Space); // nothing is edited
        QTest::mouseClick(button("apply"), Qt::LeftButton);
        QCOMPARE(m_applied.size(), std::size_t{1});
        edit("capacity")->setFocus();
        QVERIFY(!button("apply")->isEnabled());
    }

    void refillIsMeantOnce()
    {
        m_form->modePicker()->button(limit::TokenMode::Refill)->click();
        type("capacity", "9");
        button("apply")->click();
        QCOMPARE(m_applied.back().second, limit::TokenMode::Refill);
        m_form->accept(inForce({9, 5, Micros{60'000'000}}, 2));
        QCOMPARE(m_form->modePicker()->mode(), limit::TokenMode::Keep);
    }

    void enterAppliesAndEscapeReverts()
    {
        m_form->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_form.get()));
        edit("capacity")->setFocus();
        type("capacity", "9");
        QTest::keyClick(edit("capacity"), Qt::Key_Escape);
        QCOMPARE(edit("capacity")->value(), std::optional<qint64>(5));
        QVERIFY(!m_form->isEdited());
        QTest::keyClick(edit("capacity"), Qt::Key_Return);
        QVERIFY(m_applied.empty()); // nothing is edited
        type("capacity", "9");
        QTest::keyClick(edit("capacity"), Qt::Key_Return);
        QCOMPARE(m_applied.size(), std::size_t{1});
    }

    void theWheelScrollsAndChangesNothing()
    {
        m_form->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_form.get()));
        button("fill")->setFocus();
        const auto turn = [](QWidget *widget) {
            const QPointF middle = QRectF(widget->rect()).center();
            QWheelEvent wheel(middle, widget->mapToGlobal(middle), {}, {0, -120}, Qt::NoButton, Qt::NoModifier,
                              Qt::NoScrollPhase, false);
            QCoreApplication::sendEvent(widget, &wheel);
        };
        for (const char *name : {"capacity", "refill", "interval"}) {
            QVERIFY(!(edit(name)->focusPolicy() & Qt::WheelFocus & ~Qt::StrongFocus));
            turn(edit(name));
        }
        for (QSlider *slider : m_form->findChildren<QSlider *>())
            turn(slider);
        QCOMPARE(*m_form->spec(), kStudy);
        edit("capacity")->setFocus();
        turn(edit("capacity"));
        QCOMPARE(m_form->spec()->capacity, 4);
    }

    void fieldsAreNamedAsTheAlgorithmUsesThem_data()
    {
        QTest::addColumn<int>("algorithm");
        QTest::addColumn<QStringList>("names");
        using limit::Algorithm;
        const auto row = [](Algorithm algorithm, const QStringList &names) {
            QTest::newRow(limit::nameOf(algorithm).data()) << static_cast<int>(algorithm) << names;
        };
        const auto words = [](const char *text) { return QString::fromLatin1(text).split(u'|'); };
        row(Algorithm::TokenBucket, words("Capacity|Refill|Every"));
        row(Algorithm::TokenBucketSmooth, words("Capacity|Refill|Every"));
        row(Algorithm::Gcra, words("Burst|Pace|Per"));
        row(Algorithm::LeakyBucket, words("Queue|Outflow|Every"));
        row(Algorithm::FixedWindow, words("At most||Within"));
        row(Algorithm::SlidingLog, words("At most||Within"));
        row(Algorithm::SlidingCounter, words("At most||Within"));
    }
    void fieldsAreNamedAsTheAlgorithmUsesThem()
    {
        QFETCH(int, algorithm);
        QFETCH(QStringList, names);
        const auto wanted = static_cast<limit::Algorithm>(algorithm);
        m_form->setInForce(inForce({5, 5, Micros{60'000'000}, limit::StartLevel::Full, wanted}, 2));
        const auto nameOf = [this](const char *field) {
            return edit(field)->isVisible() ? edit(field)->accessibleName() : QString();
        };
        QCOMPARE((QStringList{nameOf("capacity"), nameOf("refill"), nameOf("interval")}), names);
        type("interval", "soon");
        QVERIFY(m_form->sentence().startsWith(names.at(2) + QStringLiteral(": write")));
        type("interval", "1 month");
        QVERIFY(m_form->sentence().endsWith(QStringLiteral("A month is 28 to 31 days long: write days.")));
    }

    void numbersAreReadAsPeopleWriteThem_data()
    {
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<qint64>("value");
        const auto row = [](const char *field, const char *text, qint64 value) {
            QTest::newRow(text) << QByteArray{field} << QByteArray{text} << value;
        };
        row("capacity", "1k", 1'000);
        row("capacity", "1.5k", 1'500);
        row("capacity", "2M tokens", 2'000'000);
        row("capacity", "1,000", 1'000);
        row("interval", "1 hour", 3'600'000'000);
        row("interval", "30 Sec", 30'000'000);
        row("interval", "1.5 h", 5'400'000'000);
        row("interval", "1h 30min", 5'400'000'000);
        row("interval", "1 week", 604'800'000'000);
        row("interval", "2m", 120'000'000);
    }
    void numbersAreReadAsPeopleWriteThem()
    {
        QFETCH(QByteArray, field);
        QFETCH(QByteArray, text);
        QFETCH(qint64, value);
        type(field.constData(), text.constData());
        QCOMPARE(edit(field.constData())->value(), std::optional(value));
    }

    void lateStatusDoesNotUndoAChange()
    {
        m_form->accept(inForce({8, 4, Micros{10'000'000}}, 2));
        m_form->setInForce(inForce(kStudy, 1)); // read before the change was confirmed
        QCOMPARE(m_form->spec()->capacity, 8);
    }

    void editsAreNotOverwritten()
    {
        type("capacity", "20");
        QVERIFY(m_form->isEdited());
        m_form->setInForce(inForce({8, 4, Micros{10'000'000}}, 2));
        QCOMPARE(m_form->spec()->capacity, 20);
        QVERIFY(m_form->sentence().contains(QStringLiteral("elsewhere")));
        button("revert")->click();
        QCOMPARE(m_form->spec()->capacity, 8);
        QVERIFY(!m_form->isEdited());
    }

    void editingBackIsNoEdit()
    {
        type("capacity", "20");
        type("capacity", "5");
        QVERIFY(!m_form->isEdited());
        QVERIFY(!button("apply")->isEnabled());
    }

    void applyEmitsSpecAndMode()
    {
        type("capacity", "1,000 tokens");
        type("interval", "10 s");
        for (QPushButton *mode : m_form->modePicker()->findChildren<QPushButton *>()) {
            if (mode->text().startsWith(QStringLiteral("Proportional")))
                mode->click();
        }
        button("apply")->click();
        QCOMPARE(m_applied.size(), std::size_t{1});
        QCOMPARE(m_applied.front().first, (limit::LimitSpec{1000, 5, Micros{10'000'000}}));
        QCOMPARE(m_applied.front().second, limit::TokenMode::Proportional);
        m_form->accept(inForce(m_applied.front().first, 2));
        QVERIFY(!m_form->isEdited());
    }

    void aSmallerCapacityLowersTheRefill()
    {
        type("capacity", "3");
        QCOMPARE(*m_form->spec(), (limit::LimitSpec{3, 3, Micros{60'000'000}}));
        QCOMPARE(m_form->refillRemark(), QStringLiteral("was 5"));
        QVERIFY(button("apply")->isEnabled());
        type("capacity", "15"); // "1" on the way
        QCOMPARE(m_form->spec()->refill, 5);
        QCOMPARE(m_form->refillRemark(), QString());
        type("capacity", "3");
        button("revert")->click();
        QCOMPARE(*m_form->spec(), kStudy);
        QCOMPARE(m_form->refillRemark(), QString());
    }

    void aCapacityThatCannotBeLeavesOneProblem()
    {
        type("capacity", "0");
        QCOMPARE(m_form->spec()->refill, 1);
        QCOMPARE(m_form->sentence().split(u'\n').size(), 1);
        QVERIFY(!button("apply")->isEnabled());
    }

    void aRefillThatIsChosenIsMeant()
    {
        type("capacity", "3");
        type("refill", "4");
        QCOMPARE(m_form->refillRemark(), QString());
        QVERIFY(m_form->sentence().startsWith(QStringLiteral("Refill: 4 tokens is more")));
        QVERIFY(!button("apply")->isEnabled());
        type("capacity", "4");
        QVERIFY(button("apply")->isEnabled());
        QCOMPARE(m_form->spec()->refill, 4);
    }

    void startLevelIsKept()
    {
        limit::LimitSpec spec = kStudy;
        spec.start = limit::StartLevel::Empty;
        m_form->setInForce(inForce(spec, 2));
        type("capacity", "6");
        button("apply")->click();
        QCOMPARE(m_applied.front().first.start, limit::StartLevel::Empty);
    }

    void onlyWhatIsEditedChanges_data()
    {
        QTest::addColumn<limit::LimitSpec>("spec");
        for (std::size_t i = 0; i < limit::kAlgorithmNames.size(); ++i) {
            const auto algorithm = static_cast<limit::Algorithm>(i);
            for (const auto start : {limit::StartLevel::Full, limit::StartLevel::Empty})
                QTest::addRow("%s %d", limit::kAlgorithmNames[i].data(), static_cast<int>(start))
                    << limit::LimitSpec{20, limit::isWindow(algorithm) ? 20 : 5, Micros{60'000'000}, start, algorithm};
        }
    }
    void onlyWhatIsEditedChanges()
    {
        QFETCH(limit::LimitSpec, spec);
        const bool isWindow = limit::isWindow(spec.algorithm);
        std::int64_t epoch = 2;
        const auto confirm = [&] {
            QVERIFY(button("apply")->isEnabled());
            button("apply")->click();
            QCOMPARE(m_applied.back().first, spec);
            m_form->accept(inForce(spec, ++epoch));
            QCOMPARE(*m_form->spec(), spec);
            QVERIFY(!m_form->isEdited() && !button("apply")->isEnabled() && !button("revert")->isEnabled());
        };
        m_form->setInForce(inForce(spec, epoch));
        QCOMPARE(*m_form->spec(), spec);
        QVERIFY(!m_form->isEdited() && !button("apply")->isEnabled() && !button("revert")->isEnabled());
        QCOMPARE(edit("refill")->isVisible(), !isWindow); // a window has none

        type("capacity", "30");
        spec.capacity = 30;
        spec.refill = isWindow ? 30 : 5;
        confirm();
        type("interval", "2 min");
        spec.interval = Micros{120'000'000};
        confirm();
        if (!isWindow) {
            type("refill", "7");
            spec.refill = 7;
            confirm();
        }
        type("capacity", "4");
        QVERIFY(button("apply")->isEnabled());
        QCOMPARE(m_form->refillRemark(), isWindow ? QString() : QStringLiteral("was 7"));
        button("revert")->click();
        QCOMPARE(*m_form->spec(), spec);
        QVERIFY(!m_form->isEdited() && !button("apply")->isEnabled());
    }

    void presetsAreNumbersAlone()
    {
        for (const auto algorithm : {limit::Algorithm::Gcra, limit::Algorithm::FixedWindow}) {
            m_form->setInForce(inForce({20, 20, Micros{60'000'000}, limit::StartLevel::Empty, algorithm}, 2));
            for (QAction *preset : button("presets")->menu()->actions()) {
                const bool hasOwnRefill = preset->text().startsWith(QStringLiteral("Smooth"));
                QCOMPARE(preset->isEnabled(), !hasOwnRefill || !limit::isWindow(algorithm));
                preset->trigger();
                QCOMPARE(m_form->spec()->algorithm, algorithm);
                QCOMPARE(m_form->spec()->start, limit::StartLevel::Empty);
                QVERIFY(config::check(*m_form->spec()).empty());
                button("revert")->click();
            }
        }
    }

    // What the algorithm cannot have is said, and is no Apply.
    void whatTheAlgorithmCannotHave_data()
    {
        QTest::addColumn<limit::LimitSpec>("spec");
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("said");
        using limit::Algorithm;
        const Micros day{86'400'000'000};
        QTest::newRow("a log of too many")
            << limit::LimitSpec{5, 5, day, limit::StartLevel::Full, Algorithm::SlidingLog} << QByteArray{"capacity"}
            << QByteArray{"1000000"} << QStringLiteral("At most: 1000000 tokens is more than a sliding-log");
        QTest::newRow("a burst of gcra for a century")
            << limit::LimitSpec{5, 1, day, limit::StartLevel::Full, Algorithm::Gcra} << QByteArray{"capacity"}
            << QByteArray{"1000000"} << QStringLiteral("Burst: 1000000 tokens need more than 100 years");
        QTest::newRow("a refill above the queue")
            << limit::LimitSpec{5, 5, day, limit::StartLevel::Full, Algorithm::LeakyBucket} << QByteArray{"refill"}
            << QByteArray{"6"} << QStringLiteral("Outflow: 6 tokens is more");
        QTest::newRow("a window too short")
            << limit::LimitSpec{5, 5, day, limit::StartLevel::Full, Algorithm::FixedWindow} << QByteArray{"interval"}
            << QByteArray{"1 ms"} << QStringLiteral("Within: 1 ms");
    }
    void whatTheAlgorithmCannotHave()
    {
        QFETCH(limit::LimitSpec, spec);
        QFETCH(QByteArray, field);
        QFETCH(QByteArray, text);
        QFETCH(QString, said);
        m_form->setInForce(inForce(spec, 2));
        type(field.constData(), text.constData());
        QVERIFY2(m_form->sentence().startsWith(said), qPrintable(m_form->sentence()));
        QVERIFY(edit(field.constData())->property("wrong").toBool());
        QVERIFY(!button("apply")->isEnabled());
    }

    void whatAnotherPartOfTheLimitNeeds()
    {
        m_form->setCheck([](const std::string &name, const limit::LimitSpec &spec) {
            std::vector<config::ConfigIssue> issues;
            if (spec.capacity < 3)
                issues.push_back({"cost", "3 is too much for " + name, {}});
            return issues;
        });
        type("capacity", "2");
        QCOMPARE(m_form->sentence(), QStringLiteral("Cost: 3 is too much for global."));
        QVERIFY(edit("capacity")->property("wrong").toBool());
        QVERIFY(!button("apply")->isEnabled());
        type("capacity", "3");
        QVERIFY(button("apply")->isEnabled());
    }

    void whatIsNotEditedFollows()
    {
        type("capacity", "20");
        m_form->setInForce(inForce({8, 4, Micros{10'000'000}, limit::StartLevel::Empty, limit::Algorithm::Gcra}, 2));
        QCOMPARE(*m_form->spec(),
                 (limit::LimitSpec{20, 4, Micros{10'000'000}, limit::StartLevel::Empty, limit::Algorithm::Gcra}));
        QVERIFY(button("apply")->isEnabled());
    }

    void editsAreOfOneLimit()
    {
        type("capacity", "20");
        limit::Limit other = inForce({8, 4, Micros{10'000'000}}, 1);
        other.name = "other";
        m_form->setInForce(other);
        QCOMPARE(*m_form->spec(), other.spec);
        QVERIFY(!m_form->isEdited() && !button("apply")->isEnabled());
        QVERIFY2(!m_form->sentence().contains(QStringLiteral("elsewhere")), qPrintable(m_form->sentence()));
    }

    void previewsEveryMode()
    {
        type("capacity", "10");
        QCOMPARE(m_form->modePicker()->preview(limit::TokenMode::Keep), QStringLiteral("3 → 3"));
        QCOMPARE(m_form->modePicker()->preview(limit::TokenMode::Proportional), QStringLiteral("3 → 6"));
        QCOMPARE(m_form->modePicker()->preview(limit::TokenMode::Refill), QStringLiteral("3 → 10"));
        m_form->setLevel(std::nullopt);
        QCOMPARE(m_form->modePicker()->preview(limit::TokenMode::Keep), QStringLiteral("–"));
    }

    void wrongInputSaysWhyAndCannotBeApplied_data()
    {
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("start");
        QTest::newRow("zero") << QByteArray("capacity") << QByteArray("0") << QStringLiteral("Capacity: 0 tokens");
        QTest::newRow("negative") << QByteArray("refill") << QByteArray("-2") << QStringLiteral("Refill: -2 tokens");
        QTest::newRow("refill too large")
            << QByteArray("refill") << QByteArray("6") << QStringLiteral("Refill: 6 tokens is more");
        QTest::newRow("no number") << QByteArray("capacity") << QByteArray("many") << QStringLiteral("Capacity: write");
        QTest::newRow("empty-like") << QByteArray("refill") << QByteArray(" ") << QStringLiteral("Refill: write");
        QTest::newRow("too short") << QByteArray("interval") << QByteArray("1 ms") << QStringLiteral("Every: 1 ms");
        QTest::newRow("no unit") << QByteArray("interval") << QByteArray("10") << QStringLiteral("Every: write");
        QTest::newRow("too large") << QByteArray("capacity") << QByteArray("1000000001")
                                   << QStringLiteral("Capacity: 1000000001");
    }
    void wrongInputSaysWhyAndCannotBeApplied()
    {
        QFETCH(QByteArray, field);
        QFETCH(QByteArray, text);
        QFETCH(QString, start);
        type(field.constData(), text.constData());
        QVERIFY2(m_form->sentence().startsWith(start), qPrintable(m_form->sentence()));
        QVERIFY(!button("apply")->isEnabled());
        QVERIFY(button("revert")->isEnabled());
        QVERIFY(edit(field.constData())->property("wrong").toBool());
    }

    void everyReasonIsShown()
    {
        type("refill", "8");
        type("interval", "1 ms");
        QCOMPARE(m_form->sentence().split(u'\n').size(), 2);
    }

    void presetsOnlyFillTheFields()
    {
        const QList<QAction *> presets = button("presets")->menu()->actions();
        QVERIFY(presets.size() >= 4);
        for (QAction *preset : presets) {
            preset->trigger();
            QVERIFY(m_form->spec().has_value());
            QVERIFY(config::check(*m_form->spec()).empty());
        }
        presets.at(2)->trigger();
        QCOMPARE(*m_form->spec(), (limit::LimitSpec{5000, 5000, Micros{3'600'000'000}}));
        QVERIFY(m_applied.empty());
        QVERIFY(button("apply")->isEnabled());
    }

    void keysAndSlidersStep()
    {
        QTest::keyClick(edit("capacity"), Qt::Key_Up);
        QCOMPARE(m_form->spec()->capacity, 6);
        QTest::keyClick(edit("interval"), Qt::Key_Up);
        QCOMPARE(m_form->spec()->interval, Micros{120'000'000});
        QTest::keyClick(edit("capacity"), Qt::Key_PageUp);
        QCOMPARE(m_form->spec()->capacity, 7);
        m_form->findChildren<QSlider *>().first()->triggerAction(QAbstractSlider::SliderToMaximum);
        QCOMPARE(m_form->spec()->capacity, limit::kMaxCapacity);
        m_form->findChildren<QSlider *>().first()->triggerAction(QAbstractSlider::SliderToMinimum);
        QCOMPARE(m_form->spec()->capacity, limit::kMinCapacity);
    }

    void laddersAscendWithinTheBounds()
    {
        QVERIFY(std::is_sorted(tokenLadder().begin(), tokenLadder().end()));
        QVERIFY(std::adjacent_find(tokenLadder().begin(), tokenLadder().end()) == tokenLadder().end());
        QCOMPARE(tokenLadder().front(), limit::kMinCapacity);
        QCOMPARE(tokenLadder().back(), limit::kMaxCapacity);
        QVERIFY(std::is_sorted(durationLadder().begin(), durationLadder().end()));
        QCOMPARE(Micros{durationLadder().front()}, limit::kMinInterval);
        QCOMPARE(Micros{durationLadder().back()}, limit::kMaxInterval);
    }

    void busyFormAsksForNothing()
    {
        type("capacity", "6");
        m_form->setBusy(true);
        for (const char *name : {"apply", "revert", "fill", "empty"})
            QVERIFY(!button(name)->isEnabled());
        m_form->setBusy(false);
        QVERIFY(button("apply")->isEnabled());
    }

    void badNewsStays()
    {
        type("capacity", "6");
        m_form->showOutcome(QStringLiteral("Redis is down"), true);
        QCOMPARE(m_form->sentence(), QStringLiteral("Redis is down"));
        QVERIFY(m_form->isEdited());
        type("capacity", "7");
        QVERIFY(m_form->sentence().startsWith(QStringLiteral("Sustains")));
    }
};

QTEST_MAIN(TestNumbersForm)
#include "tst_numbers_form.moc"
