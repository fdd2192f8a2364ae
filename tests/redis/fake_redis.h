// SPDX-License-Identifier: GPL-3.0-only
// A server that speaks the protocol of Redis and says what a test wants.
#pragma once

#include <functional>
#include <memory>

#include <QTcpServer>
#include <QTcpSocket>

#include "core/redis/reply.h"

namespace weir::test {

/// Thread: the test's main thread.
class FakeRedis {
public:
    /// `answer` gets the words of each command; what it returns is sent as it is, nothing when empty.
    explicit FakeRedis(std::function<QByteArray(const QByteArrayList &)> answer)
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this, answer = std::move(answer)] {
            QTcpSocket *socket = m_server.nextPendingConnection();
            const auto reader = std::make_shared<redis::ReplyReader>(); // a command looks like a reply
            QObject::connect(socket, &QTcpSocket::readyRead, socket, [socket, reader, answer] {
                reader->feed(socket->readAll());
                while (const auto command = reader->next().value()) {
                    QByteArrayList words;
                    for (const redis::Reply &word : command->items)
                        words.append(word.text);
                    socket->write(answer(words));
                }
            });
            QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        });
    }

    [[nodiscard]] std::uint16_t port() const { return m_server.serverPort(); }

private:
    QTcpServer m_server;
};

/// "$3\r\nabc\r\n".
inline QByteArray bulk(const QByteArray &text)
{
    return '$' + QByteArray::number(text.size()) + "\r\n" + text + "\r\n";
}

} // namespace weir::test
