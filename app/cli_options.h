// SPDX-License-Identifier: GPL-3.0-only
// The options there are: one table for the parser, the environment, the help and "did you mean".
#pragma once

#include <QString>

#include <span>

namespace weir::app {

struct OptionInfo {
    enum class Scope { Server, PanelOnly, Meta };
    const char *name;     ///< without dashes
    const char *value;    ///< what it takes, "" for a switch
    const char *variable; ///< environment variable, "" for none
    const char *description;
    Scope scope;
    bool isRepeatable{false}; ///< may be given several times
    const char *choices{""};  ///< the words that it takes, with spaces between them; "" when there are others as well
};

[[nodiscard]] std::span<const OptionInfo> allOptions();

/// The text of --help; of `serve --help` when `isServe`.
[[nodiscard]] QString helpText(bool isServe);
/// That of `check-config --help`.
[[nodiscard]] QString checkConfigHelpText();

} // namespace weir::app
