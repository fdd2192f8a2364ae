// SPDX-License-Identifier: GPL-3.0-only
// The answers of one connection in the order of its requests, whatever is decided first.
#pragma once

#include <cstdint>
#include <deque>

#include <QByteArray>

class QTcpSocket;

namespace weir::http {

/// Thread: that of the socket, which must outlive the queue.
class ReplyQueue {
public:
    explicit ReplyQueue(QTcpSocket &socket) : m_socket{socket} {}

    /// The next place in line.
    [[nodiscard]] std::uint64_t open();
    /// The whole answer for a place. Written as soon as all places before it are. With `closes`, the
    /// connection ends after it and later answers are dropped.
    void answer(std::uint64_t place, QByteArray bytes, bool closes);
    [[nodiscard]] std::size_t unanswered() const { return m_places.size(); }
    /// No further answer goes out.
    [[nodiscard]] bool isClosed() const { return m_isClosed; }
    /// The connection was aborted because too much of what it was sent lies unread.
    [[nodiscard]] bool isCut() const { return m_isCut; }

private:
    struct Place {
        QByteArray bytes;
        bool isReady{false};
        bool closes{false};
    };
    void write(const QByteArray &bytes, bool closes);

    QTcpSocket &m_socket;
    std::deque<Place> m_places;
    std::uint64_t m_first{0}; ///< number of m_places.front()
    bool m_isClosed{false};
    bool m_isCut{false};
};

} // namespace weir::http
