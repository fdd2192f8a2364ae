// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/setting_section.h"

#include "core/config/settings.h"

namespace weir::config {

void readSettings(TableReader &table, const std::string &name, Config &config)
{
    for (const Setting &setting : settings())
        if (setting.table == name)
            readField(table, setting, config);
}

std::string homeOfSetting(const std::string &key)
{
    for (const Setting &setting : settings()) {
        if (setting.key != key && (setting.name.empty() || canonicalKey(setting.name) != key))
            continue;
        return setting.table.empty() ? "Put it in a [[limit]], or above the first table"
                                     : "Put " + setting.key + " in [" + setting.table + "]";
    }
    return {};
}

} // namespace weir::config
