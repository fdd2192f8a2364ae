// SPDX-License-Identifier: GPL-3.0-only
// Finds the end of a chunked body (RFC 9112, 7.1), strictly, and its content if that is wanted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/config/http_limits.h"
#include "core/http/line_reader.h"
#include "core/http/request_grammar.h"

namespace weir::http {

[[nodiscard]] inline Rejection bodyTooLong(const config::HttpLimits &limits)
{
    return {413, kContentTooLarge, "The body is longer than ", static_cast<std::int64_t>(limits.maxBodyBytes),
            " bytes."};
}

[[nodiscard]] inline Rejection tooManyFields(const config::HttpLimits &limits)
{
    return {431, kFieldsTooLarge, "There are more than ", limits.maxHeaderFields, " fields."};
}

/// No Qt, no I/O. The result does not depend on how the bytes are cut into calls.
class ChunkedBody {
public:
    enum class State { Incomplete, Complete, Rejected };

    explicit ChunkedBody(const config::HttpLimits &limits) : m_limits{&limits} {}

    /// Take bytes until the body is whole or rejected; return how many were taken. What is content among them is appended
    /// to `content`, if there is one.
    std::size_t feed(std::string_view bytes, std::string *content = nullptr);
    void reset();

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] std::uint64_t contentBytes() const { return m_contentBytes; } ///< so far, without framing
    [[nodiscard]] const Rejection &rejection() const { return m_rejection; }    ///< Rejected

private:
    enum class Part { Size, Data, DataEnd, Trailer };

    std::size_t feedLine(std::string_view bytes);
    void parseSize(std::string_view line);
    void parseDataEnd(std::string_view line);
    void parseTrailer(std::string_view line);
    void reject(const Rejection &why);

    const config::HttpLimits *m_limits;
    State m_state{State::Incomplete};
    Part m_part{Part::Size};
    LineReader m_line;
    std::size_t m_lineBytes{0}; ///< of the present line; of all lines of the trailer
    int m_trailerFields{0};
    std::uint64_t m_chunkLeft{0};
    std::uint64_t m_contentBytes{0};
    Rejection m_rejection;
};

} // namespace weir::http
