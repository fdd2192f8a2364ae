// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/shown_text.h"

#include <algorithm>

namespace weir::config {
namespace {

constexpr std::size_t kMostShown = 80; // of a word somebody pasted by mistake

bool isMiddleOfCharacter(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

} // namespace

std::string shown(std::string_view text)
{
    std::size_t end = std::min(text.size(), kMostShown);
    while (end > 0 && end < text.size() && isMiddleOfCharacter(text[end]))
        --end;
    std::string result;
    for (std::size_t at = 0; at < end; ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        // U+0080 to U+009F are control characters too (ECMA-48, 8.3): in UTF-8 C2 80 to C2 9F.
        const bool isLateControl = byte == 0xC2 && at + 1 < end && static_cast<unsigned char>(text[at + 1]) < 0xA0;
        if (isLateControl)
            ++at;
        result += byte < 0x20 || byte == 0x7F || isLateControl ? '?' : text[at];
    }
    return end < text.size() ? result + "…" : result;
}

std::string shownInQuotes(std::string_view text)
{
    return '"' + shown(text) + '"';
}

std::string oneOf(const std::vector<std::string> &words)
{
    std::string result;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0)
            result += i + 1 == words.size() ? " or " : ", ";
        result += words[i];
    }
    return result;
}

} // namespace weir::config
