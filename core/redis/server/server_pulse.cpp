// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/server/server_pulse.h"

#include <poll.h>

namespace weir::redis {
namespace {

// Longer than that behind time, this process itself was stopped or starved, and so may the server have been.
constexpr std::chrono::milliseconds kOwnDelay{500};

ServerPulse::Answer meaningOf(const QByteArray &line)
{
    if (line.startsWith("+PONG"))
        return ServerPulse::Answer::Well;
    if (line.startsWith("-LOADING"))
        return ServerPulse::Answer::Loading;
    if (line.startsWith("-MISCONF"))
        return ServerPulse::Answer::CannotWrite;
    return ServerPulse::Answer::Other;
}

} // namespace

ServerPulse::ServerPulse(QObject *parent) : QObject{parent}, m_socket{this}, m_beatTimer{this}, m_deadlineTimer{this}
{
    m_beatTimer.setTimerType(Qt::PreciseTimer);
    m_deadlineTimer.setSingleShot(true);
    connect(&m_beatTimer, &QTimer::timeout, this, &ServerPulse::beat);
    connect(&m_deadlineTimer, &QTimer::timeout, this, &ServerPulse::onDeadline);
    connect(&m_socket, &QLocalSocket::readyRead, this, &ServerPulse::readAnswer);
}

void ServerPulse::start(const QString &socketPath, Pace pace)
{
    stop();
    m_socketPath = socketPath;
    m_pace = pace;
    m_beatTimer.start(pace.every);
    beat();
}

void ServerPulse::stop()
{
    m_beatTimer.stop();
    m_deadlineTimer.stop();
    m_socket.abort();
}

void ServerPulse::beat()
{
    if (!m_deadlineTimer.isActive()) {
        m_deadline = Clock::now() + m_pace.deadline;
        m_deadlineTimer.start(m_pace.deadline);
    }
    if (m_socket.state() == QLocalSocket::UnconnectedState) {
        m_isAsked = false;
        m_socket.connectToServer(m_socketPath);
    }
    if (m_socket.state() == QLocalSocket::ConnectedState && !m_isAsked) {
        m_isAsked = true;
        m_socket.write("PING\r\n");
        m_socket.flush();
    }
}

void ServerPulse::readAnswer()
{
    if (!m_socket.canReadLine())
        return;
    const QByteArray line = m_socket.readAll().trimmed();
    m_isAsked = false;
    m_deadlineTimer.stop();
    Q_EMIT answered(meaningOf(line), QString::fromUtf8(line));
}

void ServerPulse::onDeadline()
{
    if (Clock::now() - m_deadline > kOwnDelay)
        return; // the next beat gives it another deadline
    // What came while this thread was at other work lies there unread.
    pollfd entry{static_cast<int>(m_socket.socketDescriptor()), POLLIN, 0};
    if (entry.fd >= 0 && ::poll(&entry, 1, 0) > 0)
        return m_deadlineTimer.start(1);
    Q_EMIT fellSilent();
}

} // namespace weir::redis
