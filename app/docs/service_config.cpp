// SPDX-License-Identifier: GPL-3.0-only
#include <QStringList>

#include <utility>

#include "app/docs/documents.h"

namespace weir::app {

QString serviceConfig(QString example)
{
    const std::pair<const char *, const char *> changes[] = {
        {"# The configuration of Weir, as `weir --print-config` prints it: every key",
         "# The configuration of weir.service: every key"},
        {"An option (--capacity) goes before its variable (WEIR_CAPACITY), which goes\n# before this file. ",
         "`systemctl reload weir` takes over what is about limits.\n# "},
        {"#log_format = \"text\"", "log_format = \"journal\""},
    };
    for (const auto &[before, after] : changes) {
        if (!example.contains(QLatin1String{before}))
            return {};
        example.replace(QLatin1String{before}, QLatin1String{after});
    }
    return example;
}

} // namespace weir::app
