// SPDX-License-Identifier: GPL-3.0-only
// What a policy sees of a request: views of bytes that the caller keeps alive, nothing owned, nothing copied.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "core/base/ip_address.h"

namespace weir::policy {

/// One header field; the value without the white space around it.
struct HeaderField {
    std::string_view name; ///< as sent
    std::string_view value;
};

struct RequestView {
    std::string_view method;
    std::string_view path;  ///< the target up to its "?", as sent; canonical (path_text.h) where a function says so
    std::string_view query; ///< what follows the first "?"; empty as well when there is none
    IpAddress client;       ///< of the client that trusted proxies name, else of the peer
    std::span<const HeaderField> headers{};
    bool isPeerTrusted{false}; ///< the other end of the connection is a trusted proxy
    std::string_view folded{}; ///< the path as folded_path.h has it, where it is asked for
};

[[nodiscard]] constexpr char lowerOf(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Return `text` with its ASCII letters in lower case.
[[nodiscard]] inline std::string lowerOf(std::string_view text)
{
    std::string lower{text};
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return lowerOf(c); });
    return lower;
}

/// Tell whether the name of the field is `lower`, which is in lower case, whatever its own case.
[[nodiscard]] inline bool isNamed(const HeaderField &field, std::string_view lower)
{
    return std::equal(field.name.begin(), field.name.end(), lower.begin(), lower.end(),
                      [](char c, char other) { return lowerOf(c) == other; });
}

} // namespace weir::policy
