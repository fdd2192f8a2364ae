// SPDX-License-Identifier: GPL-3.0-only
// A limit of a set in words: which requests, for whom, how much, what it means. Plain text.
#pragma once

#include <QString>

#include "core/config/limit_entry.h"
#include "ui/limits/limit_text.h"

namespace weir::ui {

[[nodiscard]] QString algorithmName(limit::Algorithm algorithm); ///< "Sliding window log"
[[nodiscard]] QString algorithmHint(limit::Algorithm algorithm); ///< one sentence: how it counts

/// What the three numbers are called; an empty one is not asked for.
struct NumberNames {
    QString capacity;
    QString refill;
    QString every;
};
[[nodiscard]] NumberNames numberNames(limit::Algorithm algorithm);

/// "5 per minute", "5 every 90 s".
[[nodiscard]] QString amountPer(limit::Tokens amount, Micros interval);

[[nodiscard]] QString matchWords(const config::RequestMatch &match);    ///< "POST /export"; "every request"
[[nodiscard]] QString keyName(const std::vector<config::KeyPart> &key); ///< "IP address, header X-Api-Key"
[[nodiscard]] QString cardWords(const config::LimitEntry &entry);       ///< "/api/* · by IP address"
[[nodiscard]] QString numberWords(const limit::LimitSpec &spec);        ///< "GCRA · 50 per second, burst 50"

/// One sentence that is true to core/limit/algorithm.h; one more when it is off or a shadow. `entry` must be usable.
[[nodiscard]] QString entryMeaning(const config::LimitEntry &entry);

/// A word that a file has for the value of a field, for people.
[[nodiscard]] QString wordName(LimitField field, std::string_view word);

/// The field's name for a comparison, and what it says.
[[nodiscard]] QString fieldName(LimitField field, limit::Algorithm algorithm);
[[nodiscard]] QString fieldWords(LimitField field, const config::LimitEntry &entry);

} // namespace weir::ui
