// SPDX-License-Identifier: GPL-3.0-only
// The table of settings as people read it.
#include "core/config/settings.h"

namespace weir::config {
namespace {

std::string joined(const Texts &texts, const char *between)
{
    std::string all;
    for (const std::string &text : texts)
        all += (all.empty() ? "" : between) + text;
    return all;
}

// A text as a comment of lines that fit beside a file in an editor.
std::string asComment(const std::string &text)
{
    constexpr std::size_t kWidth = 118;
    std::string lines, line = "#";
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        if (line.size() + 1 + end - begin > kWidth) {
            lines += line + "\n";
            line = "#";
        }
        line += " " + text.substr(begin, end - begin);
        begin = end + 1;
    }
    return lines + line + "\n";
}

std::string valueOf(const Setting &setting)
{
    if (!setting.example.empty() || !setting.print(Config{}).empty() || setting.isList())
        return setting.example.empty() ? tomlOf(setting, Config{}) : setting.example;
    return setting.form == Form::Whole ? setting.unsaid : printTomlText(setting.unsaid);
}

std::string inCell(std::string text)
{
    for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
        text.insert(at, "\\");
    return text;
}

std::string withRange(const Setting &setting)
{
    if (setting.range.empty())
        return setting.help;
    const bool isClause = setting.help.find_first_of(":;.") == std::string::npos;
    return setting.help + (isClause ? ", " : ". From ") + setting.range;
}

} // namespace

std::string defaultOf(const Setting &setting)
{
    if (!setting.unsaid.empty() || setting.form == Form::Switch)
        return setting.unsaid;
    return joined(setting.print(Config{}), ", ");
}

std::string describe(const Setting &setting)
{
    const std::string usual = defaultOf(setting);
    return withRange(setting) + (usual.empty() ? "" : ". Default: " + usual);
}

std::string settingsAsToml(std::string_view table)
{
    std::string text;
    for (const Setting &setting : settings()) {
        if (setting.table != table)
            continue;
        const bool isValueTold = setting.example.empty();
        text += asComment((isValueTold ? withRange(setting) : describe(setting)) + ".");
        text += "#" + setting.key + " = " + valueOf(setting) + "\n";
    }
    return text;
}

std::string settingsAsMarkdown()
{
    std::string text = "| Option | In the file | What it is for | Default | Restart |\n|---|---|---|---|---|\n";
    for (const Setting &setting : settings()) {
        const std::string said = defaultOf(setting);
        const std::string usual = said.empty() && setting.form == Form::Switch ? tomlOf(setting, Config{}) : said;
        const std::string option =
            setting.name.empty() ? "" : "`--" + setting.name + (setting.takes.empty() ? "" : " " + setting.takes) + "`";
        text += "| " + inCell(option) + " | `" + setting.path() + "` | " + inCell(withRange(setting)) + " | " + inCell(usual)
                + " | " + (setting.needsRestart ? "yes" : "no") + " |\n";
    }
    return text;
}

} // namespace weir::config
