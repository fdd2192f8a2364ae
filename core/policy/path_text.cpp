// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/path_text.h"

namespace weir::policy {
namespace {

// RFC 3986, 2.3
bool isUnreserved(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.'
           || c == '_' || c == '~';
}

} // namespace

std::string_view canonicalPath(std::string_view path, std::string &buffer)
{
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    if (path.find('%') == std::string_view::npos)
        return path;
    buffer.clear();
    for (std::size_t at = 0; at < path.size(); ++at) {
        const int byte = encodedByte(path, at);
        const char c = byte < 0 ? path[at] : static_cast<char>(byte);
        if (byte < 0 ? c != '%' : isUnreserved(c)) {
            buffer += c;
        } else {
            buffer += '%';
            buffer += kDigits[static_cast<unsigned char>(c) / 16];
            buffer += kDigits[static_cast<unsigned char>(c) % 16];
        }
        at += byte < 0 ? 0 : 2;
    }
    return buffer;
}

} // namespace weir::policy
