// SPDX-License-Identifier: GPL-3.0-only
// Where a request ends and what it asks: a strict HTTP/1.x parser over bytes as they come.
//
// It decides what QHttpServer gets to see at all: whatever the two could read differently is turned
// away here. No Qt, no I/O, so that it can be fuzzed alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::http {

/// A request, less its body.
struct RequestHead {
    std::string method; ///< as sent; a token (RFC 9110, 5.6.2)
    std::string target; ///< as sent; begins with "/", or is the "*" of OPTIONS
    bool isHttp10{false};
    bool closes{false}; ///< the connection ends after the answer
    std::uint64_t bodyBytes{0};
};

/// Why a request is turned away. Texts are constants.
struct Rejection {
    int status{400};
    std::string_view title;
    std::string_view detail;
};

// The defaults that Qt 6.11 and newer have for the same things (QHttpServerConfiguration).
inline constexpr std::size_t kMaxHeadBytes = 65'536;
inline constexpr int kMaxFields = 100; // QHttpServer 6.4 drops all headers of a request with more
inline constexpr std::uint64_t kMaxBodyBytes = 1'048'576;
inline constexpr std::size_t kMaxMethodBytes = 32; // the longest that is registered has 17
inline constexpr int kMaxEmptyLines = 4;           // before a request; RFC 9112, 2.2 asks for one

class RequestParser {
public:
    enum class State { Incomplete, Complete, Rejected };

    /// Takes bytes until a request is whole or rejected; returns how many it took. Bytes after a
    /// whole request are not taken: reset() and feed them again.
    std::size_t feed(std::string_view bytes);
    void reset();

    [[nodiscard]] State state() const { return m_state; }
    /// A request has begun and is not whole yet; isInBody(): its head is.
    [[nodiscard]] bool hasBegun() const
    {
        return m_state == State::Incomplete && (m_hasRequestLine || !m_line.empty());
    }
    [[nodiscard]] bool isInBody() const { return m_state == State::Incomplete && m_isInBody; }
    /// True once, when the client waits for "100 Continue" before it sends the body.
    [[nodiscard]] bool takeContinue();
    [[nodiscard]] const RequestHead &head() const { return m_head; }         ///< Complete
    [[nodiscard]] const Rejection &rejection() const { return m_rejection; } ///< Rejected

private:
    std::size_t feedLine(std::string_view bytes);
    std::size_t feedBody(std::string_view bytes);
    void parseLine(std::string_view line);
    bool checkMethodSoFar(std::string_view line);
    bool parseRequestLine(std::string_view line);
    bool checkVersion(std::string_view version);
    bool checkMethod(std::string_view method, std::string_view target);
    bool checkTarget(std::string_view method, std::string_view target);
    bool parseField(std::string_view line);
    bool parseHost(std::string_view value);
    bool parseExpect(std::string_view value);
    bool parseContentLength(std::string_view value);
    bool parseTransferEncoding(std::string_view value);
    void parseConnection(std::string_view value);
    bool finishHead();
    bool checkTransferEncoding();
    bool rejectLength();
    bool reject(int status, std::string_view title, std::string_view detail);

    State m_state{State::Incomplete};
    std::string m_line; ///< one that came in parts
    std::size_t m_headBytes{0};
    int m_emptyLines{0};
    int m_fields{0};
    bool m_hasRequestLine{false};
    bool m_isInBody{false};
    std::uint64_t m_bodyLeft{0};
    bool m_hasHost{false};
    bool m_hasLength{false};
    bool m_hasCoding{false};
    bool m_isChunked{false}; ///< and nothing else
    bool m_keepsAlive{false};
    bool m_upgrades{false};
    bool m_asksWebSocket{false};
    bool m_expectsContinue{false};
    RequestHead m_head;
    Rejection m_rejection;
};

} // namespace weir::http
