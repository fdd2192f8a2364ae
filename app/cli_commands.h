// SPDX-License-Identifier: GPL-3.0-only
// All commands in one list, for the parser, the help, the completions and "did you mean".
#pragma once

#include <QString>
#include <QStringList>

#include <vector>

namespace weir::app {

struct CommandInfo {
    enum class Kind {
        Serve,  ///< takes every option but the panel's own
        OfFile, ///< takes a file and no option
        Asks,   ///< talks to a Weir that runs; takes `options` alone
    };
    QString name;
    QString words;   ///< that stand behind it: "LIMIT KEY=VALUE..."
    QString summary; ///< a line without a stop
    QString text;    ///< what --help says of it besides
    Kind kind{Kind::Asks};
    int leastWords{0};
    int mostWords{0};      ///< -1: any number
    QStringList options{}; ///< without dashes, of those that ask
};

[[nodiscard]] const std::vector<CommandInfo> &allCommands();
/// Return the command `name`, or nullptr.
[[nodiscard]] const CommandInfo *commandOf(const QString &name);
/// Return "weir status", "weir set LIMIT KEY=VALUE...".
[[nodiscard]] QString usageOf(const CommandInfo &command);
/// Return the names of those that talk to a Weir that runs.
[[nodiscard]] QStringList askingCommands();
/// Return the names of the options that `command` takes, --help among them; of weir alone when it is nullptr.
[[nodiscard]] QStringList optionsOf(const CommandInfo *command);

} // namespace weir::app
