// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/request_target.h"

#include <algorithm>

#include "core/base/nearest_word.h"
#include "core/config/shown_text.h"
#include "core/config/value_text.h"
#include "core/policy/path_text.h"

namespace weir::admin {
namespace {

std::vector<std::string> split(std::string_view text, char between)
{
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(between), text.size());
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

// False: a "%" stands alone.
bool decode(std::string &text, bool isForm)
{
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += isForm && text[i] == '+' ? ' ' : text[i];
            continue;
        }
        const int byte = policy::encodedByte(text, i);
        if (byte < 0)
            return false;
        decoded += static_cast<char>(byte);
        i += 2;
    }
    text = std::move(decoded);
    return true;
}

} // namespace

std::optional<RequestTarget> readTarget(std::string_view target)
{
    RequestTarget result;
    const std::size_t mark = std::min(target.find('?'), target.size());
    const std::string_view path = target.substr(0, mark);
    result.segments = split(path.substr(path.starts_with('/') ? 1 : 0), '/');
    if (path.ends_with('/'))
        result.segments.emplace_back();
    for (std::string &segment : result.segments)
        if (!decode(segment, false))
            return std::nullopt;
    for (const std::string &pair : split(target.substr(std::min(mark + 1, target.size())), '&')) {
        const std::size_t equals = std::min(pair.find('='), pair.size());
        std::string name = pair.substr(0, equals);
        std::string value = pair.substr(std::min(equals + 1, pair.size()));
        if (!decode(name, true) || !decode(value, true))
            return std::nullopt;
        if (!pair.empty())
            result.parameters.emplace_back(std::move(name), std::move(value));
    }
    return result;
}

bool Parameters::areOf(std::string_view known)
{
    const std::vector<std::string> names = split(known, ' ');
    for (const auto &[name, value] : m_all) {
        if (std::find(names.begin(), names.end(), name) != names.end())
            continue;
        std::string all;
        for (const std::string &one : names)
            all += (all.empty() ? "" : ", ") + one;
        const std::string nearest = nearestWord(name, names);
        fail(config::shown(name), "there is no such parameter",
             !nearest.empty() ? nearest
             : all.empty()    ? "none: this takes no parameters"
                              : "one of " + all);
    }
    return m_faults.empty();
}

std::optional<std::string> Parameters::text(std::string_view name)
{
    const std::vector<std::string> values = texts(name);
    if (values.size() > 1)
        fail(name, "it is given more than once", "it once");
    return values.size() == 1 ? std::optional{values.front()} : std::nullopt;
}

std::optional<std::int64_t> Parameters::whole(std::string_view name, config::Range<std::int64_t> range)
{
    const auto value = text(name);
    if (!value)
        return std::nullopt;
    auto read = config::readWhole(*value, range);
    if (auto *fault = std::get_if<ValueFault>(&read)) {
        fail(name, std::move(fault->problem), std::move(fault->hint));
        return std::nullopt;
    }
    return std::get<std::int64_t>(read);
}

std::optional<std::size_t> Parameters::word(std::string_view name, const std::vector<std::string> &words)
{
    const auto value = text(name);
    if (!value)
        return std::nullopt;
    auto read = config::readWord(*value, words);
    if (auto *fault = std::get_if<ValueFault>(&read)) {
        fail(name, std::move(fault->problem), std::move(fault->hint));
        return std::nullopt;
    }
    return std::get<std::size_t>(read);
}

std::vector<std::string> Parameters::texts(std::string_view name) const
{
    std::vector<std::string> values;
    for (const auto &[one, value] : m_all)
        if (one == name)
            values.push_back(value);
    return values;
}

void Parameters::fail(std::string_view name, std::string reason, std::string hint)
{
    m_faults.push_back({std::string{name}, std::move(reason), std::move(hint)});
}

} // namespace weir::admin
