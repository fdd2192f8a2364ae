// SPDX-License-Identifier: GPL-3.0-only
// Signals that a program gets from those who know nothing of it: only those that ask for its end end it.
#include <QDir>
#include <QScopeGuard>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/support/busy_clients.h"
#include "tests/support/orphans.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/redis_server.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatienceMs = 10'000;
constexpr auto kStopTimeout = 10s;
constexpr const char *kNoFile = "asked to read the configuration file again, and there is none";

std::optional<RawResponse> get(std::uint16_t port)
{
    RawHttpClient client;
    if (!client.connectTo(port) || !client.sendRequest("GET", "/"))
        return std::nullopt;
    return client.readResponse();
}

int statusOf(std::uint16_t port)
{
    const auto response = get(port);
    return response ? response->status : -1;
}

/// Whether `pid` has a handler for the signal by now.
bool catches(int pid, int number)
{
    QFile file{u"/proc/%1/status"_s.arg(pid)};
    if (!file.open(QIODevice::ReadOnly))
        return false;
    const QByteArray name = "SigCgt:", status = file.readAll();
    const QByteArray mask = status.mid(status.indexOf(name) + name.size()).trimmed().left(16);
    return (mask.toULongLong(nullptr, 16) >> (number - 1) & 1) != 0;
}

} // namespace

class TestSignals : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void cleanup()
    {
        QTRY_VERIFY_WITH_TIMEOUT(m_orphans.alive().empty(), kPatienceMs);
        WEIR_NO_WARNINGS(m_warnings);
    }

    void aHangUpWithoutAFile_data() { faces(); }
    void aHangUpWithoutAFile();
    void aHangUpFromTheFirstMomentToTheLast_data() { faces(); }
    void aHangUpFromTheFirstMomentToTheLast();
    void aFileThatChangesDuringTheStart();
    void aRestartThatIsNeededIsSaid_data();
    void aRestartThatIsNeededIsSaid();
    void anEndDuringTheStart_data() { faces(); }
    void anEndDuringTheStart();
    void aSecondStopCutsNothingShort();
    void userSignals_data() { faces(); }
    void userSignals();
    void aTerminalThatIsClosed_data();
    void aTerminalThatIsClosed();
    void streamsThatAreClosed_data();
    void streamsThatAreClosed();

private:
    static void faces()
    {
        QTest::addColumn<QStringList>("command");
        QTest::newRow("serve") << words("serve");
#ifdef WEIR_GUI
        QTest::newRow("panel") << QStringList{};
#endif
    }
    /// A redis-server that begins later by `seconds`.
    void slowRedis(WeirProcess &weir, const char *seconds)
    {
        const QByteArray real = QFile::encodeName(redisProgram(u"redis-server"_s));
        QFile wrapper{m_folder->filePath(u"redis-server"_s)};
        QVERIFY(wrapper.open(QIODevice::WriteOnly));
        wrapper.write(QByteArray{"#!/bin/sh\nsleep "} + seconds + "\nexec " + real + " \"$@\"\n");
        QVERIFY(wrapper.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        weir.environment().insert(u"PATH"_s, m_folder->path() + u':' + weir.environment().value(u"PATH"_s));
    }

    WarningsFail m_warnings;
    Orphans m_orphans;
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestSignals::aHangUpWithoutAFile()
{
    QFETCH(const QStringList, command);
    WeirProcess weir;
    QVERIFY2(weir.start(command), weir.errors());
    for (int i = 1; i <= 3; ++i) {
        weir.signal(SIGHUP);
        QTRY_COMPARE_WITH_TIMEOUT(weir.errors().count(kNoFile), i, kPatienceMs);
        QCOMPARE(statusOf(weir.port()), 200);
    }
    QCOMPARE(weir.stop(kStopTimeout), 0);
    QCOMPARE(weir.errors().count('\n'), 3);
}

void TestSignals::aHangUpFromTheFirstMomentToTheLast()
{
    QFETCH(const QStringList, command);
    WeirProcess weir;
    weir.start(command, 1ms);
    QTRY_VERIFY_WITH_TIMEOUT(catches(weir.pid(), SIGHUP), kPatienceMs);
    while (!weir.output().contains("listening on ")) {
        weir.signal(SIGHUP);
        QTest::qWait(1);
        QVERIFY2(weir.isRunning(), weir.errors());
    }
    weir.signal(SIGTERM);
    int code = -1;
    for (int i = 0; i < kPatienceMs && code == -1; ++i) {
        weir.signal(SIGHUP);
        code = weir.waitForExit(1ms);
    }
    QCOMPARE(code, 0);
}

// It was read before, and what it says now is in force in the end.
void TestSignals::aFileThatChangesDuringTheStart()
{
    const QString path = m_folder->filePath(u"weir.toml"_s);
    const auto write = [&](int capacity) {
        QFile file{path};
        return file.open(QIODevice::WriteOnly)
               && file.write("capacity = " + QByteArray::number(capacity) + "\nevery = \"366d\"\n") > 0;
    };
    QVERIFY(write(7));
    WeirProcess weir;
    slowRedis(weir, "2");
    weir.start({u"serve"_s, u"--config"_s, path}, 1ms);
    QTRY_VERIFY_WITH_TIMEOUT(!weir.childPids().empty(), kPatienceMs);
    QVERIFY(write(9));
    weir.signal(SIGHUP);
    QByteArray line;
    QTRY_VERIFY_WITH_TIMEOUT(!(line = weir.output()).isEmpty() && line.endsWith('\n'), kPatienceMs);
    const std::uint16_t port = line.trimmed().mid(line.trimmed().lastIndexOf(':') + 1).toUShort();
    QTRY_COMPARE_WITH_TIMEOUT(get(port)->header("ratelimit-policy"), QByteArray{"\"global\";q=9;w=31622400"},
                              kPatienceMs);
    QCOMPARE(weir.stop(kStopTimeout), 0);
}

// In order: nothing is left that was started.
void TestSignals::aRestartThatIsNeededIsSaid_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::newRow("threads") << QByteArray{"threads = 2"};
    QTest::newRow("of the HTTP side") << QByteArray{"idle_timeout = \"20s\""};
}

void TestSignals::aRestartThatIsNeededIsSaid()
{
    QFETCH(const QByteArray, line);
    const QString path = m_folder->filePath(u"weir.toml"_s);
    const auto write = [&path](const QByteArray &text) {
        QFile file{path};
        return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
    };
    const QByteArray limit = "[[limit]]\nname = \"global\"\ncapacity = 5\nrefill = 5\nevery = \"1h\"\n";
    QVERIFY(write("[server]\nthreads = 1\n" + limit));
    WeirProcess weir;
    QVERIFY(weir.start({u"serve"_s, u"--config"_s, path}));
    QVERIFY(write("[server]\n" + line + '\n' + (line.startsWith("threads") ? "" : "threads = 1\n") + limit));
    weir.signal(SIGHUP);
    const QByteArray said = "server." + line.left(line.indexOf(' ')) + " has changed, which needs a restart";
    QTRY_VERIFY_WITH_TIMEOUT(weir.errors().contains(said), kPatienceMs);
    QCOMPARE(weir.stop(), 0);
}

void TestSignals::anEndDuringTheStart()
{
    QFETCH(const QStringList, command);
    for (const int number : {SIGTERM, SIGINT}) {
        WeirProcess weir;
        slowRedis(weir, "4");
        weir.start(command, 1ms);
        QTRY_VERIFY_WITH_TIMEOUT(!weir.childPids().empty(), kPatienceMs);
        weir.signal(number);
        QCOMPARE(weir.waitForExit(3s), 0);
        QCOMPARE(weir.output(), QByteArray{});
    }
}

void TestSignals::aSecondStopCutsNothingShort()
{
    WeirProcess weir;
    QVERIFY2(weir.start(words("serve --capacity 1000000 --threads 2")), weir.errors());
    BusyClients clients{weir.port(), 4};
    QTRY_VERIFY_WITH_TIMEOUT(clients.answers() >= 100, kPatienceMs);
    for (const int number : {SIGTERM, SIGINT, SIGTERM, SIGTERM, SIGINT})
        weir.signal(number);
    const Tally tally = clients.wait();
    QCOMPARE(weir.waitForExit(kStopTimeout), 0);
    QCOMPARE(tally.cutShort, std::int64_t{0});
}

void TestSignals::userSignals()
{
    QFETCH(const QStringList, command);
    WeirProcess weir;
    QVERIFY2(weir.start(command), weir.errors());
    for (const int number : {SIGUSR1, SIGUSR2, SIGPIPE, SIGWINCH, SIGCHLD, SIGURG})
        weir.signal(number);
    for (const char *said : {"SIGUSR1 means nothing to Weir", "SIGUSR2 means nothing to Weir"})
        QTRY_COMPARE_WITH_TIMEOUT(weir.errors().count(said), 1, kPatienceMs);
    QCOMPARE(statusOf(weir.port()), 200);
    QCOMPARE(weir.stop(kStopTimeout), 0);
    QCOMPARE(weir.errors().count('\n'), 2);
}

void TestSignals::aTerminalThatIsClosed_data()
{
    QTest::addColumn<QStringList>("command");
    QTest::addColumn<bool>("isNoHup");
    QTest::newRow("serve") << words("serve") << false;
    QTest::newRow("serve under nohup") << words("serve") << true;
#ifdef WEIR_GUI
    QTest::newRow("panel") << QStringList{} << false;
    QTest::newRow("panel under nohup") << QStringList{} << true;
#endif
}

// Nobody could end it by hand any more; whoever wants it to go on says so with nohup.
void TestSignals::aTerminalThatIsClosed()
{
    QFETCH(const QStringList, command);
    QFETCH(const bool, isNoHup);
    const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    QVERIFY(master >= 0 && ::grantpt(master) == 0 && ::unlockpt(master) == 0);
    auto closing = qScopeGuard([master] { ::close(master); });
    const QByteArray terminal = ::ptsname(master);
    WeirProcess weir;
    weir.setBefore([terminal, isNoHup] {
        ::setsid();
        ::ioctl(::open(terminal.constData(), O_RDWR), TIOCSCTTY, 0);
        ::signal(SIGHUP, isNoHup ? SIG_IGN : SIG_DFL);
    });
    QVERIFY2(weir.start(command), weir.errors());
    weir.signal(SIGHUP); // while the terminal is there
    QTRY_COMPARE_WITH_TIMEOUT(weir.errors().count(kNoFile), 1, kPatienceMs);
    QCOMPARE(statusOf(weir.port()), 200);

    closing.dismiss();
    ::close(master);
    if (!isNoHup) {
        QCOMPARE(weir.waitForExit(kStopTimeout), 0);
        QVERIFY2(weir.errors().contains("the terminal was closed"), weir.errors());
        return;
    }
    QTRY_COMPARE_WITH_TIMEOUT(weir.errors().count(kNoFile), 2, kPatienceMs);
    QCOMPARE(statusOf(weir.port()), 200);
    QCOMPARE(weir.stop(kStopTimeout), 0);
}

void TestSignals::streamsThatAreClosed_data()
{
    QTest::addColumn<QByteArray>("redirection");
    for (const char *redirection : {"2>&-", "<&-", "<&- 2>&-"})
        QTest::newRow(redirection) << QByteArray{redirection};
}

// What is opened next must not become the place that the log is written to.
void TestSignals::streamsThatAreClosed()
{
    QFETCH(const QByteArray, redirection);
    WeirProcess weir;
    weir.setWrapper({u"sh"_s, u"-c"_s, u"exec \"$0\" \"$@\" %1"_s.arg(QString::fromLatin1(redirection))});
    QVERIFY2(weir.start(words("serve")), weir.errors());
    for (const int number : {SIGHUP, SIGUSR1, SIGUSR2, SIGHUP})
        weir.signal(number);
    for (int i = 0; i < 20; ++i)
        QVERIFY(statusOf(weir.port()) > 0);
    QFile file{u"/proc/%1/fd/2"_s.arg(weir.pid())};
    QVERIFY2(redirection.contains("2>") == (file.symLinkTarget() == u"/dev/null"_s), qPrintable(file.symLinkTarget()));
    QCOMPARE(weir.stop(kStopTimeout), 0);
}

QTEST_GUILESS_MAIN(TestSignals)
#include "tst_signals.moc"
