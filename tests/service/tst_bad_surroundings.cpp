// SPDX-License-Identifier: GPL-3.0-only
// What cannot work where it is started: exit code 1, one sentence that helps, nothing left running.
#include <QDir>
#include <QFileInfo>
#include <QScopeGuard>
#include <QStandardPaths>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/free_port.h"
#include "tests/support/orphans.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/redis_server.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

// Root may write everywhere and take every port; those tests are another user's.
QStringList asNobody()
{
    if (geteuid() != 0)
        return {};
    return words("setpriv --reuid=65534 --regid=65534 --clear-groups");
}

bool canBeNobody()
{
    return geteuid() != 0 || !QStandardPaths::findExecutable(QStringLiteral("setpriv")).isEmpty();
}

int firstFreePort() // of those that everybody may take (ip(7))
{
    QFile file{QStringLiteral("/proc/sys/net/ipv4/ip_unprivileged_port_start")};
    return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed().toInt() : 1024;
}

} // namespace

class TestBadSurroundings : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup()
    {
        QVERIFY(m_orphans.alive().empty());
        WEIR_NO_WARNINGS(m_warnings);
    }

    void noRedisThere_data();
    void noRedisThere();
    void aRedisThatIsNoRedis();
    void aRedisThatHangs();
    void aWrongPassword();
    void aFolderThatCannotBeWritten();
    void aFolderThatIsAFile();
    void aPortInUse();
    void aPortThatNeedsPermission();
    void anAddressThatIsNotOurs();
    void noRedisServerInstalled();
    void dataThatCannotBeRead();
    void aDiskThatIsFull();

private:
    // It is there all the same, and says why its Redis is not.
    void servesWithout(WeirProcess &weir, const QStringList &arguments, const QByteArray &shown)
    {
        QVERIFY2(weir.start(arguments), weir.errors());
        RawHttpClient client;
        QVERIFY(client.connectTo(weir.port()) && client.sendRequest("GET", "/"));
        const auto response = client.readResponse();
        QVERIFY(response);
        QCOMPARE(response->status, 200);
        QCOMPARE(response->header("weir-decided-by"), QByteArray{"local"});
        QCOMPARE(weir.stop(), 0);
        const QByteArray said = weir.errors();
        QVERIFY2(said.contains("--redis: ") && said.contains(shown) && said.contains("starting without it"), said);
        QVERIFY(!said.contains("s3cret"));
    }

    // One sentence on stderr that holds all of `expected`; nothing on stdout; exit code 1.
    void fails(WeirProcess &weir, const QStringList &arguments, const QByteArrayList &expected)
    {
        QCOMPARE(weir.runToExit(arguments), 1);
        QCOMPARE(weir.output(), QByteArray{});
        const QByteArray said = weir.errors();
        QVERIFY2(said.startsWith("weir: ") && said.count('\n') == 1, said);
        for (const QByteArray &words : expected)
            QVERIFY2(said.contains(words), said);
        QVERIFY(!said.contains("s3cret"));
    }
    static QStringList serve(const QString &option, const QString &value)
    {
        return words("serve --listen 127.0.0.1:0") + QStringList{option, value};
    }

    WarningsFail m_warnings;
    Orphans m_orphans;
};

void TestBadSurroundings::noRedisThere_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QByteArray>("shown");
    const QByteArray address = "127.0.0.1:" + QByteArray::number(freePort());
    QTest::newRow("no socket") << QStringLiteral("unix:/nowhere/redis.sock") << QByteArray{"unix:/nowhere/redis.sock"};
    QTest::newRow("closed port") << QStringLiteral("redis://:s3cret@") + QString::fromLatin1(address)
                                 << "redis://" + address;
}

void TestBadSurroundings::noRedisThere()
{
    QFETCH(const QString, url);
    QFETCH(const QByteArray, shown);
    WeirProcess weir;
    servesWithout(weir, serve(QStringLiteral("--redis"), url) + words("--history no"), shown);
    QVERIFY2(QDir{weir.folder()}.isEmpty(), "something was made");
}

// Another Weir is a server that speaks HTTP.
void TestBadSurroundings::aRedisThatIsNoRedis()
{
    WeirProcess other;
    QVERIFY2(other.start(words("serve")), other.errors());
    const QString address = QStringLiteral("127.0.0.1:%1").arg(other.port());
    WeirProcess weir;
    fails(weir, serve(QStringLiteral("--redis"), QStringLiteral("redis://") + address),
          {"--redis: ", address.toUtf8(), "Redis"});
    QCOMPARE(other.stop(10s), 0);
}

void TestBadSurroundings::aRedisThatHangs()
{
    RedisServer redis;
    QVERIFY(redis.start());
    redis.pause();
    WeirProcess weir;
    servesWithout(weir, serve(QStringLiteral("--redis"), redis.url()), redis.url().toUtf8());
    redis.resume();
    redis.stop();
}

void TestBadSurroundings::aWrongPassword()
{
    const QString port = QString::number(freePort());
    RedisServer redis;
    QVERIFY(redis.start(words("--requirepass right --bind 127.0.0.1 --port") + QStringList{port}));
    for (const char *secrets : {"", ":s3cret@", "al1ce:s3cret@"}) {
        WeirProcess weir;
        const QString url =
            QStringLiteral("redis://") + QString::fromLatin1(secrets) + QStringLiteral("127.0.0.1:") + port;
        fails(weir, serve(QStringLiteral("--redis"), url), {"--redis: ", *secrets ? "WRONGPASS" : "NOAUTH"});
    }
    WeirProcess weir;
    QVERIFY2(weir.start(serve(QStringLiteral("--redis"), QStringLiteral("redis://:right@127.0.0.1:") + port)),
             weir.errors());
    QCOMPARE(weir.stop(10s), 0);
    redis.stop();
}

void TestBadSurroundings::aFolderThatCannotBeWritten()
{
    if (!canBeNobody())
        QSKIP("root can write everywhere, and setpriv is not there");
    QTemporaryDir folder;
    QVERIFY(QDir{folder.path()}.mkdir(QStringLiteral("data")));
    const QString data = folder.filePath(QStringLiteral("data"));
    QVERIFY(::chmod(QFile::encodeName(folder.path()).constData(), 0755) == 0);
    QVERIFY(::chmod(QFile::encodeName(data).constData(), 0555) == 0);
    for (const QString &path : {data, data + QStringLiteral("/deeper")}) {
        WeirProcess weir;
        weir.setWrapper(asNobody());
        fails(weir, serve(QStringLiteral("--data-dir"), path),
              {"--data-dir: ", path.toUtf8(), "cannot be written", "choose another"});
    }
    QVERIFY(QDir{data}.isEmpty());
}

void TestBadSurroundings::aFolderThatIsAFile()
{
    QTemporaryDir folder;
    QFile file{folder.filePath(QStringLiteral("file"))};
    QVERIFY(file.open(QIODevice::WriteOnly));
    for (const QString &path : {file.fileName(), file.fileName() + QStringLiteral("/deeper")}) {
        WeirProcess weir;
        fails(weir, serve(QStringLiteral("--data-dir"), path), {"--data-dir: ", path.toUtf8()});
    }
    QCOMPARE(file.size(), qint64{0});
}

void TestBadSurroundings::aPortInUse()
{
    QTcpServer taken;
    QVERIFY(taken.listen(QHostAddress::LocalHost));
    const QByteArray port = QByteArray::number(taken.serverPort());
    WeirProcess weir;
    fails(weir, words("serve --listen 127.0.0.1:" + port),
          {"--listen: ", "port " + port, "tst_bad_surroun", "process " + QByteArray::number(getpid()),
           "choose another port"});
    // One of two: neither answers.
    WeirProcess both;
    const QByteArray other = QByteArray::number(freePort());
    fails(both, words("serve --listen 127.0.0.1:" + other + " --listen 127.0.0.1:" + port),
          {"--listen: ", "port " + port});
}

void TestBadSurroundings::aPortThatNeedsPermission()
{
    const int port = firstFreePort() - 1;
    if (port < 1)
        QSKIP("this kernel lets everybody take every port");
    if (!canBeNobody())
        QSKIP("root may take every port, and setpriv is not there");
    WeirProcess weir;
    weir.setWrapper(asNobody());
    const QByteArray text = QByteArray::number(port);
    fails(weir, words("serve --listen 127.0.0.1:" + text), {"--listen: ", text, "permi"});
}

// 192.0.2.0/24 is nobody's (RFC 5737).
void TestBadSurroundings::anAddressThatIsNotOurs()
{
    WeirProcess weir;
    fails(weir, words("serve --public --listen 192.0.2.1:0"), {"--listen: ", "192.0.2.1"});
}

void TestBadSurroundings::noRedisServerInstalled()
{
    WeirProcess weir;
    weir.environment().insert(QStringLiteral("PATH"), weir.folder());
    fails(weir, words("serve --listen 127.0.0.1:0"), {"redis-server", "install", "--redis"});
}

// Told at once and with redis-server's own reason; what is there stays as it is.
void TestBadSurroundings::dataThatCannotBeRead()
{
    QTemporaryDir folder;
    QVERIFY(QDir{folder.path()}.mkdir(QStringLiteral("redis")));
    QFile file{folder.filePath(QStringLiteral("redis/appendonlydir"))}; // no folder
    QVERIFY(file.open(QIODevice::ReadWrite));
    file.write("somebody's\n");
    file.flush();
    WeirProcess weir;
    fails(weir, serve(QStringLiteral("--data-dir"), folder.path()), {"redis-server ended", "append-only dir"});
    file.seek(0);
    QCOMPARE(file.readAll(), QByteArray{"somebody's\n"});
}

void TestBadSurroundings::aDiskThatIsFull()
{
    WeirProcess weir;
    const QString data = weir.folder() + QStringLiteral("/data");
    QVERIFY(QDir{}.mkpath(data));
    if (::mount("none", QFile::encodeName(data).constData(), "tmpfs", 0, "size=1m") != 0)
        QSKIP("this user may not mount anything");
    const auto unmount = qScopeGuard([data] { ::umount2(QFile::encodeName(data).constData(), MNT_DETACH); });
    QFile filler{data + QStringLiteral("/filler")};
    QVERIFY(filler.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    while (filler.write(QByteArray(4096, 'x')) == 4096) {
    }
    fails(weir, serve(QStringLiteral("--data-dir"), data), {data.toUtf8(), "no space is left", "--data-dir"});
    QVERIFY(filler.resize(filler.size() - 8192)); // room for the lock, and not for much more
    fails(weir, serve(QStringLiteral("--data-dir"), data),
          {data.toUtf8(), "No space left", "free space", "--data-dir"});
    QVERIFY(filler.remove());
    QVERIFY2(weir.start(words("serve --data-dir") + QStringList{data}), weir.errors());
    QCOMPARE(weir.stop(10s), 0);
}

QTEST_GUILESS_MAIN(TestBadSurroundings)
#include "tst_bad_surroundings.moc"
