// SPDX-License-Identifier: GPL-3.0-only
// Reads and checks the command line and the environment; prints nothing.
#pragma once

#include <QProcessEnvironment>
#include <QString>
#include <QStringList>

#include <chrono>
#include <optional>
#include <variant>
#include <vector>

#include "app/cli_ask.h"
#include "app/cli_connect.h"
#include "core/config/config.h"

namespace weir::app {

/// A page of the panel rendered to a PNG file, for documents and tests.
struct Screenshot {
    QString file;
    QString page{QStringLiteral("live")};
    int width{1280}; ///< pixels
    int height{820};
    QString theme{QStringLiteral("system")}; ///< system | light | dark
    std::chrono::milliseconds after{3000};   ///< from the ready line to the picture
};

struct Invocation {
    enum class Command : std::uint8_t {
        Panel,
        Serve,
        ShowHelp,    ///< print `text`, exit 0
        ShowVersion, ///< print `text`, exit 0
        ShowConfig,  ///< print `text`, exit 0
        CheckConfig, ///< read `file` and say what is wrong with it
        Ask,         ///< ask a running Weir, as `ask` says
    };
    Command command{Command::Panel};
    config::Config config;
    std::vector<config::ConfigIssue> warnings; ///< about what can be run but is hardly meant
    std::optional<Screenshot> screenshot;      ///< Panel only
    std::optional<Connect> connect;            ///< Panel only: of a Weir elsewhere; `config` is without meaning
    QString text;                              ///< ends with a line feed
    QString file;                              ///< CheckConfig only
    AskLine ask;                               ///< Ask only
};

/// An invocation that can be run, or every reason why there is none.
using CliResult = std::variant<Invocation, std::vector<config::ConfigIssue>>;

/// Read the command line. `arguments` as of QCoreApplication::arguments(), the program's name first. Flags beat
/// `environment` beats the configuration file beats defaults. An issue's `where` is the option, the variable or the
/// line of the file that said it. `fileText`: what the configuration file holds, if it has been read already.
[[nodiscard]] CliResult readCommandLine(const QStringList &arguments, const QProcessEnvironment &environment,
                                        const std::string *fileText = nullptr);

} // namespace weir::app
