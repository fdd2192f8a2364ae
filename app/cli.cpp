// SPDX-License-Identifier: GPL-3.0-only
#include "app/cli.h"

#include <QCommandLineParser>
#include <QRegularExpression>

#include <algorithm>

#include "app/cli_commands.h"
#include "app/cli_file.h"
#include "app/cli_options.h"
#include "app/cli_values.h"
#include "app/cli_warnings.h"
#include "app/example_config.h"
#include "app/version_text.h"
#include "core/base/nearest_word.h"
#include "core/config/settings.h"
#include "core/config/shown_text.h"

namespace weir::app {
namespace {

using config::ConfigIssue;
using Issues = std::vector<ConfigIssue>;

QString dashed(const QString &name)
{
    return QLatin1String{"--"} + name;
}

void addOptions(QCommandLineParser &parser)
{
    // "-capacity" is --capacity, not seven switches of one letter.
    parser.setSingleDashWordOptionMode(QCommandLineParser::ParseAsLongOptions);
    for (const OptionInfo &option : allOptions())
        parser.addOption(QCommandLineOption{option.letter.isEmpty() ? QStringList{option.name}
                                                                    : QStringList{option.name, option.letter},
                                            {},
                                            option.value});
    parser.addOption(QCommandLineOption{QStringLiteral("h")});
}

// The value of an option that does not exist; naming the option is enough.
bool isValueOfUnknown(const QString &word, const QStringList &arguments, const QStringList &unknown)
{
    const qsizetype index = arguments.indexOf(word);
    const QString before = index > 0 ? arguments.at(index - 1) : QString{};
    return before.startsWith(QLatin1Char{'-'})
           && unknown.contains(before.mid(before.startsWith(QLatin1String{"--"}) ? 2 : 1));
}

std::vector<std::string> texts(const QStringList &words)
{
    std::vector<std::string> all;
    for (const QString &word : words)
        all.push_back(word.toStdString());
    return all;
}

QStringList commandNames()
{
    QStringList names;
    for (const CommandInfo &command : allCommands())
        names += command.name;
    return names;
}

// What a command that asks, or looks at a file, does not take would be of no effect, or hide what is in the file.
void checkTaken(const QCommandLineParser &parser, const CommandInfo *command, Issues &issues)
{
    const QStringList taken = optionsOf(command);
    const bool isOfOthers = !command || command->kind == CommandInfo::Kind::Serve;
    for (const OptionInfo &option : allOptions()) {
        if (!parser.isSet(option.name) || taken.contains(option.name)
            || (isOfOthers && option.scope != OptionInfo::Scope::Asking)) // readScreenshot says it better
            continue;
        QStringList users;
        for (const CommandInfo &other : allCommands())
            if (other.options.contains(option.name))
                users += QLatin1String{"weir "} + other.name;
        if (isOfOthers)
            issues.push_back({dashed(option.name).toStdString(), "it is for a Weir that runs",
                              config::oneOf(texts(users)) + " with it"});
        else if (command->kind == CommandInfo::Kind::OfFile)
            issues.push_back({dashed(option.name).toStdString(), command->name.toStdString() + " takes no options",
                              usageOf(*command).toStdString()});
        else
            issues.push_back({dashed(option.name).toStdString(), command->name.toStdString() + " does not take it",
                              "See weir " + command->name.toStdString() + " --help"});
    }
}

// The words behind a command.
void checkWords(const CommandInfo &command, const QStringList &words, Issues &issues)
{
    const auto count = static_cast<int>(words.size());
    const bool isEmpty = count > 0 && words.front().isEmpty();
    if (count >= command.leastWords && (command.mostWords < 0 || count <= command.mostWords) && !isEmpty)
        return;
    const bool isOfFile = command.kind == CommandInfo::Kind::OfFile;
    const std::string number = std::to_string(count) + (count == 1 ? " word" : " words");
    issues.push_back({command.name.toStdString(),
                      count < command.leastWords || isEmpty
                          ? (isOfFile ? "no file is given" : "something is missing behind it")
                      : isOfFile ? std::to_string(count) + " files are given"
                                 : number + " are given behind it",
                      usageOf(command).toStdString()});
}

void checkNames(const QCommandLineParser &parser, const QStringList &arguments, Issues &issues)
{
    QStringList names;
    for (const OptionInfo &option : allOptions())
        names += option.name;
    for (const QString &name : parser.unknownOptionNames()) {
        const std::string nearest = nearestWord(name.toStdString(), texts(names));
        issues.push_back({dashed(name).toStdString(), "there is no such option",
                          nearest.empty() ? "See weir --help" : "Did you mean --" + nearest + "?"});
    }
    QStringList words = parser.positionalArguments();
    const CommandInfo *command = commandOf(words.value(0));
    checkTaken(parser, command, issues);
    if (command)
        words.removeFirst();
    words.erase(std::remove_if(words.begin(), words.end(),
                               [&](const QString &word) {
                                   return isValueOfUnknown(word, arguments, parser.unknownOptionNames());
                               }),
                words.end());
    if (command && command->kind != CommandInfo::Kind::Serve)
        return checkWords(*command, words, issues);
    for (const QString &word : words) {
        const std::string nearest =
            commandOf(word) ? std::string{} : nearestWord(word.toStdString(), texts(commandNames()));
        issues.push_back({word.toStdString(), "there is no such command",
                          !nearest.empty() ? "Did you mean " + nearest + "?"
                          : command        ? usageOf(*command).toStdString() + " without it"
                                           : "weir alone, or one of " + config::oneOf(texts(commandNames()))});
    }
}

void checkCounts(const QCommandLineParser &parser, const QStringList &arguments, OptionReader &reader)
{
    const QStringList given = parser.optionNames();
    for (const OptionInfo &option : allOptions()) {
        const QString &name = option.name;
        const qsizetype count = given.count(name) + (option.letter.isEmpty() ? 0 : given.count(option.letter));
        if (count > 1 && !option.isRepeatable && option.scope != OptionInfo::Scope::Meta)
            reader.fail(name, QStringLiteral("is given %1 times").arg(count), QStringLiteral("it once"));
        if (option.value.isEmpty()
            && !arguments.filter(QRegularExpression{QLatin1String{"^--?"} + name + QLatin1Char{'='}}).isEmpty())
            reader.fail(name, QStringLiteral("takes no value"), dashed(name) + QLatin1String{" alone"});
        if (!option.value.isEmpty() && parser.values(name).size() < count)
            reader.fail(name, QStringLiteral("has no value"), dashed(name) + QLatin1Char{' '} + option.value);
    }
}

bool isAskedForHelp(const QCommandLineParser &parser)
{
    return parser.isSet(QStringLiteral("help")) || parser.isSet(QStringLiteral("h"));
}

Invocation textOnly(Invocation::Command command, const QString &text)
{
    Invocation invocation;
    invocation.command = command;
    invocation.text = text;
    return invocation;
}

bool isRepeatable(const QString &name)
{
    const config::Setting *setting = config::settingOf(name.toStdString());
    return setting && setting->isList();
}

// Has a value failed that option `name` is checked against?
bool isCheckedAgainstUnknown(const QString &name, const OptionReader &reader)
{
    const QString url = QStringLiteral("max-url"), header = QStringLiteral("max-header");
    if (name == QLatin1String{"refill"})
        return reader.hasFailed(QStringLiteral("capacity"));
    return (name == url && reader.hasFailed(header)) || (name == header && reader.hasFailed(url));
}

// A hint that names options, with the keys that they are in a file.
std::string asInFile(std::string hint)
{
    for (const config::Setting &setting : config::settings()) {
        const std::string option = "--" + setting.name;
        const std::size_t at = setting.name.empty() ? std::string::npos : hint.find(option), end = at + option.size();
        if (at != std::string::npos && (end == hint.size() || hint[end] == ' '))
            hint.replace(at, option.size(), setting.key);
    }
    return hint;
}

// Some numbers are checked together, so issues are named after what was read, wherever from.
void checkConfig(const config::Config &config, const OptionReader &reader, Issues &issues)
{
    for (ConfigIssue issue : check(config)) {
        const QString name = QString::fromStdString(issue.where).mid(2);
        if ((reader.hasFailed(name) && !isRepeatable(name)) || isCheckedAgainstUnknown(name, reader))
            continue;
        issue.where = reader.whereOf(name);
        if (!reader.isSaid(name) && reader.file().says(name))
            issue.hint = asInFile(std::move(issue.hint));
        issues.push_back(std::move(issue));
    }
}

} // namespace

CliResult readCommandLine(const QStringList &arguments, const QProcessEnvironment &environment,
                          const std::string *fileText)
{
    QCommandLineParser parser;
    addOptions(parser);
    const bool isParsed = parser.parse(arguments);
    const CommandInfo *command = commandOf(parser.positionalArguments().value(0));
    if (isAskedForHelp(parser))
        return textOnly(Invocation::Command::ShowHelp, helpText(command));
    if (parser.isSet(QStringLiteral("version")))
        return textOnly(Invocation::Command::ShowVersion, versionText());
    if (parser.isSet(QStringLiteral("print-config")))
        return textOnly(Invocation::Command::ShowConfig, exampleConfig());

    Issues issues;
    OptionReader reader{parser, environment, issues};
    checkNames(parser, arguments, issues);
    checkCounts(parser, arguments, reader);
    if (!isParsed && issues.empty()) // whatever else the parser may refuse
        issues.push_back({"weir", "the command line cannot be read", "See weir --help"});

    Invocation invocation;
    if (command && command->kind == CommandInfo::Kind::OfFile) {
        invocation.command = Invocation::Command::CheckConfig;
        invocation.file = parser.positionalArguments().value(1);
        return issues.empty() ? CliResult{invocation} : issues;
    }
    if (command && command->kind == CommandInfo::Kind::Asks) {
        invocation.command = Invocation::Command::Ask;
        invocation.ask = readAsk(reader, parser.positionalArguments());
        return issues.empty() ? CliResult{invocation} : issues;
    }
    const bool isServe = command != nullptr;
    invocation.connect = readConnect(reader, isServe);
    if (invocation.connect) {
        invocation.screenshot = readScreenshot(reader, false);
        readLogFormat(reader, invocation.config);
        return issues.empty() ? CliResult{invocation} : issues;
    }
    const std::string file = readFile(reader, fileText, issues, invocation.warnings);
    invocation.command = isServe ? Invocation::Command::Serve : Invocation::Command::Panel;
    invocation.config = readConfig(reader);
    invocation.config.file = file;
    if (const QStringList places = defaultConfigFiles(environment); file.empty() && !places.isEmpty())
        invocation.config.fileToMake = places.front().toStdString();
    invocation.screenshot = readScreenshot(reader, isServe);
    checkConfig(invocation.config, reader, issues);
    if (!issues.empty())
        return issues;
    for (ConfigIssue &warning : warningsOfProxies(reader, invocation.config)) {
        if (!reader.isSaid(QStringLiteral("client-header")))
            warning.hint = asInFile(std::move(warning.hint));
        invocation.warnings.push_back(std::move(warning));
    }
    return invocation;
}

} // namespace weir::app
