// SPDX-License-Identifier: GPL-3.0-only
#include "app/option_reader.h"

#include "app/cli_options.h"
#include "core/config/value_text.h"

namespace weir::app {
namespace {

QString variableOf(const QString &name)
{
    for (const OptionInfo &option : allOptions())
        if (name == option.name)
            return option.variable;
    return {};
}

} // namespace

std::optional<QString> OptionReader::value(const QString &name) const
{
    if (m_parser.isSet(name)) {
        const QStringList given = m_parser.values(name);
        return given.isEmpty() ? std::nullopt : std::optional{given.back()};
    }
    const QString text = m_environment.value(variableOf(name));
    return text.isEmpty() ? std::nullopt : std::optional{text};
}

QStringList OptionReader::values(const QString &name) const
{
    QStringList texts = m_parser.isSet(name)
                            ? m_parser.values(name).join(QLatin1Char{','}).split(QLatin1Char{','})
                            : m_environment.value(variableOf(name)).split(QLatin1Char{','}, Qt::SkipEmptyParts);
    for (QString &text : texts)
        text = text.trimmed();
    return texts;
}

std::string OptionReader::whereOf(const QString &name) const
{
    const QString variable = variableOf(name);
    if (!m_parser.isSet(name) && !variable.isEmpty() && !m_environment.value(variable).isEmpty())
        return variable.toStdString();
    if (!m_parser.isSet(name) && m_file.says(name))
        return m_file.whereOf(name);
    return "--" + name.toStdString();
}

std::string OptionReader::warningAt(const QString &name) const
{
    return !isSaid(name) && m_file.says(name) ? m_file.whereOf(name, true) : whereOf(name) + ": warning";
}

void OptionReader::fail(const QString &name, const QString &problem, const QString &hint)
{
    m_failed.insert(name);
    m_issues.push_back({whereOf(name), problem.toStdString(), hint.toStdString()});
}

QString quoted(const QString &text)
{
    constexpr int kMostShown = 80; // of a word somebody pasted by mistake
    return QLatin1Char{'"'} + (text.size() > kMostShown ? text.left(kMostShown) + QChar{0x2026} : text)
           + QLatin1Char{'"'};
}

std::optional<Micros> readDuration(OptionReader &reader, const QString &name, Micros low, Micros high)
{
    const auto text = reader.value(name);
    if (!text)
        return std::nullopt;
    auto read = config::readDuration(text->toStdString(), {low, high});
    if (const auto *fault = std::get_if<ValueFault>(&read))
        reader.fail(name, QString::fromStdString(fault->problem), QString::fromStdString(fault->hint));
    const auto *duration = std::get_if<Micros>(&read);
    return duration ? std::optional{*duration} : std::nullopt;
}

QString readWord(OptionReader &reader, const QString &name, const QStringList &words)
{
    const QString said = reader.value(name).value_or(words.front());
    if (words.contains(said))
        return said;
    std::vector<std::string> known;
    for (const QString &word : words)
        known.push_back(word.toStdString());
    const auto read = config::readWord(said.toStdString(), known);
    const auto &fault = std::get<ValueFault>(read);
    reader.fail(name, QString::fromStdString(fault.problem), QString::fromStdString(fault.hint));
    return words.front();
}

} // namespace weir::app
