// SPDX-License-Identifier: GPL-3.0-only
// What is wrong or odd in a configuration file, and where.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/config.h"

namespace weir::config {

struct FileIssue {
    int line{0};   ///< from 1; 0: the file as a whole
    int column{0}; ///< from 1, in characters; 0: the whole line
    bool isWarning{false};
    ConfigIssue issue; ///< `where` is the path of a key, "limit[2].capacity", counted from 1; empty: all of the line
};

/// Return the issue with `where` as "FILE:LINE: limit[2].capacity", for printIssue().
[[nodiscard]] ConfigIssue inFile(std::string_view file, const FileIssue &issue);

/// Most issues that are kept; more are only counted.
inline constexpr std::size_t kMostFileIssues = 200;

/// Collects what is found while a file is read, with the lines of all keys that were seen.
class FileIssues {
public:
    void seen(const std::string &path, int line) { m_lines.emplace(path, line); }
    [[nodiscard]] bool isSaid(const std::string &path) const { return m_lines.count(path) > 0; }

    /// Return the line of `path`, or of what it is in: of "limit[2]" when "limit[2].refill" was not said. 0: none.
    [[nodiscard]] int lineOf(std::string path) const;

    void fail(const std::string &path, std::string problem, std::string hint);
    void fail(int line, const std::string &path, std::string problem, std::string hint);
    void warn(const std::string &path, std::string problem, std::string hint);

    /// Tell whether something is wrong with `path` itself.
    [[nodiscard]] bool hasFailed(const std::string &path) const { return m_failed.count(path) > 0; }

    [[nodiscard]] const std::set<std::string> &failed() const { return m_failed; }
    [[nodiscard]] const std::map<std::string, int> &lines() const { return m_lines; }
    /// Return the issues in the order of lines, at most kMostFileIssues and then one that counts the others.
    [[nodiscard]] std::vector<FileIssue> sorted() const;

private:
    std::map<std::string, int> m_lines;
    std::set<std::string> m_failed;
    std::vector<FileIssue> m_issues;
    std::size_t m_left{0};
};

} // namespace weir::config
