// SPDX-License-Identifier: GPL-3.0-only
#include "core/base/duration.h"

#include <array>
#include <charconv>
#include <limits>

namespace weir {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t micros;
};

// Largest first: printing takes the first unit that divides the duration.
constexpr std::array kUnits{
    Unit{"d", 86'400'000'000}, Unit{"h", 3'600'000'000}, Unit{"min", 60'000'000},
    Unit{"s", 1'000'000},      Unit{"ms", 1'000},        Unit{"us", 1},
};

std::optional<std::int64_t> unitMicros(std::string_view name)
{
    if (name == "m")
        return 60'000'000;
    for (const Unit &unit : kUnits)
        if (unit.name == name)
            return unit.micros;
    return std::nullopt;
}

std::string print(Micros duration, std::string_view separator)
{
    for (const Unit &unit : kUnits) {
        if (duration.count() % unit.micros != 0 || (duration.count() == 0 && unit.name != "s"))
            continue;
        std::string text = std::to_string(duration.count() / unit.micros);
        text += separator;
        text += unit.name;
        return text;
    }
    return {};
}

} // namespace

std::optional<Micros> parseDuration(std::string_view text)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0 || text.front() == '-')
        return std::nullopt;
    std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
    if (!rest.empty() && rest.front() == ' ')
        rest.remove_prefix(1);
    const auto unit = unitMicros(rest);
    if (!unit || number > std::numeric_limits<std::int64_t>::max() / *unit)
        return std::nullopt;
    return Micros{number * *unit};
}

std::string printDuration(Micros duration)
{
    return print(duration, "");
}

std::string printDurationSpaced(Micros duration)
{
    return print(duration, " ");
}

} // namespace weir
