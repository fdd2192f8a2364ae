// SPDX-License-Identifier: GPL-3.0-only
// One table of a configuration file, asked key by key: what is wrong is noted with its line, what was never asked for is
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

/// Keys are written with "_" or "-", as one likes: on_store_failure is on-store-failure. Paths have "_".
/// Both references must outlive the reader.
class TableReader {
public:
    /// `path`: of the table, "limit[2]"; empty for the whole file. A node that is no table is an issue and has no keys.
    TableReader(const TomlNode &table, std::string path, FileIssues &issues);

    [[nodiscard]] FileIssues &issues() { return m_issues; }
    [[nodiscard]] std::string pathOf(std::string_view key) const;
    [[nodiscard]] bool has(std::string_view key) const;

    /// What stands at `key`; nullptr when nothing does.
    const TomlNode *node(const std::string &key);

    struct Item {
        std::string text;
        std::string path; ///< "server.listen[2]"; without a number when it is no list
    };
    /// What stands at `key`, as the text that the value is everywhere else: one item, or those of a List, for which one
    /// string stands as well. Nothing when there is none, or none of that form, and then an issue says so with `hint`.
    std::optional<std::vector<Item>> items(const std::string &key, Form form, const std::string &hint);

    /// A table or a list of tables that is called like `name` but for a slip, of all `names` most like it. It stays unknown.
    [[nodiscard]] const TomlNode *misspelt(const std::string &name, const std::vector<std::string> &names) const;

    // Each: the value at `key`; nothing when there is none, or none of that kind in that range, and then an issue says so.
    std::optional<std::int64_t> whole(const std::string &key, const std::string &hint);
    std::optional<std::string> text(const std::string &key, const std::string &hint);
    std::optional<std::vector<Item>> texts(const std::string &key, const std::string &hint);

    /// Notes every key that nobody asked for, with what was probably meant. `elsewhere(key)`: where a key belongs that is
    /// known but not here, a sentence; empty when it is not known at all.
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

/// A key as paths show it.
[[nodiscard]] std::string canonicalKey(std::string_view key);

/// "is a string", "is a list": what `node` is, for a problem.
[[nodiscard]] std::string kindOf(const TomlNode &node);

} // namespace weir::config
