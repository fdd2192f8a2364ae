// SPDX-License-Identifier: GPL-3.0-only
// A strict, incremental HTTP/1.x parser.
//
// What QHttpServer could read differently is turned away here. No Qt, no I/O, so that it can be fuzzed alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/http_limits.h"
#include "core/http/chunked_body.h"
#include "core/http/line_reader.h"
#include "core/http/request_grammar.h"

namespace weir::http {

/// A request, less its body.
struct RequestHead {
    /// Where a field stands in `text`.
    struct Span {
        std::size_t name; ///< where it begins; ": " and the value come after it
        std::size_t nameBytes;
        std::size_t valueBytes;
    };
    std::string method; ///< as sent; a token (RFC 9110, 5.6.2)
    std::string target; ///< origin form: begins with "/", or is the "*" of OPTIONS
    bool isHttp10{false};
    bool closes{false};         ///< the connection ends after the answer
    std::uint64_t bodyBytes{0}; ///< that came, without framing
    /// The head in one spelling: origin form, HTTP/1.1, one Host, "NAME: VALUE" lines without what belongs to the
    /// connection or frames a body. Ends with the empty line.
    std::string text;
    std::vector<Span> fields;               ///< of `text`, in its order
    std::string body;                       ///< without framing; empty unless the parser keeps bodies
    std::optional<std::string> clientField; ///< values of the fields of setClientField(), joined by commas
    /// Another usual client field that the request has; "via" if no field is asked for and it has that alone.
    std::string_view otherClientField{};

    /// Return the field as views of `text`.
    [[nodiscard]] Field field(const Span &span) const
    {
        const std::string_view whole{text};
        return {whole.substr(span.name, span.nameBytes), whole.substr(span.name + span.nameBytes + 2, span.valueBytes)};
    }
};

inline constexpr std::size_t kMaxMethodBytes = 32; // the longest that is registered has 17
inline constexpr int kMaxEmptyLines = 4;           // before a request; RFC 9112, 2.2 asks for one

inline const config::HttpLimits kDefaultHttpLimits{};

class RequestParser {
public:
    enum class State { Incomplete, Complete, Rejected };

    /// `limits` outlives the parser.
    explicit RequestParser(const config::HttpLimits &limits = kDefaultHttpLimits) : m_limits{&limits}, m_chunks{limits}
    {
    }
    /// Set the field in which a proxy names its client (lower case; outlives the parser), for RequestHead::clientField;
    /// none by default.
    void setClientField(std::string_view lowerName) { m_clientField = lowerName; }

    /// Keep bodies in RequestHead::body from now on; else they are skipped.
    void keepBodies() { m_keepsBodies = true; }

    /// Take bytes until a request is whole or rejected; return how many were taken. Bytes after a whole request are not
    /// taken: reset() and feed them again.
    std::size_t feed(std::string_view bytes);
    void reset();

    [[nodiscard]] State state() const { return m_state; }
    /// Tell whether a request has begun and is not whole yet; isInBody(): whether its head is.
    [[nodiscard]] bool hasBegun() const
    {
        return m_state == State::Incomplete && (m_hasRequestLine || m_line.hasBegun());
    }
    [[nodiscard]] bool isInBody() const { return m_state == State::Incomplete && m_isInBody; }
    /// Return the bytes held of a head that is not whole yet.
    [[nodiscard]] std::size_t keptBytes() const
    {
        return hasBegun() ? m_line.keptBytes() + m_head.target.size() + m_head.text.size() + m_head.body.size() : 0;
    }
    /// Tell whether the client waits for "100 Continue" before it sends the body.
    [[nodiscard]] bool expectsContinue() const { return isInBody() && m_expectsContinue && !m_hasBodyBegun; }
    void noteContinue() { m_expectsContinue = false; }
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
    bool parseTarget(std::string_view method, std::string_view target);
    bool parseAbsoluteTarget(std::string_view method, std::string_view target);
    bool parseField(std::string_view line);
    bool parseHost(const Field &field);
    bool parseExpect(std::string_view value);
    bool parseContentLength(std::string_view value);
    bool parseTransferEncoding(std::string_view value);
    void parseConnection(std::string_view value);
    void keep(const Field &field);
    void noteClientField(const Field &field);
    bool finishHead();
    bool checkTransferEncoding();
    void rejectLength();
    bool reject(const Rejection &why);
    bool reject(int status, std::string_view title, std::string_view detail) { return reject({status, title, detail}); }

    const config::HttpLimits *m_limits;
    std::string_view m_clientField; ///< empty: none
    bool m_keepsBodies{false};

    State m_state{State::Incomplete};
    LineReader m_line;
    std::size_t m_bytes{0}; ///< of the request line; then of the field lines
    int m_emptyLines{0};
    int m_fields{0};
    bool m_hasRequestLine{false};
    bool m_isInBody{false};
    bool m_hasBodyBegun{false};
    std::uint64_t m_bodyLeft{0};
    ChunkedBody m_chunks;
    bool m_hasAuthority{false}; ///< the target named the host
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
