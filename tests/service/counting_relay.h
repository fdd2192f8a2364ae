// SPDX-License-Identifier: GPL-3.0-only
// A way to Weir that counts: connections, answers, and what the last one was.
#pragma once

#include <QTcpServer>
#include <QTcpSocket>

#include <cstdint>
#include <functional>

namespace weir::test {

/// Thread: the test's, whose event loop it needs.
class CountingRelay {
public:
    /// Passes connections on to `port` of loopback, the first one after `before` has returned.
    CountingRelay(std::uint16_t port, std::function<void()> before) : m_before{std::move(before)}
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this, port] {
            while (QTcpSocket *client = m_server.nextPendingConnection())
                passOn(*client, port);
        });
    }
    CountingRelay(const CountingRelay &) = delete;
    CountingRelay &operator=(const CountingRelay &) = delete;

    [[nodiscard]] std::uint16_t port() const { return m_server.serverPort(); }
    [[nodiscard]] int connections() const { return m_connections; } ///< on which something was asked
    [[nodiscard]] int answers() const { return m_answers; }
    [[nodiscard]] int lastStatus() const { return m_lastStatus; }

private:
    void passOn(QTcpSocket &client, std::uint16_t port)
    {
        auto *weir = new QTcpSocket{&client};
        QObject::connect(weir, &QTcpSocket::connected, &client, [this, &client, weir] { ask(client, *weir); });
        QObject::connect(&client, &QTcpSocket::readyRead, weir, [this, &client, weir] { ask(client, *weir); });
        QObject::connect(weir, &QTcpSocket::readyRead, &client, [this, &client, weir] {
            const QByteArray bytes = weir->readAll();
            count(bytes);
            client.write(bytes);
        });
        QObject::connect(weir, &QTcpSocket::disconnected, &client, [&client] { client.disconnectFromHost(); });
        QObject::connect(&client, &QTcpSocket::disconnected, &client, &QObject::deleteLater);
        weir->connectToHost(QHostAddress::LocalHost, port);
    }
    void ask(QTcpSocket &client, QTcpSocket &weir)
    {
        if (weir.state() != QAbstractSocket::ConnectedState || client.bytesAvailable() == 0)
            return;
        if (m_before)
            std::exchange(m_before, {})();
        if (!client.property("hasAsked").toBool())
            ++m_connections;
        client.setProperty("hasAsked", true);
        weir.write(client.readAll());
    }
    // Weir sends an answer as a whole, and its status line comes in one piece.
    void count(const QByteArray &bytes)
    {
        static const QByteArray kVersion = "HTTP/1.1 ";
        for (qsizetype at = bytes.indexOf(kVersion); at >= 0; at = bytes.indexOf(kVersion, at + 1)) {
            const int status = bytes.mid(at + kVersion.size(), 3).toInt();
            if (status < 200 || status == 204) // 100 Continue; a browser's question whether it may ask
                continue;
            ++m_answers;
            m_lastStatus = status;
        }
    }

    QTcpServer m_server;
    std::function<void()> m_before;
    int m_connections{0};
    int m_answers{0};
    int m_lastStatus{0};
};

} // namespace weir::test
