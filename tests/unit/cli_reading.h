// SPDX-License-Identifier: GPL-3.0-only
// A command line as a test writes it, and what was read from it.
#pragma once

#include <QTest>

#include "app/cli.h"

namespace weir::test {

inline QProcessEnvironment home(const QStringList &variables = {})
{
    QProcessEnvironment environment;
    environment.insert(QStringLiteral("HOME"), QStringLiteral("/home/somebody"));
    for (const QString &variable : variables)
        environment.insert(variable.section(QLatin1Char{'='}, 0, 0), variable.section(QLatin1Char{'='}, 1));
    return environment;
}

/// Words of a shell line, without quoting.
inline app::CliResult read(const QString &line, const QStringList &variables = {})
{
    return app::readCommandLine(QStringList{QStringLiteral("weir")} + line.split(QLatin1Char{' '}, Qt::SkipEmptyParts),
                                home(variables));
}

inline QStringList printed(const app::CliResult &result)
{
    QStringList lines;
    if (const auto *issues = std::get_if<std::vector<config::ConfigIssue>>(&result))
        for (const config::ConfigIssue &issue : *issues)
            lines.append(QString::fromStdString(config::printIssue(issue)));
    return lines;
}

inline app::Invocation invocation(const app::CliResult &result)
{
    if (const auto *invocation = std::get_if<app::Invocation>(&result))
        return *invocation;
    QTest::qFail(qPrintable(printed(result).join(QLatin1Char{'\n'})), __FILE__, __LINE__);
    return {};
}

} // namespace weir::test
