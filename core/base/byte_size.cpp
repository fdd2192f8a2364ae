// SPDX-License-Identifier: GPL-3.0-only
#include "core/base/byte_size.h"

#include <array>
#include <charconv>
#include <limits>

namespace weir {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t bytes;
};

// Largest first: printing takes the first unit that divides the size.
constexpr std::array kUnits{Unit{"GiB", 1ULL << 30}, Unit{"MiB", 1ULL << 20}, Unit{"KiB", 1ULL << 10}, Unit{"B", 1}};

std::optional<std::uint64_t> unitBytes(std::string_view name)
{
    for (const Unit &unit : kUnits)
        if (unit.name == name)
            return unit.bytes;
    return std::nullopt;
}

std::string print(std::uint64_t bytes, std::string_view separator)
{
    for (const Unit &unit : kUnits) {
        if (bytes % unit.bytes != 0 || (bytes == 0 && unit.bytes != 1))
            continue;
        std::string text = std::to_string(bytes / unit.bytes);
        text += separator;
        text += unit.name;
        return text;
    }
    return {};
}

} // namespace

std::optional<std::uint64_t> parseByteSize(std::string_view text)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{})
        return std::nullopt;
    std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
    if (rest.empty())
        return number;
    if (rest.front() == ' ')
        rest.remove_prefix(1);
    const auto unit = unitBytes(rest);
    if (!unit || number > std::numeric_limits<std::uint64_t>::max() / *unit)
        return std::nullopt;
    return number * *unit;
}

std::string printByteSize(std::uint64_t bytes)
{
    return print(bytes, "");
}

std::string printByteSizeSpaced(std::uint64_t bytes)
{
    return print(bytes, " ");
}

} // namespace weir
