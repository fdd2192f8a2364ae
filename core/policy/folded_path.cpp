// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/folded_path.h"

#include <algorithm>
#include <cstdint>

#include "core/policy/path_text.h"
#include "core/policy/request_view.h"

namespace weir::policy {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

std::uint8_t byteAt(const std::string &text, std::size_t fromEnd)
{
    return fromEnd > text.size() ? 0 : static_cast<std::uint8_t>(text[text.size() - fromEnd]);
}

struct Decoded {
    std::size_t bytes; // at the end of the text; 0: nothing to decode
    int code;
};

// "%XX" at the end. The star of a pattern cannot be written but as "%2A", so it stays.
Decoded encodedAtEnd(const std::string &text)
{
    const int code = text.size() < 3 ? -1 : encodedByte(std::string_view{text}.substr(text.size() - 3), 0);
    return code < 0 || code == '*' ? Decoded{0, 0} : Decoded{3, code};
}

// An ASCII character in two, three or four bytes: RFC 3629, 3, forbids it, and decoders that do not look take it.
Decoded overlongAtEnd(const std::string &text)
{
    const int last = byteAt(text, 1);
    if ((last & 0xC0) != 0x80)
        return {0, 0};
    const int low = last & 0x3F, second = byteAt(text, 2);
    if (second == 0xC0 || second == 0xC1)
        return {2, (second & 1) << 6 | low};
    if ((second & 0xFE) != 0x80)
        return {0, 0};
    const int code = (second & 1) << 6 | low, third = byteAt(text, 3);
    if (third == 0xE0)
        return {3, code};
    return third == 0x80 && byteAt(text, 4) == 0xF0 ? Decoded{4, code} : Decoded{0, 0};
}

// Appends a byte; what it completes is decoded, and may complete more. False at a NUL.
bool append(char byte, std::string &out)
{
    out += byte;
    for (;;) {
        Decoded found = encodedAtEnd(out);
        if (found.bytes == 0)
            found = overlongAtEnd(out);
        if (found.bytes == 0)
            return true;
        out.resize(out.size() - found.bytes);
        if (found.code == 0)
            return false;
        out += static_cast<char>(found.code);
    }
}

void decode(std::string_view text, std::string &out)
{
    out.clear();
    for (const char c : text)
        if (!append(c, out))
            break;
    for (char &c : out)
        c = c == '\\' ? '/' : lowerOf(c);
}

std::string_view bareSegment(std::string_view segment)
{
    segment = segment.substr(0, segment.find(';'));
    const std::size_t white = segment.find_last_not_of(" \t\r\n\v\f");
    segment = segment.substr(0, white == kNone ? 0 : white + 1);
    if (segment == "." || segment == "..")
        return segment;
    const std::size_t end = segment.find_last_not_of(". \t\r\n\v\f");
    return segment.substr(0, end == kNone ? 0 : end + 1);
}

// In place: what is written never comes up to what is read next.
void resolve(std::string &path)
{
    if (!path.starts_with('/'))
        path.insert(0, 1, '/');
    std::size_t size = 0;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view segment = bareSegment(std::string_view{path}.substr(at, end - at));
        if (segment == "..") {
            size = size == 0 ? 0 : path.rfind('/', size - 1);
        } else if (!segment.empty() && segment != ".") {
            const std::size_t length = segment.size();
            path[size++] = '/';
            std::copy_n(path.data() + at, length, path.data() + size);
            size += length;
        }
        at = end + 1;
    }
    path.resize(size);
    path += '/';
}

} // namespace

std::string_view foldedPath(std::string_view path, std::string &buffer, std::string &spare)
{
    if (path == "*")
        return path;
    decode(path, buffer);
    resolve(buffer);
    return canonicalPath(buffer, spare);
}

std::string foldedPattern(std::string_view text)
{
    std::string out;
    decode(text, out);
    return out;
}

} // namespace weir::policy
