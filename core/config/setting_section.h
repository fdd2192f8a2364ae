// SPDX-License-Identifier: GPL-3.0-only
// Reads fields from a table of a configuration file.
#pragma once

#include <string>

#include "core/config/config.h"
#include "core/config/field.h"
#include "core/config/table_reader.h"

namespace weir::config {

/// Read what the table has for `field` into `owner`; faults become issues.
template<class Owner>
void readField(TableReader &table, const Field<Owner> &field, Owner &owner)
{
    const auto items = table.items(field.key, field.form, field.hint);
    if (!items)
        return;
    Texts texts;
    for (const TableReader::Item &item : *items)
        texts.push_back(item.text);
    for (FieldFault &fault : field.read(owner, texts)) {
        const std::string path = fault.item < items->size() ? (*items)[fault.item].path : table.pathOf(field.key);
        table.issues().fail(path, std::move(fault.problem), std::move(fault.hint));
    }
}

/// Read all settings of the table called `name`, "" for those above all tables, into `config`. Does not report unknown
/// keys.
void readSettings(TableReader &table, const std::string &name, Config &config);

/// Return a sentence that says where `key` belongs, when it is the key or the option of a setting; else empty.
[[nodiscard]] std::string homeOfSetting(const std::string &key);

} // namespace weir::config
