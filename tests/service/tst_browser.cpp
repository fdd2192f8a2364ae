// SPDX-License-Identifier: GPL-3.0-only
// A real browser loads the page: five refreshes are five tokens, whatever else it asks for by itself.
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/orphans.h"
#include "tests/support/redis_server.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kLoadTimeout = 60s; // a browser on a busy machine
constexpr int kPatienceMs = 10'000;

} // namespace

class TestBrowser : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }
    void fiveGreetingsThenThe429();

private:
    // The page as the browser has it after loading; nothing when it does not end well.
    QByteArray load(const QString &browser, const QString &profile, std::uint16_t port)
    {
        ChildProcess child;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("HOME"), profile);
        child.process().setProcessEnvironment(environment);
        child.process().setProgram(browser);
        child.process().setArguments(
            words("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
                  "--disable-component-update --disable-sync --disable-dev-shm-usage --no-proxy-server --dump-dom "
                  "--user-data-dir="
                  + QFile::encodeName(profile))
            + QStringList{QStringLiteral("http://127.0.0.1:%1/").arg(port)});
        if (!child.start() || child.waitForExit(kLoadTimeout) != 0) {
            qInfo("%s", child.errors().constData());
            return {};
        }
        return child.output();
    }

    WarningsFail m_warnings;
    Orphans m_orphans;
};

void TestBrowser::fiveGreetingsThenThe429()
{
    const QString browser = QStandardPaths::findExecutable(QStringLiteral("chromium"));
    QVERIFY2(!browser.isEmpty(), "chromium is not installed; ./dev setup installs it");
    RedisServer redis;
    QVERIFY(redis.start());
    WeirProcess weir; // no interval passes meanwhile: it is a leap year long
    QVERIFY2(weir.start(words("serve --every 366d --redis " + redis.url().toUtf8())), weir.errors());
    QTemporaryDir profile; // one for all loads, as for a person who refreshes
    for (int i = 0; i < 5; ++i) {
        const QByteArray page = load(browser, profile.path(), weir.port());
        QVERIFY2(page.contains(R"({"message":"Congrats, your request was succesfull!"})"), page);
    }
    const QByteArray page = load(browser, profile.path(), weir.port());
    QVERIFY2(page.contains("The bucket is empty; the next token comes in ") && page.contains("429"), page);
    QCOMPARE(redis.command({"HGET", "weir:{global}", "admitted"}).text, QByteArray{"5"});
    QCOMPARE(redis.command({"HGET", "weir:{global}", "refused"}).text, QByteArray{"1"});
    QCOMPARE(storedField(redis, "weir:{global}", "taken"), QByteArray{"5"});
    QCOMPARE(weir.stop(10s), 0);
    redis.stop();
    QTRY_VERIFY_WITH_TIMEOUT(m_orphans.alive().empty(), kPatienceMs); // the browser's helpers as well
}

QTEST_GUILESS_MAIN(TestBrowser)
#include "tst_browser.moc"
