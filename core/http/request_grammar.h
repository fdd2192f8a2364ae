// SPDX-License-Identifier: GPL-3.0-only
// The grammar of HTTP/1.x (RFC 9110, 9112, 3986) for pieces of text. Strict: nothing is repaired.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::http {

/// Why a request is turned away. Texts are constants.
struct Rejection {
    int status{400};
    std::string_view title;
    std::string_view detail; ///< a sentence; up to the number of `most`, if there is one
    std::int64_t most{-1};   ///< the limit that was passed; -1: none was
    std::string_view rest{}; ///< of the sentence, after the number

    [[nodiscard]] std::string sentence() const
    {
        return most < 0 ? std::string{detail} : std::string{detail}.append(std::to_string(most)).append(rest);
    }
};

inline constexpr std::string_view kBadRequest = "Bad Request";
inline constexpr std::string_view kNotImplemented = "Not Implemented";
inline constexpr std::string_view kContentTooLarge = "Content Too Large";
inline constexpr std::string_view kFieldsTooLarge = "Request Header Fields Too Large";

/// One "NAME: VALUE" line; the value without the white space around it.
struct Field {
    std::string_view name;
    std::string_view value;
};

[[nodiscard]] bool isToken(std::string_view text);  ///< RFC 9110, 5.6.2
[[nodiscard]] bool isTarget(std::string_view text); ///< printable ASCII but "#" (RFC 3986 leaves no others)
[[nodiscard]] bool isDigits(std::string_view text); ///< true of an empty text
[[nodiscard]] bool isHexDigit(char c);
/// Tell whether `text` is a registered name, an IPv4 address or an IPv6 address in brackets (RFC 3986, 3.2.2); not
/// empty.
[[nodiscard]] bool isHost(std::string_view text);
[[nodiscard]] bool equalsIgnoringCase(std::string_view text, std::string_view lower);
[[nodiscard]] bool containsIgnoringCase(std::string_view text, std::string_view lower);
[[nodiscard]] std::string_view trim(std::string_view text); ///< of spaces and tabs

/// HOST or HOST:PORT in its parts, which are not checked.
struct Authority {
    std::string_view host;
    std::string_view port;
};
[[nodiscard]] Authority splitAuthority(std::string_view text);

/// Read `line`, without its line end, to `field`. Returns why it is no field, as a folded line is not (RFC 9112, 5).
[[nodiscard]] std::optional<Rejection> readField(std::string_view line, Field &field);

/// Remove CR LF from the end of `line`, which must not hold another CR or LF. Returns what is wrong: some servers end a
/// line at a line feed alone and some do not (RFC 9112, 2.2).
[[nodiscard]] std::optional<Rejection> takeLineEnd(std::string_view &line);

} // namespace weir::http
