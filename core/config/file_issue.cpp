// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/file_issue.h"

#include <algorithm>

namespace weir::config {

ConfigIssue inFile(std::string_view file, const FileIssue &issue)
{
    ConfigIssue result = issue.issue;
    std::string where{file};
    if (issue.line > 0)
        where += ":" + std::to_string(issue.line);
    if (issue.column > 0)
        where += ":" + std::to_string(issue.column);
    if (issue.isWarning)
        where += ": warning";
    if (!result.where.empty())
        where += ": " + result.where;
    result.where = std::move(where);
    return result;
}

int FileIssues::lineOf(std::string path) const
{
    while (!path.empty()) {
        if (const auto found = m_lines.find(path); found != m_lines.end())
            return found->second;
        const std::size_t part = path.find_last_of(".[");
        path.resize(part == std::string::npos ? 0 : part);
    }
    return 0;
}

void FileIssues::fail(const std::string &path, std::string problem, std::string hint)
{
    fail(lineOf(path), path, std::move(problem), std::move(hint));
}

void FileIssues::fail(int line, const std::string &path, std::string problem, std::string hint)
{
    m_failed.insert(path);
    if (m_issues.size() < kMostFileIssues)
        m_issues.push_back({line, 0, false, {path, std::move(problem), std::move(hint)}});
    else
        ++m_left;
}

void FileIssues::warn(const std::string &path, std::string problem, std::string hint)
{
    if (m_issues.size() < kMostFileIssues)
        m_issues.push_back({lineOf(path), 0, true, {path, std::move(problem), std::move(hint)}});
}

std::vector<FileIssue> FileIssues::sorted() const
{
    std::vector<FileIssue> issues = m_issues;
    std::stable_sort(issues.begin(), issues.end(),
                     [](const FileIssue &a, const FileIssue &b) { return a.line < b.line; });
    if (m_left > 0)
        issues.push_back({0, 0, false, {{}, std::to_string(m_left) + " more problems are not shown", {}}});
    return issues;
}

} // namespace weir::config
