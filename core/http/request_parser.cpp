// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/request_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace weir::http {
namespace {

constexpr std::string_view kBadRequest = "Bad Request";

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

bool equalsIgnoringCase(std::string_view text, std::string_view lower)
{
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; });
}

std::string_view trim(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

constexpr std::string_view kEndOfHead = "\r\n\r\n";

// A line feed without its carriage return: some servers end a line there, some do not.
bool hasBareLineFeed(std::string_view bytes, char before)
{
    for (std::size_t at = bytes.find('\n'); at != std::string_view::npos; at = bytes.find('\n', at + 1))
        if ((at == 0 ? before : bytes[at - 1]) != '\r')
            return true;
    return false;
}

} // namespace

void RequestParser::reset()
{
    *this = RequestParser{};
}

std::size_t RequestParser::feed(std::string_view bytes)
{
    std::size_t taken = 0;
    if (!m_isInBody)
        taken = feedHead(bytes);
    if (m_state == State::Incomplete && m_isInBody) {
        const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(m_bodyLeft, bytes.size() - taken));
        m_bodyLeft -= part;
        taken += part;
        if (m_bodyLeft == 0)
            m_state = State::Complete;
    }
    return taken;
}

std::size_t RequestParser::feedHead(std::string_view bytes)
{
    if (m_buffer.empty()) { // the usual case: the whole head at once, nothing copied
        if (const auto end = bytes.find(kEndOfHead); end != std::string_view::npos && end < kMaxHeadBytes) {
            parseHead(bytes.substr(0, end + 2));
            return end + kEndOfHead.size();
        }
    }
    if (hasBareLineFeed(bytes, m_buffer.empty() ? '\0' : m_buffer.back())) {
        reject(400, kBadRequest, "A line ends with a line feed alone; lines end with CR LF.");
        return bytes.size();
    }
    const std::size_t before = m_buffer.size();
    m_buffer.append(bytes);
    if (!checkRequestLineEarly())
        return bytes.size();
    const auto end = m_buffer.find(kEndOfHead, before < 3 ? 0 : before - 3);
    if (end == std::string::npos || end >= kMaxHeadBytes) {
        if (m_buffer.size() > kMaxHeadBytes)
            reject(431, "Request Header Fields Too Large",
                   "The request line and the header fields together are longer than 64 KiB.");
        return bytes.size();
    }
    const std::string head = m_buffer.substr(0, end + 2);
    m_buffer.clear();
    parseHead(head);
    return end + kEndOfHead.size() - before;
}

// QHttpServer judges the request line as soon as it is there, and closes without a word; so must we, with one.
bool RequestParser::checkRequestLineEarly()
{
    const auto end = m_hasRequestLine ? std::string::npos : m_buffer.find("\r\n");
    if (end == std::string::npos)
        return true;
    m_hasRequestLine = true;
    return parseRequestLine(std::string_view{m_buffer}.substr(0, end));
}

// `head` is the lines with their CR LF, less the empty one.
void RequestParser::parseHead(std::string_view head)
{
    int fields = -1;
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(end + 2);
        if (line.find_first_of("\r\n") != std::string_view::npos) {
            reject(400, kBadRequest, "A CR or LF stands alone within a line.");
            return;
        }
        if (++fields > kMaxFields) {
            reject(431, "Request Header Fields Too Large", "There are more than 100 header fields.");
            return;
        }
        if (!(fields == 0 ? parseRequestLine(line) : parseField(line)))
            return;
    }
    if (finishHead() && m_bodyLeft == 0)
        m_state = State::Complete;
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
    if (!isToken(method))
        return reject(400, kBadRequest, "The method is not a token.");
    const bool looksLikeVersion = version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.'
                                  && version[5] >= '0' && version[5] <= '9' && version[7] >= '0' && version[7] <= '9';
    if (!looksLikeVersion)
        return reject(400, kBadRequest, "The version is not HTTP/DIGIT.DIGIT.");
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return reject(505, "HTTP Version Not Supported", "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
    if (target.empty() || !isTarget(target))
        return reject(400, kBadRequest, "The target holds characters that must be percent-encoded.");
    if (target.front() != '/' && target != "*")
        return reject(400, kBadRequest, "The target must be a path; this is no proxy.");
    m_head.method = method;
    m_head.target = target;
    m_head.isHttp10 = version == "HTTP/1.0";
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
        m_hosts += equalsIgnoringCase(name, "host") ? 1 : 0;
        return true;
    case 6:
        if (equalsIgnoringCase(name, "expect")) {
            if (!equalsIgnoringCase(value, "100-continue"))
                return reject(417, "Expectation Failed", "The only expectation that is met here is 100-continue.");
            m_expectsContinue = !m_head.isHttp10; // RFC 9110, 10.1.1
        }
        return true;
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
        if (equalsIgnoringCase(name, "transfer-encoding"))
            return reject(411, "Length Required",
                          "Send the body with Content-Length; transfer codings are not taken here.");
        return true;
    default:
        return true;
    }
}

bool RequestParser::parseContentLength(std::string_view value)
{
    if (m_hasLength)
        return reject(400, kBadRequest, "Content-Length is given more than once.");
    m_hasLength = true;
    const bool isDigits = !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
    if (!isDigits)
        return reject(400, kBadRequest, "Content-Length is not a whole number.");
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), m_head.bodyBytes);
    if (error != std::errc{} || m_head.bodyBytes > kMaxBodyBytes)
        return reject(413, "Content Too Large", "The body is longer than 1 MiB.");
    return true;
}

void RequestParser::parseConnection(std::string_view value)
{
    while (!value.empty()) {
        const auto comma = value.find(',');
        const std::string_view option = trim(value.substr(0, comma));
        m_head.closes = m_head.closes || equalsIgnoringCase(option, "close");
        m_upgrades = m_upgrades || equalsIgnoringCase(option, "upgrade");
        m_keepsAlive = m_keepsAlive || equalsIgnoringCase(option, "keep-alive");
        value = comma == std::string_view::npos ? std::string_view{} : value.substr(comma + 1);
    }
}

bool RequestParser::finishHead()
{
    if (m_hosts > 1 || (m_hosts == 0 && !m_head.isHttp10))
        return reject(400, kBadRequest, "There must be exactly one Host field.");
    if (m_upgrades && m_asksWebSocket) // QHttpServer would close without a word
        return reject(501, "Not Implemented", "WebSocket is not spoken here.");
    if (m_head.isHttp10 && !m_keepsAlive)
        m_head.closes = true;
    m_isInBody = true;
    m_bodyLeft = m_head.bodyBytes;
    return true;
}

bool RequestParser::takeContinue()
{
    return m_state == State::Incomplete && m_isInBody && m_bodyLeft == m_head.bodyBytes
           && std::exchange(m_expectsContinue, false);
}

bool RequestParser::reject(int status, std::string_view title, std::string_view detail)
{
    m_state = State::Rejected;
    m_rejection = {status, title, detail};
    return false;
}

} // namespace weir::http
