// SPDX-License-Identifier: GPL-3.0-only
// The fields of a limit: what each is called, and the plain ones as rows, from which file, form, comparison and help follow.
#pragma once

#include <cstdint>
#include <vector>

#include "core/config/field.h"
#include "core/config/limit_entry.h"

namespace weir::config {

/// In the order in which they are shown and compared.
enum class LimitField : std::uint8_t {
    Name,
    IsOn,
    IsShadow,
    Methods,
    Path,
    Networks,
    Headers,
    Key,
    Algorithm,
    Capacity,
    Refill,
    Every,
    Start,
    Cost,
    Routes,
    CostHeader,
    OnStoreFailure,
    Otherwise,
    WithoutKey,
    HashKey,
};
inline constexpr std::size_t kLimitFields = 20;

/// A field whose value is one text.
struct PlainField {
    LimitField field{};
    Field<LimitEntry> row;
    const char *label{""}; ///< English, for a form to translate
    bool isGeneric{false}; ///< forms and comparisons show it as its row says; the others have a place of their own
};

/// In the order in which they are written in a file. Any thread.
[[nodiscard]] const std::vector<PlainField> &plainFields();

/// The plain fields as lines of a commented [[limit]], with their defaults.
[[nodiscard]] std::string plainFieldsAsToml();

} // namespace weir::config
