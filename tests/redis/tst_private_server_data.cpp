// SPDX-License-Identifier: GPL-3.0-only
// The private redis-server's files: broken ones are put aside whole, and a full disk is told and got over.
#include <QDir>
#include <QScopeGuard>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <functional>

#include <sys/mount.h>
#include <sys/resource.h>

#include "core/redis/server/append_only_files.h"
#include "tests/redis/private_redis.h"
#include "tests/support/redis_server.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::redis;
using namespace weir::test;
using namespace Qt::StringLiterals;

namespace {

using Contents = std::map<QString, QByteArray>;

Contents contentsOf(const QString &folder)
{
    Contents contents;
    for (const QFileInfo &info : QDir{folder}.entryInfoList(QDir::Files)) {
        QFile file{info.filePath()};
        contents[info.fileName()] = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray{"(unreadable)"};
    }
    return contents;
}

bool isRewritten(const RedisUrl &url)
{
    const QByteArray info = ask(url, {"INFO", "persistence"}).text;
    return info.contains("aof_rewrites:1\r") && info.contains("aof_rewrite_in_progress:0\r");
}

void rewrite(const QString &path, const std::function<void(QByteArray &)> &change)
{
    QFile file{path};
    QVERIFY(file.open(QIODevice::ReadWrite));
    QByteArray content = file.readAll();
    change(content);
    QVERIFY(file.resize(0) && file.seek(0));
    QCOMPARE(file.write(content), content.size());
}

} // namespace

class TestPrivateServerData : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void brokenFilesArePutAside_data();
    void brokenFilesArePutAside();
    void aCutTailIsNoLoss();
    void brokenWhileItRuns();
    void aNewerFormatIsLeftWhereItIs();
    void nothingIsOverwritten();
    void whatCannotBeMovedIsTold();
    void aFullDiskAtTheStart();
    void aFullDiskWhileItRuns();
    void filesMayNotGrowAtTheStart();
    void filesMayGrowNoMore();

private:
    [[nodiscard]] QString redisFolder() const { return m_folder->filePath(u"redis"_s); }
    [[nodiscard]] QString files() const { return redisFolder() + u"/appendonlydir"_s; }
    [[nodiscard]] QString file(const char *pattern) const
    {
        return files() + u'/' + QDir{files()}.entryList({QString::fromLatin1(pattern)}, QDir::Files).value(0);
    }
    // Ten buckets in the base file and ten more in the one behind it.
    void fill()
    {
        PrivateServer server{m_folder->path()};
        const auto url = started(server);
        QVERIFY(url && *url);
        const QByteArray fill = "for i = ARGV[1], ARGV[2] do redis.call('HSET', i, 'tokens', 3) end";
        ask(url->value(), {"EVAL", fill, "0", "0", "9"});
        ask(url->value(), {"BGREWRITEAOF"});
        QTRY_VERIFY_WITH_TIMEOUT(isRewritten(url->value()), kPatienceMs);
        ask(url->value(), {"EVAL", fill, "0", "10", "18"});
        ask(url->value(), {"HSET", "19", "tokens", "3"});
        QCOMPARE(ask(url->value(), {"DBSIZE"}).integer, std::int64_t{20});
        server.stop();
        QVERIFY(!contentsOf(files()).empty());
    }

    // A redis-server of the same name, found first, to which a file that is too large is an error, as
    // on a full disk, and not a signal. Until the guard ends.
    [[nodiscard]] auto wrapRedis(const QByteArray &before) const
    {
        QFile wrapper{m_folder->filePath(u"redis-server"_s)};
        const QByteArray real = QFile::encodeName(redisProgram(u"redis-server"_s));
        if (!wrapper.open(QIODevice::WriteOnly)
            || wrapper.write("#!/bin/sh\ntrap '' XFSZ\n" + before + "exec " + real + " \"$@\"\n") < 0
            || !wrapper.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner))
            qFatal("no wrapper for redis-server");
        const QByteArray path = qgetenv("PATH");
        qputenv("PATH", QFile::encodeName(m_folder->path()) + ':' + path);
        return qScopeGuard([path] { qputenv("PATH", path); });
    }

    WarningsFail m_warnings;
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestPrivateServerData::brokenFilesArePutAside_data()
{
    using Change = std::function<void(QByteArray &)>;
    QTest::addColumn<QByteArray>("pattern");
    QTest::addColumn<Change>("change"); // none: the file is removed
    const auto flip = [](QByteArray &content) { content[content.size() / 2] ^= 0x55; };
    const auto spoil = [](QByteArray &content) { content.replace(content.size() / 2, 20, QByteArray(20, '\0')); };
    QTest::newRow("manifest, no words of it")
        << QByteArray{"*.manifest"} << Change{[](QByteArray &content) { content = "this is no manifest\n"; }};
    QTest::newRow("manifest, one word") << QByteArray{"*.manifest"} << Change{flip};
    QTest::newRow("manifest, empty") << QByteArray{"*.manifest"}
                                     << Change{[](QByteArray &content) { content.clear(); }};
    QTest::newRow("manifest, gone") << QByteArray{"*.manifest"} << Change{};
    QTest::newRow("base, middle") << QByteArray{"*.base.rdb"} << Change{flip};
    QTest::newRow("base, half") << QByteArray{"*.base.rdb"}
                                << Change{[](QByteArray &content) { content.truncate(content.size() / 2); }};
    QTest::newRow("base, gone") << QByteArray{"*.base.rdb"} << Change{};
    QTest::newRow("incr, middle") << QByteArray{"*.incr.aof"} << Change{spoil};
}

void TestPrivateServerData::brokenFilesArePutAside()
{
    QFETCH(const QByteArray, pattern);
    QFETCH(const std::function<void(QByteArray &)>, change);
    fill();
    const QString path = file(pattern.constData());
    if (change)
        rewrite(path, change);
    else
        QVERIFY(QFile::remove(path));
    const Contents before = contentsOf(files());

    PrivateServer server{m_folder->path()};
    QSignalSpy notices{&server, &PrivateServer::noticed};
    QSignalSpy deaths{&server, &PrivateServer::died};
    const auto url = started(server);
    QVERIFY(url);
    QVERIFY2(*url, *url ? "" : url->error().detail.c_str());
    QCOMPARE(ask(url->value(), {"DBSIZE"}).integer, std::int64_t{0});
    QCOMPARE(deaths.count(), 0);
    QCOMPARE(notices.count(), 1);
    const QStringList aside = QDir{redisFolder()}.entryList({u"appendonlydir.broken-*"_s}, QDir::Dirs);
    QCOMPARE(aside.size(), 1);
    const QString sentence = notices.first().first().toString();
    QVERIFY2(sentence.contains(redisFolder() + u'/' + aside.first()), qPrintable(sentence));
    QVERIFY2(sentence.contains(u"begin anew"_s), qPrintable(sentence));
    QCOMPARE(contentsOf(redisFolder() + u'/' + aside.first()), before); // byte for byte

    // And the next start is like any other.
    ask(url->value(), {"HSET", "a", "tokens", "3"});
    server.stop();
    QVERIFY(started(server));
    QCOMPARE(ask(url->value(), {"DBSIZE"}).integer, std::int64_t{1});
    QCOMPARE(notices.count(), 1);
}

void TestPrivateServerData::aCutTailIsNoLoss()
{
    fill();
    rewrite(file("*.incr.aof"), [](QByteArray &content) { content.chop(5); });
    PrivateServer server{m_folder->path()};
    QSignalSpy notices{&server, &PrivateServer::noticed};
    const auto url = started(server);
    QVERIFY(url && *url);
    QCOMPARE(ask(url->value(), {"DBSIZE"}).integer, std::int64_t{19});
    QCOMPARE(ask(url->value(), {"HGET", "18", "tokens"}).text, QByteArray{"3"});
    QCOMPARE(notices.count(), 1);
    QVERIFY(notices.first().first().toString().contains(u"cut off"_s));
    QCOMPARE(QDir{redisFolder()}.entryList({u"*broken*"_s}, QDir::Dirs), QStringList{});
}

void TestPrivateServerData::brokenWhileItRuns()
{
    fill();
    PrivateServer server{m_folder->path()};
    QSignalSpy notices{&server, &PrivateServer::noticed};
    QSignalSpy deaths{&server, &PrivateServer::died};
    QSignalSpy returns{&server, &PrivateServer::restarted};
    const auto url = started(server);
    QVERIFY(url && *url);
    QCOMPARE(ask(url->value(), {"DBSIZE"}).integer, std::int64_t{20});
    rewrite(file("*.incr.aof"), [](QByteArray &content) { content.replace(10, 20, QByteArray(20, '\0')); });
    ::kill(static_cast<pid_t>(server.processId()), SIGKILL);
    QTRY_COMPARE_WITH_TIMEOUT(returns.count(), 1, kPatienceMs);
    QCOMPARE(deaths.count(), 1); // of the kill; what follows belongs to the start
    QCOMPARE(notices.count(), 1);
    QCOMPARE(ask(url->value(), {"DBSIZE"}).integer, std::int64_t{0});
}

// Of a redis-server that was newer: nothing is wrong with it.
void TestPrivateServerData::aNewerFormatIsLeftWhereItIs()
{
    fill();
    rewrite(file("*.base.rdb"), [](QByteArray &content) { content.replace(5, 4, "0099"); });
    const Contents before = contentsOf(files());
    PrivateServer server{m_folder->path()};
    const auto url = started(server);
    QVERIFY(url && !*url);
    const QString why = QString::fromStdString(url->error().detail);
    QVERIFY2(why.contains(u"RDB format 99"_s) && why.contains(redisFolder()) && why.contains(u"--data-dir"_s),
             qPrintable(why));
    QCOMPARE(contentsOf(files()), before);
}

void TestPrivateServerData::nothingIsOverwritten()
{
    const QDateTime now{QDate{2026, 1, 31}, QTime{23, 59, 58}};
    const QString first = files() + u".broken-20260131-235958"_s;
    for (const QString &expected : {first, first + u"-2"_s, first + u"-3"_s}) {
        QVERIFY(QDir{}.mkpath(files()));
        const auto aside = moveAside(redisFolder(), now);
        QVERIFY(aside);
        QCOMPARE(aside.value(), expected);
    }
    QFile single{redisFolder() + u"/appendonly.aof"_s}; // as redis-server 6 has it
    QVERIFY(single.open(QIODevice::WriteOnly));
    QCOMPARE(moveAside(redisFolder(), now).value(), single.fileName() + u".broken-20260131-235958"_s);
    QVERIFY(!moveAside(redisFolder(), now)); // nothing is left
}

// A folder cannot be moved into another file system's place: here, it is one of its own.
void TestPrivateServerData::whatCannotBeMovedIsTold()
{
    fill();
    rewrite(file("*.manifest"), [](QByteArray &content) { content = "junk\n"; });
    if (::mount(QFile::encodeName(files()).constData(), QFile::encodeName(files()).constData(), nullptr, MS_BIND,
                nullptr)
        != 0)
        QSKIP("this user may not mount anything");
    const auto unmount = qScopeGuard([this] { ::umount2(QFile::encodeName(files()).constData(), MNT_DETACH); });
    PrivateServer server{m_folder->path()};
    QSignalSpy notices{&server, &PrivateServer::noticed};
    const auto url = started(server);
    QVERIFY(url && !*url);
    const QString why = QString::fromStdString(url->error().detail);
    QVERIFY2(why.contains(files()) && why.contains(u"cannot be moved aside"_s), qPrintable(why));
    QCOMPARE(notices.count(), 0);
}

void TestPrivateServerData::aFullDiskAtTheStart()
{
    const QByteArray mounted = QFile::encodeName(m_folder->path());
    if (::mount("none", mounted.constData(), "tmpfs", 0, "size=1m") != 0)
        QSKIP("this user may not mount anything");
    const auto unmount = qScopeGuard([mounted] { ::umount2(mounted.constData(), MNT_DETACH); });
    QFile filler{m_folder->filePath(u"filler"_s)};
    QVERIFY(filler.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    while (filler.write(QByteArray(4096, 'x')) == 4096) {
    }
    PrivateServer server{m_folder->path()};
    auto url = started(server);
    QVERIFY(url && !*url);
    const QString why = QString::fromStdString(url->error().detail);
    for (const QString &words : {redisFolder(), u"No space left on device"_s, u"free space there"_s, u"--data-dir"_s})
        QVERIFY2(why.contains(words), qPrintable(why));
    QVERIFY(filler.remove());
    url = started(server);
    QVERIFY2(url && *url, url && !*url ? url->error().detail.c_str() : "");
}

void TestPrivateServerData::aFullDiskWhileItRuns()
{
    const QByteArray mounted = QFile::encodeName(m_folder->path());
    if (::mount("none", mounted.constData(), "tmpfs", 0, "size=1m") != 0)
        QSKIP("this user may not mount anything");
    const auto unmount = qScopeGuard([mounted] { ::umount2(mounted.constData(), MNT_DETACH); });
    PrivateServer server{m_folder->path()};
    QSignalSpy failures{&server, &PrivateServer::writesFailed};
    QSignalSpy recoveries{&server, &PrivateServer::writesAgain};
    QSignalSpy deaths{&server, &PrivateServer::died};
    const auto url = started(server);
    QVERIFY(url && *url);
    QFile filler{m_folder->filePath(u"filler"_s)};
    QVERIFY(filler.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    while (filler.write(QByteArray(4096, 'x')) == 4096) {
    }
    const QByteArray large(3000, 'b'); // some fit in the last page
    QTRY_VERIFY_WITH_TIMEOUT(ask(url->value(), {"SET", "a", large}).isError("MISCONF") || failures.count() > 0,
                             kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(failures.count(), 1, kPatienceMs);
    const QString why = failures.first().first().toString();
    for (const QString &words : {redisFolder(), u"No space left on device"_s, u"free space there"_s})
        QVERIFY2(why.contains(words), qPrintable(why));
    QVERIFY(filler.remove());
    QTRY_COMPARE_WITH_TIMEOUT(recoveries.count(), 1, kPatienceMs);
    QCOMPARE(ask(url->value(), {"SET", "a", "1"}).text, QByteArray{"OK"});
    QCOMPARE(deaths.count(), 0);
}

// The same without a file system of one's own: for every user.
void TestPrivateServerData::filesMayNotGrowAtTheStart()
{
    const auto restore = wrapRedis("ulimit -f 0\n");
    PrivateServer server{m_folder->path()};
    const auto url = started(server);
    QVERIFY(url && !*url);
    const QString why = QString::fromStdString(url->error().detail);
    for (const QString &words : {redisFolder(), u"File too large"_s, u"--data-dir"_s})
        QVERIFY2(why.contains(words), qPrintable(why));
}

void TestPrivateServerData::filesMayGrowNoMore()
{
    const auto restore = wrapRedis({});
    PrivateServer server{m_folder->path()};
    QSignalSpy failures{&server, &PrivateServer::writesFailed};
    QSignalSpy recoveries{&server, &PrivateServer::writesAgain};
    QSignalSpy deaths{&server, &PrivateServer::died};
    const auto url = started(server);
    QVERIFY(url && *url);
    const auto allow = [&server](rlim_t bytes) {
        const rlimit limit{bytes, RLIM_INFINITY};
        return ::prlimit(static_cast<pid_t>(server.processId()), RLIMIT_FSIZE, &limit, nullptr) == 0;
    };
    QVERIFY(allow(0));
    QTRY_VERIFY_WITH_TIMEOUT(ask(url->value(), {"SET", "a", "1"}).isError("MISCONF") || failures.count() > 0,
                             kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(failures.count(), 1, kPatienceMs);
    const QString why = failures.first().first().toString();
    QVERIFY2(why.contains(u"File too large"_s), qPrintable(why));
    QVERIFY(allow(RLIM_INFINITY));
    QTRY_COMPARE_WITH_TIMEOUT(recoveries.count(), 1, kPatienceMs);
    QCOMPARE(ask(url->value(), {"SET", "a", "1"}).text, QByteArray{"OK"});
    QCOMPARE(deaths.count(), 0);
}

QTEST_GUILESS_MAIN(TestPrivateServerData)
#include "tst_private_server_data.moc"
