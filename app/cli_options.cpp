// SPDX-License-Identifier: GPL-3.0-only
#include "app/cli_options.h"

#include "app/cli_commands.h"
#include "core/config/settings.h"

namespace weir::app {
namespace {

using Scope = OptionInfo::Scope;

std::vector<OptionInfo> settingOptions()
{
    std::vector<OptionInfo> options;
    for (const config::Setting &setting : config::settings()) {
        if (setting.name.empty())
            continue;
        OptionInfo option{QString::fromStdString(setting.name),
                          QString::fromStdString(setting.takes),
                          QString::fromStdString(setting.variable()),
                          QString::fromStdString(config::describe(setting)),
                          Scope::Server,
                          setting.isList()};
        for (const std::string &word : setting.words)
            option.choices += QString::fromStdString(word);
        options.push_back(std::move(option));
    }
    return options;
}

OptionInfo other(const char *name, const char *value, const char *description, Scope scope,
                 const QStringList &choices = {})
{
    return {QLatin1String{name}, QLatin1String{value}, {}, QLatin1String{description}, scope, false, choices};
}

void addAskingOptions(std::vector<OptionInfo> &all)
{
    const auto add = [&all](const char *name, const char *value, const char *description) -> OptionInfo & {
        return all.emplace_back(other(name, value, description, Scope::Asking));
    };
    add("connect", "URL",
        "The Weir that runs elsewhere, by its admin port: http://HOST:8001. The panel shows and changes that one; "
        "commands ask port 8001 of 127.0.0.1 without it")
        .variable = QStringLiteral("WEIR_CONNECT");
    add("token-file", "FILE",
        "Where its token is, without which nothing is changed. Commands find that of this machine in the data folder. "
        "WEIR_TOKEN says the token itself");
    for (auto option = all.end() - 2; option != all.end(); ++option)
        option->scope = Scope::Connection;
    add("json", "", "What the admin port answers, on one line");
    add("watch", "", "Again each second, until SIGINT or SIGTERM");
    add("full", "", "Fill the bucket, as without it");
    add("empty", "", "Empty the bucket");
    add("new", "", "Add a limit of that name");
    add("tokens", "MODE",
        "What becomes of the tokens there are: keep, the same share of the new capacity (proportional), or refill. "
        "Default: keep")
        .choices = QStringList{QStringLiteral("keep"), QStringLiteral("proportional"), QStringLiteral("refill")};
    OptionInfo &header = add("header", "FIELD", "A header field of the request, NAME: VALUE; may be repeated");
    header.isRepeatable = true;
    header.letter = QStringLiteral("H");
    add("method", "NAME", "Its method. Default: GET");
    add("client", "ADDR", "The address that it comes from. Default: that of who asks");
}

std::vector<OptionInfo> everyOption()
{
    std::vector<OptionInfo> all{
        other("config", "FILE",
              "Read this configuration. Default: $XDG_CONFIG_HOME/weir/weir.toml or ~/.config/weir/weir.toml, if there",
              Scope::Server)};
    all.front().variable = QStringLiteral("WEIR_CONFIG");
    for (OptionInfo &option : settingOptions())
        all.push_back(std::move(option));
    const QString pages = QStringLiteral("live limits failures history help algorithms"),
                  themes = QStringLiteral("system light dark");
    const auto words = [](const QString &text) { return text.split(QLatin1Char{' '}); };
    all.push_back(other("screenshot", "FILE", "Render a page of the panel to a PNG file and exit", Scope::PanelOnly));
    all.push_back(other("page", "NAME",
                        "The page: live, limits, failures, history, help or algorithms (in the help). Default: live",
                        Scope::PanelOnly, words(pages)));
    all.push_back(other("size", "WxH", "Pixels. Default: 1280x820", Scope::PanelOnly));
    all.push_back(other("theme", "NAME", "system, light or dark. Default: system", Scope::PanelOnly, words(themes)));
    all.push_back(other("after", "DURATION", "How long it runs before the picture. Default: 3s", Scope::PanelOnly));
    addAskingOptions(all);
    all.push_back(
        other("print-config", "", "A configuration file with every key, its default and what it means", Scope::Meta));
    all.push_back(other("help", "", "This text", Scope::Meta));
    all.push_back(other("version", "", "The version, its commit and libraries, and what is built in", Scope::Meta));
    return all;
}

// A paragraph in lines that a terminal has room for.
QString wrapped(const QString &text)
{
    constexpr qsizetype kWidth = 100;
    const QString indent{8, QLatin1Char{' '}};
    QString lines, line = indent;
    for (const QString &word : text.split(QLatin1Char{' '}, Qt::SkipEmptyParts)) {
        if (line.size() + word.size() > kWidth) {
            lines += line.chopped(1) + QLatin1Char{'\n'};
            line = indent;
        }
        line += word + QLatin1Char{' '};
    }
    return lines + line.chopped(1) + QLatin1Char{'\n'};
}

constexpr const char *kFoot =
    "\nAn option beats its environment variable, which beats the configuration file, which beats\n"
    "the default.\n"
    "Exit codes: 0 fine, 1 failure at run time, 2 wrong usage or configuration.\n";

void append(QString &text, const OptionInfo &option)
{
    const QString letter = option.letter.isEmpty() ? QString{} : QStringLiteral(", -%1").arg(option.letter);
    text += QStringLiteral("  --%1%2 %3").arg(option.name, letter, option.value).trimmed().prepend(QLatin1String{"  "});
    if (!option.variable.isEmpty())
        text += QStringLiteral(" [%1]").arg(option.variable);
    text += QLatin1Char{'\n'} + wrapped(option.description);
}

void appendScope(QString &text, Scope scope)
{
    for (const OptionInfo &option : allOptions())
        if (option.scope == scope)
            append(text, option);
}

void appendUsage(QString &text, const QString &usage, const QString &summary)
{
    constexpr int kColumn = 32;
    text += usage.leftJustified(kColumn) + QLatin1Char{' '} + summary + QLatin1Char{'\n'};
}

QString panelHelp()
{
    QString text = QStringLiteral("Weir: see, tune and prove a rate limit.\n\nUsage:\n");
    appendUsage(text, QStringLiteral("  weir [OPTIONS]"), QStringLiteral("the panel, with its server"));
    for (const CommandInfo &command : allCommands())
        appendUsage(text, QLatin1String{"  "} + usageOf(command), command.summary);
    text += QLatin1String{"\nOptions [environment variable]:\n"};
    appendScope(text, Scope::Server);
    appendScope(text, Scope::PanelOnly);
    appendScope(text, Scope::Connection);
    text += QStringLiteral("\nOf the commands that ask a running Weir (%1), each as its own --help says:\n")
                .arg(askingCommands().join(QLatin1String{", "}));
    appendScope(text, Scope::Asking);
    text += QLatin1String{"\nOf all:\n"};
    appendScope(text, Scope::Meta);
    return text + QLatin1String{kFoot};
}

} // namespace

const std::vector<OptionInfo> &allOptions()
{
    static const std::vector<OptionInfo> kAll = everyOption();
    return kAll;
}

QStringList choicesOf(const char *name)
{
    for (const OptionInfo &option : allOptions())
        if (option.name == QLatin1String{name})
            return option.choices;
    return {};
}

QString helpText(const CommandInfo *command)
{
    if (!command)
        return panelHelp();
    const bool isOfFile = command->kind == CommandInfo::Kind::OfFile;
    QString text = QStringLiteral("Usage: %1%2   %3\n")
                       .arg(usageOf(*command), isOfFile ? QString{} : QStringLiteral(" [OPTIONS]"), command->summary);
    if (!command->text.isEmpty())
        text += QLatin1Char{'\n'} + command->text;
    if (isOfFile)
        return text;
    text += QLatin1String{"\nOptions [environment variable]:\n"};
    const QStringList names = optionsOf(command);
    for (const OptionInfo &option : allOptions())
        if (names.contains(option.name))
            append(text, option);
    return command->kind == CommandInfo::Kind::Serve ? text + QLatin1String{kFoot} : text;
}

} // namespace weir::app
