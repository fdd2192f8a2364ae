// SPDX-License-Identifier: GPL-3.0-only
// The answers of one connection in the order of its requests, whatever is decided first.
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

    /// The next place in line.
    [[nodiscard]] std::uint64_t open();
    /// The whole answer for a place.
    void answer(std::uint64_t place, Reply reply);
    /// The next answer to go out, if all before it have gone. Nothing after one that closes.
    [[nodiscard]] std::optional<Reply> takeReady();

    [[nodiscard]] std::size_t unanswered() const { return m_places.size(); }
    /// No further answer goes out.
    [[nodiscard]] bool isClosed() const { return m_isClosed; }

private:
    std::deque<std::optional<Reply>> m_places;
    std::uint64_t m_first{0}; ///< number of m_places.front()
    bool m_isClosed{false};
};

} // namespace weir::http
