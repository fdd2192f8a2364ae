// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/value_text.h"

#include <algorithm>
#include <charconv>

#include "core/base/byte_size.h"
#include "core/base/nearest_word.h"
#include "core/config/shown_text.h"

namespace weir::config {
namespace {

bool isWhole(std::string_view text)
{
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string fromTo(const std::string &least, const std::string &most)
{
    return "from " + least + " to " + most;
}

} // namespace

std::string wholeHint(Range<std::int64_t> range)
{
    return "a whole number " + fromTo(std::to_string(range.least), std::to_string(range.most));
}

std::string durationHint(Range<Micros> range)
{
    return "a duration " + fromTo(printDuration(range.least), printDuration(range.most));
}

std::string byteSizeHint(Range<std::uint64_t> range)
{
    return "a size " + fromTo(printByteSize(range.least), printByteSize(range.most));
}

ReadValue<std::int64_t> readWhole(std::string_view text, Range<std::int64_t> range)
{
    if (!isWhole(text))
        return ValueFault{shownInQuotes(text) + " is not a whole number", wholeHint(range)};
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && range.holds(number))
        return number;
    constexpr std::size_t kLongest64Bits = 20;
    return ValueFault{(text.size() > kLongest64Bits ? shownInQuotes(text) : std::string{text}) + " is out of range",
                      wholeHint(range)};
}

ReadValue<Micros> readDuration(std::string_view text, Range<Micros> range)
{
    const auto duration = parseDuration(text);
    if (!duration)
        return ValueFault{shownInQuotes(text) + " is not a duration",
                          "a number and one of us ms s min h d, such as \"10s\" or \"1min\", "
                              + fromTo(printDuration(range.least), printDuration(range.most))};
    if (!range.holds(*duration))
        return ValueFault{printDurationSpaced(*duration) + " is out of range", durationHint(range)};
    return *duration;
}

ReadValue<std::uint64_t> readByteSize(std::string_view text, Range<std::uint64_t> range)
{
    const auto bytes = parseByteSize(text);
    if (!bytes)
        return ValueFault{shownInQuotes(text) + " is not a size",
                          "a whole number and one of B KiB MiB GiB, such as \"64KiB\", "
                              + fromTo(printByteSize(range.least), printByteSize(range.most))};
    if (!range.holds(*bytes))
        return ValueFault{printByteSizeSpaced(*bytes) + " is out of range", byteSizeHint(range)};
    return *bytes;
}

ReadValue<std::size_t> readWord(std::string_view text, const std::vector<std::string> &words)
{
    const auto found = std::find(words.begin(), words.end(), text);
    if (found != words.end())
        return static_cast<std::size_t>(found - words.begin());
    const std::string nearest = nearestWord(text, words);
    return ValueFault{shownInQuotes(text) + " is not known",
                      oneOf(words) + (nearest.empty() ? "" : ". Did you mean \"" + nearest + "\"?")};
}

ReadValue<Network> readNetwork(std::string_view text)
{
    auto read = parseNetwork(text);
    if (auto *fault = std::get_if<ValueFault>(&read))
        return ValueFault{shownInQuotes(text) + " " + fault->problem, fault->hint};
    return std::get<Network>(read);
}

ReadValue<bool> readSwitch(std::string_view text)
{
    for (const std::string_view yes : {"true", "yes", "1"})
        if (text == yes)
            return true;
    for (const std::string_view no : {"false", "no", "0"})
        if (text == no)
            return false;
    return ValueFault{shownInQuotes(text) + " is not known", "true or false, yes or no, 1 or 0"};
}

} // namespace weir::config
