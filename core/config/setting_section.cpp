// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/setting_section.h"

#include "core/config/settings.h"

namespace weir::config {
namespace {

void readSetting(TableReader &table, const Setting &setting, Config &config)
{
    const auto items = table.items(setting.key, setting.form, setting.hint);
    if (!items)
        return;
    Texts texts;
    for (const TableReader::Item &item : *items)
        texts.push_back(item.text);
    for (SettingFault &fault : setting.read(config, texts)) {
        const std::string path = fault.item < items->size() ? (*items)[fault.item].path : table.pathOf(setting.key);
        table.issues().fail(path, std::move(fault.problem), std::move(fault.hint));
    }
}

} // namespace

void readSettings(TableReader &table, const std::string &name, Config &config)
{
    for (const Setting &setting : settings())
        if (setting.table == name)
            readSetting(table, setting, config);
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
