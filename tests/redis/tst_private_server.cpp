// SPDX-License-Identifier: GPL-3.0-only
// Our own redis-server: closed to others, tokens on disk, gone with its owner, clear when it cannot run.
#include <QDir>
#include <QFileInfo>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

#include "tests/redis/private_redis.h"
#include "tests/support/redis_server.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::redis;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kOwnerOnly = QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner;
constexpr auto kOthers =
    QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup | QFile::ReadOther | QFile::WriteOther | QFile::ExeOther;

} // namespace

class TestPrivateServer : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void itIsClosedToOthers();
    void tokensAreKeptAndNeverEvicted();
    void dataSurvivesARestart();
    void aLeftoverSocketIsNoObstacle();
    void aLongPathStillHasASocket();
    void itEndsWithItsOwner();
    void aDeathIsTold();
    void aFolderThatCannotBeMade();
    void aFileInItsPlace();
    void dataThatCannotBeOpenedAreTold();
    void withoutRedisServerItSaysWhatToInstall();
    void valkeyIsTakenWhereThereIsNoRedis();

private:
    WarningsFail m_warnings;
};

void TestPrivateServer::itIsClosedToOthers()
{
    QTemporaryDir folder;
    PrivateServer server{folder.path()};
    const auto url = started(server);
    QVERIFY(url && *url);
    const QString socket = url->value().path;
    QCOMPARE(url->value().transport, RedisUrl::Transport::Unix);
    QCOMPARE(socket, folder.filePath(QStringLiteral("redis/redis.sock")));
    const auto modeOf = [](const QString &path) { return QFile::permissions(path) & (kOwnerOnly | kOthers); };
    QCOMPARE(modeOf(QFileInfo{socket}.path()), QFile::Permissions{kOwnerOnly});
    QCOMPARE(modeOf(socket), QFile::Permissions{kOwnerOnly});
    QCOMPARE(setting(url->value(), "port"), QByteArray{"0"});
    QCOMPARE(setting(url->value(), "tls-port"), QByteArray{"0"});
    QCOMPARE(ask(url->value(), {"PING"}).text, QByteArray{"PONG"});
}

void TestPrivateServer::tokensAreKeptAndNeverEvicted()
{
    QTemporaryDir folder;
    PrivateServer server{folder.path()};
    const auto url = started(server);
    QVERIFY(url && *url);
    QCOMPARE(setting(url->value(), "appendonly"), QByteArray{"yes"});
    QCOMPARE(setting(url->value(), "appendfsync"), QByteArray{"everysec"});
    QCOMPARE(setting(url->value(), "maxmemory-policy"), QByteArray{"noeviction"});
    QCOMPARE(setting(url->value(), "save"), QByteArray{});
    QCOMPARE(setting(url->value(), "dir"),
             QFile::encodeName(QFileInfo{folder.filePath(QStringLiteral("redis"))}.canonicalFilePath()));
}

void TestPrivateServer::dataSurvivesARestart()
{
    QTemporaryDir folder;
    PrivateServer server{folder.path()};
    QSignalSpy deaths{&server, &PrivateServer::died};
    auto url = started(server);
    QVERIFY(url && *url);
    QCOMPARE(ask(url->value(), {"HSET", "weir:{global}", "tokens", "3"}).integer, std::int64_t{1});
    const qint64 pid = server.processId();
    server.stop();
    QVERIFY(!isRunning(pid));
    url = started(server);
    QVERIFY(url && *url);
    QCOMPARE(ask(url->value(), {"HGET", "weir:{global}", "tokens"}).text, QByteArray{"3"});
    QCOMPARE(deaths.count(), 0);
    ::kill(static_cast<pid_t>(server.processId()), SIGKILL); // watched the second time, too
    QTRY_COMPARE_WITH_TIMEOUT(deaths.count(), 1, kPatienceMs);
}

void TestPrivateServer::aLeftoverSocketIsNoObstacle()
{
    QTemporaryDir folder;
    QVERIFY(QDir{folder.path()}.mkdir(QStringLiteral("redis")));
    QFile leftover{folder.filePath(QStringLiteral("redis/redis.sock"))};
    QVERIFY(leftover.open(QIODevice::WriteOnly));
    PrivateServer server{folder.path()};
    const auto url = started(server);
    QVERIFY(url && *url);
    QCOMPARE(ask(url->value(), {"PING"}).text, QByteArray{"PONG"});
}

void TestPrivateServer::aLongPathStillHasASocket()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QString{120, QLatin1Char{'d'}});
    QVERIFY(QDir{}.mkpath(path));
    QString socket;
    {
        PrivateServer server{path};
        const auto url = started(server);
        QVERIFY(url && *url);
        socket = url->value().path;
        QVERIFY(QFile::encodeName(socket).size() <= kMaxSocketPath);
        QVERIFY(!socket.startsWith(path));
        QCOMPARE(QFile::permissions(QFileInfo{socket}.path()) & kOthers, QFile::Permissions{});
        QCOMPARE(setting(url->value(), "dir"),
                 QFile::encodeName(QFileInfo{path + QStringLiteral("/redis")}.canonicalFilePath()));
        QCOMPARE(ask(url->value(), {"PING"}).text, QByteArray{"PONG"});
    }
    QVERIFY(!QFileInfo::exists(QFileInfo{socket}.path())); // leaves nothing behind
}

void TestPrivateServer::itEndsWithItsOwner()
{
    QTemporaryDir folder;
    qint64 pid = 0;
    {
        PrivateServer server{folder.path()};
        const auto url = started(server);
        QVERIFY(url && *url);
        pid = server.processId();
        QVERIFY(isRunning(pid));
    }
    QVERIFY(!isRunning(pid));
}

void TestPrivateServer::aDeathIsTold()
{
    QTemporaryDir folder;
    PrivateServer server{folder.path()};
    QSignalSpy deaths{&server, &PrivateServer::died};
    const auto url = started(server);
    QVERIFY(url && *url);
    ::kill(static_cast<pid_t>(server.processId()), SIGKILL);
    QTRY_COMPARE_WITH_TIMEOUT(deaths.count(), 1, kPatienceMs);
    QVERIFY(deaths.first().first().toString().contains(QStringLiteral("redis-server ended")));
}

void TestPrivateServer::aFolderThatCannotBeMade()
{
    PrivateServer server{QStringLiteral("/proc/weir")}; // where even root makes no folder
    const auto url = started(server);
    QVERIFY(url && !*url);
    QCOMPARE(url->error().code, Error::Code::Io);
    QVERIFY(QString::fromStdString(url->error().detail).contains(QStringLiteral("/proc/weir/redis")));
    QCOMPARE(server.processId(), qint64{0});
}

void TestPrivateServer::aFileInItsPlace()
{
    QTemporaryDir folder;
    QFile file{folder.filePath(QStringLiteral("redis"))};
    QVERIFY(file.open(QIODevice::WriteOnly));
    PrivateServer server{folder.path()};
    const auto url = started(server);
    QVERIFY(url && !*url);
    QCOMPARE(url->error().code, Error::Code::Io);
    QVERIFY(QString::fromStdString(url->error().detail).contains(file.fileName()));
}

void TestPrivateServer::dataThatCannotBeOpenedAreTold()
{
    QTemporaryDir folder;
    QVERIFY(QDir{folder.path()}.mkdir(QStringLiteral("redis")));
    QFile file{folder.filePath(QStringLiteral("redis/appendonlydir"))}; // no folder
    QVERIFY(file.open(QIODevice::WriteOnly));
    PrivateServer server{folder.path()};
    QSignalSpy deaths{&server, &PrivateServer::died};
    const auto url = started(server);
    QVERIFY(url && !*url);
    QCOMPARE(url->error().code, Error::Code::Io);
    QVERIFY(QString::fromStdString(url->error().detail).contains(QStringLiteral("redis-server ended")));
    QCOMPARE(deaths.count(), 0); // it never ran
    QVERIFY(file.exists());
}

void TestPrivateServer::withoutRedisServerItSaysWhatToInstall()
{
    const QByteArray path = qgetenv("PATH");
    QTemporaryDir folder;
    qputenv("PATH", QFile::encodeName(folder.path()));
    PrivateServer server{folder.path()};
    const auto url = started(server);
    qputenv("PATH", path);
    QVERIFY(url && !*url);
    QCOMPARE(url->error().code, Error::Code::Io);
    const QString detail = QString::fromStdString(url->error().detail);
    for (const char *word : {"PATH", "install", "redis-server", "valkey-server", "--redis"})
        QVERIFY2(detail.contains(QLatin1String{word}), qPrintable(detail));
}

void TestPrivateServer::valkeyIsTakenWhereThereIsNoRedis()
{
    const QByteArray path = qgetenv("PATH");
    QTemporaryDir folder, programs;
    const QString valkey = QStandardPaths::findExecutable(QStringLiteral("valkey-server"));
    QVERIFY(QFile::link(valkey.isEmpty() ? redisProgram(QStringLiteral("redis-server")) : valkey,
                        programs.filePath(QStringLiteral("valkey-server"))));
    qputenv("PATH", QFile::encodeName(programs.path()));
    PrivateServer server{folder.path()};
    const auto url = started(server);
    qputenv("PATH", path);
    QVERIFY(url && *url);
    QCOMPARE(ask(url->value(), {"PING"}).text, QByteArray{"PONG"});
}

QTEST_GUILESS_MAIN(TestPrivateServer)
#include "tst_private_server.moc"
