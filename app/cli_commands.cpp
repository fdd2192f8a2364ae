// SPDX-License-Identifier: GPL-3.0-only
#include "app/cli_commands.h"

#include <algorithm>

#include "app/cli_options.h"

namespace weir::app {
namespace {

using Kind = CommandInfo::Kind;
using Scope = OptionInfo::Scope;

constexpr const char *kServeText = "The first line on stdout is \"listening on http://ADDR:PORT\" once requests are\n"
                                   "answered; the log goes to stderr. SIGTERM answers what is pending and exits 0.\n";
constexpr const char *kCheckConfigText =
    "Every problem is one line on stderr: FILE:LINE: KEY: what is wrong. What would be right.\n"
    "Limits are counted from 1. Warnings are about what can be used and cannot be meant.\n\n"
    "Exit codes: 0 it can be used, 1 it cannot, 2 wrong usage.\n";
constexpr const char *kSetText =
    "KEY is that of a [[limit]] in a configuration file, such as capacity, every or algorithm, or one of\n"
    "match.path, match.methods, match.network. VALUE is as in the file, without quotes; several are\n"
    "written with commas: key=ip,header:X-Api-Key. null is the default. The first request after the answer is\n"
    "decided by it, and what has changed is printed.\n";
constexpr const char *kResetText =
    "SUBJECT is the key of a bucket as \"weir top LIMIT\" shows it; none for a limit that all\n"
    "requests share.\n";
constexpr const char *kTopText = "At most 100 keys, those with most requests first, as this Weir has counted them.\n";
constexpr const char *kCheckText =
    "Nothing is taken and nothing is counted. PATH is as a request sends it, with its query.\n\n"
    "Exit codes: 0 it would be admitted, 3 it would not, 1 it cannot be told, 2 wrong usage.\n";

QStringList withCommon(const char *own)
{
    QStringList names = QString::fromLatin1(own).split(QLatin1Char{' '}, Qt::SkipEmptyParts);
    for (const char *common : {"json", "connect", "token-file", "data-dir", "config"})
        names += QLatin1String{common};
    return names;
}

CommandInfo command(const char *name, const char *words, const char *summary, const char *text, Kind kind, int least,
                    int most, const QStringList &options = {})
{
    return {QLatin1String{name},
            QLatin1String{words},
            QLatin1String{summary},
            QLatin1String{text},
            kind,
            least,
            most,
            options};
}

std::vector<CommandInfo> everyCommand()
{
    return {
        command("serve", "", "the server without a window", kServeText, Kind::Serve, 0, 0),
        command("check-config", "FILE", "what is wrong with a configuration", kCheckConfigText, Kind::OfFile, 1, 1),
        command("status", "", "the limits and numbers of a running Weir", "", Kind::Asks, 0, 0, withCommon("watch")),
        command("set", "LIMIT KEY=VALUE...", "change a limit of a running Weir", kSetText, Kind::Asks, 2, -1,
                withCommon("new tokens")),
        command("reset", "LIMIT [SUBJECT]", "fill or empty a bucket", kResetText, Kind::Asks, 1, 2,
                withCommon("full empty")),
        command("top", "LIMIT", "the keys of a limit with most requests", kTopText, Kind::Asks, 1, 1,
                withCommon("watch")),
        command("check", "PATH", "what would be decided about a request, and why", kCheckText, Kind::Asks, 1, 1,
                withCommon("header method client"))};
}

bool takes(const CommandInfo *command, const OptionInfo &option)
{
    if (!command)
        return option.scope != Scope::Asking;
    switch (command->kind) {
    case Kind::Serve:
        return option.scope == Scope::Server || option.scope == Scope::Meta;
    case Kind::OfFile:
        return option.scope == Scope::Meta;
    case Kind::Asks:
        break;
    }
    return option.scope == Scope::Meta || command->options.contains(option.name);
}

} // namespace

const std::vector<CommandInfo> &allCommands()
{
    static const std::vector<CommandInfo> kAll = everyCommand();
    return kAll;
}

const CommandInfo *commandOf(const QString &name)
{
    const auto &all = allCommands();
    const auto found = std::find_if(all.begin(), all.end(), [&](const CommandInfo &one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
}

QString usageOf(const CommandInfo &command)
{
    return QStringLiteral("weir %1 %2").arg(command.name, command.words).trimmed();
}

QStringList askingCommands()
{
    QStringList names;
    for (const CommandInfo &command : allCommands())
        if (command.kind == Kind::Asks)
            names += command.name;
    return names;
}

QStringList optionsOf(const CommandInfo *command)
{
    QStringList names;
    for (const OptionInfo &option : allOptions())
        if (takes(command, option))
            names += option.name;
    return names;
}

} // namespace weir::app
