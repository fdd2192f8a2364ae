// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/request_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <arpa/inet.h>

namespace weir::http {
namespace {

constexpr std::string_view kBadRequest = "Bad Request";
constexpr std::string_view kNotImplemented = "Not Implemented";
constexpr std::string_view kDigits = "0123456789";

constexpr std::array<std::string_view, 9> kMethods{"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                                   "CONNECT", "OPTIONS", "TRACE", "PATCH"};

// RFC 9110, 5.6.2: tchar
constexpr std::array<bool, 256> kIsTokenChar = [] {
    std::array<bool, 256> table{};
    for (const char c :
         std::string_view{"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"})
        table[static_cast<unsigned char>(c)] = true;
    return table;
}();

bool isToken(std::string_view text)
{
    return !text.empty()
           && std::all_of(text.begin(), text.end(), [](char c) { return kIsTokenChar[static_cast<unsigned char>(c)]; });
}

// RFC 9110, 5.5: field values are visible characters, obs-text, space and tab.
bool isFieldValue(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
    });
}

// RFC 3986 leaves the printable ASCII characters; all others must be percent-encoded.
bool isTarget(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
}

bool equalsLower(char c, char lower)
{
    return (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) == lower;
}

bool equalsIgnoringCase(std::string_view text, std::string_view lower)
{
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), equalsLower);
}

bool containsIgnoringCase(std::string_view text, std::string_view lower)
{
    return std::search(text.begin(), text.end(), lower.begin(), lower.end(), equalsLower) != text.end();
}

std::string_view trim(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool isDigits(std::string_view text)
{
    return text.find_first_not_of(kDigits) == std::string_view::npos;
}

bool isHexDigit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// RFC 3986, 3.2.2: reg-name; it holds the IPv4 addresses too. An http URI has none that is empty.
bool isName(std::string_view text)
{
    constexpr std::string_view kAllowed =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~!$&'()*+,;=";
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool isEncoded =
            text[at] == '%' && at + 2 < text.size() && isHexDigit(text[at + 1]) && isHexDigit(text[at + 2]);
        if (!isEncoded && kAllowed.find(text[at]) == std::string_view::npos)
            return false;
        at += isEncoded ? 2 : 0;
    }
    return !text.empty();
}

bool isIpv6(std::string_view text)
{
    in6_addr address{};
    const std::string terminated{text};
    return terminated.find('\0') == std::string::npos && ::inet_pton(AF_INET6, terminated.c_str(), &address) == 1;
}

struct Authority {
    std::string_view host;
    std::string_view port;
    bool hasPort{false};
};

// HOST, HOST:PORT, [ADDRESS] or [ADDRESS]:PORT
Authority splitAuthority(std::string_view text)
{
    const auto hostEnd = text.starts_with('[') ? text.find(']') : 0;
    const auto colon = text.find(':', std::min(hostEnd, text.size()));
    if (colon == std::string_view::npos)
        return {text, {}, false};
    return {text.substr(0, colon), text.substr(colon + 1), true};
}

bool isHost(std::string_view text)
{
    const bool isBracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
    return isBracketed ? isIpv6(text.substr(1, text.size() - 2)) : isName(text);
}

} // namespace

void RequestParser::reset()
{
    *this = RequestParser{};
}

// Line by line, each judged when it ends: the verdict cannot depend on how the bytes were cut.
std::size_t RequestParser::feed(std::string_view bytes)
{
    std::size_t taken = 0;
    while (m_state == State::Incomplete && !m_isInBody && taken < bytes.size())
        taken += feedLine(bytes.substr(taken));
    if (m_state == State::Incomplete && m_isInBody)
        taken += feedBody(bytes.substr(taken));
    return taken;
}

std::size_t RequestParser::feedLine(std::string_view bytes)
{
    const std::string_view window = bytes.substr(0, kMaxHeadBytes - m_headBytes);
    const auto end = window.find('\n');
    const bool isWhole = end != std::string_view::npos;
    const std::string_view part = isWhole ? window.substr(0, end + 1) : window;
    m_headBytes += part.size();
    if (isWhole && m_line.empty()) { // the usual case: nothing is copied
        parseLine(part);
    } else {
        m_line.append(part);
        if (isWhole)
            parseLine(std::exchange(m_line, {}));
        else if (!m_hasRequestLine && m_line != "\r")
            checkMethodSoFar(m_line);
    }
    if (m_state == State::Incomplete && !m_isInBody && m_headBytes == kMaxHeadBytes)
        rejectLength();
    return part.size();
}

std::size_t RequestParser::feedBody(std::string_view bytes)
{
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(m_bodyLeft, bytes.size()));
    m_bodyLeft -= part;
    if (m_bodyLeft == 0)
        m_state = State::Complete;
    return part;
}

// `line` has its line feed.
void RequestParser::parseLine(std::string_view line)
{
    if (!m_hasRequestLine && line == "\r\n") { // QHttpServer reads over them too
        if (++m_emptyLines > kMaxEmptyLines)
            reject(400, kBadRequest, "There are too many empty lines before the request.");
        return;
    }
    if (!m_hasRequestLine && !checkMethodSoFar(line))
        return;
    if (!line.ends_with("\r\n")) { // some servers end a line there, some do not
        reject(400, kBadRequest, "A line ends with a line feed alone; lines end with CR LF.");
        return;
    }
    line.remove_suffix(2);
    if (line.find('\r') != std::string_view::npos)
        reject(400, kBadRequest, "A carriage return stands alone within a line.");
    else if (!m_hasRequestLine)
        m_hasRequestLine = parseRequestLine(line);
    else if (line.empty())
        finishHead();
    else if (++m_fields > kMaxFields)
        reject(431, "Request Header Fields Too Large", "There are more than 100 header fields.");
    else
        parseField(line);
}

// Before the line has ended: what is no HTTP, a TLS hello for one, may never end it.
bool RequestParser::checkMethodSoFar(std::string_view line)
{
    const std::string_view start = line.substr(0, kMaxMethodBytes + 1);
    const std::string_view method = start.substr(0, start.find(' '));
    if (!isToken(method))
        return reject(400, kBadRequest, "The request does not begin with a method and a space.");
    if (method.size() > kMaxMethodBytes) // RFC 9112, 3
        return reject(501, kNotImplemented, "The method is longer than any that is known here.");
    return true;
}

bool RequestParser::parseRequestLine(std::string_view line)
{
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        return reject(400, kBadRequest, "The request line is not METHOD TARGET VERSION.");
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    const std::string_view version = line.substr(last + 1);
    if (!checkVersion(version) || !checkMethod(method, target) || !checkTarget(method, target))
        return false;
    m_head.method = method;
    m_head.target = target;
    m_head.isHttp10 = version == "HTTP/1.0";
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

bool RequestParser::checkTarget(std::string_view method, std::string_view target)
{
    if (target.empty() || !isTarget(target))
        return reject(400, kBadRequest, "The target holds characters that must be percent-encoded.");
    if (target == "*" && method != "OPTIONS") // RFC 9112, 3.2.4
        return reject(400, kBadRequest, "The target * is for OPTIONS alone.");
    if (target.front() != '/' && target != "*")
        return reject(400, kBadRequest, "The target must be a path; this is no proxy.");
    return true;
}

bool RequestParser::parseField(std::string_view line)
{
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !isToken(line.substr(0, colon)))
        return reject(400, kBadRequest, "A header line is not NAME: VALUE.");
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim(line.substr(colon + 1));
    if (!isFieldValue(value))
        return reject(400, kBadRequest, "A header value holds control characters.");
    switch (name.size()) { // the lengths of the names that matter
    case 4:
        return !equalsIgnoringCase(name, "host") || parseHost(value);
    case 6:
        return !equalsIgnoringCase(name, "expect") || parseExpect(value);
    case 7:
        m_asksWebSocket =
            m_asksWebSocket || (equalsIgnoringCase(name, "upgrade") && equalsIgnoringCase(value, "websocket"));
        return true;
    case 10:
        if (equalsIgnoringCase(name, "connection"))
            parseConnection(value);
        return true;
    case 14:
        return !equalsIgnoringCase(name, "content-length") || parseContentLength(value);
    case 17:
        return !equalsIgnoringCase(name, "transfer-encoding") || parseTransferEncoding(value);
    default:
        return true;
    }
}

// RFC 9110, 7.2. An empty value stands for a target without authority, and an http URI has one.
bool RequestParser::parseHost(std::string_view value)
{
    if (std::exchange(m_hasHost, true))
        return reject(400, kBadRequest, "Host is given more than once.");
    const Authority authority = splitAuthority(value);
    if (!isHost(authority.host) || !isDigits(authority.port))
        return reject(400, kBadRequest, "The value of Host is not HOST or HOST:PORT.");
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
    if (value.empty() || !isDigits(value))
        return reject(400, kBadRequest, "Content-Length is not a whole number.");
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), m_head.bodyBytes);
    if (error != std::errc{} || m_head.bodyBytes > kMaxBodyBytes)
        return reject(413, "Content Too Large", "The body is longer than 1 MiB.");
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
        m_upgrades = m_upgrades || containsIgnoringCase(option, "upgrade"); // QHttpServer looks no closer
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
    if (m_upgrades && m_asksWebSocket) // QHttpServer would close without a word
        return reject(501, kNotImplemented, "WebSocket is not spoken here.");
    m_head.closes = m_head.closes || (m_head.isHttp10 && !m_keepsAlive);
    m_isInBody = true;
    m_bodyLeft = m_head.bodyBytes;
    if (m_bodyLeft == 0)
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
    return reject(411, "Length Required", "Send the body with Content-Length; transfer codings are not taken here.");
}

bool RequestParser::takeContinue()
{
    return m_state == State::Incomplete && m_isInBody && m_bodyLeft == m_head.bodyBytes
           && std::exchange(m_expectsContinue, false);
}

bool RequestParser::rejectLength()
{
    if (!m_hasRequestLine)
        return reject(414, "URI Too Long", "The request line is longer than 64 KiB.");
    return reject(431, "Request Header Fields Too Large",
                  "The request line and the header fields together are longer than 64 KiB.");
}

bool RequestParser::reject(int status, std::string_view title, std::string_view detail)
{
    m_state = State::Rejected;
    m_rejection = {status, title, detail};
    return false;
}

} // namespace weir::http
