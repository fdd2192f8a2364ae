// SPDX-License-Identifier: GPL-3.0-only
#include <QAbstractItemModelTester>

#include "tests/support/seed.h"
#include "tests/support/warnings_fail.h"
#include "ui/limits/bucket_model.h"

using namespace weir;
using namespace weir::ui;

namespace {

engine::BucketRow bucket(const std::string &subject, limit::Tokens tokens = 3, std::int64_t admitted = 10,
                         std::int64_t refused = 2)
{
    engine::BucketRow row;
    row.subject = subject;
    row.tokens = tokens;
    row.admitted = admitted;
    row.refused = refused;
    row.lastSeenMs = 1'000'000;
    return row;
}

} // namespace

class TestBucketModel : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void cellsSayWhatTheRowSays()
    {
        BucketModel model;
        model.setRows({bucket("203.0.113.7", 2, 2115, 6020)}, 5, 1'003'500);
        const auto cell = [&](BucketModel::Column column) { return model.index(0, column).data().toString(); };
        QCOMPARE(cell(BucketModel::Key), QStringLiteral("203.0.113.7"));
        QCOMPARE(cell(BucketModel::Tokens), QStringLiteral("2 / 5"));
        QCOMPARE(cell(BucketModel::Admitted), QStringLiteral("2,115"));
        QCOMPARE(cell(BucketModel::Refused), QStringLiteral("6,020"));
        QCOMPARE(cell(BucketModel::LastSeen), QStringLiteral("3 s"));
        QCOMPARE(model.index(0, BucketModel::Level).data(BucketModel::ShareRole).toDouble(), 0.4);
    }

    void nobodysOwnBucketsHaveWords()
    {
        BucketModel model;
        model.setRows({bucket(""), bucket("(others)", -1), bucket("a\x01<b>")}, 5, 0);
        QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("all requests"));
        QCOMPARE(model.index(1, 0).data().toString(), QStringLiteral("other keys (overflow)"));
        QVERIFY(model.index(1, 0).data(BucketModel::IsOverflowRole).toBool());
        QCOMPARE(model.index(1, BucketModel::Tokens).data().toString(), QStringLiteral("– / 5"));
        QCOMPARE(model.index(1, BucketModel::Level).data(BucketModel::ShareRole).toDouble(), -1.0);
        QCOMPARE(model.index(2, 0).data().toString(), QStringLiteral("a\\x01<b>"));
        QVERIFY(model.index(2, 0).data(Qt::ToolTipRole).toString().contains(QStringLiteral("&lt;b&gt;")));
    }

    void levelIsNeverMoreThanFull()
    {
        BucketModel model;
        model.setRows({bucket("a", 50)}, 5, 0); // a limit that was just made smaller
        QCOMPARE(model.index(0, BucketModel::Level).data(BucketModel::ShareRole).toDouble(), 1.0);
    }

    void countsThatMayBeTooLowSaySo()
    {
        BucketModel model;
        engine::BucketRow row = bucket("a");
        row.uncertainty = 40;
        model.setRows({row}, 5, 0);
        QVERIFY(model.index(0, BucketModel::Admitted).data(Qt::ToolTipRole).toString().contains(QStringLiteral("40")));
    }

    void ageIsShort()
    {
        const std::vector<std::pair<qint64, const char *>> ages{
            {-5, "now"}, {999, "now"}, {41'000, "41 s"}, {119'000, "1 min"}, {7'200'000, "2 h"}, {200'000'000, "2 d"}};
        for (const auto &[ms, text] : ages)
            QCOMPARE(ageText(ms), QLatin1String(text));
    }

    void selectionGoesWithItsSubject()
    {
        BucketModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setRows({bucket("a"), bucket("b"), bucket("c")}, 5, 0);
        const QPersistentModelIndex b = model.index(1, 0);
        const QPersistentModelIndex c = model.index(2, 0);
        model.setRows({bucket("d"), bucket("b"), bucket("a")}, 5, 0);
        QCOMPARE(b.row(), 1);
        QVERIFY(!c.isValid());
        model.setRows({bucket("b"), bucket("d")}, 5, 0);
        QCOMPARE(b.row(), 0);
        model.setRows({}, 5, 0);
        QVERIFY(!b.isValid());
    }

    void doublesAreOneRow()
    {
        BucketModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setRows({bucket("a"), bucket("a"), bucket("b")}, 5, 0);
        QCOMPARE(model.rowCount(), 2);
    }

    void anySequenceIsShownAsItIs()
    {
        test::Random random;
        BucketModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        for (int step = 0; step < 300; ++step) {
            std::vector<engine::BucketRow> rows;
            for (int i = 0; i < 12; ++i) {
                if (random.oneIn(2))
                    rows.push_back(bucket(std::string(1, static_cast<char>('a' + i))));
            }
            for (std::size_t i = rows.size(); i > 1; --i)
                std::swap(rows[i - 1],
                          rows[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(i) - 1))]);
            model.setRows(rows, 5, 0);
            QCOMPARE(model.rowCount(), static_cast<int>(rows.size()));
            for (std::size_t i = 0; i < rows.size(); ++i)
                QCOMPARE(model.subject(static_cast<int>(i)).toStdString(), rows[i].subject);
        }
    }
};

QTEST_APPLESS_MAIN(TestBucketModel)
#include "tst_bucket_model.moc"
