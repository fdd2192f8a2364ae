// SPDX-License-Identifier: GPL-3.0-only
// A server that speaks the protocol of Redis and says what a test wants.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <QTcpServer>
#include <QTcpSocket>
#include <QTimer>

#include "core/redis/link/reply.h"

namespace weir::test {

/// Thread: the test's main thread.
class FakeRedis {
public:
    using Answer = std::function<QByteArray(const QByteArrayList &)>;
    /// `answer` gets the words of each command; what it returns is sent as it is, nothing when empty. With a `pace` it
    /// does one command of a connection after the other, each for so long.
    explicit FakeRedis(Answer answer, std::chrono::milliseconds pace = {}) : m_answer{std::move(answer)}, m_pace{pace}
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server,
                         [this] { serve(m_server.nextPendingConnection()); });
    }

    [[nodiscard]] std::uint16_t port() const { return m_server.serverPort(); }

private:
    void serve(QTcpSocket *socket)
    {
        auto *worker = new QTimer{socket};
        const auto reader = std::make_shared<redis::ReplyReader>(); // a command looks like a reply
        const auto commands = std::make_shared<QList<QByteArrayList>>();
        worker->setTimerType(Qt::PreciseTimer);
        QObject::connect(worker, &QTimer::timeout, socket, [this, socket, worker, commands] {
            socket->write(m_answer(commands->takeFirst()));
            if (commands->isEmpty())
                worker->stop();
        });
        QObject::connect(socket, &QTcpSocket::readyRead, socket, [this, socket, worker, reader, commands] {
            reader->feed(socket->readAll());
            while (const auto command = reader->next().value()) {
                QByteArrayList words;
                for (const redis::Reply &word : command->items)
                    words.append(word.text);
                if (m_pace.count() == 0)
                    socket->write(m_answer(words));
                else
                    commands->append(words);
            }
            if (!commands->isEmpty() && !worker->isActive())
                worker->start(m_pace);
        });
        QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
    }

    Answer m_answer;
    std::chrono::milliseconds m_pace;
    QTcpServer m_server;
};

/// "$3\r\nabc\r\n".
inline QByteArray bulk(const QByteArray &text)
{
    return '$' + QByteArray::number(text.size()) + "\r\n" + text + "\r\n";
}

} // namespace weir::test
