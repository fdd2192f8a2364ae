// SPDX-License-Identifier: GPL-3.0-only
// The panel where no window can be opened: it says so in one sentence and serves.
#include <QTest>

#include "tests/support/orphans.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;
using namespace std::chrono_literals;

class TestNoDisplay : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup()
    {
        QVERIFY(m_orphans.alive().empty());
        WEIR_NO_WARNINGS(m_warnings);
    }

    void itSaysSoAndServes_data();
    void itSaysSoAndServes();
    void serveNeedsNoDisplayAndSaysNothing();
    void theOptionsCountAsForServe();

private:
    static void hideScreens(WeirProcess &weir)
    {
        for (const char *name : {"QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"})
            weir.environment().remove(QString::fromLatin1(name));
    }
    static std::optional<RawResponse> get(const WeirProcess &weir)
    {
        RawHttpClient client;
        if (!client.connectTo(weir.port()) || !client.sendRequest("GET", "/"))
            return std::nullopt;
        return client.readResponse();
    }

    WarningsFail m_warnings;
    Orphans m_orphans;
};

void TestNoDisplay::itSaysSoAndServes_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QByteArray>("said");
    QTest::newRow("none") << QString{} << QString{} << QByteArray{"DISPLAY and WAYLAND_DISPLAY are not set"};
    QTest::newRow("X11 that is not there")
        << QStringLiteral("DISPLAY") << QStringLiteral(":64999") << QByteArray{":64999"};
    QTest::newRow("no display at all") << QStringLiteral("DISPLAY") << QStringLiteral("nonsense")
                                       << QByteArray{"nonsense"};
    QTest::newRow("Wayland that is not there")
        << QStringLiteral("WAYLAND_DISPLAY") << QStringLiteral("wayland-weir") << QByteArray{"wayland-weir"};
}

void TestNoDisplay::itSaysSoAndServes()
{
    QFETCH(const QString, variable);
    QFETCH(const QString, value);
    QFETCH(const QByteArray, said);
    WeirProcess weir;
    hideScreens(weir);
    if (!variable.isEmpty())
        weir.environment().insert(variable, value);
    QVERIFY2(weir.start({}), weir.errors());
    const auto response = get(weir);
    QVERIFY(response);
    QCOMPARE(response->status, 200);
    QCOMPARE(weir.stop(10s), 0);
    const QByteArray errors = weir.errors();
    QCOMPARE(errors.count('\n'), 1);
    QVERIFY2(errors.startsWith("weir: no window can be opened") && errors.contains(said)
                 && errors.contains("weir serve"),
             errors);
}

void TestNoDisplay::serveNeedsNoDisplayAndSaysNothing()
{
    WeirProcess weir;
    hideScreens(weir);
    QVERIFY2(weir.start(words("serve")), weir.errors());
    QCOMPARE(get(weir)->status, 200);
    QCOMPARE(weir.stop(10s), 0);
    QCOMPARE(weir.errors(), QByteArray{});
}

void TestNoDisplay::theOptionsCountAsForServe()
{
    WeirProcess weir;
    hideScreens(weir);
    QVERIFY2(weir.start(words("--capacity 3 --every 366d --threads 1")), weir.errors());
    QCOMPARE(get(weir)->header("ratelimit-policy"), QByteArray{"\"global\";q=3;w=31622400"});
    QCOMPARE(weir.stop(10s), 0);
}

QTEST_GUILESS_MAIN(TestNoDisplay)
#include "tst_no_display.moc"
