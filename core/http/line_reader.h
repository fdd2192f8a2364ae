// SPDX-License-Identifier: GPL-3.0-only
// One line out of bytes that come in any pieces.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace weir::http {

/// The usual line comes whole and is not copied. Not thread safe.
class LineReader {
public:
    /// Look for the end of the line in at most `room` of `bytes`; return how many were taken. Then isWhole() tells
    /// whether line() ends with a line feed or is only a part.
    std::size_t feed(std::string_view bytes, std::size_t room)
    {
        if (m_isWhole)
            begin();
        const std::string_view window = bytes.substr(0, std::min(room, bytes.size()));
        const auto end = window.find('\n');
        m_isWhole = end != std::string_view::npos;
        const std::string_view part = m_isWhole ? window.substr(0, end + 1) : window;
        if (m_isWhole && m_kept.empty()) {
            m_line = part;
        } else {
            m_kept.append(part);
            m_line = m_kept;
        }
        return part.size();
    }

    [[nodiscard]] bool isWhole() const { return m_isWhole; }
    /// Return the line so far. Valid until the next call, and no longer than the bytes that were fed.
    [[nodiscard]] std::string_view line() const { return m_line; }
    /// Tell whether a part of a line is kept.
    [[nodiscard]] bool hasBegun() const { return !m_isWhole && !m_kept.empty(); }
    [[nodiscard]] std::size_t keptBytes() const { return m_kept.size(); }
    /// Forget the line, and give back the memory of a long one.
    void begin()
    {
        m_isWhole = false;
        m_line = {};
        if (m_kept.capacity() > kKeptCapacity)
            std::string{}.swap(m_kept);
        m_kept.clear();
    }

private:
    static constexpr std::size_t kKeptCapacity = 1024; // of an idle connection, bytes

    std::string m_kept;
    std::string_view m_line;
    bool m_isWhole{false};
};

} // namespace weir::http
