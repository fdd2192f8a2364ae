// SPDX-License-Identifier: GPL-3.0-only
// Puts the answers of one connection in the order of its requests.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include <QByteArray>

namespace weir::http {

/// Not thread safe.
class ReplyQueue {
public:
    struct Reply {
        QByteArray bytes;
        bool closes{false}; ///< the connection ends after it
    };

    /// Return the next place.
    [[nodiscard]] std::uint64_t open();
    /// Set the whole answer for a place.
    void answer(std::uint64_t place, Reply reply);
    /// Take the next answer to send, if it is there; nothing after one that closes.
    [[nodiscard]] std::optional<Reply> takeReady();

    [[nodiscard]] std::size_t unanswered() const { return m_places.size(); }
    /// Tell whether an answer that closes was taken: no further one is sent.
    [[nodiscard]] bool isClosed() const { return m_isClosed; }

private:
    std::deque<std::optional<Reply>> m_places;
    std::uint64_t m_first{0}; ///< number of m_places.front()
    bool m_isClosed{false};
};

} // namespace weir::http
