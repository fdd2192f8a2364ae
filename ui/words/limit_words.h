// SPDX-License-Identifier: GPL-3.0-only
// A limit in words: its match, key, numbers and meaning. Plain text.
#pragma once

#include <QString>

#include "core/config/limit_entry.h"
#include "ui/limits/limit_text.h"

namespace weir::ui {

[[nodiscard]] QString algorithmName(limit::Algorithm algorithm); ///< "Sliding window log"
[[nodiscard]] QString algorithmHint(limit::Algorithm algorithm); ///< one sentence: how it counts

/// The names of the three numbers; an empty one has no field.
struct NumberNames {
    QString capacity;
    QString refill;
    QString every;
};
[[nodiscard]] NumberNames numberNames(limit::Algorithm algorithm);

/// Return "5 per minute", "5 every 90 s".
[[nodiscard]] QString amountPer(limit::Tokens amount, Micros interval);

[[nodiscard]] QString matchWords(const config::RequestMatch &match);    ///< "POST /export"; "every request"
[[nodiscard]] QString keyName(const std::vector<config::KeyPart> &key); ///< "IP address, header X-Api-Key"
[[nodiscard]] QString cardWords(const config::LimitEntry &entry);       ///< "/api/* · by IP address"
[[nodiscard]] QString numberWords(const limit::LimitSpec &spec);        ///< "GCRA · 50 per second, burst 50"

/// Return the meaning of a limit in a sentence; one more when it is off or a shadow. `entry` must be usable.
[[nodiscard]] QString entryMeaning(const config::LimitEntry &entry);

/// Return the words for people of a value that a file writes as `word`.
[[nodiscard]] QString wordName(LimitField field, std::string_view word);

/// Return the name of a field in a comparison; fieldWords() its value.
[[nodiscard]] QString fieldName(LimitField field, limit::Algorithm algorithm);
[[nodiscard]] QString fieldWords(LimitField field, const config::LimitEntry &entry);

} // namespace weir::ui
