// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/reply_queue.h"

#include <utility>

#include <QTcpSocket>

namespace weir::http {
namespace {

// A client that pipelines and never reads is cut here.
constexpr qint64 kMaxUnreadBytes = 262'144;

} // namespace

std::uint64_t ReplyQueue::open()
{
    m_places.emplace_back();
    return m_first + m_places.size() - 1;
}

void ReplyQueue::answer(std::uint64_t place, QByteArray bytes, bool closes)
{
    Place &mine = m_places[place - m_first];
    mine = {std::move(bytes), true, closes};
    while (!m_places.empty() && m_places.front().isReady) {
        const Place next = std::move(m_places.front());
        m_places.pop_front();
        ++m_first;
        write(next.bytes, next.closes);
    }
}

void ReplyQueue::write(const QByteArray &bytes, bool closes)
{
    if (m_isClosed || m_socket.state() != QAbstractSocket::ConnectedState)
        return;
    m_socket.write(bytes);
    if (closes) {
        m_isClosed = true;
        m_socket.disconnectFromHost(); // after what is written has gone out
    } else {
        m_socket.flush();
        if (m_socket.bytesToWrite() > kMaxUnreadBytes) {
            m_isClosed = true;
            m_isCut = true;
            m_socket.abort();
        }
    }
}

} // namespace weir::http
