// SPDX-License-Identifier: GPL-3.0-only
#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QImage>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>

#include "tests/ui/fake_service.h"
#include "tests/support/warnings_fail.h"
#include "ui/controls/tabular_text.h"
#include "ui/live/filter_menu.h"
#include "ui/live/query_line.h"
#include "ui/live/request_columns.h"
#include "ui/live/request_model.h"
#include "ui/look/theme.h"
#include "ui/live/request_table.h"

using namespace weir;
using namespace weir::ui;

class TestRequestTable : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;
    std::unique_ptr<RequestModel> m_model;
    std::unique_ptr<RequestTable> m_table;

    /// Whether the cell has a pixel of this very colour.
    bool isDrawnIn(const QColor &color, int row, RequestModel::Column column)
    {
        const QTableView *view = m_table->view();
        QStyleOptionViewItem option;
        option.initFrom(view);
        option.rect = {0, 0, 300, 26};
        QImage image(option.rect.size(), QImage::Format_RGB32);
        image.fill(colors().panel);
        QPainter painter(&image);
        view->itemDelegate()->paint(&painter, option, view->model()->index(row, column));
        painter.end();
        for (int y = 0; y < image.height() - 2; ++y) { // below is the line between two rows
            for (int x = 0; x < image.width(); ++x) {
                if (image.pixelColor(x, y) == color)
                    return true;
            }
        }
        return false;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        applyTheme(ThemeChoice::Dark);
    }
    void init()
    {
        m_model = std::make_unique<RequestModel>();
        m_table = std::make_unique<RequestTable>(*m_model);
        m_model->add(std::vector{test::record(0, 200), test::record(1, 503),
                                 test::turnedAway(2, 400, "There is no Host header."),
                                 test::turnedAway(3, 503, "There are too many connections; try again later.")});
        m_table->resize(800, 400);
    }
    void cleanup()
    {
        m_table.reset();
        m_model.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void colorsTellTurnedAwayApart()
    {
        const Colors &c = colors();
        for (const int row : {0, 1}) {
            QVERIFY(isDrawnIn(c.warn, row, RequestModel::Status));
            QVERIFY(isDrawnIn(c.dim, row, RequestModel::Request));
            QVERIFY(!isDrawnIn(c.text, row, RequestModel::Request));
        }
        QVERIFY(isDrawnIn(c.warn, 2, RequestModel::Status)); // no decision
        QVERIFY(isDrawnIn(c.text, 2, RequestModel::Request));
        QVERIFY(isDrawnIn(c.ok, 3, RequestModel::Status));
    }

    void menuWritesTheLine()
    {
        auto *button = m_table->findChild<FilterMenu *>();
        auto *line = m_table->findChild<QLineEdit *>(QStringLiteral("textFilter"));
        const auto choose = [&](const QString &text) {
            for (QAction *action : button->menu()->actions()) {
                if (action->text() == text)
                    action->trigger();
            }
            return m_table->view()->model()->rowCount();
        };
        QCOMPARE(choose(QStringLiteral("Turned away")), 2);
        QCOMPARE(line->text(), QStringLiteral("is:turned-away"));
        QCOMPARE(choose(QStringLiteral("503 no decision")), 1);
        QCOMPARE(choose(QStringLiteral("Blocked")), 0);
        QCOMPARE(choose(QStringLiteral("All requests")), 4);
        QVERIFY(line->text().isEmpty());
    }

    void aWrongLineIsSaidAndChangesNothing()
    {
        auto *line = m_table->findChild<QLineEdit *>(QStringLiteral("textFilter"));
        auto *fault = m_table->findChild<TabularLabel *>(QStringLiteral("filterFault"));
        line->setText(QStringLiteral("status:503"));
        QCOMPARE(m_table->view()->model()->rowCount(), 2);
        line->setText(QStringLiteral("statis:200"));
        QCOMPARE(m_table->view()->model()->rowCount(), 2);
        QVERIFY(!fault->isHidden());
        QVERIFY(fault->text().contains(QStringLiteral("did you mean status?")));
        QCOMPARE(line->accessibleDescription(), fault->text());
        QVERIFY(line->property("wrong").toBool());
        line->clear();
        QVERIFY(fault->isHidden());
        QVERIFY(!line->property("wrong").toBool());
        QCOMPARE(m_table->view()->model()->rowCount(), 4);
    }

    void wordsAreCompleted()
    {
        auto *line = m_table->findChild<QueryLine *>();
        m_table->setLimitNames({QStringLiteral("global"), QStringLiteral("per-client")});
        const auto offered = [&](const char *typed) {
            line->setText(QLatin1String(typed));
            return line->completions();
        };
        QCOMPARE(offered("st"), QStringList(QStringLiteral("status:")));
        QCOMPARE(offered("status:429 to"), QStringList({QStringLiteral("tokens>"), QStringLiteral("took>")}));
        QCOMPARE(offered("by:l"), QStringList(QStringLiteral("by:local")));
        QCOMPARE(offered("limit:p"), QStringList(QStringLiteral("limit:per-client")));
        QVERIFY(offered("orders").isEmpty());
        QVERIFY(offered("status:429 ").isEmpty());
        line->clear();
        m_table->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_table.get()));
        line->setFocus();
        QTest::keyClicks(line, QStringLiteral("not met"));
        QWidget *popup = QApplication::activePopupWidget();
        QVERIFY(popup);
        QTest::keyClick(popup, Qt::Key_Down);
        QTest::keyClick(popup, Qt::Key_Return);
        QCOMPARE(line->text(), QStringLiteral("not method:"));
    }

    void filtersAreSavedUnderNames()
    {
        const QTemporaryDir folder;
        QSettings settings(folder.filePath(QStringLiteral("weir.ini")), QSettings::IniFormat);
        auto *menu = m_table->findChild<FilterMenu *>();
        m_table->keepIn(settings);
        menu->save(QStringLiteral(" away & gone "), QStringLiteral("is:turned-away"));
        menu->save(QStringLiteral("no decision"), QStringLiteral("status:200"));
        menu->save(QStringLiteral("no decision"), QStringLiteral("status:503 not is:turned-away"));
        menu->save(QString(), QStringLiteral("status:503"));
        menu->save(QStringLiteral("nothing"), QStringLiteral(" "));
        QCOMPARE(menu->saved().size(), 2);

        RequestTable other(*m_model);
        other.keepIn(settings);
        other.show();
        QVERIFY(QTest::qWaitForWindowExposed(&other));
        QTest::keyClick(&other, Qt::Key_2, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(other.view()->model()->rowCount(), 1);
        QTest::keyClick(&other, Qt::Key_1, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(other.view()->model()->rowCount(), 2);
        auto *saved = other.findChild<FilterMenu *>();
        saved->remove(QStringLiteral("away & gone"));
        QCOMPARE(saved->saved().size(), 1);
        for (int i = 0; i < 20; ++i)
            saved->save(QString::number(i), QStringLiteral("status:200"));
        QCOMPARE(saved->saved().size(), FilterMenu::kMostSaved);
    }

    void columnsAreChosenAndRemembered()
    {
        const QTemporaryDir folder;
        QSettings settings(folder.filePath(QStringLiteral("weir.ini")), QSettings::IniFormat);
        m_table->keepIn(settings);
        QVERIFY(!m_table->columns()->shown().contains(RequestModel::Key));
        m_table->columns()->setShown(RequestModel::Key, true);
        m_table->columns()->setShown(RequestModel::Took, false);
        m_table->columns()->setShown(RequestModel::Request, false); // never
        RequestTable other(*m_model);
        other.keepIn(settings);
        QCOMPARE(other.columns()->shown(), m_table->columns()->shown());
        QVERIFY(other.columns()->shown().contains(RequestModel::Key));
        QVERIFY(!other.columns()->shown().contains(RequestModel::Took));
        QVERIFY(other.columns()->shown().contains(RequestModel::Request));
    }

    void aClickOnTheHeaderSorts()
    {
        m_table->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_table.get()));
        QHeaderView *header = m_table->view()->horizontalHeader();
        const auto click = [&](RequestModel::Column column) {
            QTest::mouseClick(
                header->viewport(), Qt::LeftButton, {},
                {header->sectionViewportPosition(column) + header->sectionSize(column) / 2, header->height() / 2});
        };
        const auto status = [&](int row) {
            return m_table->view()->model()->index(row, RequestModel::Status).data().toString();
        };
        QVERIFY(m_table->columns()->isNewestFirst());
        click(RequestModel::Status);
        const bool isUp = header->sortIndicatorOrder() == Qt::AscendingOrder;
        QCOMPARE(status(0), isUp ? QStringLiteral("200") : QStringLiteral("503"));
        click(RequestModel::Status);
        QCOMPARE(status(0), isUp ? QStringLiteral("503") : QStringLiteral("200"));
        QVERIFY(!m_table->columns()->isNewestFirst());
        for (int tries = 0; tries < 2 && !m_table->columns()->isNewestFirst(); ++tries)
            click(RequestModel::Time);
        QVERIFY(m_table->columns()->isNewestFirst());
        m_model->add(std::vector{test::record(9, 418)});
        QCOMPARE(status(0), QStringLiteral("418"));
    }

    void enterAndDoubleClickAskWhy()
    {
        QSignalSpy asked(m_table.get(), &RequestTable::inspectRequested);
        m_table->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_table.get()));
        QTableView *view = m_table->view();
        view->setFocus();
        view->setCurrentIndex(view->model()->index(2, 0));
        QTest::keyClick(view, Qt::Key_Return);
        QCOMPARE(asked.size(), 1);
        QCOMPARE(asked.at(0).at(0).value<telemetry::RequestRecord>().status, std::uint16_t{503});
        QTest::keyClick(view, Qt::Key_Enter, Qt::KeypadModifier);
        QCOMPARE(asked.size(), 2);
        const QPoint place = view->visualRect(view->model()->index(3, 1)).center();
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, place);
        QTest::mouseDClick(view->viewport(), Qt::LeftButton, {}, place);
        QCOMPARE(asked.size(), 3);
        QCOMPARE(asked.at(2).at(0).value<telemetry::RequestRecord>().status, std::uint16_t{200});
    }

    void whyAnAnswerIsWhatItIs()
    {
        const auto tip = [this](RequestModel::Column column) {
            return m_table->view()->model()->index(0, column).data(Qt::ToolTipRole).toString();
        };
        m_model->add(std::vector{test::record(4, 403, "/", "2001:0db8:aaaa:bbbb:cccc:dddd:eeee:ffff")});
        QVERIFY(tip(RequestModel::Client).contains(QStringLiteral("2001:0db8:aaaa:bbbb:cccc:dddd:eeee:ffff")));
        QVERIFY(tip(RequestModel::Status).contains(QStringLiteral("Blocked: the client")));
        QCOMPARE(m_table->view()->model()->index(0, RequestModel::Limit).data().toString(), QStringLiteral("blocked"));
        auto refused = test::record(5, 429);
        refused.limit = std::string_view{"per-client"};
        refused.isRefused = true;
        m_model->add(std::vector{refused});
        QVERIFY(tip(RequestModel::Status).contains(QStringLiteral("&quot;per-client&quot;")));
        QCOMPARE(tip(RequestModel::Limit).contains(QStringLiteral("per-client")), true);
    }

    void whoHasScrolledDownIsToldOfNewer()
    {
        m_table->show();
        m_model->add(std::vector(100, test::record(4, 200)));
        auto *newer = m_table->findChild<QPushButton *>(QStringLiteral("newerRequests"));
        QVERIFY(newer->isHidden());
        QTRY_VERIFY(m_table->view()->verticalScrollBar()->maximum() > 10);
        m_table->view()->verticalScrollBar()->setValue(10);
        m_model->add(std::vector(37, test::record(5, 200)));
        QVERIFY(!newer->isHidden());
        QVERIFY(newer->text().endsWith(QStringLiteral("37 newer")));
        newer->click();
        QCOMPARE(m_table->view()->verticalScrollBar()->value(), 0);
        QVERIFY(newer->isHidden());
    }

    void escapeShowsEverythingAgain()
    {
        auto *search = m_table->findChild<QLineEdit *>(QStringLiteral("textFilter"));
        QTest::keyClicks(search, QStringLiteral("nothing has this"));
        QCOMPARE(m_table->view()->model()->rowCount(), 0);
        QTest::keyClick(search, Qt::Key_Escape);
        QVERIFY(search->text().isEmpty());
        QCOMPARE(m_table->view()->model()->rowCount(), 4);
    }

    void copiedRowKeepsTheReason()
    {
        m_table->view()->selectRow(1);
        m_table->copySelectedRows();
        QVERIFY(QApplication::clipboard()->text().contains(
            QStringLiteral("\tTurned away: There is no Host header.\t400\t\t\t")));
    }
};

QTEST_MAIN(TestRequestTable)
#include "tst_request_table.moc"
