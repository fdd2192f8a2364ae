// SPDX-License-Identifier: GPL-3.0-only
// "Why?": what the inspector of a request says, what it asks the limits, and what its buttons do.
#include <QApplication>
#include <QClipboard>
#include <QDateTime>
#include <QLabel>
#include <QPushButton>
#include <QTest>
#include <QTreeWidget>

#include "core/config/toml_reader.h"
#include "tests/support/warnings_fail.h"
#include "tests/ui/fake_service.h"
#include "ui/live/request_inspector.h"
#include "ui/look/theme.h"

using namespace weir;
using namespace weir::ui;

namespace {

constexpr const char *kAll = "[block]\n"
                             "networks = [\"203.0.113.0/24\"]\n"
                             "[[limit]]\n"
                             "name = \"by-key\"\n"
                             "key = [\"header:X-Api-Key\"]\n"
                             "[[limit]]\n"
                             "name = \"orders\"\n"
                             "match = { path = \"/orders/*\" }\n"
                             "key = [\"ip\"]\n"
                             "cost = 2\n"
                             "[[limit]]\n"
                             "name = \"shadow\"\n"
                             "shadow = true\n"
                             "[[limit]]\n"
                             "name = \"off\"\n"
                             "enabled = false\n";

constexpr std::int64_t kSecond = 1'000'000;
constexpr int kSoonMs = 3000;

telemetry::RequestRecord refused()
{
    auto r = test::record(QDateTime::currentMSecsSinceEpoch() * 1000, 429, "/orders/7", "10.0.0.7");
    r.limit = std::string_view{"orders"};
    r.isRefused = true;
    r.key = std::string_view{"10.0.0.7"};
    r.cost = 2;
    r.tokensLeft = 1;
    r.decidedBy = telemetry::DecidedBy::Store;
    return r;
}

} // namespace

class TestRequestInspector : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;
    std::unique_ptr<test::FakeService> m_service;
    std::unique_ptr<RequestInspector> m_inspector;

    QString text(const char *name) { return m_inspector->findChild<QLabel *>(QLatin1String(name))->text(); }
    QPushButton *button(const char *name) { return m_inspector->findChild<QPushButton *>(QLatin1String(name)); }
    QStringList now(int row)
    {
        const auto *list = m_inspector->findChild<QTreeWidget *>();
        QStringList cells;
        for (int column = 0; row < list->topLevelItemCount() && column < list->columnCount(); ++column)
            cells << list->topLevelItem(row)->text(column);
        return cells;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        applyTheme(ThemeChoice::Dark);
    }
    void init()
    {
        m_service = std::make_unique<test::FakeService>();
        m_service->set = std::make_shared<const config::LimitSet>(config::readConfigText(kAll).config.limitSet);
        m_service->peek = {{5, 5, Micros{60 * kSecond}}, 1, Micros{kSecond}, Micros{0}, Micros{12 * kSecond},
                           telemetry::DecidedBy::Store};
        m_inspector = std::make_unique<RequestInspector>(*m_service);
    }
    void cleanup()
    {
        m_inspector.reset();
        m_service.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void itSaysWhatTheRecordSays()
    {
        m_inspector->inspect(refused());
        QCOMPARE(text("why"), QStringLiteral("Refused by the limit \"orders\": not enough tokens for this request."));
        QVERIFY(text("factAnswer").startsWith(QStringLiteral("429 at ")));
        QCOMPARE(text("factClient"), QStringLiteral("10.0.0.7"));
        QVERIFY(text("factLimit").startsWith(QStringLiteral("orders · ")));
        QCOMPARE(text("factKey"), QStringLiteral("10.0.0.7"));
        QCOMPARE(text("factTokens"), QStringLiteral("it costs 2 tokens; 1 left afterwards"));
        QVERIFY(text("factBy").startsWith(QStringLiteral("Redis")));
    }

    void everyLimitSaysWhatItWouldSayNow()
    {
        m_inspector->inspect(refused());
        const QString held = QStringLiteral("(1 of 5 tokens)");
        QCOMPARE(now(0), QStringList({QStringLiteral("by-key"), QStringLiteral("is not asked"),
                                      QStringLiteral("it looks at fields of the head, which are not kept")}));
        QCOMPARE(now(1), QStringList({QStringLiteral("orders"), QStringLiteral("No, for 0:12 ") + held,
                                      QStringLiteral("it decided the request")}));
        QCOMPARE(now(2), QStringList({QStringLiteral("shadow"),
                                      QStringLiteral("No, for 0:12 ") + held + QStringLiteral(", as a shadow"),
                                      QStringLiteral("it is for every request")}));
        QCOMPARE(now(3),
                 QStringList({QStringLiteral("off"), QStringLiteral("is not asked"), QStringLiteral("it is off")}));
        QCOMPARE(m_service->peeked.size(), std::size_t{2});
        QCOMPARE(m_service->peeked[0].subject, std::string{"10.0.0.7"});
        QCOMPARE(m_service->peeked[0].cost, limit::Tokens{2});
    }

    // The key that the record has: nothing else could know it.
    void theBucketThatDecidedIsAskedByItsKey()
    {
        auto r = refused();
        r.limit = std::string_view{"by-key"};
        r.key = std::string_view{"#0123"};
        r.cost = 1;
        m_inspector->inspect(r);
        QCOMPARE(m_service->peeked[0].limit, std::string{"by-key"});
        QCOMPARE(m_service->peeked[0].subject, std::string{"#0123"});
        QCOMPARE(now(0).constLast(), QStringLiteral("it decided the request"));
    }

    void aBlockedOneSaysBy()
    {
        m_inspector->inspect(test::record(0, 403, "/", "203.0.113.9"));
        QVERIFY(text("why").startsWith(QStringLiteral("Blocked")));
        QCOMPARE(text("inspectorReport"), QStringLiteral("It is turned away by [block]."));
        QVERIFY(m_service->peeked.empty());
    }

    void storeThatCannotTellIsSaid()
    {
        m_service->failure = "Redis is away";
        m_inspector->inspect(refused());
        QCOMPARE(text("inspectorReport"), QStringLiteral("The buckets cannot be looked at: Redis is away."));
        QCOMPARE(now(1).at(1), QStringLiteral("not known"));
    }

    void aWaitIsCountedDown()
    {
        auto r = refused();
        r.retryAfterS = 2;
        m_inspector->inspect(r);
        QVERIFY2(text("factWait").startsWith(QStringLiteral("in 0:0")), qPrintable(text("factWait")));
        QTRY_VERIFY_WITH_TIMEOUT(text("factWait").startsWith(QStringLiteral("may pass since")), kSoonMs);
        r.retryAfterS = -1;
        m_inspector->inspect(r);
        QCOMPARE(text("factWait"), QStringLiteral("–"));
    }

    void itIsCopiedAndSentAgain()
    {
        m_inspector->inspect(refused());
        button("copyCurl")->click();
        QCOMPARE(QApplication::clipboard()->text(),
                 QStringLiteral("curl --globoff --path-as-is --include 'http://127.0.0.1:8000/orders/7'"));
        m_service->report.refused = 1;
        button("sendAgain")->click();
        QCOMPARE(m_service->sentAgain.size(), std::size_t{1});
        QCOMPARE(m_service->sentAgain[0].second, std::string{"/orders/7"});
        QVERIFY(text("inspectorReport").contains(QStringLiteral("1 refused")));
    }

    void whatWasTurnedAwayIsNotSent()
    {
        m_inspector->inspect(test::turnedAway(0, 400, "There is no <b>Host</b> header."));
        QVERIFY(!button("copyCurl")->isEnabled());
        QVERIFY(!button("sendAgain")->isEnabled());
        QCOMPARE(now(0).at(1), QStringLiteral("not asked"));
    }

    void escapeClosesIt()
    {
        m_inspector->inspect(refused());
        QVERIFY(m_inspector->isVisible());
        QTest::keyClick(m_inspector.get(), Qt::Key_Escape);
        QVERIFY(!m_inspector->isVisible());
    }
};

QTEST_MAIN(TestRequestInspector)
#include "tst_request_inspector.moc"
