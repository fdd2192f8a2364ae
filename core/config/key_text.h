// SPDX-License-Identifier: GPL-3.0-only
// Key parts as they are written: "ip", "header:X-Api-Key", "path:2".
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "core/base/value_fault.h"
#include "core/config/limit_entry.h"

namespace weir::config {

/// Read one part. "global" is none: it means that there is no part.
[[nodiscard]] std::variant<KeyPart, ValueFault> parseKeyPart(std::string_view text);

/// Return what parseKeyPart reads back.
[[nodiscard]] std::string printKeyPart(const KeyPart &part);

/// Tell whether a request may lack the part. Each has an address, a method and a path; what goes by a name or a number may be missing.
[[nodiscard]] inline bool mayBeMissing(const KeyPart &part)
{
    return !part.name.empty();
}

/// Read "header:X-Api-Key=abc": a header, cookie or parameter, and what is after the first "=".
[[nodiscard]] std::variant<KeyValue, ValueFault> parseKeyValue(std::string_view text);

/// Return what parseKeyValue reads back.
[[nodiscard]] std::string printKeyValue(const KeyValue &value);

/// Tell whether `text` is a token (RFC 9110, 5.6.2), as names of header fields, cookies and methods are.
[[nodiscard]] bool isToken(std::string_view text);

/// Return `text` with its ASCII letters in that case.
[[nodiscard]] std::string lowerCased(std::string_view text);
[[nodiscard]] std::string upperCased(std::string_view text);

} // namespace weir::config
