// SPDX-License-Identifier: GPL-3.0-only
// What systemd hears: sd_notify(3) on a real socket.
#include <QFile>
#include <QRegularExpression>
#include <QTest>

#include <cerrno>
#include <csignal>

#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/orphans.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatienceMs = 10'000;

// The end that the service manager has.
class NotifySocket {
public:
    explicit NotifySocket(const QString &path) : m_file{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)}
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const QByteArray name = QFile::encodeName(path);
        if (name.size() < qsizetype(sizeof address.sun_path)) {
            std::copy(name.begin(), name.end(), address.sun_path);
            m_isBound = ::bind(m_file, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
        }
    }
    ~NotifySocket() { ::close(m_file); }
    NotifySocket(const NotifySocket &) = delete;
    NotifySocket &operator=(const NotifySocket &) = delete;

    [[nodiscard]] bool isBound() const { return m_isBound; }
    /// Every datagram so far; those of the watchdog are only counted.
    QList<QByteArray> &messages()
    {
        char buffer[4096];
        for (ssize_t size = 0; (size = ::recv(m_file, buffer, sizeof buffer, 0)) >= 0;) {
            if (const QByteArray message{buffer, size}; message == "WATCHDOG=1")
                ++m_lives;
            else
                m_messages.append(message);
        }
        return m_messages;
    }
    int lives()
    {
        messages();
        return m_lives;
    }

private:
    int m_file;
    bool m_isBound{false};
    QList<QByteArray> m_messages;
    int m_lives{0};
};

// The thread of a process that has this name; 0 when there is none.
pid_t threadOf(int pid, const QByteArray &name)
{
    const QDir tasks{u"/proc/%1/task"_s.arg(pid)};
    for (const QString &task : tasks.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        QFile file{tasks.filePath(task + u"/comm"_s)};
        if (file.open(QIODevice::ReadOnly) && file.readAll().trimmed() == name)
            return task.toInt();
    }
    return 0;
}

int statusOf(std::uint16_t port)
{
    RawHttpClient client;
    if (!client.connectTo(port) || !client.sendRequest("GET", "/"))
        return -1;
    const auto response = client.readResponse();
    return response ? response->status : -1;
}

QByteArray fieldOf(const QByteArray &message, const QByteArray &name)
{
    for (const QByteArray &line : message.split('\n'))
        if (line.startsWith(name + '='))
            return line.mid(name.size() + 1);
    return {};
}

} // namespace

class TestServiceManager : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        m_weir = std::make_unique<WeirProcess>();
        m_socket = std::make_unique<NotifySocket>(path());
        QVERIFY(m_socket->isBound());
        m_weir->environment().insert(u"NOTIFY_SOCKET"_s, path());
    }
    void cleanup()
    {
        m_weir.reset();
        QVERIFY(m_orphans.alive().empty());
        WEIR_NO_WARNINGS(m_warnings);
    }

    void readyAndStopping();
    void aReload();
    void aReloadOfAFileThatIsWrong();
    void aHangUpWithoutAFile();
    void aStartThatFails();
    void lifeIsProvenTwiceInTheTime();
    void aThreadThatHangsProvesNothing_data();
    void aThreadThatHangsProvesNothing();
    void nobodyWaits();

private:
    QString path() const { return m_weir->folder() + u"/notify"_s; }
    QByteArray url() const { return "http://127.0.0.1:" + QByteArray::number(m_weir->port()); }
    QString write(const QByteArray &text)
    {
        QFile file{m_weir->folder() + u"/weir.toml"_s};
        return file.open(QIODevice::WriteOnly) && file.write(text) == text.size() ? file.fileName() : QString{};
    }

    WarningsFail m_warnings;
    Orphans m_orphans;
    std::unique_ptr<WeirProcess> m_weir;
    std::unique_ptr<NotifySocket> m_socket;
};

void TestServiceManager::readyAndStopping()
{
    QVERIFY2(m_weir->start(words("serve")), m_weir->errors());
    QTRY_COMPARE_WITH_TIMEOUT(m_socket->messages().size(), 1, kPatienceMs);
    QCOMPARE(m_socket->messages().at(0), "READY=1\nSTATUS=Listening on " + url());
    QCOMPARE(m_weir->stop(), 0);
    QCOMPARE(m_socket->messages().size(), 2);
    QVERIFY(m_socket->messages().at(1).startsWith("STOPPING=1\nSTATUS="));
    QCOMPARE(m_socket->lives(), 0);
}

void TestServiceManager::aReload()
{
    const QString file = write("capacity = 7\nevery = '366d'\n");
    QVERIFY2(m_weir->start({u"serve"_s, u"--config"_s, file}), m_weir->errors());
    QTRY_COMPARE_WITH_TIMEOUT(m_socket->messages().size(), 1, kPatienceMs);
    write("capacity = 9\nevery = '366d'\n");
    timespec before{};
    ::clock_gettime(CLOCK_MONOTONIC, &before);
    m_weir->signal(SIGHUP);
    QTRY_COMPARE_WITH_TIMEOUT(m_socket->messages().size(), 3, kPatienceMs);
    // It holds for the next request when it is said.
    RawHttpClient client;
    QVERIFY(client.connectTo(m_weir->port()) && client.sendRequest("GET", "/"));
    QCOMPARE(client.readResponse()->header("ratelimit-policy"), QByteArray{"\"global\";q=9;w=31622400"});
    const QByteArray reloading = m_socket->messages().at(1);
    QVERIFY2(reloading.startsWith("RELOADING=1\n"), reloading);
    const qint64 at = fieldOf(reloading, "MONOTONIC_USEC").toLongLong();
    QVERIFY(at >= before.tv_sec * 1'000'000LL + before.tv_nsec / 1000);
    QCOMPARE(m_socket->messages().at(2), "READY=1\nSTATUS=Listening on " + url());
    QCOMPARE(m_weir->stop(), 0);
}

void TestServiceManager::aReloadOfAFileThatIsWrong()
{
    const QString file = write("capacity = 7\n");
    QVERIFY2(m_weir->start({u"serve"_s, u"--config"_s, file}), m_weir->errors());
    write("capacity = 0\n");
    m_weir->signal(SIGHUP);
    QTRY_COMPARE_WITH_TIMEOUT(m_socket->messages().size(), 3, kPatienceMs);
    const QByteArray status = fieldOf(m_socket->messages().at(2), "STATUS");
    QVERIFY2(status.startsWith("Listening on " + url() + "; ") && status.contains("line 1: capacity"), status);
    write("capacity = 7\n");
    m_weir->signal(SIGHUP);
    QTRY_COMPARE_WITH_TIMEOUT(m_socket->messages().size(), 5, kPatienceMs);
    QCOMPARE(fieldOf(m_socket->messages().at(4), "STATUS"), "Listening on " + url());
    QCOMPARE(m_weir->stop(), 0);
}

void TestServiceManager::aHangUpWithoutAFile()
{
    QVERIFY2(m_weir->start(words("serve")), m_weir->errors());
    m_weir->signal(SIGHUP);
    QTRY_COMPARE_WITH_TIMEOUT(m_socket->messages().size(), 3, kPatienceMs);
    QVERIFY(m_socket->messages().at(2).startsWith("READY=1\n"));
    QCOMPARE(m_weir->stop(), 0);
}

void TestServiceManager::aStartThatFails()
{
    WeirProcess other;
    QVERIFY2(other.start(words("serve")), other.errors());
    QCOMPARE(m_weir->runToExit(words("serve --listen 127.0.0.1:" + QByteArray::number(other.port()))), 1);
    QCOMPARE(m_socket->messages().size(), 1);
    QVERIFY2(m_socket->messages().at(0).startsWith("STATUS=--listen: "), m_socket->messages().at(0));
}

void TestServiceManager::lifeIsProvenTwiceInTheTime()
{
    m_weir->environment().insert(u"WATCHDOG_USEC"_s, u"400000"_s);
    QVERIFY2(m_weir->start(words("serve --threads 2")), m_weir->errors());
    QTRY_VERIFY_WITH_TIMEOUT(m_socket->lives() >= 1, kPatienceMs);
    const int before = m_socket->lives();
    QTest::qWait(2000);
    const int lives = m_socket->lives() - before;
    QVERIFY2(lives >= 6 && lives <= 11, qPrintable(QString::number(lives))); // 10, of a machine that has other work
    QCOMPARE(m_weir->stop(), 0);
}

void TestServiceManager::aThreadThatHangsProvesNothing_data()
{
    QTest::addColumn<QByteArray>("thread");
    QTest::newRow("service") << QByteArray{"weir-service"};
    QTest::newRow("main") << QByteArray{"weir"};
    QTest::newRow("a worker") << QByteArray{"weir-worker-0"};
}

void TestServiceManager::aThreadThatHangsProvesNothing()
{
    QFETCH(const QByteArray, thread);
    m_weir->environment().insert(u"WATCHDOG_USEC"_s, u"200000"_s);
    QVERIFY2(m_weir->start(words("serve --threads 2")), m_weir->errors());
    QTRY_VERIFY_WITH_TIMEOUT(m_socket->lives() >= 3, kPatienceMs);
    const pid_t hung = threadOf(m_weir->pid(), thread);
    QVERIFY(hung > 0);
    // This thread alone stands still, which no signal can do.
    if (::ptrace(PTRACE_SEIZE, hung, nullptr, nullptr) != 0)
        QSKIP("threads cannot be traced here");
    QCOMPARE(::ptrace(PTRACE_INTERRUPT, hung, nullptr, nullptr), 0L);
    QCOMPARE(::waitpid(hung, nullptr, __WALL), hung);
    QTest::qWait(200); // what was under way
    const int before = m_socket->lives();
    QTest::qWait(1000);
    QCOMPARE(m_socket->lives(), before);
    QCOMPARE(::ptrace(PTRACE_DETACH, hung, nullptr, nullptr), 0L);
    QTRY_VERIFY_WITH_TIMEOUT(m_socket->lives() >= before + 3, kPatienceMs);
    QCOMPARE(statusOf(m_weir->port()), 200);
    QCOMPARE(m_weir->stop(), 0);
}

void TestServiceManager::nobodyWaits()
{
    m_weir->environment().remove(u"NOTIFY_SOCKET"_s);
    m_weir->environment().insert(u"WATCHDOG_USEC"_s, u"200000"_s);
    QVERIFY2(m_weir->start(words("serve")), m_weir->errors());
    m_weir->signal(SIGHUP);
    QCOMPARE(statusOf(m_weir->port()), 200);
    QCOMPARE(m_weir->stop(), 0);
    QVERIFY(m_socket->messages().isEmpty());
}

QTEST_GUILESS_MAIN(TestServiceManager)
#include "tst_service_manager.moc"
