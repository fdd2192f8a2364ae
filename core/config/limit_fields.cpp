// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/limit_fields.h"

#include "core/config/field_rows.h"
#include "core/config/key_text.h"
#include "core/config/limit_set.h"
#include "core/config/value_words.h"

namespace weir::config {
namespace {

using Row = Rows<LimitEntry>;
using Words = std::vector<std::string>;

std::vector<PlainField> all()
{
    constexpr Range<std::int64_t> kTokens{limit::kMinCapacity, limit::kMaxCapacity};
    std::vector<PlainField> all;
    const auto add = [&all](LimitField field, Field<LimitEntry> row, const char *label) {
        all.push_back({field, std::move(row), label});
    };
    add(LimitField::IsOn,
        Row::onOff(
            {}, "enabled", "false: no request is asked for it", [](auto &e) -> auto & { return e.isOn; }),
        "switched");
    add(LimitField::Algorithm,
        Row::word(
            {}, "algorithm", {}, Words{limit::kAlgorithmNames.begin(), limit::kAlgorithmNames.end()},
            "token-bucket-smooth gcra leaky-bucket fixed-window sliding-log sliding-counter",
            [](auto &e) -> auto & { return e.spec.algorithm; }),
        "algorithm");
    add(LimitField::Capacity,
        Row::whole(
            {}, "capacity", kTokens, "most tokens in a bucket", [](auto &e) -> auto & { return e.spec.capacity; }),
        "capacity");
    add(LimitField::Refill,
        Row::withHint(Row::whole(
                          {}, "refill", kTokens,
                          "that each interval adds; left out it is the capacity, and windows have no other",
                          [](auto &e) -> auto & { return e.spec.refill; }),
                      "a whole number from 1 to the capacity"),
        "refill");
    add(LimitField::Every,
        Row::duration(
            {}, "every", Range<Micros>{limit::kMinInterval, limit::kMaxInterval}, "the interval",
            [](auto &e) -> auto & { return e.spec.interval; }),
        "every");
    add(LimitField::Start,
        Row::word(
            {}, "start", {}, kStartWords, "level of a new bucket, full or empty",
            [](auto &e) -> auto & { return e.spec.start; }),
        "new buckets");
    add(LimitField::Cost,
        Row::withHint(Row::whole(
                          {}, "cost", {0, limit::kMaxCapacity}, "tokens of a request, 0 to the capacity",
                          [](auto &e) -> auto & { return e.cost.cost; }),
                      "a whole number from 0 to the capacity"),
        "cost");
    Field<LimitEntry> header = Row::text(
        {}, "cost_header", {}, "a number in this field goes before both, if a proxy of trust_proxy sent it",
        [](auto &e) -> auto & { return e.cost.header; },
        [](const std::string &text) -> ReadValue<std::string> { return text; });
    header.hint = "the name of a header in quotes";
    header.example = "\"X-Cost\"";
    add(LimitField::CostHeader, std::move(header), "cost from header");
    add(LimitField::OnStoreFailure,
        Row::word(
            {}, "on_store_failure", {}, kPolicyWords, "while Redis cannot decide: local, reject or allow",
            [](auto &e) -> auto & { return e.onStoreFailure; }),
        "if Redis fails");
    add(LimitField::IsShadow,
        Row::onOff(
            {}, "shadow", "true: counts and shows, never refuses", [](auto &e) -> auto & { return e.isShadow; }),
        "shadow");
    add(LimitField::Otherwise,
        Row::onOff(
            {}, "otherwise", "true: only for requests that no limit above it is for",
            [](auto &e) -> auto & { return e.isOtherwise; }),
        "otherwise");
    all.back().isGeneric = true;
    add(LimitField::WithoutKey,
        Row::word(
            {}, "without_key", {}, kWithoutKeyWords,
            "of a request that lacks a part of the key: a bucket for all such, unlimited or refused (403)",
            [](auto &e) -> auto & { return e.withoutKey; }),
        "without the key");
    all.back().isGeneric = true;
    Field<LimitEntry> hash = Row::word(
        {}, "hash_key", {}, kHashKeyWords,
        "whether values of the key are kept as hashes: true, false, or those of Authorization and cookies",
        [](auto &e) -> auto & { return e.hashKey; });
    hash.form = Form::SwitchOrWord;
    hash.hint = "true, false or \"credentials\"";
    add(LimitField::HashKey, std::move(hash), "keys as hashes");
    all.back().isGeneric = true;
    return all;
}

} // namespace

const std::vector<PlainField> &plainFields()
{
    static const std::vector<PlainField> kAll = all();
    return kAll;
}

std::string plainFieldsAsToml()
{
    constexpr std::size_t kColumn = 36; // where comments begin
    std::string lines;
    for (const PlainField &plain : plainFields()) {
        std::string line = "#   " + plain.row.key + " = " + tomlOf(plain.row, LimitEntry{});
        line.resize(std::max(line.size() + 1, kColumn), ' ');
        lines += line + "# " + plain.row.help + "\n";
    }
    return lines;
}

} // namespace weir::config
