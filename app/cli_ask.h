// SPDX-License-Identifier: GPL-3.0-only
// Reads the command lines that talk to a running Weir.
#pragma once

#include <QJsonObject>
#include <QString>
#include <QStringList>
#include <QUrl>

namespace weir::app {

class OptionReader;

struct AskLine {
    QString command;       ///< status, set, reset, top or check
    QString limit{};       ///< set, reset, top
    QString subject{};     ///< reset; empty: none
    QString path{};        ///< check
    QStringList headers{}; ///< check: "NAME: VALUE"
    QString method{}, client{};
    QJsonObject changes{}; ///< set: the fields of the body; "match.path" and so on are parts of the match
    QString tokens{};      ///< set: keep, proportional, refill; empty: not said
    QUrl url{};            ///< of the admin port: scheme, host and port
    QString tokenFile{};   ///< --token-file; empty: not said
    QString dataDir{};     ///< in which the token is otherwise
    bool isJson{false}, isWatched{false};
    bool isEmptied{false}; ///< reset: not filled
    bool isNew{false};     ///< set: a limit is added
};

/// Read the words behind the command and its options; what is wrong goes to `reader`. A configuration file is looked at
/// for the data folder alone, and may be wrong.
[[nodiscard]] AskLine readAsk(OptionReader &reader, const QStringList &words);

} // namespace weir::app
