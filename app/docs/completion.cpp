// SPDX-License-Identifier: GPL-3.0-only
#include <QStringList>

#include <algorithm>
#include <utility>

#include "app/cli_commands.h"
#include "app/cli_options.h"
#include "app/docs/documents.h"

namespace weir::app {
namespace {

enum class Takes { Nothing, Word, Choice, File, Folder };

Takes takenBy(const OptionInfo &option)
{
    const QString &value = option.value;
    if (value.isEmpty())
        return Takes::Nothing;
    if (!option.choices.isEmpty())
        return Takes::Choice;
    if (value == QLatin1String{"FILE"})
        return Takes::File;
    return value == QLatin1String{"DIR"} ? Takes::Folder : Takes::Word;
}

QString dashed(const OptionInfo &option)
{
    return QLatin1String{"--"} + option.name;
}

// The first sentence, or what stands before its values: a list of completions has one line for each. A few letters are no
// sentence yet ("rediss://: certificates to trust").
QString shortly(const OptionInfo &option)
{
    const QString all = option.description.simplified();
    constexpr qsizetype kLeast = 12;
    qsizetype end = all.size();
    const std::pair<const char *, qsizetype> marks[] = {{". ", 1}, {"; ", 1}, {": ", kLeast}};
    for (const auto &[mark, least] : marks)
        if (const qsizetype at = all.indexOf(QLatin1String{mark}, least); at > 0)
            end = std::min(end, at);
    return all.left(end);
}

QStringList namesOf(Takes kind)
{
    QStringList names;
    for (const OptionInfo &option : allOptions())
        if (takenBy(option) == kind)
            names += dashed(option);
    return names;
}

QStringList dashedOptionsOf(const CommandInfo *command)
{
    QStringList names;
    for (const QString &name : optionsOf(command))
        names += QLatin1String{"--"} + name;
    return names;
}

QStringList commandNames()
{
    QStringList names;
    for (const CommandInfo &command : allCommands())
        names += command.name;
    return names;
}

// Those that take an option; without one, weir alone takes it.
QStringList takersOf(const OptionInfo &option)
{
    QStringList names;
    for (const CommandInfo &command : allCommands())
        if (optionsOf(&command).contains(option.name))
            names += command.name;
    return names;
}

constexpr const char *kMade = "# Made by the build of Weir, from its table of options.\n";

QString inQuotes(QString text)
{
    return QLatin1Char{'\''} + text.replace(QLatin1Char{'\''}, QLatin1String{"'\\''"}) + QLatin1Char{'\''};
}

// Inside the quotes of _arguments, where brackets and colons have a meaning.
QString zshSafe(QString text)
{
    for (const char *letter : {"\\", "[", "]", ":"})
        text.replace(QLatin1String{letter}, QLatin1Char{'\\'} + QLatin1String{letter});
    return text.replace(QLatin1Char{'\''}, QLatin1String{"'\\''"});
}

} // namespace

QString bashCompletion()
{
    const QLatin1String bar{"|"}, space{" "};
    QString text = QLatin1String{kMade};
    text += QLatin1String{
        "_weir() {\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= word\n"
        "    COMPREPLY=()\n"
        "    # Bash takes --start=full for three words.\n"
        "    if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
        "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
        "        case $word in @COMMANDS@) command=${command:-$word} ;; esac\n"
        "    done\n"
        "    case $prev in\n"};
    text.replace(QLatin1String{"@COMMANDS@"}, commandNames().join(bar));
    for (const OptionInfo &option : allOptions())
        if (takenBy(option) == Takes::Choice)
            text += QStringLiteral("        %1) COMPREPLY=($(compgen -W \"%2\" -- \"$cur\")); return ;;\n")
                        .arg(dashed(option), option.choices.join(QLatin1Char{' '}));
    text += QStringLiteral("        %1) compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n"
                           "        %2) compopt -o filenames; COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n"
                           "        %3) return ;;\n"
                           "    esac\n")
                .arg(namesOf(Takes::File).join(bar), namesOf(Takes::Folder).join(bar), namesOf(Takes::Word).join(bar));
    text += QLatin1String{"    if [[ $cur == -* ]]; then\n"
                          "        case $command in\n"};
    for (const CommandInfo &command : allCommands())
        text += QStringLiteral("        %1) COMPREPLY=($(compgen -W \"%2\" -- \"$cur\")) ;;\n")
                    .arg(command.name, dashedOptionsOf(&command).join(space));
    text += QStringLiteral("        *) COMPREPLY=($(compgen -W \"%1\" -- \"$cur\")) ;;\n"
                           "        esac\n"
                           "    elif [[ $command == check-config ]]; then\n"
                           "        compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                           "    elif [[ -z $command ]]; then\n"
                           "        COMPREPLY=($(compgen -W \"%2\" -- \"$cur\"))\n"
                           "    fi\n"
                           "}\n"
                           "complete -F _weir weir\n")
                .arg(dashedOptionsOf(nullptr).join(space), commandNames().join(space));
    return text;
}

QString zshCompletion()
{
    QString text = QLatin1String{"#compdef weir\n"} + QLatin1String{kMade} + QLatin1String{"_arguments -s -S \\\n"};
    for (const OptionInfo &option : allOptions()) {
        const Takes takes = takenBy(option);
        const QString star = option.isRepeatable ? QStringLiteral("*") : QString{};
        text += QStringLiteral("  '%1%2%3[%4]")
                    .arg(star, dashed(option), takes == Takes::Nothing ? QString{} : QStringLiteral("="),
                         zshSafe(shortly(option)));
        const QString value = zshSafe(option.value);
        if (takes == Takes::Choice)
            text += QStringLiteral(":%1:(%2)").arg(value, option.choices.join(QLatin1Char{' '}));
        else if (takes == Takes::File)
            text += QStringLiteral(":%1:_files").arg(value);
        else if (takes == Takes::Folder)
            text += QStringLiteral(":%1:_files -/").arg(value);
        else if (takes == Takes::Word)
            text += QStringLiteral(":%1: ").arg(value);
        text += QLatin1String{"' \\\n"};
    }
    text += QLatin1String{"  '1:command:(("};
    for (const CommandInfo &command : allCommands())
        text += QStringLiteral("%1\\:\"%2\" ").arg(command.name, zshSafe(command.summary));
    return text.trimmed() + QLatin1String{"))' \\\n  '2:file:_files'\n"};
}

QString fishCompletion()
{
    QString text = QLatin1String{kMade};
    text += QLatin1String{"complete -c weir -f\n"};
    for (const CommandInfo &command : allCommands())
        text += QStringLiteral("complete -c weir -n __fish_use_subcommand -a %1 -d %2\n")
                    .arg(command.name, inQuotes(command.summary));
    text += QLatin1String{"complete -c weir -n '__fish_seen_subcommand_from check-config' -F\n"};
    for (const OptionInfo &option : allOptions()) {
        const QStringList takers = takersOf(option);
        QStringList others = commandNames();
        for (const QString &taker : takers)
            others.removeAll(taker);
        const bool isOfWeir = optionsOf(nullptr).contains(option.name);
        text += QStringLiteral("complete -c weir -n '%1__fish_seen_subcommand_from %2' -l %3")
                    .arg(isOfWeir ? QStringLiteral("not ") : QString{},
                         (isOfWeir ? others : takers).join(QLatin1Char{' '}), option.name);
        if (!option.letter.isEmpty())
            text += QLatin1String{" -o "} + option.letter;
        switch (takenBy(option)) {
        case Takes::Nothing:
            break;
        case Takes::Choice:
            text += QStringLiteral(" -x -a '%1'").arg(option.choices.join(QLatin1Char{' '}));
            break;
        case Takes::File:
            text += QLatin1String{" -r -F"};
            break;
        case Takes::Folder:
            text += QLatin1String{" -x -a '(__fish_complete_directories)'"};
            break;
        case Takes::Word:
            text += QLatin1String{" -x"};
            break;
        }
        text += QLatin1String{" -d "} + inQuotes(shortly(option)) + QLatin1Char{'\n'};
    }
    return text;
}

} // namespace weir::app
