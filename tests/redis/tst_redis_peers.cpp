// SPDX-License-Identifier: GPL-3.0-only
// A peer that is no Redis: an error that says so, never a ready link, never a storm.
#include <QSignalSpy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "tests/redis/answer_list.h"
#include "tests/redis/fake_redis.h"
#include "tests/support/free_port.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::redis;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPatienceMs = 10'000;
constexpr LinkOptions kOptions{.callDeadline = 100ms, .connectDeadline = 200ms, .firstDelay = 5ms, .lastDelay = 20ms};

// Says `greeting` to whoever comes, `answer` to whatever is said, and closes when told to.
class Peer {
public:
    Peer(QByteArray greeting, QByteArray answer, bool closes)
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this, greeting, answer, closes] {
            QTcpSocket *socket = m_server.nextPendingConnection();
            ++m_connections;
            socket->write(greeting);
            QObject::connect(socket, &QTcpSocket::readyRead, socket, [socket, answer] {
                if (!socket->readAll().isEmpty())
                    socket->write(answer);
            });
            QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
            if (closes)
                socket->disconnectFromHost();
        });
    }
    [[nodiscard]] RedisUrl url(const QString &secrets = {}) const
    {
        const QString address = QStringLiteral("127.0.0.1:%1").arg(m_server.serverPort());
        return parseRedisUrl(QStringLiteral("redis://") + secrets + address).value();
    }
    [[nodiscard]] int connections() const { return m_connections; }

private:
    QTcpServer m_server;
    int m_connections{0};
};

} // namespace

Q_DECLARE_METATYPE(weir::Error::Code)

class TestRedisPeers : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void noRedis_data();
    void noRedis();
    void aPeerThatGoesSilentInAReply();
    void aPeerThatTalksUnasked();
    void aPeerThatTurnsIntoSomethingElse();
    void repliesMayComeByteByByte();
    void aReplyWithoutEndEndsTheConnection();
    void aServerThatWasThereIsNotWaitedForAsLong();
    void whatNobodyWaitsForIsNotSentAnyMore();
    void aClosedPort();
    void aNameThatDoesNotResolve();

private:
    WarningsFail m_warnings;
};

void TestRedisPeers::noRedis_data()
{
    QTest::addColumn<QString>("secrets");
    QTest::addColumn<QByteArray>("greeting");
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<bool>("closes");
    QTest::addColumn<Error::Code>("code");
    const QByteArray http = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
    QTest::newRow("HTTP that speaks first") << QString{} << http << QByteArray{} << true << Error::Code::Protocol;
    QTest::newRow("HTTP that answers") << QString{} << QByteArray{} << http << false << Error::Code::Protocol;
    QTest::newRow("SMTP") << QString{} << QByteArray{"220 mail.example ESMTP\r\n"} << QByteArray{} << false
                          << Error::Code::Protocol;
    QTest::newRow("POP3") << QString{} << QByteArray{"+OK POP3 ready\r\n"} << QByteArray{"-ERR unknown\r\n"} << false
                          << Error::Code::Protocol;
    QTest::newRow("POP3 and a password") << QStringLiteral(":s3cret@") << QByteArray{"+OK POP3 ready\r\n"}
                                         << QByteArray{} << false << Error::Code::Protocol;
    QTest::newRow("number") << QString{} << QByteArray{} << QByteArray{":1\r\n"} << false << Error::Code::Protocol;
    QTest::newRow("closes at once") << QString{} << QByteArray{} << QByteArray{} << true << Error::Code::Unavailable;
    QTest::newRow("says nothing") << QString{} << QByteArray{} << QByteArray{} << false << Error::Code::Timeout;
    QTest::newRow("half a reply") << QString{} << QByteArray{} << QByteArray{"+PON"} << false << Error::Code::Timeout;
    QTest::newRow("half a long reply") << QString{} << QByteArray{} << QByteArray{"$500\r\nxxx"} << false
                                       << Error::Code::Timeout;
    QTest::newRow("2 GB of text") << QString{} << QByteArray{} << QByteArray{"$2147483648\r\nxxx"} << false
                                  << Error::Code::Timeout;
    QTest::newRow("2^31 elements") << QString{} << QByteArray{} << QByteArray{"*2147483647\r\n:1\r\n"} << false
                                   << Error::Code::Protocol;
    QTest::newRow("nested arrays") << QString{} << QByteArray{} << QByteArray{"*1\r\n"}.repeated(1000) << false
                                   << Error::Code::Protocol;
    QTest::newRow("garbage") << QString{} << QByteArray{"\x16\x03\x01\x00\xff\xfe\r\n\0\0", 10} << QByteArray{} << false
                             << Error::Code::Protocol;
    QTest::newRow("repeats what it was told") << QStringLiteral(":s3cret@") << QByteArray{}
                                              << QByteArray{"-ERR unknown command 'AUTH', with args beginning with: "
                                                            "'s3cret'\r\n"}
                                              << false << Error::Code::Configuration;
    QTest::newRow("protected Redis") << QString{} << QByteArray{"-DENIED Redis is running in protected mode\r\n"}
                                     << QByteArray{} << true << Error::Code::Configuration;
    QTest::newRow("full Redis") << QString{} << QByteArray{"-ERR max number of clients reached\r\n"} << QByteArray{}
                                << true << Error::Code::Unavailable;
}

void TestRedisPeers::noRedis()
{
    QFETCH(const QString, secrets);
    QFETCH(const QByteArray, greeting);
    QFETCH(const QByteArray, answer);
    QFETCH(const bool, closes);
    Peer peer{greeting, answer, closes};
    Answers answers;
    RedisLink link{peer.url(secrets), kOptions};
    QSignalSpy readiness{&link, &RedisLink::readyChanged};
    QSignalSpy failures{&link, &RedisLink::failed};
    link.start();
    link.call(formatCommand({"PING"}), answers.handler());
    QTRY_VERIFY_WITH_TIMEOUT(failures.count() >= 1, kPatienceMs);
    QTEST(link.lastError().code, "code");
    QTRY_VERIFY_WITH_TIMEOUT(failures.count() >= 3, kPatienceMs);
    QVERIFY(peer.connections() <= failures.count() + 1);
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{1}, kPatienceMs);
    QVERIFY(answers.isEachCalledOnce());
    QVERIFY(answers[0].error);
    QCOMPARE(readiness.count(), 0);
    QVERIFY(!QString::fromStdString(link.lastError().detail).contains(QStringLiteral("s3cret")));
}

void TestRedisPeers::aPeerThatGoesSilentInAReply()
{
    Peer peer{"+PONG\r\n$10\r\nabc", {}, false}; // the handshake succeeds, then half a reply
    Answers answers;
    RedisLink link{peer.url(), kOptions};
    QSignalSpy failures{&link, &RedisLink::failed};
    link.start();
    for (int i = 0; i < 5; ++i)
        link.call(formatCommand({"PING"}), answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{5}, kPatienceMs);
    QVERIFY(answers.isEachCalledOnce());
    QVERIFY(answers.allFailedWith(Error::Code::Timeout));
    QVERIFY(failures.count() >= 1);
}

void TestRedisPeers::aPeerThatTalksUnasked()
{
    Peer peer{"+PONG\r\n+PONG\r\n", {}, false};
    RedisLink link{peer.url(), kOptions};
    QSignalSpy failures{&link, &RedisLink::failed};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(failures.count() >= 1, kPatienceMs);
    QCOMPARE(link.lastError().code, Error::Code::Protocol);
}

void TestRedisPeers::aPeerThatTurnsIntoSomethingElse()
{
    Peer peer{"+PONG\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", false};
    Answers answers;
    RedisLink link{peer.url(), kOptions};
    link.start();
    for (int i = 0; i < 5; ++i)
        link.call(formatCommand({"PING"}), answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{5}, kPatienceMs);
    QVERIFY(answers.isEachCalledOnce());
    for (std::size_t i = 0; i < 5; ++i)
        QVERIFY(answers[i].error);
}

// Every byte in a packet of its own.
void TestRedisPeers::repliesMayComeByteByByte()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    connect(&server, &QTcpServer::newConnection, &server, [&server] {
        QTcpSocket *socket = server.nextPendingConnection();
        socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
        connect(socket, &QTcpSocket::readyRead, socket, [socket] {
            for (qsizetype left = socket->readAll().count("PING"); left > 0; --left)
                for (const char byte : QByteArrayLiteral("+PONG\r\n")) {
                    socket->write(&byte, 1);
                    socket->flush();
                }
        });
    });
    Answers answers;
    LinkOptions options = kOptions;
    options.callDeadline = options.connectDeadline = 5s;
    RedisLink link{parseRedisUrl(QStringLiteral("redis://127.0.0.1:%1").arg(server.serverPort())).value(), options};
    link.start();
    for (int i = 0; i < 100; ++i)
        link.call(formatCommand({"PING"}), answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{100}, kPatienceMs);
    QVERIFY(answers.isEachCalledOnce());
    for (std::size_t i = 0; i < 100; ++i)
        QCOMPARE(answers[i].reply.text, QByteArray{"PONG"});
    QVERIFY(link.isReady());
}

// It goes on sending; nobody waits for the last of two gigabytes.
void TestRedisPeers::aReplyWithoutEndEndsTheConnection()
{
    const QByteArray lot{4'000'000, 'x'};
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    connect(&server, &QTcpServer::newConnection, &server, [&server, &lot] {
        QTcpSocket *socket = server.nextPendingConnection();
        socket->write("+PONG\r\n$2147483648\r\n");
        connect(socket, &QTcpSocket::bytesWritten, socket, [socket, &lot] {
            if (socket->bytesToWrite() < lot.size())
                socket->write(lot);
        });
    });
    Answers answers;
    LinkOptions options = kOptions;
    options.callDeadline = options.connectDeadline = 30s;
    RedisLink link{parseRedisUrl(QStringLiteral("redis://127.0.0.1:%1").arg(server.serverPort())).value(), options};
    QSignalSpy failures{&link, &RedisLink::failed};
    link.start();
    link.call(formatCommand({"PING"}), answers.handler());
    QTRY_VERIFY_WITH_TIMEOUT(failures.count() >= 1, kPatienceMs);
    QCOMPARE(link.lastError().code, Error::Code::Protocol);
    QVERIFY(answers.isEachCalledOnce());
    QVERIFY(answers.allFailedWith(Error::Code::Protocol));
}

// A network that swallows everything: attempts must follow each other fast enough to meet its return.
void TestRedisPeers::aServerThatWasThereIsNotWaitedForAsLong()
{
    bool isSilent = false;
    FakeRedis redis{[&isSilent](const QByteArrayList &) { return QByteArray{isSilent ? "" : "+PONG\r\n"}; }};
    const auto url = parseRedisUrl(QStringLiteral("redis://127.0.0.1:%1").arg(redis.port()));
    RedisLink link{url.value(),
                   {.callDeadline = 50ms, .connectDeadline = 60s, .reconnectDeadline = 50ms, .firstDelay = 5ms}};
    QSignalSpy failures{&link, &RedisLink::failed};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
    isSilent = true;
    link.call(formatCommand({"PING"}), [](const Result<Reply> &) {});
    QTRY_VERIFY_WITH_TIMEOUT(failures.count() >= 4, kPatienceMs);
    isSilent = false;
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
}

// A missed deadline ends the connection with a reset: what the kernel still holds is dropped.
void TestRedisPeers::whatNobodyWaitsForIsNotSentAnyMore()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    RedisLink link{parseRedisUrl(QStringLiteral("redis://127.0.0.1:%1").arg(server.serverPort())).value(), kOptions};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(server.hasPendingConnections(), kPatienceMs);
    const std::unique_ptr<QTcpSocket> socket{server.nextPendingConnection()};
    socket->write("+PONG\r\n");
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
    QVERIFY(socket->bytesAvailable() > 0);
    socket->readAll();
    const int silent = ::dup(static_cast<int>(socket->socketDescriptor()));
    socket->abort();
    link.call(formatCommand({"PING"}), [](const Result<Reply> &) {});
    bool isReset = false; // told once
    const auto look = [silent, &isReset] {
        std::array<char, 100> bytes{};
        isReset |= ::recv(silent, bytes.data(), bytes.size(), MSG_DONTWAIT) < 0 && errno == ECONNRESET;
        return isReset;
    };
    QTRY_VERIFY_WITH_TIMEOUT(look(), kPatienceMs);
    ::close(silent);
}

void TestRedisPeers::aNameThatDoesNotResolve()
{
    Answers answers;
    LinkOptions options = kOptions;
    options.callDeadline = options.connectDeadline = 5s;
    RedisLink link{parseRedisUrl(QStringLiteral("redis://:s3cret@no-such-host.invalid")).value(), options}; // RFC 6761
    QSignalSpy failures{&link, &RedisLink::failed};
    link.start();
    link.call(formatCommand({"PING"}), answers.handler());
    QTRY_VERIFY_WITH_TIMEOUT(failures.count() >= 1, kPatienceMs);
    QVERIFY(answers.isEachCalledOnce());
    const QString detail = QString::fromStdString(link.lastError().detail);
    QVERIFY2(detail.contains(QStringLiteral("no-such-host.invalid")), qPrintable(detail));
    QVERIFY2(!detail.contains(QStringLiteral("s3cret")), qPrintable(detail));
    QVERIFY(link.lastError().transient); // a name server may be away, too
}

void TestRedisPeers::aClosedPort()
{
    const std::uint16_t port = freePort();
    QVERIFY(port != 0);
    RedisLink link{parseRedisUrl(QStringLiteral("redis://127.0.0.1:%1").arg(port)).value(), kOptions};
    QSignalSpy failures{&link, &RedisLink::failed};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(failures.count() >= 3, kPatienceMs);
    QCOMPARE(link.lastError().code, Error::Code::Unavailable);
    QVERIFY(QString::fromStdString(link.lastError().detail).contains(QStringLiteral("127.0.0.1:%1").arg(port)));
}

QTEST_GUILESS_MAIN(TestRedisPeers)
#include "tst_redis_peers.moc"
