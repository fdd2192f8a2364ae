// SPDX-License-Identifier: GPL-3.0-only
// Rows of a table by the kind of their value. `in` returns a reference to the value in its owner.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "core/base/byte_size.h"
#include "core/config/field.h"
#include "core/config/shown_text.h"
#include "core/config/value_text.h"

namespace weir::config {

/// Where a value stands in a file: its table, "server", empty for none, and its key if that is not the name of the
/// option.
struct FieldPlace {
    std::string table;
    std::string key{};
};

template<class T>
struct IsOptional : std::false_type {
};
template<class T>
struct IsOptional<std::optional<T>> : std::true_type {
};

template<class Owner>
struct Rows {
    using Row = Field<Owner>;

    static Row begun(FieldPlace place, std::string name, Form form)
    {
        Row field;
        field.key = place.key.empty() ? name : place.key;
        for (char &c : field.key)
            c = c == '-' ? '_' : c;
        field.table = std::move(place.table);
        field.name = std::move(name);
        field.form = form;
        return field;
    }

    /// Return `field` with `hint` in place of every hint, whatever is wrong with the value.
    static Row withHint(Row field, const char *hint)
    {
        field.hint = hint;
        field.read = [read = field.read, hint](Owner &owner, const Texts &texts) {
            auto faults = read(owner, texts);
            for (FieldFault &fault : faults)
                fault.hint = hint;
            return faults;
        };
        return field;
    }

    /// Make a row of one text. `read` makes a ReadValue of it, `print` the text of a value. An optional that is empty
    /// prints nothing.
    template<class In, class Read, class Print>
    static Row row(FieldPlace place, std::string name, Form form, In in, Read read, Print print)
    {
        Row field = begun(std::move(place), std::move(name), form);
        field.print = [in, print](const Owner &owner) -> Texts {
            const auto &value = in(owner);
            if constexpr (IsOptional<std::decay_t<decltype(value)>>::value)
                return value ? Texts{print(*value)} : Texts{};
            else
                return {print(value)};
        };
        field.read = [in, read](Owner &owner, const Texts &texts) -> std::vector<FieldFault> {
            if (texts.empty())
                return {};
            auto value = read(texts.back());
            if (auto *fault = std::get_if<ValueFault>(&value))
                return {{0, std::move(fault->problem), std::move(fault->hint)}};
            auto &target = in(owner);
            using Value = std::decay_t<decltype(target)>;
            if constexpr (IsOptional<Value>::value)
                target = static_cast<typename Value::value_type>(std::get<0>(value));
            else
                target = static_cast<Value>(std::get<0>(value));
            return {};
        };
        return field;
    }

    template<class In>
    static Row onOff(FieldPlace place, std::string name, std::string help, In in)
    {
        Row field = row(std::move(place), std::move(name), Form::Switch, in, readSwitch,
                        [](bool value) { return std::string{value ? "true" : "false"}; });
        field.help = std::move(help);
        return field;
    }

    template<class In>
    static Row whole(FieldPlace place, std::string name, Range<std::int64_t> range, std::string help, In in)
    {
        Row field = row(
            std::move(place), std::move(name), Form::Whole, in,
            [range](const std::string &text) { return readWhole(text, range); },
            [](auto value) { return std::to_string(value); });
        field.takes = "N";
        field.help = std::move(help);
        field.range = std::to_string(range.least) + " to " + std::to_string(range.most);
        field.hint = wholeHint(range);
        return field;
    }

    template<class In>
    static Row size(FieldPlace place, std::string name, Range<std::uint64_t> range, std::string help, In in)
    {
        Row field = row(
            std::move(place), std::move(name), Form::Size, in,
            [range](const std::string &text) { return readByteSize(text, range); },
            [](auto value) { return printByteSize(value); });
        field.takes = "SIZE";
        field.help = std::move(help);
        field.range = printByteSize(range.least) + " to " + printByteSize(range.most);
        field.hint = byteSizeHint(range);
        return field;
    }

    template<class Time, class In>
    static Row duration(FieldPlace place, std::string name, Range<Time> range, std::string help, In in)
    {
        using std::chrono::duration_cast;
        const Range<Micros> micros{range.least, range.most};
        Row field = row(
            std::move(place), std::move(name), Form::Duration, in,
            [micros](const std::string &text) -> ReadValue<Time> {
                auto read = readDuration(text, micros);
                if (auto *fault = std::get_if<ValueFault>(&read))
                    return std::move(*fault);
                return duration_cast<Time>(std::get<Micros>(read));
            },
            [](Time value) { return printDuration(value); });
        field.takes = "DURATION";
        field.help = std::move(help);
        field.range = printDuration(range.least) + " to " + printDuration(range.most);
        field.hint = durationHint(micros);
        return field;
    }

    /// Make a row of an enum; `words` in the order of its values.
    template<class In>
    static Row word(FieldPlace place, std::string name, std::string takes, std::vector<std::string> words,
                    std::string help, In in)
    {
        Row field = row(
            std::move(place), std::move(name), Form::Word, in,
            [words](const std::string &text) { return readWord(text, words); },
            [words](auto value) { return words.at(static_cast<std::size_t>(value)); });
        field.takes = std::move(takes);
        field.help = std::move(help);
        field.hint = oneOf(words) + ", in quotes";
        field.words = std::move(words);
        return field;
    }

    /// Make a row of a free text. `check` makes a ReadValue of it. An empty text counts as not set.
    template<class In, class Check>
    static Row text(FieldPlace place, std::string name, std::string takes, std::string help, In in, Check check)
    {
        Row field = row(std::move(place), std::move(name), Form::Text, in, check,
                        [](const std::string &value) { return value; });
        field.print = [in](const Owner &owner) { return in(owner).empty() ? Texts{} : Texts{in(owner)}; };
        field.takes = std::move(takes);
        field.help = std::move(help);
        return field;
    }

    /// Make a row of a List. `read` makes a ReadValue of one item, `print` the text of one.
    template<class In, class Read, class Print>
    static Row list(FieldPlace place, std::string name, std::string takes, std::string help, In in, Read read,
                    Print print)
    {
        Row field = begun(std::move(place), std::move(name), Form::List);
        field.takes = std::move(takes);
        field.help = std::move(help);
        field.print = [in, print](const Owner &owner) {
            Texts texts;
            for (const auto &item : in(owner))
                texts.push_back(print(item));
            return texts;
        };
        field.read = [in, read](Owner &owner, const Texts &texts) {
            std::vector<FieldFault> faults;
            std::decay_t<decltype(in(owner))> items;
            for (std::size_t i = 0; i < texts.size(); ++i) {
                auto item = read(texts[i]);
                if (auto *fault = std::get_if<ValueFault>(&item))
                    faults.push_back({i, std::move(fault->problem), std::move(fault->hint)});
                else
                    items.push_back(std::move(std::get<0>(item)));
            }
            if (!items.empty() || faults.empty()) // else nothing that can be checked further
                in(owner) = std::move(items);
            return faults;
        };
        return field;
    }
};

} // namespace weir::config
