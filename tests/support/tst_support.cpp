// SPDX-License-Identifier: GPL-3.0-only
// The tools of the tests do what they say.
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <array>
#include <csignal>
#include <future>

#include "tests/support/chaos_proxy.h"
#include "tests/support/child_process.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/redis_server.h"
#include "tests/support/slope.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

// A server of one connection: sends `bytes`, then reads until the end and tells what ended it.
class OneConnection {
public:
    OneConnection() { m_server.listen(QHostAddress::LocalHost); }
    std::uint16_t port() const { return m_server.serverPort(); }

    // Takes the connection that is already waiting.
    bool accept(const QByteArray &bytes, bool thenClose)
    {
        if (!m_server.waitForNewConnection(5000))
            return false;
        m_socket = m_server.nextPendingConnection();
        m_socket->write(bytes);
        m_socket->flush();
        if (thenClose)
            m_socket->disconnectFromHost();
        return true;
    }
    QByteArray readToTheEnd()
    {
        while (m_socket->waitForReadyRead(5000)) {
        }
        return m_socket->readAll();
    }
    QAbstractSocket::SocketError ending() const { return m_socket->error(); }

private:
    QTcpServer m_server;
    QTcpSocket *m_socket{nullptr}; // the server's
};

} // namespace

class TestSupport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsExactlyOneResponse()
    {
        OneConnection server;
        RawHttpClient client;
        QVERIFY(client.connectTo(server.port()));
        QVERIFY(server.accept("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nx-a: 2\r\n\r\nhi"
                              "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 9\r\nRetry-After: 7\r\n\r\n"
                              "HTTP/1.1 204 No Content\r\n\r\n"
                              "HTTP/1.0 200 OK\r\n\r\nto the end",
                              true));
        const auto first = client.readResponse();
        QVERIFY(first.has_value());
        QCOMPARE(first->status, 200);
        QCOMPARE(first->body, QByteArrayLiteral("hi"));
        QCOMPARE(first->headers.count("x-a"), std::size_t{2});
        QVERIFY(first->header("x-a").isEmpty());
        const auto head = client.readResponse(true);
        QCOMPARE(head->status, 429);
        QCOMPARE(head->header("retry-after"), QByteArrayLiteral("7"));
        QVERIFY(head->body.isEmpty());
        QCOMPARE(client.readResponse()->status, 204);
        QCOMPARE(client.readResponse()->body, QByteArrayLiteral("to the end"));
        QVERIFY(!client.readResponse());
    }

    void saysWhatItWaitedFor()
    {
        OneConnection server;
        RawHttpClient client{50ms};
        QVERIFY(client.connectTo(server.port()));
        QVERIFY(server.accept("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", false));
        QVERIFY(!client.readResponse());
        QVERIFY2(client.error().contains(QLatin1String{"50 ms"}), qPrintable(client.error()));
        QVERIFY(!client.readUntilClosed());
    }

    void sendsHalfClosesAndResets()
    {
        OneConnection polite, rude;
        RawHttpClient client;
        QVERIFY(client.connectTo(polite.port()));
        QVERIFY(client.sendRequest("GET", "/", "X: y\r\n"));
        client.halfClose();
        QVERIFY(polite.accept({}, false));
        QCOMPARE(polite.readToTheEnd(),
                 "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(polite.port()) + "\r\nX: y\r\n\r\n");
        QCOMPARE(polite.ending(), QAbstractSocket::RemoteHostClosedError);
        QVERIFY(client.connectTo(rude.port()));
        QVERIFY(rude.accept({}, false));
        client.abort();
        QVERIFY(!client.isOpen());
        rude.readToTheEnd();
        QVERIFY(rude.ending() != QAbstractSocket::UnknownSocketError);
    }

    void childrenTellHowTheyEnded()
    {
        ChildProcess child;
        child.process().setProgram(QStringLiteral("sh"));
        child.process().setArguments({QStringLiteral("-c"), QStringLiteral("echo one; echo two >&2; read x; exit 3")});
        QVERIFY(child.start());
        QCOMPARE(child.waitForLine("one", 5s), QByteArrayLiteral("one"));
        QCOMPARE(child.waitForExit(10ms), -1);
        child.process().closeWriteChannel();
        QCOMPARE(child.waitForExit(5s), 3);
        QCOMPARE(child.errors(), QByteArrayLiteral("two\n"));
        QVERIFY(child.start());
        QCOMPARE(child.waitForLine("one", 5s), QByteArrayLiteral("one"));
        child.signal(SIGTERM);
        QCOMPARE(child.waitForExit(5s), 128 + SIGTERM);
        QVERIFY(child.start());
        QVERIFY(child.waitForLine("never said", 20ms).isEmpty());
    }

    void redisComesAndGoes()
    {
        RedisServer redis;
        QVERIFY2(redis.start(), redis.log());
        QCOMPARE(redis.command({"PING"}).text, QByteArrayLiteral("PONG"));
        redis.command({"HSET", "h", "b", "2", "a", "1"});
        QCOMPARE(redis.hash("h").value(0).second, QByteArrayLiteral("1"));
        QVERIFY(redis.command({"NONSENSE"}).isError());
        redis.kill();
        QVERIFY(redis.command({"PING"}).isError());
        QVERIFY2(redis.start(), redis.log());
        QCOMPARE(redis.command({"EXISTS", "h"}).number, qint64{0});
        redis.pause();
        auto answer = std::async(std::launch::async, [&redis] { return redis.command({"PING"}); });
        QCOMPARE(answer.wait_for(50ms), std::future_status::timeout); // it hangs
        redis.resume();
        QCOMPARE(answer.get().text, QByteArrayLiteral("PONG"));
        redis.stop();
        QVERIFY(!redis.isRunning());
    }

    void aProxyDoesWhatItIsTold()
    {
        RedisServer redis;
        QVERIFY2(redis.start(), redis.log());
        ChaosProxy proxy{redis.socketPath()};
        RawHttpClient client{5s}; // any bytes will do
        const auto ask = [&client, &proxy] {
            return client.connectTo(proxy.port()) && client.send("PING\r\nQUIT\r\n");
        };
        const QByteArray answers = "+PONG\r\n+OK\r\n"; // and the end, for which QUIT is
        for (const auto way : {ChaosProxy::Way::Through, ChaosProxy::Way::ByteByByte}) {
            proxy.set(way);
            QVERIFY(ask());
            QCOMPARE(client.readUntilClosed(), answers);
        }
        proxy.set(ChaosProxy::Way::Banner);
        QVERIFY(ask());
        QCOMPARE(client.readUntilClosed(), "+OK POP3 ready\r\n" + answers);
        for (const auto way :
             {ChaosProxy::Way::Half, ChaosProxy::Way::Swallow, ChaosProxy::Way::Reset, ChaosProxy::Way::Garbage}) {
            proxy.set(way);
            QVERIFY(ask());
            const auto bytes = client.readUntilClosed();
            QVERIFY(bytes && *bytes != answers);
            QVERIFY(bytes->size() <= answers.size());
        }
        proxy.set(ChaosProxy::Way::Through);
        proxy.setDelay(100ms);
        const auto before = std::chrono::steady_clock::now();
        QVERIFY(ask());
        QCOMPARE(client.readUntilClosed(), answers);
        QVERIFY(std::chrono::steady_clock::now() - before >= 100ms);
    }

    void aLineIsFoundAndHowSureItIs()
    {
        const std::array exact{Point{0, 5}, Point{1, 7}, Point{2, 9}, Point{4, 13}};
        QCOMPARE(slopeOf(exact).slope, 2.0);
        QVERIFY(slopeOf(exact).error < 1e-9);
        // Worked out by hand: x - mean is -1.5 to 1.5, the sum of squares off the line 3.2.
        const std::array scattered{Point{0, 0}, Point{1, 2}, Point{2, 0}, Point{3, 2}};
        QCOMPARE(slopeOf(scattered).slope, 0.4);
        QCOMPARE(slopeOf(scattered).error, std::sqrt(3.2 / 2 / 5));
        QCOMPARE(slopeOf(std::span{exact}.first(2)).slope, 0.0); // two points say nothing about how sure it is
    }

    void warningsAreCollected()
    {
        WarningsFail warnings;
        QVERIFY(!warnings.isListening());
        warnings.listen();
        QVERIFY(warnings.isListening());
        warnings.expect(QStringLiteral("^fine"));
        QTest::ignoreMessage(QtWarningMsg, "fine then");
        QTest::ignoreMessage(QtWarningMsg, "not fine");
        qWarning("fine then");
        qWarning("not fine");
        QCOMPARE(warnings.take(), QStringList{QStringLiteral("not fine")});
        QVERIFY(warnings.take().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestSupport)
#include "tst_support.moc"
