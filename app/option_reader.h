// SPDX-License-Identifier: GPL-3.0-only
// The words of options and variables, and the values they stand for; every word that is none is an issue. Behind them
// stands the configuration file, whose values have been read already.
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

/// What was said for each option, by flag or by variable, and what was wrong with it there or in the file.
class OptionReader {
public:
    OptionReader(const QCommandLineParser &parser, const QProcessEnvironment &environment,
                 std::vector<config::ConfigIssue> &issues)
        : m_parser{parser}, m_environment{environment}, m_issues{issues}
    {
    }

    /// The value of option `name`, the variable's when there is no flag; an empty variable counts as unset.
    [[nodiscard]] std::optional<QString> value(const QString &name) const;
    [[nodiscard]] bool isSaid(const QString &name) const { return value(name).has_value(); }
    /// All values of a List, between commas in a flag or a variable, or of several flags.
    [[nodiscard]] QStringList values(const QString &name) const;
    [[nodiscard]] bool isFlagGiven(const QString &name) const { return m_parser.isSet(name); }
    [[nodiscard]] const QProcessEnvironment &environment() const { return m_environment; }
    /// "--capacity"; "WEIR_CAPACITY" or "weir.toml:3: capacity" when the value came from there.
    [[nodiscard]] std::string whereOf(const QString &name) const;
    /// The same for a warning: "--capacity: warning", "weir.toml:3: warning: capacity".
    [[nodiscard]] std::string warningAt(const QString &name) const;

    void fail(const QString &name, const QString &problem, const QString &hint);
    [[nodiscard]] bool hasFailed(const QString &name) const
    {
        return m_failed.contains(name) || (!isSaid(name) && m_file.hasFailed(name));
    }

    /// What the file says; nothing before setFile().
    [[nodiscard]] const FileSource &file() const { return m_file; }
    void setFile(FileSource file) { m_file = std::move(file); }

private:
    const QCommandLineParser &m_parser;
    const QProcessEnvironment &m_environment;
    std::vector<config::ConfigIssue> &m_issues;
    QSet<QString> m_failed;
    FileSource m_file;
};

/// A word as it is shown in a problem, shortened when it is very long.
[[nodiscard]] QString quoted(const QString &text);

/// The duration of option `name`; nothing when nothing was said, or nothing that is one from `low` to `high`, and then
/// reader.fail() knows why.
[[nodiscard]] std::optional<Micros> readDuration(OptionReader &reader, const QString &name, Micros low, Micros high);
/// The word of option `name`, one of `words`; the first when nothing was said, or another one, and then reader.fail().
[[nodiscard]] QString readWord(OptionReader &reader, const QString &name, const QStringList &words);

} // namespace weir::app
