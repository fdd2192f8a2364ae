// SPDX-License-Identifier: GPL-3.0-only
#include <cstdio>

#include <QCoreApplication>

#include "app/commands/commands.h"
#include "core/config/config_file.h"
#include "core/config/settings.h"
#include "core/config/toml_reader.h"

namespace weir::app {
namespace {

// A check is of the file alone: what the shell has set must not hide what is in it.
QProcessEnvironment withoutOwnVariables(QProcessEnvironment environment)
{
    const QStringList names = environment.keys();
    for (const QString &name : names)
        if (name.startsWith(QLatin1String{"WEIR_"}))
            environment.remove(name);
    // Nor what is missing in it: where data are kept when the file does not say it is of whoever starts Weir.
    environment.insert(QStringLiteral("XDG_STATE_HOME"), QStringLiteral("/var/lib"));
    return environment;
}

std::string summaryOf(const config::Config &config)
{
    const std::size_t limits = config::limitsOf(config).limits.size();
    return "fine, " + std::to_string(limits) + (limits == 1 ? " limit" : " limits");
}

void print(const std::vector<config::ConfigIssue> &issues)
{
    for (const config::ConfigIssue &issue : issues)
        std::fprintf(stderr, "%s\n", config::printIssue(issue).c_str());
}

} // namespace

int runCheckConfig(int &argc, char **argv, const QString &file)
{
    const QCoreApplication application{argc, argv}; // PEM files are read by Qt
    const CliResult result = readCommandLine({QStringLiteral("weir"), QStringLiteral("--config"), file},
                                             withoutOwnVariables(QProcessEnvironment::systemEnvironment()));
    if (const auto *issues = std::get_if<std::vector<config::ConfigIssue>>(&result)) {
        print(*issues);
        return 1;
    }
    const auto &invocation = std::get<Invocation>(result);
    print(invocation.warnings);
    std::printf("%s: %s\n", qPrintable(file), summaryOf(invocation.config).c_str());
    if (const auto text = config::readConfigFile(invocation.config.file)) {
        const auto names = config::changedForRestart({}, config::readConfigText(text.value()).config);
        std::string list;
        for (const std::string &name : names)
            list += (list.empty() ? "" : ", ") + name;
        if (!names.empty())
            std::printf("%s: a running Weir takes over all but %s, which %s a restart\n", qPrintable(file),
                        list.c_str(), names.size() == 1 ? "needs" : "need");
    }
    return 0;
}

} // namespace weir::app
