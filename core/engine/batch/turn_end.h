// SPDX-License-Identifier: GPL-3.0-only
// When the requests of one turn of the event loop go out: once, after all sockets of that turn were read.
#pragma once

#include <functional>
#include <utility>

#include <QObject>

namespace weir::engine {

/// Thread: that of `owner`, which has this as a member.
class TurnEnd {
public:
    TurnEnd(QObject &owner, std::function<void()> flush) : m_owner{owner}, m_flush{std::move(flush)} {}

    /// Ask for a call of `flush`: by release() after a hold(), else by a posted event, which comes after all sockets of
    /// a turn were read.
    void need()
    {
        if (!m_isHeld && !std::exchange(m_isPosted, true))
            QMetaObject::invokeMethod(
                &m_owner,
                [this] {
                    m_isPosted = false;
                    m_flush();
                },
                Qt::QueuedConnection);
    }
    /// Keep flushes back until release(), while the sockets of a turn are read. That saves waking the event loop, three
    /// system calls a turn.
    void hold() { m_isHeld = true; }
    void release()
    {
        m_isHeld = false;
        m_flush();
    }

private:
    QObject &m_owner;
    std::function<void()> m_flush;
    bool m_isHeld{false};
    bool m_isPosted{false};
};

} // namespace weir::engine
