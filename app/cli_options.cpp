// SPDX-License-Identifier: GPL-3.0-only
#include "app/cli_options.h"

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

constexpr const char *kPanelHead = "Weir: see, tune and prove a rate limit.\n\n"
                                   "Usage: weir [OPTIONS]         the panel, with its server\n"
                                   "       weir serve [OPTIONS]   the server without a window\n"
                                   "       weir check-config FILE what is wrong with a configuration\n\n";
constexpr const char *kServeHead = "Usage: weir serve [OPTIONS]   the rate-limiting server without a window\n\n"
                                   "The first line on stdout is \"listening on http://ADDR:PORT\" once requests are\n"
                                   "answered; the log goes to stderr. SIGTERM answers what is pending and exits 0.\n\n";
constexpr const char *kCheckText =
    "Usage: weir check-config FILE   what is wrong with a configuration file\n\n"
    "Every problem is one line on stderr: FILE:LINE: KEY: what is wrong. What would be right.\n"
    "Limits are counted from 1. Warnings are about what can be used and cannot be meant.\n\n"
    "Exit codes: 0 it can be used, 1 it cannot, 2 wrong usage.\n";
constexpr const char *kFoot =
    "\nAn option beats its environment variable, which beats the configuration file, which beats\n"
    "the default.\n"
    "Exit codes: 0 fine, 1 failure at run time, 2 wrong usage or configuration.\n";

void appendOptions(QString &text, Scope scope)
{
    for (const OptionInfo &option : allOptions()) {
        if (option.scope != scope)
            continue;
        text += QStringLiteral("  --%1 %2").arg(option.name, option.value).trimmed().prepend(QLatin1String{"  "});
        if (!option.variable.isEmpty())
            text += QStringLiteral(" [%1]").arg(option.variable);
        text += QLatin1Char{'\n'} + wrapped(option.description);
    }
}

} // namespace

QString checkConfigHelpText()
{
    return QLatin1String{kCheckText};
}

const std::vector<OptionInfo> &allOptions()
{
    static const std::vector<OptionInfo> kAll = everyOption();
    return kAll;
}

QString helpText(bool isServe)
{
    QString text = QLatin1String{isServe ? kServeHead : kPanelHead};
    text += QLatin1String{"Options [environment variable]:\n"};
    appendOptions(text, Scope::Server);
    if (!isServe)
        appendOptions(text, Scope::PanelOnly);
    appendOptions(text, Scope::Meta);
    return text + QLatin1String{kFoot};
}

} // namespace weir::app
