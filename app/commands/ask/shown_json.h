// SPDX-License-Identifier: GPL-3.0-only
// Values of an answer as a terminal may show them.
#pragma once

#include <QJsonValue>
#include <QString>

namespace weir::app {

/// Return `text` without anything that a terminal would act on.
[[nodiscard]] QString visible(const QString &text);
/// Return the text of `value`, likewise; of another kind: nothing.
[[nodiscard]] QString textOf(const QJsonValue &value);
/// Return a whole number; "-" for null, "?" for no number.
[[nodiscard]] QString numberOf(const QJsonValue &value);
/// Return "1 key", "2 keys".
[[nodiscard]] QString counted(const QJsonValue &value, const char *word);
/// Return "0.06 ms", "1.5 s".
[[nodiscard]] QString millisecondsOf(const QJsonValue &value);
/// Return "12 s", "3 min 12 s", "2 h 5 min", "3 d 4 h".
[[nodiscard]] QString durationOf(double seconds);

} // namespace weir::app
