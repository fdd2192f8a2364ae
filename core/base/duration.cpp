// SPDX-License-Identifier: GPL-3.0-only
#include "core/base/duration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace weir {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t micros;
};

constexpr std::int64_t kMs = 1'000, kSecond = 1000 * kMs, kMinute = 60 * kSecond, kHour = 60 * kMinute,
                       kDay = 24 * kHour, kWeek = 7 * kDay;

// Largest first: printing takes the first unit that divides the duration.
constexpr std::array kUnits{
    Unit{"d", kDay}, Unit{"h", kHour}, Unit{"min", kMinute}, Unit{"s", kSecond}, Unit{"ms", kMs}, Unit{"us", 1},
};

// What is read besides.
constexpr std::array kWords{
    Unit{"w", kWeek},         Unit{"week", kWeek},     Unit{"weeks", kWeek},     Unit{"day", kDay},
    Unit{"days", kDay},       Unit{"hr", kHour},       Unit{"hrs", kHour},       Unit{"hour", kHour},
    Unit{"hours", kHour},     Unit{"m", kMinute},      Unit{"mins", kMinute},    Unit{"minute", kMinute},
    Unit{"minutes", kMinute}, Unit{"sec", kSecond},    Unit{"secs", kSecond},    Unit{"second", kSecond},
    Unit{"seconds", kSecond}, Unit{"msec", kMs},       Unit{"millisecond", kMs}, Unit{"milliseconds", kMs},
    Unit{"microsecond", 1},   Unit{"microseconds", 1},
};

std::optional<std::int64_t> unitMicros(std::string_view name)
{
    const auto isNamed = [name](const Unit &unit) { return unit.name == name; };
    if (const auto *unit = std::find_if(kUnits.begin(), kUnits.end(), isNamed); unit != kUnits.end())
        return unit->micros;
    const auto *word = std::find_if(kWords.begin(), kWords.end(), isNamed);
    return word == kWords.end() ? std::nullopt : std::optional(word->micros);
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isLetter(char c)
{
    return c >= 'a' && c <= 'z';
}

/// What is before the first character that is none of `is`; `text` goes on there.
template<class Is>
std::string_view cut(std::string_view &text, Is is)
{
    std::size_t size = 0;
    while (size < text.size() && is(text[size]))
        ++size;
    const std::string_view front = text.substr(0, size);
    text.remove_prefix(size);
    return front;
}

void skipSpace(std::string_view &text)
{
    if (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
}

struct Part {
    std::int64_t micros;
    std::int64_t unit;
};

/// `digits` and `decimals` of `unit`; nothing when that is no whole number of microseconds, or too many.
std::optional<std::int64_t> amountOf(std::string_view digits, std::string_view decimals, std::int64_t unit)
{
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    std::int64_t whole = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), whole).ec != std::errc{} || whole > kMost / unit)
        return std::nullopt;
    std::int64_t micros = whole * unit;
    std::int64_t rest = unit; // what a digit at this place is worth, and what that leaves
    for (std::size_t i = 0; i < decimals.size(); ++i) {
        const std::int64_t value = decimals[i] - '0';
        if (rest % 10 != 0) {
            if (decimals.substr(i).find_first_not_of('0') != std::string_view::npos)
                return std::nullopt;
            break;
        }
        rest /= 10;
        if (micros > kMost - value * rest)
            return std::nullopt;
        micros += value * rest;
    }
    return micros;
}

std::optional<Part> cutPart(std::string_view &text)
{
    const std::string_view digits = cut(text, isDigit);
    std::string_view decimals;
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        decimals = cut(text, isDigit);
        if (decimals.empty())
            return std::nullopt;
    }
    skipSpace(text);
    const auto unit = unitMicros(cut(text, isLetter));
    const auto micros = digits.empty() || !unit ? std::nullopt : amountOf(digits, decimals, *unit);
    return micros ? std::optional(Part{*micros, *unit}) : std::nullopt;
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
    std::int64_t sum = 0;
    std::int64_t before = std::numeric_limits<std::int64_t>::max();
    do {
        const auto part = cutPart(text);
        if (!part || part->unit >= before || part->micros > std::numeric_limits<std::int64_t>::max() - sum)
            return std::nullopt;
        sum += part->micros;
        before = part->unit;
        if (text == " ")
            return std::nullopt;
        skipSpace(text);
    } while (!text.empty());
    return Micros{sum};
}

std::string durationHint(std::string_view text)
{
    cut(text, [](char c) { return isDigit(c) || c == '.' || c == ' '; });
    const std::string_view unit = cut(text, isLetter);
    if (unit == "month" || unit == "months" || unit == "mo")
        return "a month is 28 to 31 days long: write days";
    if (unit == "year" || unit == "years" || unit == "y")
        return "a year is 365 or 366 days long: write days";
    return {};
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
