// SPDX-License-Identifier: GPL-3.0-only
// Reads one table of a configuration file key by key. Faults are noted with their line; keys that were never read are
// unknown.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/duration.h"
#include "core/config/file_issue.h"
#include "core/config/toml_tree.h"
#include "core/config/value_text.h"

namespace weir::config {

/// A key may be written with "_" or "-": on_store_failure is on-store-failure. Paths have "_". Both references must
/// outlive the reader.
class TableReader {
public:
    /// `path`: of the table, "limit[2]"; empty for the whole file. A node that is no table is an issue and has no keys.
    TableReader(const TomlNode &table, std::string path, FileIssues &issues);

    [[nodiscard]] FileIssues &issues() { return m_issues; }
    [[nodiscard]] std::string pathOf(std::string_view key) const;
    [[nodiscard]] bool has(std::string_view key) const;

    /// Return the node at `key`; nullptr when there is none.
    const TomlNode *node(const std::string &key);

    struct Item {
        std::string text;
        std::string path; ///< "server.listen[2]"; without a number when it is no list
    };
    /// Return the value at `key` as it is written in options: one item, or those of a List, which may also be a single
    /// string. Nothing when there is none; also when it has another form, which becomes an issue with `hint`.
    std::optional<std::vector<Item>> items(const std::string &key, Form form, const std::string &hint);

    /// Find a table or a list of tables whose key looks like a misspelling of `name`, the closest one of `names`. It
    /// stays unknown.
    [[nodiscard]] const TomlNode *misspelt(const std::string &name, const std::vector<std::string> &names) const;

    // Each returns the value at `key`. Nothing when there is none; also when it has another type, which becomes an
    // issue.
    std::optional<std::int64_t> whole(const std::string &key, const std::string &hint);
    std::optional<std::string> text(const std::string &key, const std::string &hint);
    std::optional<std::vector<Item>> texts(const std::string &key, const std::string &hint);

    /// Note every key that was not read, with the one that was probably meant. `elsewhere(key)`: a sentence about where
    /// a key belongs that is known but not here; empty when it is unknown.
    void reportUnknown(const std::function<std::string(const std::string &)> &elsewhere = {});

private:
    [[nodiscard]] const TomlNode *find(std::string_view key) const;
    void fail(const std::string &key, std::string problem, std::string hint);
    std::vector<Item> itemsOf(const TomlNode &list, const std::string &path, const std::string &hint);

    const TomlNode &m_table;
    std::string m_path;
    FileIssues &m_issues;
    std::vector<std::string> m_known;
};

/// Return a key as paths show it.
[[nodiscard]] std::string canonicalKey(std::string_view key);

/// Return the type of `node` for a problem: "is a string", "is a list".
[[nodiscard]] std::string kindOf(const TomlNode &node);

} // namespace weir::config
