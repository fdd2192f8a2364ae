// SPDX-License-Identifier: GPL-3.0-only
// A list of words in one line, as people type it: "GET, POST", with quotes around what has a space in it.
#pragma once

#include <QString>
#include <QStringList>
#include <optional>

namespace weir::ui {

/// Split `text` into words between spaces, commas and line ends; between double quotes these belong to the word, and a
/// backslash takes the next character as it is. Nothing when a quote is never closed.
[[nodiscard]] std::optional<QStringList> splitWords(const QString &text);

/// Return `word` quoted if need be, so that splitWords() gives it back as one.
[[nodiscard]] QString asWord(const QString &word);

} // namespace weir::ui
