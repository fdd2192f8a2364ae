// SPDX-License-Identifier: GPL-3.0-only
// The fields of a limit. The plain ones are rows, from which their text in file, form, comparison and help is made.
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
    bool isGeneric{false}; ///< forms and comparisons show it by its row; others have code of their own
};

/// Return them in the order in which they are written in a file. Any thread.
[[nodiscard]] const std::vector<PlainField> &plainFields();

/// Return the plain fields as lines of a commented [[limit]], with their defaults.
[[nodiscard]] std::string plainFieldsAsToml();

} // namespace weir::config
