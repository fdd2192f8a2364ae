// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/request_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace weir::http {
namespace {

constexpr Rejection kProxyProtocol{
    400, kBadRequest, "This is the PROXY protocol, which is switched off here or not believed from this address."};

constexpr std::array<std::string_view, 9> kMethods{"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                                   "CONNECT", "OPTIONS", "TRACE", "PATCH"};

// What a request line has beside its target: method, two spaces, version, line end; empty lines before it.
constexpr std::size_t kRequestLineRest = kMaxMethodBytes + 2 + 8 + 2 + 2 * kMaxEmptyLines;
constexpr std::size_t kLineEnd = 2;

Rejection urlTooLong(const config::HttpLimits &limits)
{
    return {414, "URI Too Long", "The target of the request is longer than ",
            static_cast<std::int64_t>(limits.maxUrlBytes), " bytes."};
}

void appendJoined(std::optional<std::string> &list, std::string_view value)
{
    if (list)
        list->append(1, ',').append(value);
    else
        list.emplace(value);
}

} // namespace

// The strings keep their memory: a connection that sends one request after the other allocates none.
void RequestParser::reset()
{
    RequestHead head = std::move(m_head);
    for (std::string *text : {&head.method, &head.target, &head.text})
        text->clear();
    head.fields.clear();
    const std::string_view clientField = m_clientField;
    const bool keepsBodies = m_keepsBodies;
    *this = RequestParser{*m_limits};
    m_clientField = clientField;
    m_keepsBodies = keepsBodies;
    m_head.method = std::move(head.method);
    m_head.target = std::move(head.target);
    m_head.text = std::move(head.text);
    m_head.fields = std::move(head.fields);
}

// Line by line, each judged when it ends: the verdict cannot depend on how the bytes were cut.
std::size_t RequestParser::feed(std::string_view bytes)
{
    std::size_t taken = 0;
    while (m_state == State::Incomplete && !m_isInBody && taken < bytes.size())
        taken += feedLine(bytes.substr(taken));
    if (m_state == State::Incomplete && m_isInBody && taken < bytes.size())
        taken += feedBody(bytes.substr(taken));
    return taken;
}

std::size_t RequestParser::feedLine(std::string_view bytes)
{
    const std::size_t most =
        m_hasRequestLine ? m_limits->maxHeaderBytes + kLineEnd : m_limits->maxUrlBytes + kRequestLineRest;
    const std::size_t taken = m_line.feed(bytes, most - m_bytes);
    m_bytes += taken;
    const bool wasRequestLine = !m_hasRequestLine;
    if (m_line.isWhole())
        parseLine(m_line.line());
    else if (!m_hasRequestLine && m_line.line() != "\r")
        checkMethodSoFar(m_line.line());
    if (m_state == State::Incomplete && !m_isInBody && m_bytes == most)
        rejectLength();
    if (wasRequestLine && m_hasRequestLine)
        m_bytes = 0;
    return taken;
}

std::size_t RequestParser::feedBody(std::string_view bytes)
{
    m_hasBodyBegun = true;
    if (m_isChunked) {
        const std::size_t taken = m_chunks.feed(bytes, m_keepsBodies ? &m_head.body : nullptr);
        m_head.bodyBytes = m_chunks.contentBytes();
        if (m_chunks.state() == ChunkedBody::State::Complete)
            m_state = State::Complete;
        else if (m_chunks.state() == ChunkedBody::State::Rejected)
            reject(m_chunks.rejection());
        return taken;
    }
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(m_bodyLeft, bytes.size()));
    m_bodyLeft -= part;
    if (m_keepsBodies)
        m_head.body.append(bytes.substr(0, part));
    if (m_bodyLeft == 0)
        m_state = State::Complete;
    return part;
}

// `line` has its line feed.
void RequestParser::parseLine(std::string_view line)
{
    if (!m_hasRequestLine && line == "\r\n") {
        if (++m_emptyLines > kMaxEmptyLines)
            reject(400, kBadRequest, "There are too many empty lines before the request.");
        return;
    }
    if (!m_hasRequestLine && !checkMethodSoFar(line))
        return;
    if (const auto problem = takeLineEnd(line))
        reject(*problem);
    else if (!m_hasRequestLine)
        m_hasRequestLine = parseRequestLine(line);
    else if (line.empty())
        finishHead();
    else if (++m_fields > m_limits->maxHeaderFields)
        reject(tooManyFields(*m_limits));
    else
        parseField(line);
}

// Before the line has ended: what is no HTTP, a TLS hello for one, may never end it.
bool RequestParser::checkMethodSoFar(std::string_view line)
{
    const std::string_view start = line.substr(0, kMaxMethodBytes + 1);
    const std::string_view method = start.substr(0, start.find(' '));
    if (!isToken(method) && m_emptyLines == 2 && line.starts_with('\0')) // the signature of version 2
        return reject(kProxyProtocol);
    if (!isToken(method))
        return reject(400, kBadRequest, "The request does not begin with a method and a space.");
    if (method.size() > kMaxMethodBytes) // RFC 9112, 3
        return reject(501, kNotImplemented, "The method is longer than any that is known here.");
    return true;
}

bool RequestParser::parseRequestLine(std::string_view line)
{
    if (line.starts_with("PROXY "))
        return reject(kProxyProtocol);
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        return reject(400, kBadRequest, "The request line is not METHOD TARGET VERSION.");
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    const std::string_view version = line.substr(last + 1);
    if (!checkVersion(version) || !checkMethod(method, target) || !parseTarget(method, target))
        return false;
    m_head.method = method;
    m_head.isHttp10 = version == "HTTP/1.0";
    const std::size_t host = m_head.text.size(); // of an absolute target
    m_head.text.insert(0, m_head.target + " HTTP/1.1\r\n").insert(0, m_head.method + ' ');
    for (RequestHead::Span &field : m_head.fields)
        field.name += m_head.text.size() - host;
    return true;
}

bool RequestParser::checkVersion(std::string_view version)
{
    const bool looksLikeVersion = version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.'
                                  && isDigits(version.substr(5, 1)) && isDigits(version.substr(7));
    if (!looksLikeVersion)
        return reject(400, kBadRequest, "The version is not HTTP/DIGIT.DIGIT.");
    if (version[5] != '1') // RFC 9110, 2.5: a higher minor version is read as the highest that is known
        return reject(505, "HTTP Version Not Supported", "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
    return true;
}

bool RequestParser::checkMethod(std::string_view method, std::string_view target)
{
    if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end())
        return reject(501, kNotImplemented, "The method is not known here; methods are upper case.");
    if (method != "CONNECT")
        return true;
    const Authority to = splitAuthority(target); // RFC 9112, 3.2.3
    if (!isHost(to.host) || to.port.empty() || !isDigits(to.port))
        return reject(400, kBadRequest, "The target of CONNECT is HOST:PORT.");
    return reject(501, kNotImplemented, "CONNECT is for proxies; this is none.");
}

bool RequestParser::parseTarget(std::string_view method, std::string_view target)
{
    if (target.size() > m_limits->maxUrlBytes)
        return reject(urlTooLong(*m_limits));
    if (target.empty() || !isTarget(target))
        return reject(400, kBadRequest, "The target holds characters that must be percent-encoded.");
    if (target.substr(0, target.find('?')).find('\\') != std::string_view::npos) // "/" to some readers
        return reject(400, kBadRequest, "The path of the target holds a backslash.");
    if (target == "*" && method != "OPTIONS") // RFC 9112, 3.2.4
        return reject(400, kBadRequest, "The target * is for OPTIONS alone.");
    if (target.front() != '/' && target != "*")
        return parseAbsoluteTarget(method, target);
    m_head.target = target;
    return true;
}

// RFC 9112, 3.2.2: a server must take the absolute form, and go by its host instead of Host's.
bool RequestParser::parseAbsoluteTarget(std::string_view method, std::string_view target)
{
    const auto schemeEnd = target.find("://");
    const std::string_view scheme = target.substr(0, std::min(schemeEnd, target.size()));
    if (schemeEnd != std::string_view::npos && equalsIgnoringCase(scheme, "https")) // RFC 9110, 7.4
        return reject(421, "Misdirected Request", "This is http; https is not spoken here.");
    if (schemeEnd == std::string_view::npos || !equalsIgnoringCase(scheme, "http"))
        return reject(400, kBadRequest, "The target is neither a path nor an http URI.");
    target.remove_prefix(schemeEnd + 3);
    const auto authorityEnd = std::min(target.find_first_of("/?"), target.size());
    const std::string_view authority = target.substr(0, authorityEnd);
    const Authority parts = splitAuthority(authority); // user information is no host: RFC 9110, 4.2.4
    if (!isHost(parts.host) || !isDigits(parts.port))
        return reject(400, kBadRequest, "The host of the target is not HOST or HOST:PORT.");
    target.remove_prefix(authorityEnd);
    if (target.empty() && method == "OPTIONS") // RFC 9112, 3.2.4
        m_head.target = "*";
    else if (!target.starts_with('/'))
        m_head.target.assign("/").append(target);
    else
        m_head.target = target;
    m_hasAuthority = true;
    keep({"Host", authority});
    return true;
}

bool RequestParser::parseField(std::string_view line)
{
    Field field;
    if (const auto problem = readField(line, field))
        return reject(*problem);
    const auto [name, value] = field;
    const auto is = [name = name](std::string_view lower) { return equalsIgnoringCase(name, lower); };
    // By the lengths of the names that matter. What is not kept belongs to this connection (RFC 9110,
    // 7.6.1) or frames a body, and QHttpServer has no part in either.
    switch (name.size()) {
    case 2:
        if (is("te"))
            return true;
        break;
    case 4:
        if (is("host"))
            return parseHost(field);
        break;
    case 6:
        if (is("expect"))
            return parseExpect(value);
        break;
    case 7:
        if (is("upgrade")) {
            m_asksWebSocket = m_asksWebSocket || equalsIgnoringCase(value, "websocket");
            return true;
        }
        if (is("trailer"))
            return true;
        break;
    case 10:
        if (is("connection")) {
            parseConnection(value);
            return true;
        }
        if (is("keep-alive"))
            return true;
        break;
    case 14:
        if (is("content-length"))
            return parseContentLength(value);
        break;
    case 17:
        if (is("transfer-encoding"))
            return parseTransferEncoding(value);
        break;
    default:
        break;
    }
    noteClientField(field);
    keep(field);
    return true;
}

void RequestParser::noteClientField(const Field &field)
{
    if (equalsIgnoringCase(field.name, m_clientField))
        return appendJoined(m_head.clientField, field.value);
    for (const std::string_view usual : {"x-forwarded-for", "forwarded", "x-real-ip"})
        if (equalsIgnoringCase(field.name, usual))
            m_head.otherClientField = usual;
    if (m_clientField.empty() && m_head.otherClientField.empty() && equalsIgnoringCase(field.name, "via"))
        m_head.otherClientField = "via"; // names no client, but nobody else than a proxy writes it
}

void RequestParser::keep(const Field &field)
{
    m_head.fields.push_back({m_head.text.size(), field.name.size(), field.value.size()});
    m_head.text.append(field.name).append(": ").append(field.value).append("\r\n");
}

// RFC 9110, 7.2. An empty value stands for a target without authority, and an http URI has one.
bool RequestParser::parseHost(const Field &field)
{
    if (std::exchange(m_hasHost, true))
        return reject(400, kBadRequest, "Host is given more than once.");
    const Authority authority = splitAuthority(field.value);
    if (!isHost(authority.host) || !isDigits(authority.port))
        return reject(400, kBadRequest, "The value of Host is not HOST or HOST:PORT.");
    if (!m_hasAuthority)
        keep(field);
    return true;
}

bool RequestParser::parseExpect(std::string_view value)
{
    if (!equalsIgnoringCase(value, "100-continue"))
        return reject(417, "Expectation Failed", "The only expectation that is met here is 100-continue.");
    m_expectsContinue = !m_head.isHttp10; // RFC 9110, 10.1.1
    return true;
}

bool RequestParser::parseContentLength(std::string_view value)
{
    if (std::exchange(m_hasLength, true))
        return reject(400, kBadRequest, "Content-Length is given more than once.");
    if (value.empty() || !isDigits(value) || (value.size() > 1 && value.front() == '0')) // octal, to some
        return reject(400, kBadRequest, "Content-Length is not a whole number without zeros before it.");
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), m_head.bodyBytes);
    if (error != std::errc{})
        return reject(400, kBadRequest, "Content-Length does not fit into 64 bits.");
    if (m_head.bodyBytes > m_limits->maxBodyBytes)
        return reject(bodyTooLong(*m_limits));
    return true;
}

// Judged at the end of the head: Content-Length may come after it.
bool RequestParser::parseTransferEncoding(std::string_view value)
{
    m_isChunked = !std::exchange(m_hasCoding, true) && equalsIgnoringCase(value, "chunked");
    return true;
}

void RequestParser::parseConnection(std::string_view value)
{
    while (!value.empty()) {
        const auto comma = value.find(',');
        const std::string_view option = trim(value.substr(0, comma));
        m_head.closes = m_head.closes || equalsIgnoringCase(option, "close");
        m_upgrades = m_upgrades || containsIgnoringCase(option, "upgrade");
        m_keepsAlive = m_keepsAlive || equalsIgnoringCase(option, "keep-alive");
        value = comma == std::string_view::npos ? std::string_view{} : value.substr(comma + 1);
    }
}

bool RequestParser::finishHead()
{
    if (!m_hasHost && !m_head.isHttp10)
        return reject(400, kBadRequest, "There must be exactly one Host field.");
    if (!checkTransferEncoding())
        return false;
    if (m_upgrades && m_asksWebSocket)
        return reject(501, kNotImplemented, "WebSocket is not spoken here.");
    m_head.closes = m_head.closes || (m_head.isHttp10 && !m_keepsAlive);
    m_head.text += "\r\n";
    m_isInBody = true;
    m_bodyLeft = m_head.bodyBytes;
    if (m_bodyLeft == 0 && !m_isChunked)
        m_state = State::Complete;
    return true;
}

// RFC 9112, 6.1 and 6.3: whatever two readers could end at different places is 400.
bool RequestParser::checkTransferEncoding()
{
    if (!m_hasCoding)
        return true;
    if (m_hasLength)
        return reject(400, kBadRequest, "Content-Length and Transfer-Encoding exclude each other.");
    if (m_head.isHttp10)
        return reject(400, kBadRequest, "HTTP/1.0 has no Transfer-Encoding.");
    if (!m_isChunked)
        return reject(400, kBadRequest, "Transfer-Encoding is not exactly: chunked.");
    return true;
}

void RequestParser::rejectLength()
{
    if (!m_hasRequestLine)
        reject(urlTooLong(*m_limits));
    else
        reject({431, kFieldsTooLarge, "The header fields together are longer than ",
                static_cast<std::int64_t>(m_limits->maxHeaderBytes), " bytes."});
}

bool RequestParser::reject(const Rejection &why)
{
    m_state = State::Rejected;
    m_rejection = why;
    return false;
}

} // namespace weir::http
