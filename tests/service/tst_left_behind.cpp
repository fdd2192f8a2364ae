// SPDX-License-Identifier: GPL-3.0-only
// What a Weir that was killed leaves behind, whatever it says, is no obstacle; somebody who is still there is one.
#include <QDir>
#include <QLockFile>
#include <QStandardPaths>
#include <QSysInfo>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <functional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/orphans.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/redis_server.h"
#include "tests/support/seed.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatienceMs = 10'000;
constexpr auto kStopTimeout = 10s;

int statusOf(std::uint16_t port)
{
    RawHttpClient client;
    if (!client.connectTo(port) || !client.sendRequest("GET", "/"))
        return 0;
    const auto response = client.readResponse();
    return response ? response->status : 0;
}

bool write(const QString &path, const QByteArray &content)
{
    QFile file{path};
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

QByteArray contentOf(const QString &path)
{
    QFile file{path};
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray{"cannot be read"};
}

/// What `pid` has open, as the names that /proc tells.
QStringList openFilesOf(int pid)
{
    QStringList names;
    const QDir folder{u"/proc/%1/fd"_s.arg(pid)};
    for (const QString &number : folder.entryList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::System))
        names << QFile::symLinkTarget(folder.filePath(number));
    return names;
}

} // namespace

class TestLeftBehind : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(QDir{}.mkpath(redisDir()));
    }
    void cleanup()
    {
        QTRY_VERIFY_WITH_TIMEOUT(m_orphans.alive().empty(), kPatienceMs);
        WEIR_NO_WARNINGS(m_warnings);
    }

    void aLockFileIsNoLock_data();
    void aLockFileIsNoLock();
    void aLockThatIsNoPlainFile_data();
    void aLockThatIsNoPlainFile();
    void theSecondIsTold_data();
    void theSecondIsTold();
    void anOlderWeirIsSeen();
    void processOneAgainUnderAnotherName();
    void killedAtAnyMoment();
    void theServerHoldsNoLock();
    void aServerThatIsStillThere();
    void aServerThatIsAboutToEnd();
    void aSocketThatWasLeft_data();
    void aSocketThatWasLeft();
    void aFolderInThePlaceOfTheSocket();
    void halfARewriteIsCleanedUp();

private:
    [[nodiscard]] QString dataDir() const { return m_folder->filePath(u"data"_s); }
    [[nodiscard]] QString redisDir() const { return dataDir() + u"/redis"_s; }
    [[nodiscard]] QString lockFile() const { return dataDir() + u"/weir.lock"_s; }
    [[nodiscard]] QString socket() const { return redisDir() + u"/redis.sock"_s; }
    [[nodiscard]] QStringList serve(const char *more = "") const
    {
        return QStringList{u"serve"_s, u"--data-dir"_s, dataDir()} + words(more);
    }
    void startsAndAnswers()
    {
        WeirProcess weir;
        QVERIFY2(weir.start(serve()), weir.errors());
        QCOMPARE(statusOf(weir.port()), 200);
        QCOMPARE(weir.stop(kStopTimeout), 0);
    }
    /// One sentence that holds all of `expected`, and no byte that a terminal would obey.
    void fails(const QByteArrayList &expected, std::chrono::milliseconds timeout = 20s)
    {
        WeirProcess weir;
        QCOMPARE(weir.runToExit(serve("--listen 127.0.0.1:0"), timeout), 1);
        QCOMPARE(weir.output(), QByteArray{});
        const QByteArray said = weir.errors();
        QVERIFY2(said.startsWith("weir: ") && said.count('\n') == 1 && !said.contains('\x1b'), said);
        for (const QByteArray &words : expected)
            QVERIFY2(said.contains(words), "\"" + words + "\" is not in: " + said);
    }
    /// A redis-server that uses the folder, as one that outlived its Weir would.
    bool startServer(ChildProcess &server) const
    {
        server.process().setProgram(redisProgram(u"redis-server"_s));
        server.process().setArguments({u"--port"_s, u"0"_s, u"--unixsocket"_s, socket(), u"--dir"_s, redisDir(),
                                       u"--appendonly"_s, u"yes"_s, u"--save"_s, QString{}});
        return server.start() && !server.waitForLine("accept connections", 10s).isEmpty();
    }

    WarningsFail m_warnings;
    Orphans m_orphans;
    std::unique_ptr<QTemporaryDir> m_folder;
};

// In a container Weir is process 1 each time, and its host has another name each time.
void TestLeftBehind::aLockFileIsNoLock_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<int>("mode");
    const QByteArray host = QSysInfo::machineHostName().toUtf8();
    const QByteArray self = QByteArray::number(getpid()) + '\n'
                            + QFileInfo{u"/proc/self/exe"_s}.symLinkTarget().section(u'/', -1).toUtf8() + '\n';
    QTest::newRow("a process that lives") << self + host + '\n' << 0644;
    QTest::newRow("process 1 of another host") << QByteArray{"1\nweir\nweb-7f9c\n"} << 0644;
    QTest::newRow("empty") << QByteArray{} << 0644;
    QTest::newRow("half a number") << QByteArray{"12"} << 0600;
    QTest::newRow("garbage") << QByteArray{"\x1b[31m not a number \xff\xfe\n\n\n"} << 0644;
    QTest::newRow("zeros, as a disk that lost power leaves them") << QByteArray(4096, '\0') << 0644;
    QTest::newRow("huge") << QByteArray(10'000'000, '7') << 0644;
    QTest::newRow("may not be written") << QByteArray{"1\nweir\nweb-7f9c\n"} << 0444;
    QTest::newRow("may not be read") << QByteArray{"1\nweir\nweb-7f9c\n"} << 0;
}

void TestLeftBehind::aLockFileIsNoLock()
{
    QFETCH(const QByteArray, content);
    QFETCH(const int, mode);
    QVERIFY(write(lockFile(), content));
    QVERIFY(::chmod(QFile::encodeName(lockFile()).constData(), static_cast<mode_t>(mode)) == 0);
    startsAndAnswers();
    if (!QTest::currentTestFailed())
        QVERIFY(!QFile::exists(lockFile()));
}

void TestLeftBehind::aLockThatIsNoPlainFile_data()
{
    using Make = std::function<bool(const QString &)>;
    QTest::addColumn<Make>("make");
    QTest::newRow("folder") << Make{[](const QString &path) { return QDir{}.mkpath(path + u"/deeper"_s); }};
    QTest::newRow("pipe") << Make{
        [](const QString &path) { return ::mkfifo(QFile::encodeName(path).constData(), 0600) == 0; }};
    QTest::newRow("socket") << Make{
        [](const QString &path) { return ::mknod(QFile::encodeName(path).constData(), S_IFSOCK | 0600, 0) == 0; }};
    QTest::newRow("link to somebody's file") << Make{[](const QString &path) {
        return write(path + u".theirs"_s, "theirs\n") && QFile::link(path + u".theirs"_s, path);
    }};
    QTest::newRow("link to nothing") << Make{
        [](const QString &path) { return QFile::link(path + u".nowhere"_s, path); }};
    QTest::newRow("link to itself") << Make{[](const QString &path) { return QFile::link(path, path); }};
}

// Named, and left alone: no crash makes one of these.
void TestLeftBehind::aLockThatIsNoPlainFile()
{
    QFETCH(const std::function<bool(const QString &)>, make);
    QVERIFY(make(lockFile()));
    fails({"--data-dir: ", lockFile().toUtf8(), "no plain file", "remove it"});
    if (QFile::exists(lockFile() + u".theirs"_s))
        QCOMPARE(contentOf(lockFile() + u".theirs"_s), QByteArray{"theirs\n"});
    QVERIFY(!QFile::exists(lockFile() + u".nowhere"_s));
}

void TestLeftBehind::theSecondIsTold_data()
{
    QTest::addColumn<QByteArray>("content"); // of the first one's file; "" = as it is
    QTest::addColumn<QByteArray>("who");     // PID: its number
    const QByteArray host = QSysInfo::machineHostName().toUtf8();
    QTest::newRow("as it is") << QByteArray{} << "another Weir (process PID on " + host + ") uses the folder";
    const QByteArray nobody = "another Weir uses the folder";
    QTest::newRow("a newline") << QByteArray{"\n"} << nobody;
    QTest::newRow("garbage") << QByteArray{"\x1b[31mred\x1b[0m\n\n"} << nobody;
    QTest::newRow("too large a number") << QByteArray{"99999999999999999999\nweir\nhost\n"} << nobody;
    QTest::newRow("less than a number") << QByteArray{"-1\nweir\nhost\n"} << nobody;
    QTest::newRow("a number alone") << QByteArray{"77"} << QByteArray{"another Weir (process 77) uses the folder"};
    QTest::newRow("a host that no host is called")
        << QByteArray{"77\nweir\n\x1b]0;x\x07\n"} << QByteArray{"another Weir (process 77) uses the folder"};
    QTest::newRow("huge") << "77\nweir\n" + QByteArray(10'000'000, 'x')
                          << QByteArray{"another Weir (process 77) uses the folder"};
}

void TestLeftBehind::theSecondIsTold()
{
    QFETCH(const QByteArray, content);
    QFETCH(QByteArray, who);
    WeirProcess first;
    QVERIFY2(first.start(serve()), first.errors());
    if (!content.isEmpty())
        QVERIFY(write(lockFile(), content));
    who.replace("PID", QByteArray::number(first.pid()));
    fails({"--data-dir: ", who, dataDir().toUtf8(), lockFile().toUtf8(), "stop it"});
    QCOMPARE(statusOf(first.port()), 200);
    QCOMPARE(first.stop(kStopTimeout), 0);
}

// It locked with QLockFile, which holds flock(2) on the same file as long as it lives.
void TestLeftBehind::anOlderWeirIsSeen()
{
    QLockFile older{lockFile()};
    QVERIFY(older.tryLock());
    fails({"another Weir (process " + QByteArray::number(getpid()) + " on ", lockFile().toUtf8()});
    older.unlock();
    startsAndAnswers();
}

// The case of a container: a name space of processes that dies with Weir, and another host name the next time.
void TestLeftBehind::processOneAgainUnderAnotherName()
{
    const QString unshare = QStandardPaths::findExecutable(u"unshare"_s);
    QProcess probe;
    probe.start(unshare, words("--pid --fork --mount-proc --uts hostname probe"));
    if (unshare.isEmpty() || !probe.waitForFinished() || probe.exitCode() != 0)
        QSKIP("this user may not make name spaces");
    for (const char *name : {"web-1", "web-2", "web-2"}) {
        WeirProcess weir;
        weir.setWrapper(QStringList{unshare} + words("--pid --fork --kill-child --mount-proc --uts sh -c")
                        + QStringList{u"hostname \"$0\" && exec \"$@\""_s, QString::fromLatin1(name)});
        QVERIFY2(weir.start(serve()), weir.errors());
        QVERIFY2(contentOf(lockFile()).startsWith("1\n"), contentOf(lockFile()));
        QVERIFY2(contentOf(lockFile()).contains(name), contentOf(lockFile()));
        QCOMPARE(statusOf(weir.port()), 200);
        const std::vector<int> inside = weir.childPids();
        QCOMPARE(inside.size(), std::size_t{1});
        QVERIFY(::kill(inside.front(), SIGKILL) == 0);
        weir.waitForExit(kStopTimeout);
        QVERIFY(QFile::exists(lockFile()));
    }
    startsAndAnswers();
}

void TestLeftBehind::killedAtAnyMoment()
{
    constexpr int kKills = 25;
    constexpr int kLongestMs = 250; // a start takes less
    Random random;
    for (int i = 0; i < kKills; ++i) {
        WeirProcess weir;
        weir.start(serve(), std::chrono::milliseconds{random.between(1, kLongestMs)});
        weir.kill();
    }
    startsAndAnswers();
}

void TestLeftBehind::theServerHoldsNoLock()
{
    WeirProcess weir;
    QVERIFY2(weir.start(serve()), weir.errors());
    const std::vector<int> children = weir.childPids();
    QCOMPARE(children.size(), std::size_t{1});
    QVERIFY(openFilesOf(weir.pid()).contains(lockFile()));
    QVERIFY2(!openFilesOf(children.front()).contains(lockFile()), qPrintable(openFilesOf(children.front()).join(u' ')));
    QCOMPARE(weir.stop(kStopTimeout), 0);
}

// Two of them would write into one file. It is named, and not ended: nobody knows whose it is.
void TestLeftBehind::aServerThatIsStillThere()
{
    ChildProcess server;
    QVERIFY(startServer(server));
    fails({"redis-server", "process " + QByteArray::number(server.pid()), redisDir().toUtf8()});
    QVERIFY(server.isRunning());
    server.signal(SIGSTOP); // it answers nothing and is there all the same
    fails({"redis-server", "process " + QByteArray::number(server.pid()), redisDir().toUtf8()});
    server.kill();
    startsAndAnswers();
}

// As the one of a Weir that was killed a moment ago, while the disk is slow.
void TestLeftBehind::aServerThatIsAboutToEnd()
{
    ChildProcess server;
    QVERIFY(startServer(server));
    WeirProcess weir;
    QVERIFY(!weir.start(serve(), 500ms)); // not ready yet
    QVERIFY2(weir.isRunning(), weir.errors());
    server.kill();
    QTRY_VERIFY_WITH_TIMEOUT(weir.output().contains("listening on "), kPatienceMs);
    QCOMPARE(weir.stop(kStopTimeout), 0);
}

void TestLeftBehind::aSocketThatWasLeft_data()
{
    using Make = std::function<bool(const QString &)>;
    QTest::addColumn<Make>("make");
    QTest::newRow("socket") << Make{
        [](const QString &path) { return ::mknod(QFile::encodeName(path).constData(), S_IFSOCK | 0600, 0) == 0; }};
    QTest::newRow("file") << Make{[](const QString &path) { return write(path, "no socket\n"); }};
    QTest::newRow("pipe") << Make{
        [](const QString &path) { return ::mkfifo(QFile::encodeName(path).constData(), 0600) == 0; }};
    QTest::newRow("link to nothing") << Make{
        [](const QString &path) { return QFile::link(path + u".nowhere"_s, path); }};
}

void TestLeftBehind::aSocketThatWasLeft()
{
    QFETCH(const std::function<bool(const QString &)>, make);
    QVERIFY(make(socket()));
    startsAndAnswers();
}

// No crash makes one; it is named.
void TestLeftBehind::aFolderInThePlaceOfTheSocket()
{
    QVERIFY(QDir{}.mkpath(socket()));
    fails({"redis-server", socket().toUtf8(), "cannot be removed"});
}

// redis-server takes none of them away, and each may be as large as all buckets.
void TestLeftBehind::halfARewriteIsCleanedUp()
{
    for (const char *name : {"temp-rewriteaof-bg-77.aof", "temp-rewriteaof-78.aof"})
        QVERIFY(write(redisDir() + u'/' + QString::fromLatin1(name), QByteArray(100'000, 'x')));
    QVERIFY(write(redisDir() + u"/temp-mine.aof"_s, "mine\n"));
    startsAndAnswers();
    QCOMPARE(QDir{redisDir()}.entryList({u"temp*"_s}), QStringList{u"temp-mine.aof"_s});
}

QTEST_GUILESS_MAIN(TestLeftBehind)
#include "tst_left_behind.moc"
