// SPDX-License-Identifier: GPL-3.0-only
// The tables of resources/help/options.md, made of the settings and of the options that are none.
#pragma once

#include <QString>

#include "app/cli_options.h"
#include "core/config/settings.h"

namespace weir::test {

inline QString optionTable()
{
    QString text = QString::fromStdString(config::settingsAsMarkdown());
    text += QLatin1String{"\nWhat is no setting:\n\n| Option | What it does |\n|---|---|\n"};
    for (const app::OptionInfo &option : app::allOptions()) {
        if (config::settingOf(option.name.toStdString()))
            continue;
        const QString name = QStringLiteral("--%1 %2").arg(option.name, option.value).trimmed();
        const QString variable = option.variable.isEmpty() ? QString{} : QStringLiteral(" (`%1`)").arg(option.variable);
        text += QStringLiteral("| `%1`%2 | %3 |\n").arg(name, variable, option.description);
    }
    return text;
}

} // namespace weir::test
