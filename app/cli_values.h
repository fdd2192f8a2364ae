// SPDX-License-Identifier: GPL-3.0-only
// From the words of options and variables to values; every word that is not one is an issue.
#pragma once

#include <QCommandLineParser>
#include <QProcessEnvironment>
#include <QSet>

#include <optional>
#include <vector>

#include "app/cli.h"

namespace weir::app {

/// What was said for each option, by flag or by variable, and what was wrong with it.
class OptionReader {
public:
    OptionReader(const QCommandLineParser &parser, const QProcessEnvironment &environment,
                 std::vector<config::ConfigIssue> &issues)
        : m_parser{parser}, m_environment{environment}, m_issues{issues}
    {
    }

    /// The value of option `name`, the variable's when there is no flag; an empty variable counts as unset.
    [[nodiscard]] std::optional<QString> value(const QString &name) const;
    /// All values of a repeatable option; in a variable they stand between commas.
    [[nodiscard]] QStringList values(const QString &name) const;
    [[nodiscard]] bool isFlagGiven(const QString &name) const { return m_parser.isSet(name); }
    [[nodiscard]] const QProcessEnvironment &environment() const { return m_environment; }
    /// "--capacity", or "WEIR_CAPACITY" when the value came from there.
    [[nodiscard]] std::string whereOf(const QString &name) const;

    void fail(const QString &name, const QString &problem, const QString &hint);
    [[nodiscard]] bool hasFailed(const QString &name) const { return m_failed.contains(name); }

private:
    const QCommandLineParser &m_parser;
    const QProcessEnvironment &m_environment;
    std::vector<config::ConfigIssue> &m_issues;
    QSet<QString> m_failed;
};

[[nodiscard]] config::Config readConfig(OptionReader &reader);
[[nodiscard]] std::optional<Screenshot> readScreenshot(OptionReader &reader, bool isServe);

} // namespace weir::app
