// SPDX-License-Identifier: GPL-3.0-only
// The options there are: one list for the parser, the environment, the help and "did you mean".
#pragma once

#include <QString>
#include <QStringList>

#include <vector>

namespace weir::app {

struct OptionInfo {
    enum class Scope { Server, PanelOnly, Meta };
    QString name;     ///< without dashes
    QString value;    ///< what it takes, "" for a switch
    QString variable; ///< environment variable, "" for none
    QString description;
    Scope scope{Scope::Server};
    bool isRepeatable{false}; ///< may be given several times
    QStringList choices{};    ///< the words that it takes; none when there are others as well
};

/// Those of the table of settings, and those that are none: what is done instead of serving, and with which file.
[[nodiscard]] const std::vector<OptionInfo> &allOptions();

/// The text of --help; of `serve --help` when `isServe`.
[[nodiscard]] QString helpText(bool isServe);
/// That of `check-config --help`.
[[nodiscard]] QString checkConfigHelpText();

} // namespace weir::app
