// SPDX-License-Identifier: GPL-3.0-only
// What outlives a Weir, and two of them at once: folders, limits, tokens, locks, ports.
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

#include "tests/support/orphans.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPatienceMs = 10'000;
constexpr auto kStopTimeout = 10s;

std::optional<RawResponse> get(std::uint16_t port)
{
    RawHttpClient client;
    if (!client.connectTo(port) || !client.sendRequest("GET", "/"))
        return std::nullopt;
    return client.readResponse();
}

/// Takes a token: "q=10;w=31622400 r=9".
QByteArray take(std::uint16_t port)
{
    const auto response = get(port);
    if (!response)
        return "no answer";
    const QByteArray policy = response->header("ratelimit-policy"), level = response->header("ratelimit");
    return policy.mid(policy.indexOf(';') + 1) + ' ' + level.mid(level.indexOf(';') + 1).split(';').front();
}

} // namespace

class TestServeRestart : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void cleanup()
    {
        QTRY_VERIFY_WITH_TIMEOUT(m_orphans.alive().empty(), kPatienceMs);
        WEIR_NO_WARNINGS(m_warnings);
    }

    void tokensAndLimitsOutliveARestart();
    void tokensOutliveAKill();
    void theFolderIsMadeForItsUserAlone();
    void theFolderIsUsedByOneAtATime();
    void thePortIsUsedByOneAtATime();
    void aLockThatWasLeftIsNoObstacle();

private:
    [[nodiscard]] QString dataDir() const { return m_folder->filePath(QStringLiteral("data")); }
    [[nodiscard]] QStringList serve(const char *more = "") const
    {
        return QStringList{QStringLiteral("serve"), QStringLiteral("--data-dir"), dataDir()} + words(more);
    }

    WarningsFail m_warnings;
    Orphans m_orphans;
    std::unique_ptr<QTemporaryDir> m_folder;
};

// No interval passes during the test: it is a leap year long.
void TestServeRestart::tokensAndLimitsOutliveARestart()
{
    {
        WeirProcess first;
        QVERIFY2(first.start(serve("--capacity 10 --refill 1 --every 366d")), first.errors());
        for (const char *level : {"r=9", "r=8", "r=7", "r=6"})
            QCOMPARE(take(first.port()), QByteArray{"q=10;w=316224000 "} + level);
        QCOMPARE(first.stop(kStopTimeout), 0);
    }
    {
        WeirProcess second; // what is not said stays; tokens are kept
        QVERIFY2(second.start(serve("--capacity 8")), second.errors());
        QCOMPARE(take(second.port()), QByteArray{"q=8;w=31622400 r=5"});
        QCOMPARE(second.stop(kStopTimeout), 0);
    }
    {
        WeirProcess third;
        QVERIFY2(third.start(serve()), third.errors());
        QCOMPARE(take(third.port()), QByteArray{"q=8;w=31622400 r=4"});
        QCOMPARE(third.stop(kStopTimeout), 0);
    }
    WeirProcess fourth; // fewer tokens fit than there are
    QVERIFY2(fourth.start(serve("--capacity 2")), fourth.errors());
    QCOMPARE(take(fourth.port()), QByteArray{"q=2;w=31622400 r=1"});
    QCOMPARE(fourth.stop(kStopTimeout), 0);
}

void TestServeRestart::tokensOutliveAKill()
{
    {
        WeirProcess first;
        // What was decided locally, after a stall of the machine, would not outlive it: only the store's decision does.
        QVERIFY2(first.start(serve("--every 366d --on-store-failure reject")), first.errors());
        QCOMPARE(take(first.port()), QByteArray{"q=5;w=31622400 r=4"});
        first.kill();
    }
    WeirProcess second;
    QVERIFY2(second.start(serve()), second.errors());
    QCOMPARE(take(second.port()), QByteArray{"q=5;w=31622400 r=3"});
    QCOMPARE(second.stop(kStopTimeout), 0);
}

void TestServeRestart::theFolderIsMadeForItsUserAlone()
{
    WeirProcess weir;
    QVERIFY2(weir.start(serve()), weir.errors());
    constexpr auto kOthers =
        QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup | QFile::ReadOther | QFile::WriteOther | QFile::ExeOther;
    QVERIFY(QDir{dataDir()}.exists());
    QCOMPARE(QFile::permissions(dataDir()) & kOthers, QFile::Permissions{});
    QCOMPARE(weir.stop(kStopTimeout), 0);
}

void TestServeRestart::theFolderIsUsedByOneAtATime()
{
    WeirProcess first;
    QVERIFY2(first.start(serve()), first.errors());
    WeirProcess second;
    QCOMPARE(second.runToExit(serve("--listen 127.0.0.1:0")), 1);
    QCOMPARE(second.output(), QByteArray{});
    const QByteArray said = second.errors();
    for (const QByteArray &words :
         {QByteArrayLiteral("--data-dir"), "process " + QByteArray::number(first.pid()), dataDir().toUtf8()})
        QVERIFY2(said.contains(words), said);
    QCOMPARE(get(first.port())->status, 200);
    QCOMPARE(first.stop(kStopTimeout), 0);
}

void TestServeRestart::thePortIsUsedByOneAtATime()
{
    WeirProcess first;
    QVERIFY2(first.start(serve()), first.errors());
    const QByteArray port = QByteArray::number(first.port());
    WeirProcess second; // with a folder of its own
    QCOMPARE(second.runToExit(words("serve --listen 127.0.0.1:" + port)), 1);
    QCOMPARE(second.output(), QByteArray{});
    const QByteArray said = second.errors();
    for (const QByteArray &words : {QByteArrayLiteral("--listen"), "port " + port, QByteArrayLiteral("another Weir"),
                                    "process " + QByteArray::number(first.pid())})
        QVERIFY2(said.contains(words), said);
    QCOMPARE(get(first.port())->status, 200);
    QCOMPARE(first.stop(kStopTimeout), 0);
}

void TestServeRestart::aLockThatWasLeftIsNoObstacle()
{
    WeirProcess first;
    QVERIFY2(first.start(serve()), first.errors());
    first.kill();
    QVERIFY(QFile::exists(dataDir() + QStringLiteral("/weir.lock")));
    WeirProcess second;
    QVERIFY2(second.start(serve()), second.errors());
    QCOMPARE(get(second.port())->status, 200);
    QCOMPARE(second.stop(kStopTimeout), 0);
    QVERIFY(!QFile::exists(dataDir() + QStringLiteral("/weir.lock")));
}

QTEST_GUILESS_MAIN(TestServeRestart)
#include "tst_serve_restart.moc"
