// SPDX-License-Identifier: GPL-3.0-only
#include <QAbstractItemModelTester>

#include "tests/ui/fake_service.h"
#include "tests/support/warnings_fail.h"
#include "ui/live/request_filter.h"
#include "ui/live/request_model.h"

using namespace weir;
using namespace weir::ui;
using test::record;
using test::turnedAway;

namespace {

std::vector<telemetry::RequestRecord> records(int count, int status = 200, std::int64_t first = 0)
{
    std::vector<telemetry::RequestRecord> list;
    for (int i = 0; i < count; ++i)
        list.push_back(record(first + i, status, "/" + std::to_string(first + i)));
    return list;
}

QString requestOf(const QAbstractItemModel &model, int row)
{
    return model.index(row, RequestModel::Request).data().toString();
}

} // namespace

class TestRequestModel : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void newestIsFirst()
    {
        RequestModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.add(records(3));
        model.add(records(1, 429, 10));
        QCOMPARE(model.rowCount(), 4);
        QCOMPARE(requestOf(model, 0), QStringLiteral("GET /10"));
        QCOMPARE(requestOf(model, 1), QStringLiteral("GET /2"));
        QCOMPARE(requestOf(model, 3), QStringLiteral("GET /0"));
    }

    void cellsSayWhatTheRecordSays()
    {
        RequestModel model;
        model.add(std::vector{record(1'800'000'000'220'000, 429, "/orders?id=7", "10.0.0.1")});
        const auto cell = [&](RequestModel::Column column) { return model.index(0, column).data().toString(); };
        QVERIFY(cell(RequestModel::Time).endsWith(QStringLiteral(".220")));
        QCOMPARE(cell(RequestModel::Client), QStringLiteral("10.0.0.1"));
        QCOMPARE(cell(RequestModel::Request), QStringLiteral("GET /orders?id=7"));
        QCOMPARE(cell(RequestModel::Status), QStringLiteral("429"));
        QCOMPARE(cell(RequestModel::TokensLeft), QStringLiteral("0"));
        QCOMPARE(cell(RequestModel::RetryAfter), QStringLiteral("37 s"));
        QCOMPARE(cell(RequestModel::Took), QStringLiteral("0.12 ms"));
    }

    void limitThatRefusedIsNamedAndFound()
    {
        RequestModel model;
        RequestFilter filter(model);
        auto refused = record(1, 429);
        refused.limit = std::string_view{"per-client"};
        refused.isRefused = true;
        model.add(std::vector{record(0, 200), refused});
        QCOMPARE(model.index(0, RequestModel::Limit).data().toString(), QStringLiteral("per-client"));
        QCOMPARE(model.index(1, RequestModel::Limit).data().toString(), QString());
        filter.setLine(QStringLiteral("PER-CL"));
        QCOMPARE(filter.rowCount(), 1);
    }

    void tooltipIsEscaped()
    {
        RequestModel model;
        model.add(std::vector{record(0, 200, "/<img src=x>")});
        const QString toolTip = model.index(0, RequestModel::Request).data(Qt::ToolTipRole).toString();
        QVERIFY(toolTip.contains(QStringLiteral("&lt;img")));
        QVERIFY(!toolTip.contains(QStringLiteral("<img")));
    }

    void newestOfAFloodWinAndTheRestIsCounted()
    {
        RequestModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.add(records(1000));
        QCOMPARE(model.rowCount(), RequestModel::kMaxRowsPerCall);
        QCOMPARE(model.skippedCount(), 1000 - RequestModel::kMaxRowsPerCall);
        QCOMPARE(requestOf(model, 0), QStringLiteral("GET /999"));
    }

    void rowsAreBounded()
    {
        RequestModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        int most = 0;
        connect(&model, &QAbstractItemModel::rowsInserted, this, [&] { most = std::max(most, model.rowCount()); });
        for (int i = 0; i < 40; ++i)
            model.add(records(37, 200, i * 37));
        QCOMPARE(model.rowCount(), RequestModel::kMaxRows);
        QCOMPARE(most, RequestModel::kMaxRows);
        QCOMPARE(requestOf(model, 0), QStringLiteral("GET /1479"));
        QCOMPARE(requestOf(model, RequestModel::kMaxRows - 1), QStringLiteral("GET /480"));
    }

    void pausedTableStandsStillAndLosesNothingInBounds()
    {
        RequestModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.add(records(2));
        model.setPaused(true);
        model.add(records(100, 429, 10));
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(model.waitingCount(), 100);
        model.setPaused(false);
        QCOMPARE(model.waitingCount(), 0);
        QCOMPARE(model.rowCount(), 102);
        QCOMPARE(requestOf(model, 0), QStringLiteral("GET /109"));
        QCOMPARE(model.skippedCount(), 0);
    }

    void whatNoLongerFitsIntoThePauseIsCounted()
    {
        RequestModel model;
        model.add(records(5));
        model.setPaused(true);
        model.add(records(700));
        model.add(records(700, 200, 700));
        QCOMPARE(model.waitingCount(), 1400);
        model.setPaused(false);
        QCOMPARE(model.rowCount(), RequestModel::kMaxRows);
        QCOMPARE(model.skippedCount(), 400);
        QCOMPARE(requestOf(model, 0), QStringLiteral("GET /1399"));
    }

    void filterByStatusAndText()
    {
        RequestModel model;
        RequestFilter filter(model);
        QAbstractItemModelTester tester(&filter, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.add(std::vector{record(0, 200, "/a"), record(1, 404, "/Orders"), record(2, 429, "/a"),
                              record(3, 503, "/b", "10.9.9.9"), record(4, 418, "/tea")});
        QCOMPARE(filter.rowCount(), 5);
        filter.setLine(QStringLiteral("status:429"));
        QCOMPARE(filter.rowCount(), 1);
        model.add(std::vector{record(5, 429, "/late"), record(6, 200, "/late")});
        QCOMPARE(filter.rowCount(), 2);
        filter.setLine(QStringLiteral("status:41*"));
        QCOMPARE(requestOf(filter, 0), QStringLiteral("GET /tea"));
        filter.setLine(QStringLiteral("orders"));
        QCOMPARE(filter.rowCount(), 1);
        filter.setLine(QStringLiteral("10.9"));
        QCOMPARE(requestOf(filter, 0), QStringLiteral("GET /b"));
        QVERIFY(filter.isActive());
        QVERIFY(filter.setLine(QStringLiteral("status:no")).has_value()); // what was shown before stays
        QCOMPARE(requestOf(filter, 0), QStringLiteral("GET /b"));
        QCOMPARE(filter.rowCount(), 1);
        QVERIFY(!filter.setLine({}).has_value());
        QVERIFY(!filter.isActive());
        QCOMPARE(filter.rowCount(), model.rowCount());
    }

    void turnedAwayRowsGiveTheReason()
    {
        RequestModel model;
        model.add(std::vector{turnedAway(0, 400, "There is no Host header.")});
        const auto cell = [&](RequestModel::Column column, int role = Qt::DisplayRole) {
            return model.index(0, column).data(role).toString();
        };
        const QString said = QStringLiteral("Turned away: There is no Host header.");
        QVERIFY(model.index(0, RequestModel::Request).data(RequestModel::TurnedAwayRole).toBool());
        QCOMPARE(cell(RequestModel::Request), QStringLiteral("There is no Host header."));
        QCOMPARE(cell(RequestModel::Request, Qt::AccessibleTextRole), said);
        QVERIFY(cell(RequestModel::Request, Qt::ToolTipRole).contains(said));
        QCOMPARE(cell(RequestModel::Status), QStringLiteral("400"));
        for (const auto column : {RequestModel::TokensLeft, RequestModel::RetryAfter, RequestModel::Took})
            QCOMPARE(cell(column), QString());
        const QStringList copied = model.rowText(0).split(u'\t');
        QCOMPARE(copied.size(), static_cast<int>(RequestModel::ColumnCount));
        QCOMPARE(copied.at(RequestModel::Request), said);
        QCOMPARE(copied.at(RequestModel::Status), QStringLiteral("400"));
    }

    void aMethodCalledDashIsARequestLikeOthers()
    {
        RequestModel model;
        model.add(std::vector{record(0, 405, "/orders", "127.0.0.1", "-")});
        QVERIFY(!model.index(0, RequestModel::Request).data(RequestModel::TurnedAwayRole).toBool());
        QCOMPARE(requestOf(model, 0), QStringLiteral("- /orders"));
    }

    void turnedAwayIsAFilterOfItsOwn()
    {
        RequestModel model;
        RequestFilter filter(model);
        model.add(std::vector{record(0, 503, "/no-decision"), turnedAway(1, 503, "There are too many connections."),
                              turnedAway(2, 400, "There is no Host header."), record(3, 405, "/", "127.0.0.1", "PUT")});
        const auto shown = [&](const char *line) {
            filter.setLine(QLatin1String(line));
            QStringList texts;
            for (int row = 0; row < filter.rowCount(); ++row)
                texts << requestOf(filter, row);
            return texts;
        };
        QCOMPARE(shown("is:turned-away"), QStringList({QStringLiteral("There is no Host header."),
                                                       QStringLiteral("There are too many connections.")}));
        QCOMPARE(shown("status:503 not is:turned-away"), QStringList(QStringLiteral("GET /no-decision")));
        QCOMPARE(shown("\"turned AWAY\"").size(), 2);
    }

    void sortedByNumbersAsNumbers()
    {
        RequestModel model;
        RequestFilter filter(model);
        QAbstractItemModelTester tester(&filter, QAbstractItemModelTester::FailureReportingMode::QtTest);
        auto slow = record(0, 200, "/slow"), quick = record(1, 200, "/quick"), middle = record(2, 200, "/middle");
        slow.tookUs = 1'200'000;
        quick.tookUs = 90;
        middle.tookUs = 12'000;
        model.add(std::vector{slow, quick, turnedAway(3, 400, "There is no Host header.")});
        filter.sort(RequestModel::Took, Qt::DescendingOrder);
        model.add(std::vector{middle}); // while sorted
        QCOMPARE(requestOf(filter, 0), QStringLiteral("GET /slow"));
        QCOMPARE(requestOf(filter, 1), QStringLiteral("GET /middle"));
        QCOMPARE(requestOf(filter, 2), QStringLiteral("GET /quick"));
        filter.sort(-1);
        QCOMPARE(requestOf(filter, 0), QStringLiteral("GET /middle"));
    }

    void copiedRowRunsNowhere()
    {
        RequestModel model;
        model.add(std::vector{record(0, 429, "/x\t=1", "=cmd|calc", "=HYPERLINK")});
        const QStringList cells = model.rowText(0).split(u'\t');
        QCOMPARE(cells.size(), static_cast<int>(RequestModel::ColumnCount));
        QCOMPARE(cells.at(RequestModel::Client), QStringLiteral("'=cmd|calc"));
        QCOMPARE(cells.at(RequestModel::Request), QStringLiteral("'=HYPERLINK /x\\x09=1"));
        QCOMPARE(cells.at(RequestModel::Status), QStringLiteral("429"));
        QCOMPARE(model.rowText(1), QString());
        QCOMPARE(model.rowText(-1), QString());
    }
};

QTEST_GUILESS_MAIN(TestRequestModel)
#include "tst_request_model.moc"
