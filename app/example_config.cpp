// SPDX-License-Identifier: GPL-3.0-only
#include "app/example_config.h"

#include "core/config/limit_fields.h"
#include "core/config/settings.h"
#include "weir_toml.h"

namespace weir::app {

QString exampleConfig()
{
    QString text = QString::fromUtf8(embedded::weir_toml.data(), qsizetype(embedded::weir_toml.size()));
    for (const char *table : {"", " server", " redis", " keys"}) {
        const QLatin1String name{table};
        text.replace(QLatin1String{"@SETTINGS"} + name + QLatin1String{"@\n"},
                     QString::fromStdString(config::settingsAsToml(QString{name}.trimmed().toStdString())));
    }
    text.replace(QLatin1String{"@LIMIT@\n"}, QString::fromStdString(config::plainFieldsAsToml()));
    return text;
}

} // namespace weir::app
