// SPDX-License-Identifier: GPL-3.0-only
// Rows of the table of settings by the kind of their value. `in` gives the value's place in a Config.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "core/base/byte_size.h"
#include "core/config/settings.h"
#include "core/config/shown_text.h"
#include "core/config/value_text.h"

namespace weir::config::rows {

/// "", "server", "redis", "keys", and the key there, where that is not the option's name.
struct Place {
    std::string table;
    std::string key{};
};

template<class T>
struct IsOptional : std::false_type {
};
template<class T>
struct IsOptional<std::optional<T>> : std::true_type {
};

/// Reads one text by `read`, which gives a ReadValue; `print` is the way back. An optional that is empty prints nothing.
template<class In, class Read, class Print>
Setting row(Place place, std::string name, Form form, In in, Read read, Print print)
{
    Setting setting;
    setting.key = place.key.empty() ? name : place.key;
    for (char &c : setting.key)
        c = c == '-' ? '_' : c;
    setting.table = std::move(place.table);
    setting.name = std::move(name);
    setting.form = form;
    setting.print = [in, print](const Config &config) -> Texts {
        const auto &value = in(config);
        if constexpr (IsOptional<std::decay_t<decltype(value)>>::value)
            return value ? Texts{print(*value)} : Texts{};
        else
            return {print(value)};
    };
    setting.read = [in, read](Config &config, const Texts &texts) -> std::vector<SettingFault> {
        if (texts.empty())
            return {};
        auto value = read(texts.back());
        if (auto *fault = std::get_if<ValueFault>(&value))
            return {{0, std::move(fault->problem), std::move(fault->hint)}};
        auto &target = in(config);
        using Value = std::decay_t<decltype(target)>;
        if constexpr (IsOptional<Value>::value)
            target = static_cast<typename Value::value_type>(std::get<0>(value));
        else
            target = static_cast<Value>(std::get<0>(value));
        return {};
    };
    return setting;
}

template<class In>
Setting onOff(Place place, std::string name, std::string help, In in)
{
    Setting setting = row(std::move(place), std::move(name), Form::Switch, in, readSwitch,
                          [](bool value) { return std::string{value ? "true" : "false"}; });
    setting.help = std::move(help);
    return setting;
}

template<class In>
Setting whole(Place place, std::string name, Range<std::int64_t> range, std::string help, In in)
{
    Setting setting = row(
        std::move(place), std::move(name), Form::Whole, in,
        [range](const std::string &text) { return readWhole(text, range); },
        [](auto value) { return std::to_string(value); });
    setting.takes = "N";
    setting.help = std::move(help);
    setting.range = std::to_string(range.least) + " to " + std::to_string(range.most);
    setting.hint = wholeHint(range);
    return setting;
}

template<class In>
Setting size(Place place, std::string name, Range<std::uint64_t> range, std::string help, In in)
{
    Setting setting = row(
        std::move(place), std::move(name), Form::Size, in,
        [range](const std::string &text) { return readByteSize(text, range); },
        [](auto value) { return printByteSize(value); });
    setting.takes = "SIZE";
    setting.help = std::move(help);
    setting.range = printByteSize(range.least) + " to " + printByteSize(range.most);
    setting.hint = byteSizeHint(range);
    return setting;
}

template<class Time, class In>
Setting duration(Place place, std::string name, Range<Time> range, std::string help, In in)
{
    using std::chrono::duration_cast;
    const Range<Micros> micros{range.least, range.most};
    Setting setting = row(
        std::move(place), std::move(name), Form::Duration, in,
        [micros](const std::string &text) -> ReadValue<Time> {
            auto read = readDuration(text, micros);
            if (auto *fault = std::get_if<ValueFault>(&read))
                return std::move(*fault);
            return duration_cast<Time>(std::get<Micros>(read));
        },
        [](Time value) { return printDuration(value); });
    setting.takes = "DURATION";
    setting.help = std::move(help);
    setting.range = printDuration(range.least) + " to " + printDuration(range.most);
    setting.hint = durationHint(micros);
    return setting;
}

/// The words in the order of the values of an enum.
template<class In>
Setting word(Place place, std::string name, std::string takes, std::vector<std::string> words, std::string help, In in)
{
    Setting setting = row(
        std::move(place), std::move(name), Form::Word, in,
        [words](const std::string &text) { return readWord(text, words); },
        [words](auto value) { return words.at(static_cast<std::size_t>(value)); });
    setting.takes = std::move(takes);
    setting.help = std::move(help);
    setting.hint = oneOf(words) + ", in quotes";
    setting.words = std::move(words);
    return setting;
}

/// `check`: what is wrong with the text, as a ReadValue of it. An empty text is nothing said.
template<class In, class Check>
Setting text(Place place, std::string name, std::string takes, std::string help, In in, Check check)
{
    Setting setting =
        row(std::move(place), std::move(name), Form::Text, in, check, [](const std::string &value) { return value; });
    setting.print = [in](const Config &config) { return in(config).empty() ? Texts{} : Texts{in(config)}; };
    setting.takes = std::move(takes);
    setting.help = std::move(help);
    return setting;
}

/// `read`: one item, as a ReadValue; `print`: the way back.
template<class In, class Read, class Print>
Setting list(Place place, std::string name, std::string takes, std::string help, In in, Read read, Print print)
{
    Setting setting;
    setting.key = place.key.empty() ? name : place.key;
    for (char &c : setting.key)
        c = c == '-' ? '_' : c;
    setting.table = std::move(place.table);
    setting.name = std::move(name);
    setting.form = Form::List;
    setting.takes = std::move(takes);
    setting.help = std::move(help);
    setting.print = [in, print](const Config &config) {
        Texts texts;
        for (const auto &item : in(config))
            texts.push_back(print(item));
        return texts;
    };
    setting.read = [in, read](Config &config, const Texts &texts) {
        std::vector<SettingFault> faults;
        std::decay_t<decltype(in(config))> items;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            auto item = read(texts[i]);
            if (auto *fault = std::get_if<ValueFault>(&item))
                faults.push_back({i, std::move(fault->problem), std::move(fault->hint)});
            else
                items.push_back(std::move(std::get<0>(item)));
        }
        if (!items.empty() || faults.empty()) // else nothing that can be checked further
            in(config) = std::move(items);
        return faults;
    };
    return setting;
}

} // namespace weir::config::rows
