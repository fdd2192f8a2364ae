// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/chunked_body.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace weir::http {
namespace {

// A size and its extensions, which RFC 9112, 7.1.1 asks us to bound.
constexpr std::size_t kMaxSizeLine = 1024;
constexpr std::size_t kMaxSizeDigits = 16; // of 64 bits

// RFC 9110, 5.6.4; returns its length with both quotes, 0 when `text` does not begin with one.
std::size_t quotedLength(std::string_view text)
{
    if (!text.starts_with('"'))
        return 0;
    for (std::size_t at = 1; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte == '"')
            return at + 1;
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return 0;
        if (byte == '\\' && ++at < text.size() && static_cast<unsigned char>(text[at]) < 0x20 && text[at] != '\t')
            return 0;
    }
    return 0;
}

std::size_t tokenLength(std::string_view text)
{
    std::size_t length = 0;
    while (length < text.size() && isToken(text.substr(length, 1)))
        ++length;
    return length;
}

void skipSpace(std::string_view &text)
{
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

// RFC 9112, 7.1.1: *( BWS ";" BWS name [ BWS "=" BWS value ] ). They mean nothing here, but one that
// is malformed could end elsewhere for another reader.
bool areExtensions(std::string_view text)
{
    while (!text.empty()) {
        skipSpace(text);
        if (!text.starts_with(';'))
            return false;
        text.remove_prefix(1);
        skipSpace(text);
        const std::size_t name = tokenLength(text);
        if (name == 0)
            return false;
        text.remove_prefix(name);
        std::string_view rest = text;
        skipSpace(rest);
        if (!rest.starts_with('='))
            continue;
        rest.remove_prefix(1);
        skipSpace(rest);
        const std::size_t value = std::max(quotedLength(rest), tokenLength(rest));
        if (value == 0)
            return false;
        text = rest.substr(value);
    }
    return true;
}

// RFC 9110, 6.5.1: what frames or routes a request must not come after it.
bool isForbiddenInTrailer(std::string_view name)
{
    constexpr std::array<std::string_view, 3> kForbidden{"content-length", "transfer-encoding", "host"};
    return std::any_of(kForbidden.begin(), kForbidden.end(),
                       [name](std::string_view other) { return equalsIgnoringCase(name, other); });
}

} // namespace

void ChunkedBody::reset()
{
    *this = ChunkedBody{*m_limits};
}

std::size_t ChunkedBody::feed(std::string_view bytes, std::string *content)
{
    std::size_t taken = 0;
    while (m_state == State::Incomplete && taken < bytes.size()) {
        if (m_part != Part::Data) {
            taken += feedLine(bytes.substr(taken));
            continue;
        }
        const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(m_chunkLeft, bytes.size() - taken));
        if (content)
            content->append(bytes.substr(taken, part));
        taken += part;
        m_chunkLeft -= part;
        m_contentBytes += part;
        if (m_chunkLeft == 0)
            m_part = Part::DataEnd;
    }
    return taken;
}

std::size_t ChunkedBody::feedLine(std::string_view bytes)
{
    constexpr std::size_t kLineEnd = 2;
    const std::size_t most = m_part == Part::Trailer   ? m_limits->maxHeaderBytes + kLineEnd
                             : m_part == Part::DataEnd ? kLineEnd
                                                       : kMaxSizeLine;
    const std::size_t taken = m_line.feed(bytes, most - m_lineBytes);
    m_lineBytes += taken;
    if (m_line.isWhole()) {
        std::string_view line = m_line.line();
        if (m_part == Part::DataEnd)
            parseDataEnd(line);
        else if (const auto problem = takeLineEnd(line))
            reject(*problem);
        else if (m_part == Part::Size)
            parseSize(line);
        else
            parseTrailer(line);
        if (m_part != Part::Trailer)
            m_lineBytes = 0;
    } else if (m_lineBytes == most) {
        if (m_part == Part::Trailer)
            reject({431, kFieldsTooLarge, "The trailer fields together are longer than ",
                    static_cast<std::int64_t>(m_limits->maxHeaderBytes), " bytes."});
        else if (m_part == Part::DataEnd)
            reject({400, kBadRequest, "A chunk does not end with CR LF where its size says."});
        else
            reject({400, kBadRequest, "The size line of a chunk is longer than 1 KiB."});
    }
    return taken;
}

void ChunkedBody::parseSize(std::string_view line)
{
    const auto end = std::find_if_not(line.begin(), line.end(), isHexDigit);
    const auto digits = static_cast<std::size_t>(end - line.begin());
    std::uint64_t size = 0;
    if (digits == 0 || digits > kMaxSizeDigits
        || std::from_chars(line.data(), line.data() + digits, size, 16).ec != std::errc{}) {
        reject({400, kBadRequest, "The size of a chunk is not a hexadecimal number of at most 16 digits."});
    } else if (!areExtensions(line.substr(digits))) {
        reject({400, kBadRequest, "What follows the size of a chunk is no chunk extension."});
    } else if (size > m_limits->maxBodyBytes - m_contentBytes) {
        reject(bodyTooLong(*m_limits));
    } else if (size == 0) {
        m_part = Part::Trailer;
        m_lineBytes = 0;
    } else {
        m_chunkLeft = size;
        m_part = Part::Data;
    }
}

void ChunkedBody::parseDataEnd(std::string_view line)
{
    if (line == "\r\n")
        m_part = Part::Size;
    else
        reject({400, kBadRequest, "A chunk does not end with CR LF where its size says."});
}

void ChunkedBody::parseTrailer(std::string_view line)
{
    Field field;
    if (line.empty())
        m_state = State::Complete;
    else if (const auto problem = readField(line, field))
        reject(*problem);
    else if (isForbiddenInTrailer(field.name))
        reject({400, kBadRequest, "A trailer field says what only the head of a request may say."});
    else if (++m_trailerFields > m_limits->maxHeaderFields)
        reject(tooManyFields(*m_limits));
}

void ChunkedBody::reject(const Rejection &why)
{
    m_state = State::Rejected;
    m_rejection = why;
}

} // namespace weir::http
