// SPDX-License-Identifier: GPL-3.0-only
// "Did you mean": the known word that a mistyped one is closest to.
#pragma once

#include <QString>
#include <QStringList>

namespace weir::app {

/// Single-character changes (insert, delete, replace) that turn `a` into `b`.
[[nodiscard]] int editDistance(const QString &a, const QString &b);

/// The closest of `words`, when it is at most 2 changes away; empty otherwise.
[[nodiscard]] QString nearestWord(const QString &word, const QStringList &words);

} // namespace weir::app
