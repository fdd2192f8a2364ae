// SPDX-License-Identifier: GPL-3.0-only
#include "app/option_reader.h"

#include <QRegularExpression>

#include "app/cli_options.h"
#include "core/base/byte_size.h"

namespace weir::app {
namespace {

QString variableOf(const QString &name)
{
    for (const OptionInfo &option : allOptions())
        if (name == QLatin1String{option.name})
            return QLatin1String{option.variable};
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
    if (m_parser.isSet(name))
        return m_parser.values(name);
    QStringList texts = m_environment.value(variableOf(name)).split(QLatin1Char{','}, Qt::SkipEmptyParts);
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

std::optional<std::int64_t> readWhole(OptionReader &reader, const QString &name, std::int64_t low, std::int64_t high,
                                      const QString &hint)
{
    const auto text = reader.value(name);
    if (!text)
        return std::nullopt;
    static const QRegularExpression kWhole{QStringLiteral("^-?[0-9]+$")};
    if (!kWhole.match(*text).hasMatch()) {
        reader.fail(name, quoted(*text) + QLatin1String{" is not a whole number"}, hint);
        return std::nullopt;
    }
    bool isOk = false; // false here: longer than 64 bits
    const std::int64_t number = text->toLongLong(&isOk);
    if (isOk && number >= low && number <= high)
        return number;
    reader.fail(name, (text->size() > 20 ? quoted(*text) : *text) + QLatin1String{" is out of range"}, hint);
    return std::nullopt;
}

std::optional<Micros> readDuration(OptionReader &reader, const QString &name, Micros low, Micros high)
{
    const auto text = reader.value(name);
    if (!text)
        return std::nullopt;
    const QString range =
        QStringLiteral(", from %1 to %2")
            .arg(QString::fromStdString(printDuration(low)), QString::fromStdString(printDuration(high)));
    const auto duration = parseDuration(text->toStdString());
    if (!duration)
        reader.fail(name, quoted(*text) + QLatin1String{" is not a duration"},
                    QLatin1String{"a whole number and one of us ms s min h d, such as 500ms 10s 1min 1h 1d"} + range);
    else if (*duration < low || *duration > high)
        reader.fail(name, quoted(*text) + QLatin1String{" is out of range"}, QLatin1String{"a duration"} + range);
    else
        return duration;
    return std::nullopt;
}

std::optional<std::uint64_t> readByteSize(OptionReader &reader, const QString &name, std::uint64_t low,
                                          std::uint64_t high)
{
    const auto text = reader.value(name);
    if (!text)
        return std::nullopt;
    const QString range =
        QStringLiteral("from %1 to %2")
            .arg(QString::fromStdString(printByteSize(low)), QString::fromStdString(printByteSize(high)));
    const auto bytes = parseByteSize(text->toStdString());
    if (!bytes)
        reader.fail(name, quoted(*text) + QLatin1String{" is not a size"},
                    QLatin1String{"a whole number and one of B KiB MiB GiB, such as 65536 64KiB 1MiB, "} + range);
    else if (*bytes < low || *bytes > high)
        reader.fail(name, quoted(*text) + QLatin1String{" is out of range"}, QLatin1String{"a size "} + range);
    else
        return bytes;
    return std::nullopt;
}

std::optional<qsizetype> readWord(OptionReader &reader, const QString &name, const QStringList &words)
{
    const auto text = reader.value(name);
    if (!text)
        return std::nullopt;
    const qsizetype index = words.indexOf(*text);
    if (index >= 0)
        return index;
    const QString last = words.size() > 1 ? QLatin1String{" or "} + words.back() : QString{};
    reader.fail(name, quoted(*text) + QLatin1String{" is not known"},
                words.mid(0, std::max<qsizetype>(1, words.size() - 1)).join(QLatin1String{", "}) + last);
    return std::nullopt;
}

} // namespace weir::app
