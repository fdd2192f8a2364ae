// SPDX-License-Identifier: GPL-3.0-only
// What a part of the soak prints: a line per case, what was promised and not kept, and the verdict.
#pragma once

#include <concepts>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace weir::test {

/// A cell.
std::string text(std::integral auto number)
{
    return std::to_string(number);
}

inline std::string text(double number, int digits = 1)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, number);
    return text;
}

/// Thread: the main thread.
class Table {
public:
    struct Column {
        const char *name;
        int width; ///< negative: to the left
    };
    explicit Table(std::vector<Column> columns) : m_columns{std::move(columns)}
    {
        std::vector<std::string> names;
        for (const Column &column : m_columns)
            names.emplace_back(column.name);
        line(names);
    }

    /// A value a column; each of `broken` is a promise in words that was not kept.
    void add(const std::vector<std::string> &values, const std::vector<std::string> &broken)
    {
        line(values);
        for (const std::string &promise : broken)
            std::printf("    BROKEN: %s\n", promise.c_str());
        std::fflush(stdout);
        m_rows += 1;
        m_broken += broken.empty() ? 0 : 1;
    }
    /// The last line; the exit code.
    int conclude(const char *what) const
    {
        if (m_broken == 0)
            std::printf("%s: %d cases, every promise kept\n", what, m_rows);
        else
            std::printf("%s: %d of %d cases BROKE a promise\n", what, m_broken, m_rows);
        return m_broken == 0 ? 0 : 1;
    }

private:
    void line(const std::vector<std::string> &values) const
    {
        std::string text;
        for (std::size_t i = 0; i < m_columns.size() && i < values.size(); ++i) {
            const auto width = static_cast<std::size_t>(std::abs(m_columns[i].width));
            const std::string gap(width > values[i].size() ? width - values[i].size() : 0, ' ');
            text += (i > 0 ? " " : "") + (m_columns[i].width < 0 ? values[i] + gap : gap + values[i]);
        }
        std::puts(text.c_str());
        std::fflush(stdout);
    }

    std::vector<Column> m_columns;
    int m_rows{0};
    int m_broken{0};
};

} // namespace weir::test
