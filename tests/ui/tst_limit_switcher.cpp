// SPDX-License-Identifier: GPL-3.0-only
// Several limits on the Live page: which ones there are, which refuses most, whose numbers are shown.
#include <QLabel>
#include <QPushButton>
#include <QTemporaryDir>

#include "tests/support/warnings_fail.h"
#include "tests/ui/full_panel.h"
#include "ui/live/limit_switcher.h"
#include "ui/live/numbers_form.h"
#include "ui/live/stat_tile.h"

using namespace weir;
using namespace weir::ui;
using namespace std::chrono_literals;

class TestLimitSwitcher : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;
    std::unique_ptr<test::FullPanel> m_panel;

    LimitSwitcher *switcher() { return m_panel->window->findChild<LimitSwitcher *>(); }
    QPushButton *button(const char *name)
    {
        return m_panel->window->findChild<QPushButton *>(QStringLiteral("limit-") + QLatin1String(name));
    }
    engine::LimitCounts &counts(const char *name)
    {
        for (engine::LimitCounts &each : m_panel->service.now.limits)
            if (each.limit == name)
                return each;
        return m_panel->service.now.limits.front();
    }
    void pull() { m_panel->window->takeNewest(); }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        m_panel = std::make_unique<test::FullPanel>();
        m_panel->window->show();
        pull();
    }
    void cleanup()
    {
        m_panel.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void allThatAreOnAreThere()
    {
        QVERIFY(!switcher()->isHidden());
        QCOMPARE(switcher()->buttons().size(), 4); // "export" is off
        QVERIFY(button("global"));
        QVERIFY(!button("export"));
        QVERIFY(button("per-client-of-the-public-interface")->isChecked());
        QVERIFY(!button("global")->isChecked());
    }

    void oneLimitNeedsNone()
    {
        m_panel->service.set = std::make_shared<const config::LimitSet>(config::LimitSet{{{}}, {}, {}, {}});
        m_panel->service.now.limits = {{"global", 5, 1, 1, 0}};
        pull();
        QVERIFY(switcher()->isHidden());
    }

    void theOneThatRefusesMostIsMarked()
    {
        QVERIFY(switcher()->worst().isEmpty()); // what was refused before is not refused now
        counts("global").refused += 4;
        counts("per-key").refused += 98;
        counts("shadow").refused += 500; // refuses nobody
        pull();
        QCOMPARE(switcher()->worst(), QStringLiteral("per-key"));
        QVERIFY(button("per-key")->text().contains(QStringLiteral("refuses most: 98")));
        QVERIFY(button("per-key")->property("worst").toBool());
        QVERIFY(button("global")->text().endsWith(QStringLiteral("4 refused")));
        QVERIFY(button("shadow")->text().endsWith(QStringLiteral("would refuse 500")));
    }

    void whatIsLongAgoIsForgotten()
    {
        LimitSwitcher alone;
        engine::Status status = m_panel->service.now;
        const LimitSwitcher::Clock::time_point start{1h};
        alone.showStatus(status, *m_panel->service.set, start);
        status.limits[0].refused += 7;
        alone.showStatus(status, *m_panel->service.set, start + 2s);
        QCOMPARE(alone.worst(), QStringLiteral("global"));
        for (auto passed = 3s; passed <= LimitSwitcher::kSpan + 5s; ++passed)
            alone.showStatus(status, *m_panel->service.set, start + passed);
        QVERIFY(alone.worst().isEmpty());
    }

    void choosingShowsItsBucket()
    {
        button("global")->click();
        QCOMPARE(m_panel->service.shown.first, std::string{"global"});
        QVERIFY(!button("global")->isChecked()); // not yet
        m_panel->service.now.limit.name = "global";
        m_panel->service.now.subject.clear();
        pull();
        QVERIFY(button("global")->isChecked());
    }

    void aLimitByKeyShowsWhoIsRefusedMost()
    {
        button("per-client-of-the-public-interface")->click();
        m_panel->service.now.subject.clear();
        pull();
        QCOMPARE(m_panel->service.watched.first, std::string{"per-client-of-the-public-interface"});
        auto list = std::make_shared<engine::BucketList>(*m_panel->service.bucketList);
        list->rows[1].refused = 99'999;
        m_panel->service.bucketList = list;
        pull();
        QCOMPARE(m_panel->service.shown.second, std::string{"203.0.113.7"});
        m_panel->service.now.subject = m_panel->service.shown.second;
        pull();
        QVERIFY(m_panel->service.watched.first.empty()); // found
    }

    void numbersSayWhoseTheyAre()
    {
        const auto *tile = m_panel->window->findChild<StatTile *>(QStringLiteral("tileAdmitted"));
        QVERIFY(tile->accessibleName().startsWith(QStringLiteral("200 of all limits since start")));
        QCOMPARE(m_panel->window->findChild<NumbersForm *>()->accessibleName(),
                 QStringLiteral("Limit “per-client-of-the-public-interface”"));
    }

    void everyAnswerIsCountedOnce()
    {
        telemetry::Totals &totals = m_panel->service.now.totals;
        totals = {};
        totals.admitted = 1000;
        totals.refused = 300;
        totals.undecided = 50;
        totals.decidedBy[static_cast<std::size_t>(telemetry::DecidedBy::Allow)] = 20;
        totals.exempt = 7;
        totals.blocked = 417;
        pull();
        const auto tile = [this](const char *name) {
            return m_panel->window->findChild<StatTile *>(QLatin1String(name));
        };
        QCOMPARE(tile("tileAdmitted")->value(), QStringLiteral("1,027"));
        QCOMPARE(tile("tileRefused")->value(), QStringLiteral("300"));
        QCOMPARE(tile("tileRefused")->remark(), QStringLiteral("and 417 × 403, 30 × 503"));
        QCOMPARE(totals.letThrough() + totals.refused + totals.blocked + totals.rejected(), totals.answers());
    }
};

QTEST_MAIN(TestLimitSwitcher)
#include "tst_limit_switcher.moc"
