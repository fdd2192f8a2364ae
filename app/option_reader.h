// SPDX-License-Identifier: GPL-3.0-only
// Reads options and variables, with the configuration file, whose values have been read already, behind them. Every
// wrong word becomes an issue.
#pragma once

#include <QCommandLineParser>
#include <QProcessEnvironment>
#include <QSet>

#include <optional>
#include <vector>

#include "core/base/duration.h"
#include "app/file_source.h"
#include "core/config/config.h"

namespace weir::app {

/// The words of each option, by flag or by variable, and its faults there or in the file.
class OptionReader {
public:
    OptionReader(const QCommandLineParser &parser, const QProcessEnvironment &environment,
                 std::vector<config::ConfigIssue> &issues)
        : m_parser{parser}, m_environment{environment}, m_issues{issues}
    {
    }

    /// Return the value of option `name`, that of the variable when there is no flag; an empty variable counts as
    /// unset.
    [[nodiscard]] std::optional<QString> value(const QString &name) const;
    [[nodiscard]] bool isSaid(const QString &name) const { return value(name).has_value(); }
    /// Return all values of a List, between commas in a flag or a variable, or of several flags.
    [[nodiscard]] QStringList values(const QString &name) const;
    /// Return the value of each flag of that name; commas are part of them.
    [[nodiscard]] QStringList repeated(const QString &name) const { return m_parser.values(name); }
    [[nodiscard]] bool isFlagGiven(const QString &name) const { return m_parser.isSet(name); }
    [[nodiscard]] const QProcessEnvironment &environment() const { return m_environment; }
    /// Return where the value came from: "--capacity", "WEIR_CAPACITY" or "weir.toml:3: capacity".
    [[nodiscard]] std::string whereOf(const QString &name) const;
    /// Likewise for a warning: "--capacity: warning", "weir.toml:3: warning: capacity".
    [[nodiscard]] std::string warningAt(const QString &name) const;

    void fail(const QString &name, const QString &problem, const QString &hint);
    /// Likewise about a word that belongs to no option.
    void failWord(const QString &where, const QString &problem, const QString &hint)
    {
        m_issues.push_back({where.toStdString(), problem.toStdString(), hint.toStdString()});
    }
    [[nodiscard]] bool hasFailed(const QString &name) const
    {
        return m_failed.contains(name) || (!isSaid(name) && m_file.hasFailed(name));
    }

    /// Return what the file says; nothing before setFile().
    [[nodiscard]] const FileSource &file() const { return m_file; }
    void setFile(FileSource file) { m_file = std::move(file); }

private:
    const QCommandLineParser &m_parser;
    const QProcessEnvironment &m_environment;
    std::vector<config::ConfigIssue> &m_issues;
    QSet<QString> m_failed;
    FileSource m_file;
};

/// Return a word as problems show it, shortened when it is very long.
[[nodiscard]] QString quoted(const QString &text);

/// Read the duration of option `name`; nothing when it is not set, or is none from `low` to `high`, which becomes an
/// issue.
[[nodiscard]] std::optional<Micros> readDuration(OptionReader &reader, const QString &name, Micros low, Micros high);
/// Read the word of option `name`, one of `words`; the first when it is not set, or is another one, which becomes an
/// issue.
[[nodiscard]] QString readWord(OptionReader &reader, const QString &name, const QStringList &words);

} // namespace weir::app
