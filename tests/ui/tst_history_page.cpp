// SPDX-License-Identifier: GPL-3.0-only
// The History page: what it asks for, how a stretch of time is chosen, and what it writes to files.
#include <QApplication>
#include <QDateTimeEdit>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTreeWidget>
#include <QWheelEvent>

#include "tests/support/warnings_fail.h"
#include "tests/ui/fake_service.h"
#include "ui/controls/menu_button.h"
#include "ui/controls/toggle.h"
#include "ui/history/history_chart.h"
#include "ui/history/history_page.h"
#include "ui/history/history_text.h"
#include "ui/window/main_window.h"

using namespace weir;
using namespace weir::ui;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;

history::Row row(std::int64_t at, std::int64_t admitted, std::int64_t refused)
{
    history::Row row{{}, at, {}};
    row.counts.admitted = admitted;
    row.counts.refused = refused;
    return row;
}

} // namespace

class TestHistoryPage : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;
    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<test::FakeService> m_service;
    std::unique_ptr<MainWindow> m_window;

    HistoryPage *page() { return m_window->findChild<HistoryPage *>(); }
    HistoryChart *chart() { return m_window->findChild<HistoryChart *>(); }
    const history::Question &asked() { return m_service->asked; }
    std::int64_t askedLength() { return asked().toS - asked().fromS; }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_settings = std::make_unique<QSettings>(m_dir->filePath(QStringLiteral("settings")), QSettings::IniFormat);
        m_service = std::make_unique<test::FakeService>();
        const std::int64_t now = QDateTime::currentSecsSinceEpoch();
        history::Answer answer{60, {row(now - 600, 90, 10), row(now - 540, 5, 0)}, {}};
        answer.marks = {
            {(now - 580) * 1000, history::Mark::Kind::Change, "web-1:7", "has filled the bucket of <b>a</b>"},
            {(now - 500) * 1000, history::Mark::Kind::Failure, {}, "the store does not decide"}};
        m_service->answered = answer;
        m_window = std::make_unique<MainWindow>(*m_service, *m_settings);
        m_window->resize(1280, 820);
        m_window->show();
        QVERIFY(m_window->openPage(QStringLiteral("history")));
        QCOMPARE(m_window->currentPage(), QStringLiteral("history"));
    }
    void cleanup()
    {
        m_window.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void beginsWithTheLastDayOfAllLimits()
    {
        QCOMPARE(askedLength(), kDayS);
        QVERIFY(asked().limit.empty());
        QVERIFY(std::abs(asked().toS - QDateTime::currentSecsSinceEpoch()) < 5);
        const auto *marks = m_window->findChild<QTreeWidget *>(QStringLiteral("historyMarks"));
        QCOMPARE(marks->topLevelItemCount(), 2);
        QCOMPARE(marks->topLevelItem(0)->text(1), QStringLiteral("this Weir")); // newest first
        QCOMPARE(marks->topLevelItem(0)->text(2), QStringLiteral("the store does not decide"));
        QCOMPARE(marks->topLevelItem(1)->text(1), QStringLiteral("web-1:7"));
        QCOMPARE(marks->topLevelItem(1)->text(2), QStringLiteral("has filled the bucket of <b>a</b>"));
        QVERIFY(!marks->topLevelItem(1)->toolTip(2).contains(QStringLiteral("<b>")));
    }

    void buttonsChooseTheLastHourWeekOrMonth()
    {
        for (const auto &[name, length] : {std::pair{"Hour", 3600LL}, std::pair{"Week", 7 * kDayS + 0LL},
                                           std::pair{"Month", 30 * kDayS + 0LL}, std::pair{"Day", kDayS + 0LL}}) {
            for (auto *button : page()->findChildren<QPushButton *>())
                if (QString{button->text()}.remove(u'&') == QLatin1String{name})
                    button->click();
            QCOMPARE(askedLength(), length);
        }
    }

    // Keys do all that the mouse does.
    void keysZoomAndMove()
    {
        chart()->setFocus();
        const auto before = page()->span();
        QTest::keyClick(chart(), Qt::Key_Plus);
        QTRY_COMPARE(askedLength(), kDayS / 2);
        QTest::keyClick(chart(), Qt::Key_Left);
        QTRY_VERIFY(asked().toS < before.toS - kDayS / 4);
        QCOMPARE(askedLength(), kDayS / 2);
        QTest::keyClick(chart(), Qt::Key_Home);
        QTRY_VERIFY(std::abs(asked().toS - QDateTime::currentSecsSinceEpoch()) < 5);
        QTest::keyClick(chart(), Qt::Key_Minus);
        QTRY_COMPARE(askedLength(), kDayS);
    }

    void theWheelZoomsAboutTheMouse()
    {
        const QPointF at{chart()->width() * 0.5, chart()->height() * 0.5};
        QWheelEvent wheel{at,   chart()->mapToGlobal(at), {}, {0, 120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                          false};
        QApplication::sendEvent(chart(), &wheel);
        QTRY_COMPARE(askedLength(), static_cast<std::int64_t>(kDayS * 0.8));
        QVERIFY(asked().toS < QDateTime::currentSecsSinceEpoch() - 3600); // it was not at the right edge
    }

    void draggingOverAStretchShowsIt()
    {
        const int y = chart()->height() / 2;
        QTest::mousePress(chart(), Qt::LeftButton, {}, {chart()->width() / 2, y});
        QTest::mouseMove(chart(), {chart()->width() / 2 + 80, y});
        QTest::mouseRelease(chart(), Qt::LeftButton, {}, {chart()->width() / 2 + 80, y});
        QTRY_VERIFY(askedLength() < kDayS / 5);
        QVERIFY(askedLength() >= kShortestSpanS);
        const auto zoomedIn = askedLength();
        QTest::mouseClick(chart(), Qt::LeftButton, {}, {chart()->width() / 2, y}); // no stretch: nothing
        QTest::mouseDClick(chart(), Qt::LeftButton, {}, {chart()->width() / 2, y});
        QTRY_COMPARE(askedLength(), 2 * zoomedIn);
    }

    void aMarkShowsWhatWasAroundIt()
    {
        auto *marks = m_window->findChild<QTreeWidget *>(QStringLiteral("historyMarks"));
        const std::int64_t at = marks->topLevelItem(0)->data(0, Qt::UserRole).toLongLong() / 1000;
        Q_EMIT marks->itemActivated(marks->topLevelItem(0), 0);
        QTRY_COMPARE(askedLength(), 1800);
        QVERIFY(asked().fromS <= at && asked().toS >= at);
    }

    void comparesWithTheWeekBefore()
    {
        QVERIFY(chart()->isVisible());
        m_window->findChild<Toggle *>(QStringLiteral("compare"))->click();
        QVERIFY(m_service->askedAll.size() >= 2);
        const auto &questions = m_service->askedAll;
        const history::Question &now = questions.back(), &before = questions[questions.size() - 2];
        QCOMPARE(now.fromS - before.fromS, 7 * kDayS);
        QCOMPARE(now.toS - before.toS, 7 * kDayS);
    }

    void whyThereIsNothingIsSaid()
    {
        m_service->answered = Error{Error::Code::Unavailable, "no history is kept: the disk is full", true};
        page()->setSpan({kNow - kDayS, kNow});
        QTRY_COMPARE(asked().toS, std::min<std::int64_t>(kNow, QDateTime::currentSecsSinceEpoch()));
        const QImage picture = chart()->grab().toImage();
        QVERIFY(!picture.isNull());
    }

    void spansStayWithinWhatThereIs()
    {
        QCOMPARE(zoomed({0, 100}, 0.001, 0.5, 1000).length(), kShortestSpanS);
        QCOMPARE(zoomed({0, 100}, 1e12, 0.5, kNow).length(), kLongestSpanS);
        QCOMPARE(zoomed({900, 1000}, 2, 1, 1000), (HistorySpan{800, 1000}));
        QCOMPARE(zoomed({800, 1000}, 0.5, 0, 1000), (HistorySpan{800, 900}));
        QCOMPARE(moved({800, 1000}, 1, 1000), (HistorySpan{800, 1000}));
        QCOMPARE(moved({800, 1000}, -1, 1000), (HistorySpan{600, 800}));
    }

    // For every length from a minute to 25 months: ticks are within it, in order, and not more than have room.
    void ticksAreRound()
    {
        for (std::int64_t length = kShortestSpanS; length <= kLongestSpanS; length = length * 5 / 4 + 1)
            for (const int most : {1, 4, 12}) {
                const HistorySpan span{kNow - length, kNow};
                const auto ticks = timeTicks(span, most);
                QVERIFY2(ticks.size() <= most + 2, qPrintable(QString::number(length)));
                for (qsizetype i = 0; i < ticks.size(); ++i) {
                    QVERIFY(ticks[i].atS >= span.fromS && ticks[i].atS < span.toS);
                    QVERIFY(i == 0 || ticks[i].atS > ticks[i - 1].atS);
                    QVERIFY(!ticks[i].text.isEmpty());
                }
            }
    }

    void filesHaveWhatIsShown()
    {
        history::Answer answer{
            60, {row(kNow, 3, 4)}, {{kNow * 1000 + 5, history::Mark::Kind::Change, "a:1", "x,\"y\""}}};
        answer.rows[0].limit = "paid";
        answer.rows[0].counts.tokens = 9;
        const QByteArray csv = historyAsCsv(answer);
        QCOMPARE(csv, QByteArray{"begin,seconds,limit,admitted,refused,undecided,without_store,other,away_seconds,"
                                 "decision_p99_us,tokens,fewest_tokens\r\n"
                                 "2027-01-15T08:00:00Z,60,paid,3,4,0,0,0,0,,9,\r\n"});
        const QJsonObject json = QJsonDocument::fromJson(historyAsJson(answer)).object();
        const QJsonObject first = json.value(QStringLiteral("rows")).toArray().at(0).toObject();
        QCOMPARE(first.value(QStringLiteral("admitted")).toInt(), 3);
        QVERIFY(first.value(QStringLiteral("fewest_tokens")).isNull());
        const QJsonObject mark = json.value(QStringLiteral("marks")).toArray().at(0).toObject();
        QCOMPARE(mark.value(QStringLiteral("what")).toString(), QStringLiteral("x,\"y\""));
        QCOMPARE(mark.value(QStringLiteral("at")).toString(), QStringLiteral("2027-01-15T08:00:00.005Z"));
    }
};

QTEST_MAIN(TestHistoryPage)
#include "tst_history_page.moc"
