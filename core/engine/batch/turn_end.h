// SPDX-License-Identifier: GPL-3.0-only
// When the requests of one turn of the event loop go out: once, after all sockets of that turn were read.
#pragma once

#include <functional>
#include <utility>

#include <QObject>

namespace weir::engine {

/// Thread: that of `owner`, a part of which this is.
class TurnEnd {
public:
    TurnEnd(QObject &owner, std::function<void()> flush) : m_owner{owner}, m_flush{std::move(flush)} {}

    /// Something waits: `flush` is called by release() if there was a hold(), else by a posted event; those come after
    /// all sockets of a turn were read.
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
    /// Whoever reads the sockets says when it begins and when it is done: that spares waking the event loop, three
    /// calls of the kernel a turn.
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
