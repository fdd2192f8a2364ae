// SPDX-License-Identifier: GPL-3.0-only
// The configuration file as a source of settings, behind flags and variables.
#pragma once

#include <QProcessEnvironment>
#include <QString>

#include <vector>

#include "core/config/toml_reader.h"

namespace weir::app {

struct FileSource {
    std::string name;        ///< as it is shown; empty: there is no file
    config::ConfigFile file; ///< defaults when there is none

    [[nodiscard]] bool says(const QString &option) const;
    [[nodiscard]] bool hasFailed(const QString &option) const;
    /// Return "weir.toml:3: server.threads" for an option that the file sets; with "warning: " before the key.
    [[nodiscard]] std::string whereOf(const QString &option, bool isWarning = false) const;
};

/// Return where the file is looked for when none is named: weir/weir.toml below XDG_CONFIG_HOME or ~/.config, then
/// below each of XDG_CONFIG_DIRS or /etc/xdg (XDG Base Directory Specification 0.8: relative ones are ignored).
[[nodiscard]] QStringList defaultConfigFiles(const QProcessEnvironment &environment);

} // namespace weir::app
