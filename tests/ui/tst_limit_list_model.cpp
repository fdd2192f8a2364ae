// SPDX-License-Identifier: GPL-3.0-only
#include <QAbstractItemModelTester>
#include <QSignalSpy>

#include "tests/support/warnings_fail.h"
#include "ui/limits/limit_list_model.h"

using namespace weir;
using namespace weir::ui;

namespace {

std::shared_ptr<const config::LimitSet> setOf(std::initializer_list<const char *> names)
{
    config::LimitSet set;
    for (const char *name : names)
        set.limits.emplace_back().name = name;
    return std::make_shared<const config::LimitSet>(std::move(set));
}

} // namespace

class TestLimitListModel : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;
    std::unique_ptr<LimitListModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;

    QStringList names()
    {
        QStringList names;
        for (int row = 0; row < m_model->rowCount(); ++row)
            names << m_model->index(row).data().toString();
        return names;
    }
    QString joined() { return names().join(u' '); }
    LimitListModel::Standing standing(int row)
    {
        return m_model->index(row).data(LimitListModel::StandingRole).value<LimitListModel::Standing>();
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        m_model = std::make_unique<LimitListModel>();
        m_tester = std::make_unique<QAbstractItemModelTester>(m_model.get(),
                                                              QAbstractItemModelTester::FailureReportingMode::QtTest);
        m_model->follow(setOf({"a", "b", "c"}));
    }
    void cleanup()
    {
        m_tester.reset();
        m_model.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void everybodyIsTheLastRow()
    {
        QCOMPARE(joined(), QStringLiteral("a b c Everybody"));
        QVERIFY(m_model->index(3).data(LimitListModel::IsAccessRole).toBool());
        QVERIFY(!(m_model->flags(m_model->index(3)) & Qt::ItemIsDragEnabled));
        QVERIFY(m_model->flags(m_model->index(0)) & Qt::ItemIsDragEnabled);
    }

    void rowsAreAddedCopiedRemovedAndRestored()
    {
        QCOMPARE(m_model->add(), 3);
        QCOMPARE(m_model->duplicate(0), 1);
        QCOMPARE(joined(), QStringLiteral("a a-2 b c limit Everybody"));
        m_model->remove(2);
        QCOMPARE(joined(), QStringLiteral("a a-2 c limit Everybody"));
        QCOMPARE(m_model->restore(), 2);
        QCOMPARE(joined(), QStringLiteral("a a-2 b c limit Everybody"));
        QCOMPARE(m_model->restore(), -1);
        m_model->revert();
        QCOMPARE(joined(), QStringLiteral("a b c Everybody"));
    }

    void rowsMoveAsAViewDropsThem()
    {
        QVERIFY(m_model->moveRows({}, 0, 1, {}, 2));
        QCOMPARE(joined(), QStringLiteral("b a c Everybody"));
        QVERIFY(m_model->moveRows({}, 2, 1, {}, 0));
        QCOMPARE(joined(), QStringLiteral("c b a Everybody"));
        QVERIFY(m_model->moveRows({}, 0, 1, {}, 4)); // behind everybody: to the end
        QCOMPARE(joined(), QStringLiteral("b a c Everybody"));
        QVERIFY(!m_model->moveRows({}, 3, 1, {}, 0));
        QVERIFY(!m_model->move(0, 3));
        QVERIFY(!m_model->move(0, -1));
    }

    void standingSaysWhatIsInForce()
    {
        using Standing = LimitListModel::Standing;
        QCOMPARE(standing(0), Standing::InForce);
        m_model->setOn(0, false);
        QCOMPARE(standing(0), Standing::Edited);
        LimitText text = m_model->draft().entries()[1].text;
        text[LimitField::Capacity] = QStringLiteral("0");
        m_model->setText(1, text);
        QCOMPARE(standing(1), Standing::Wrong);
        QCOMPARE(standing(m_model->add()), Standing::New);
        AccessText access = m_model->draft().access();
        access[AccessField::BlockNetworks] = QStringLiteral("10.0.0.0/8");
        m_model->setAccess(access);
        QCOMPARE(standing(m_model->accessRow()), Standing::Edited);
    }

    void countsBelongToWhatIsInForce()
    {
        engine::LimitCounts counts;
        counts.limit = "b";
        counts.admitted = 84'120;
        counts.refused = 1'204;
        m_model->setCounts({counts});
        m_model->add();
        QCOMPARE(m_model->index(1).data(LimitListModel::AdmittedRole).toLongLong(), 84'120);
        QCOMPARE(m_model->index(1).data(LimitListModel::RefusedRole).toLongLong(), 1'204);
        QVERIFY(!m_model->index(0).data(LimitListModel::AdmittedRole).isValid());
        QVERIFY(!m_model->index(3).data(LimitListModel::AdmittedRole).isValid());
        QVERIFY(m_model->index(1).data(Qt::AccessibleTextRole).toString().contains(QStringLiteral("84,120 admitted")));
    }

    void sameRowsAreNotResetWhenTheNumbersChange()
    {
        QSignalSpy resets(m_model.get(), &QAbstractItemModel::modelReset);
        config::LimitSet next = *setOf({"a", "b", "c"});
        next.limits[1].spec.capacity = 9;
        m_model->follow(std::make_shared<const config::LimitSet>(next));
        QCOMPARE(resets.size(), 0);
        QVERIFY(m_model->index(1).data(LimitListModel::NumbersRole).toString().contains(QStringLiteral("burst 9")));
        const int id = m_model->draft().entries()[2].id;
        m_model->follow(setOf({"c"}));
        QCOMPARE(resets.size(), 1);
        QCOMPARE(m_model->rowOf(id), 0);
    }
};

QTEST_APPLESS_MAIN(TestLimitListModel)
#include "tst_limit_list_model.moc"
