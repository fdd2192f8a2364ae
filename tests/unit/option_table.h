// SPDX-License-Identifier: GPL-3.0-only
// The table of resources/help/options.md, made of the options that there are.
#pragma once

#include <QRegularExpression>
#include <QString>

#include "app/cli_options.h"
#include "core/config/file_keys.h"

namespace weir::test {

/// `text` as Markdown, without what has a meaning there.
inline QString asMarkdown(QString text)
{
    static const QRegularExpression kMeaning{QStringLiteral("([\\\\`*_~|<>\\[\\]])")};
    return text.simplified().replace(kMeaning, QStringLiteral("\\\\1"));
}

/// A row for each option: itself, its default, what it says with its variable and its key in the file.
inline QString optionTable()
{
    static const QRegularExpression kDefault{QStringLiteral("[.;]? *\\bDefault: (.+)$")};
    QString text = QStringLiteral("| Option | Default | What it says |\n|---|---|---|\n");
    for (const app::OptionInfo &option : app::allOptions()) {
        QString says = QString::fromUtf8(option.description).simplified();
        const QRegularExpressionMatch match = kDefault.match(says);
        if (match.hasMatch())
            says.truncate(match.capturedStart());
        const std::string_view key = config::filePathOf(option.name);
        QString name = QStringLiteral("--%1 %2").arg(QLatin1String{option.name}, QLatin1String{option.value}).trimmed();
        text += QStringLiteral("| `%1` | %2 | %3.").arg(name, asMarkdown(match.captured(1)), asMarkdown(says));
        if (*option.variable)
            text += QStringLiteral(" `%1`").arg(QLatin1String{option.variable});
        if (!key.empty())
            text += QStringLiteral(", in the file `%1`").arg(QString::fromUtf8(key.data(), qsizetype(key.size())));
        text += QLatin1String{" |\n"};
    }
    return text;
}

} // namespace weir::test
