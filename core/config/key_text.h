// SPDX-License-Identifier: GPL-3.0-only
// Key parts as they are written: "ip", "header:X-Api-Key", "path:2"; and the words of HTTP in them.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "core/base/value_fault.h"
#include "core/config/limit_entry.h"

namespace weir::config {

/// Reads one part. "global" is none: it is the absence of parts.
[[nodiscard]] std::variant<KeyPart, ValueFault> parseKeyPart(std::string_view text);

/// What parseKeyPart reads back.
[[nodiscard]] std::string printKeyPart(const KeyPart &part);

/// Reads "header:X-Api-Key=abc": a header, cookie or parameter, and what is after the first "=".
[[nodiscard]] std::variant<KeyValue, ValueFault> parseKeyValue(std::string_view text);

/// What parseKeyValue reads back.
[[nodiscard]] std::string printKeyValue(const KeyValue &value);

/// A token of RFC 9110, 5.6.2: what names of header fields, of cookies and of methods are made of.
[[nodiscard]] bool isToken(std::string_view text);

/// The same letters, ASCII only.
[[nodiscard]] std::string lowerCased(std::string_view text);
[[nodiscard]] std::string upperCased(std::string_view text);

} // namespace weir::config
