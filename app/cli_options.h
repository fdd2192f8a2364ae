// SPDX-License-Identifier: GPL-3.0-only
// All options in one list, for the parser, the environment, the help and "did you mean".
#pragma once

#include <QString>
#include <QStringList>

#include <vector>

namespace weir::app {

struct CommandInfo;

struct OptionInfo {
    enum class Scope {
        Server,
        PanelOnly,
        Connection, ///< of a Weir that runs elsewhere: for the panel and the commands that ask
        Asking,
        Meta
    };
    QString name;     ///< without dashes
    QString value;    ///< what it takes, "" for a switch
    QString variable; ///< environment variable, "" for none
    QString description;
    Scope scope{Scope::Server};
    bool isRepeatable{false}; ///< may be given several times
    QStringList choices{};    ///< the words that it takes; none when there are others as well
    QString letter{};         ///< its short name
};

/// Return the options of the table of settings and the others: commands such as --help, the file, the panel's own.
[[nodiscard]] const std::vector<OptionInfo> &allOptions();

/// Return the words that the option takes.
[[nodiscard]] QStringList choicesOf(const char *name);

/// Return the text of --help; of `command` unless it is nullptr.
[[nodiscard]] QString helpText(const CommandInfo *command);

} // namespace weir::app
