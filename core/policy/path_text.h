// SPDX-License-Identifier: GPL-3.0-only
// One spelling for a path, as far as that is safe.
#pragma once

#include <string>
#include <string_view>

namespace weir::policy {

/// Return the value of a hexadecimal digit; -1 when `c` is none.
[[nodiscard]] constexpr int hexValue(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Return the byte that "%XX" at `at` stands for, 0 to 255; -1 when none is written there.
[[nodiscard]] constexpr int encodedByte(std::string_view text, std::size_t at)
{
    if (text[at] != '%' || at + 2 >= text.size() || hexValue(text[at + 1]) < 0 || hexValue(text[at + 2]) < 0)
        return -1;
    return hexValue(text[at + 1]) * 16 + hexValue(text[at + 2]);
}

/// Return `path` with percent-encoded letters, digits and "-._~" decoded and the digits of the other "%XX" in upper
/// case (RFC 3986, 6.2.2.1 and 6.2.2.2): all spellings of one path that any server must take for the same. A "%" that
/// begins no "%XX" is "%25", so that decoding cannot form a code that was not sent; a canonical path stays as it is.
///
/// Nothing else is repaired. "%2F" is no "/", "//" is no "/", and "." and ".." stay: whether they mean the same is up
/// to the program behind, and programs differ. Resolving them wrongly would limit another request than the one that is
/// served. A limit that must not be evaded should have no path.
///
/// `buffer` is used when there is something to change, else the result is `path` itself. Linear time.
[[nodiscard]] std::string_view canonicalPath(std::string_view path, std::string &buffer);

} // namespace weir::policy
