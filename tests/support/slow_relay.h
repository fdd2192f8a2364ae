// SPDX-License-Identifier: GPL-3.0-only
// A way to a server that is far away, and can be cut: what is said in either direction comes later.
#pragma once

#include <QPointer>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTimer>

#include <chrono>
#include <cstdint>

namespace weir::test {

/// Thread: the test's, whose event loop it needs.
class SlowRelay {
public:
    SlowRelay()
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] {
            while (QTcpSocket *client = m_server.nextPendingConnection())
                passOn(*client);
        });
    }
    SlowRelay(const SlowRelay &) = delete;
    SlowRelay &operator=(const SlowRelay &) = delete;

    [[nodiscard]] std::uint16_t port() const { return m_server.serverPort(); }
    [[nodiscard]] int connections() const { return m_connections; } ///< that were made, so far
    /// Pass on to that port of loopback; 0: end all connections, and accept none.
    void leadTo(std::uint16_t port)
    {
        m_port = port;
        if (port == 0)
            for (QTcpSocket *client : m_server.findChildren<QTcpSocket *>(Qt::FindDirectChildrenOnly))
                client->abort();
    }
    /// There and back; of connections that begin from now on.
    void setRoundTrip(std::chrono::milliseconds delay) { m_oneWay = delay / 2; }

private:
    void passOn(QTcpSocket &client)
    {
        QObject::connect(&client, &QTcpSocket::disconnected, &client, &QObject::deleteLater);
        if (m_port == 0)
            return client.abort();
        ++m_connections;
        auto *server = new QTcpSocket{&client};
        carry(client, *server);
        carry(*server, client);
        QObject::connect(server, &QTcpSocket::disconnected, &client, [&client] { client.disconnectFromHost(); });
        server->connectToHost(QHostAddress::LocalHost, m_port);
    }
    // In order: timers of one length end in the order in which they began.
    void carry(QTcpSocket &from, QTcpSocket &to)
    {
        QObject::connect(&from, &QTcpSocket::readyRead, &to, [&from, &to, oneWay = m_oneWay] {
            QTimer::singleShot(oneWay, Qt::PreciseTimer, &to, [&to, bytes = from.readAll()] {
                if (to.isOpen())
                    to.write(bytes);
            });
        });
    }

    QTcpServer m_server;
    std::uint16_t m_port{0};
    std::chrono::milliseconds m_oneWay{0};
    int m_connections{0};
};

} // namespace weir::test
