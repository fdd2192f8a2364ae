// SPDX-License-Identifier: GPL-3.0-only
#include <QApplication>
#include <QClipboard>
#include <QImage>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QScrollBar>
#include <QTableView>

#include "tests/ui/fake_service.h"
#include "tests/support/warnings_fail.h"
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

    void menuFiltersThem()
    {
        auto *button = m_table->findChild<QPushButton *>(QStringLiteral("statusFilter"));
        const auto choose = [&](const QString &text) {
            for (QAction *action : button->menu()->actions()) {
                if (action->text() == text)
                    action->trigger();
            }
            return m_table->view()->model()->rowCount();
        };
        QCOMPARE(choose(QStringLiteral("Turned away")), 2);
        QCOMPARE(button->text(), QStringLiteral("Turned away"));
        QCOMPARE(choose(QStringLiteral("503 no decision")), 1);
        QCOMPARE(choose(QStringLiteral("Others")), 0);
        QCOMPARE(choose(QStringLiteral("All statuses")), 4);
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
        refused.refusedBy = std::string_view{"per-client"};
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
