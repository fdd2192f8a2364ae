// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/toml_text.h"

namespace weir::config {

std::string printTomlText(std::string_view text)
{
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string result{'"'};
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (byte < 0x20 || byte == 0x7F) {
            result += "\\u00";
            result += kHex[byte / 16];
            result += kHex[byte % 16];
        } else {
            result += c;
        }
    }
    return result + '"';
}

} // namespace weir::config
