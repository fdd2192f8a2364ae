// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/toml_step.h"

#include <algorithm>

#include "core/config/table_reader.h"
#include "core/config/toml_values.h"

namespace weir::config {
namespace {

using Edit = TomlEdit;

std::size_t indexOf(const std::vector<LimitEntry> &limits, const std::string &name)
{
    const auto found =
        std::find_if(limits.begin(), limits.end(), [&](const LimitEntry &limit) { return limit.name == name; });
    return static_cast<std::size_t>(found - limits.begin());
}

bool isBlank(std::string_view line)
{
    return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool isComment(std::string_view line)
{
    const std::size_t first = line.find_first_not_of(" \t");
    return first != std::string_view::npos && line[first] == '#';
}

bool isWithin(const TomlPath &path, const TomlPath &outer)
{
    return path.size() > outer.size() && std::equal(outer.begin(), outer.end(), path.begin());
}

TomlPath canonical(TomlPath path)
{
    // Keys of Weir; what is below a header table is somebody else's.
    for (std::size_t i = 0; i < path.size() && (i == 0 || path[i - 1] != "header"); ++i)
        path[i] = canonicalKey(path[i]);
    return path;
}

TomlPath joined(TomlPath path, const TomlPath &more)
{
    path.insert(path.end(), more.begin(), more.end());
    return path;
}

// One table of the file with all that belongs to it: a limit, or the whole file without its limits. Paths are from it.
struct Scope {
    std::vector<const TomlSection *> sections;
    std::size_t depth{0}; // keys of a section's path that lead to the scope

    [[nodiscard]] TomlPath pathOf(const TomlSection &section) const
    {
        return canonical({section.path.begin() + static_cast<std::ptrdiff_t>(depth), section.path.end()});
    }
};

struct Found {
    TomlStatement statement;
    TomlPath path;
    const TomlSection *section{nullptr};
};

// One step from `text` towards `wanted`. Each step is small and the text is read again after it, so that no step has to
// know what another one has moved.
class NextEdit {
public:
    NextEdit(std::string_view text, const LimitSet &current, const LimitSet &wanted)
        : m_text{text}, m_current{current}, m_wanted{wanted}, m_sections{layoutOf(text)}
    {
        const std::size_t firstEnd = text.find('\n');
        m_lineEnd = firstEnd != std::string_view::npos && firstEnd > 0 && text[firstEnd - 1] == '\r' ? "\r\n" : "\n";
        for (const TomlSection &section : m_sections) {
            const bool isLimit = !section.path.empty() && canonicalKey(section.path.front()) == "limit";
            if (isLimit && section.path.size() == 1)
                m_limits.push_back({{}, 1});
            if (!isLimit)
                m_file.sections.push_back(&section);
            else if (!m_limits.empty())
                m_limits.back().sections.push_back(&section);
            m_isScattered = m_isScattered || (isLimit && section.path.size() > 1 && !m_wasLimit);
            m_wasLimit = isLimit;
        }
    }

    [[nodiscard]] bool isScattered() const { return m_isScattered; }
    [[nodiscard]] bool hasLimits() const { return !m_limits.empty(); }

    [[nodiscard]] std::optional<Edit> next()
    {
        std::optional<Edit> edit = m_limits.empty() ? ofGlobal() : ofLimits();
        return edit ? edit : ofSections();
    }

private:
    // --- the limits as a whole ------------------------------------------------------------------

    std::optional<Edit> ofGlobal()
    {
        LimitEntry plain;
        const LimitEntry &wanted = m_wanted.limits.front();
        plain.spec = wanted.spec;
        plain.spec.algorithm = limit::Algorithm::TokenBucket;
        plain.onStoreFailure = wanted.onStoreFailure;
        if (m_wanted.limits.size() == 1 && wanted == plain)
            return ofFields(m_file, globalFieldsOf(m_current.limits.front()), globalFieldsOf(wanted), {});
        for (const TomlField &field : globalFieldsOf(wanted))
            if (const auto found = find(m_file, {field.key}))
                return erased(found->statement);
        return atEnd(printLimit(wanted, m_lineEnd));
    }

    std::optional<Edit> ofLimits()
    {
        const auto &current = m_current.limits, &wanted = m_wanted.limits;
        for (std::size_t i = 0; i < current.size(); ++i) {
            if (indexOf(wanted, current[i].name) < wanted.size())
                continue;
            const bool isRenamed = i < wanted.size() && indexOf(current, wanted[i].name) == current.size();
            return isRenamed ? renamed(i) : removed(i);
        }
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (indexOf(current, wanted[i].name) == current.size())
                return added(i);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (current[i].name != wanted[i].name)
                return moved(indexOf(current, wanted[i].name), i);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (auto edit =
                    ofFields(m_limits[i], fieldsOf(current[i]), fieldsOf(wanted[i]), printMatch(wanted[i].match)))
                return edit;
        return std::nullopt;
    }

    std::optional<Edit> renamed(std::size_t index)
    {
        return ofFields(m_limits[index], {}, {fieldsOf(m_wanted.limits[index]).front()}, {});
    }

    // From the comment lines directly above its header to the end of its last statement's line.
    [[nodiscard]] TomlSpan blockOf(std::size_t index) const
    {
        const Scope &limit = m_limits[index];
        const TomlSection &last = *limit.sections.back();
        const std::size_t end = last.statements.empty() ? last.header.end : last.statements.back().whole.end;
        return {commentsAbove(limit.sections.front()->header.begin), nextLine(m_text, end)};
    }

    [[nodiscard]] std::size_t commentsAbove(std::size_t at) const
    {
        std::size_t begin = lineBegin(m_text, at);
        while (begin > 0) {
            const std::size_t above = lineBegin(m_text, begin - 1);
            if (!isComment(m_text.substr(above, begin - above)))
                break;
            begin = above;
        }
        return begin;
    }

    // With the empty lines behind it.
    [[nodiscard]] TomlSpan blockAndGap(std::size_t index) const
    {
        TomlSpan span = blockOf(index);
        while (span.end < m_text.size() && isBlank(m_text.substr(span.end, nextLine(m_text, span.end) - span.end)))
            span.end = nextLine(m_text, span.end);
        return span;
    }

    Edit removed(std::size_t index) { return {blockAndGap(index), {}}; }

    Edit added(std::size_t index)
    {
        const std::string block = printLimit(m_wanted.limits[index], m_lineEnd);
        if (index == 0) {
            const std::size_t at = blockOf(0).begin;
            return {{at, at}, block + m_lineEnd};
        }
        // The one before it is in the file already: they are added in order.
        return behind(blockOf(indexOf(m_current.limits, m_wanted.limits[index - 1].name)).end, m_lineEnd + block);
    }

    // `from` is behind `to`.
    Edit moved(std::size_t from, std::size_t to)
    {
        const TomlSpan block = blockOf(from), gone = blockAndGap(from);
        const std::size_t at = blockOf(to).begin;
        std::string text{block.in(m_text)};
        if (!text.ends_with('\n'))
            text += m_lineEnd;
        text += m_lineEnd;
        text += m_text.substr(at, block.begin - at);
        return {{at, gone.end}, std::move(text)};
    }

    // --- keys and values ------------------------------------------------------------------------

    std::optional<Edit> ofSections()
    {
        return ofFields(m_file, sectionFieldsOf(m_current), sectionFieldsOf(m_wanted), {});
    }

    // The first field that differs. `match`: the whole match, for when it cannot be changed key by key.
    std::optional<Edit> ofFields(const Scope &scope, const std::vector<TomlField> &current,
                                 const std::vector<TomlField> &wanted, const std::string &match)
    {
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (i >= current.size() || !(current[i] == wanted[i]))
                return written(scope, wanted, i, match);
        return std::nullopt;
    }

    Edit written(const Scope &scope, const std::vector<TomlField> &fields, std::size_t index, const std::string &match)
    {
        const TomlField &field = fields[index];
        const TomlPath path = field.table.empty() ? TomlPath{field.key} : TomlPath{field.table, field.key};
        if (const auto found = find(scope, path))
            return replaced(found->statement, field.value);
        // A table that is written key by key gives way to one value.
        if (auto edit = firstWithin(scope, path, match))
            return *std::move(edit);
        if (field.table.empty())
            return inSection(*scope.sections.front(), fields, index, field.key + " = " + field.value);
        return inTable(scope, fields, index);
    }

    // The statement at exactly `path`, in braces or not.
    static std::optional<Found> search(std::string_view text, const Scope &scope, const auto &isIt)
    {
        for (const TomlSection *section : scope.sections)
            for (const TomlStatement &statement : section->statements) {
                std::vector<TomlStatement> all = statementsInBraces(text, statement);
                all.insert(all.begin(), statement);
                for (TomlStatement &candidate : all) {
                    TomlPath path = canonical(joined(scope.pathOf(*section), candidate.path));
                    if (isIt(path))
                        return Found{std::move(candidate), std::move(path), section};
                }
            }
        return std::nullopt;
    }

    [[nodiscard]] std::optional<Found> find(const Scope &scope, const TomlPath &wanted) const
    {
        return search(m_text, scope, [&](const TomlPath &path) { return path == wanted; });
    }

    // Takes away the last thing below `path`: a section of it, or a statement.
    std::optional<Edit> firstWithin(const Scope &scope, const TomlPath &path, const std::string &match)
    {
        for (auto it = scope.sections.rbegin(); it != scope.sections.rend(); ++it)
            if (scope.pathOf(**it) == path || isWithin(scope.pathOf(**it), path))
                return flattened(**it);
        const auto found = search(m_text, scope, [&](const TomlPath &other) { return isWithin(other, path); });
        if (!found)
            return std::nullopt;
        if (!found->statement.isInBraces)
            return erased(found->statement);
        const auto whole = find(scope, {"match"});
        return whole ? std::optional{replaced(whole->statement, match)} : std::nullopt;
    }

    Edit inTable(const Scope &scope, const std::vector<TomlField> &fields, std::size_t index)
    {
        const TomlField &field = fields[index];
        const std::string line = field.key + " = " + field.value;
        if (const auto braces = find(scope, {field.table})) {
            const std::size_t at = braces->statement.value.begin + 1;
            const bool isEmpty = statementsInBraces(m_text, braces->statement).empty();
            return {{at, at}, " " + line + (isEmpty ? " " : ",")};
        }
        for (const TomlSection *section : scope.sections)
            if (scope.pathOf(*section) == TomlPath{field.table})
                return inSection(*section, fields, index, line);
        const auto dotted = search(m_text, scope, [&](const TomlPath &path) { return isWithin(path, {field.table}); });
        if (dotted && !dotted->statement.isInBraces && scope.pathOf(*dotted->section).empty()) {
            const std::size_t at = lineBegin(m_text, dotted->statement.whole.begin);
            return {{at, at}, indentAt(at) + field.table + "." + line + m_lineEnd};
        }
        if (scope.depth > 0)
            return inSection(*scope.sections.front(), fields, index, field.table + " = { " + line + " }");
        return atEnd("[" + field.table + "]" + m_lineEnd + line + m_lineEnd);
    }

    // A new line where a person would look for it: below its default in a comment, else below the key that comes before
    // it, else below the header.
    Edit inSection(const TomlSection &section, const std::vector<TomlField> &fields, std::size_t index,
                   const std::string &line)
    {
        if (const auto at = belowComment(section, fields[index].key))
            return behind(*at, line + m_lineEnd);
        for (std::size_t before = index; before-- > 0;)
            for (const TomlStatement &statement : section.statements)
                if (const TomlPath path = canonical(statement.path);
                    path.front() == fields[before].key || path.front() == fields[before].table)
                    return behind(nextLine(m_text, statement.whole.end),
                                  indentAt(statement.whole.begin) + line + m_lineEnd);
        if (!section.path.empty())
            return behind(nextLine(m_text, section.header.end), line + m_lineEnd);
        if (m_sections.size() == 1)
            return atEnd(line + m_lineEnd);
        const std::size_t at = section.statements.empty() ? commentsAbove(section.end)
                                                          : lineBegin(m_text, section.statements.front().whole.begin);
        return {{at, at}, line + m_lineEnd + (section.statements.empty() ? m_lineEnd : "")};
    }

    // "#capacity = 5", as --print-config writes defaults.
    [[nodiscard]] std::optional<std::size_t> belowComment(const TomlSection &section, const std::string &key) const
    {
        const std::size_t begin = section.header.end == 0 ? 0 : nextLine(m_text, section.header.end);
        for (std::size_t at = begin; at < section.end; at = nextLine(m_text, at))
            if (m_text.substr(at).starts_with("#" + key + " = ") && !isInStatement(section, at))
                return nextLine(m_text, at);
        return std::nullopt;
    }

    // A line in the middle of a list or of a long string.
    static bool isInStatement(const TomlSection &section, std::size_t at)
    {
        return std::any_of(section.statements.begin(), section.statements.end(), [&](const TomlStatement &statement) {
            return statement.whole.begin < at && at < statement.whole.end;
        });
    }

    // --- pieces of text -------------------------------------------------------------------------

    [[nodiscard]] std::string indentAt(std::size_t at) const
    {
        const std::size_t begin = lineBegin(m_text, at);
        const std::size_t end = m_text.find_first_not_of(" \t", begin);
        return std::string{m_text.substr(begin, std::min(end, m_text.size()) - begin)};
    }

    // The comments of `span`, each on a line of its own.
    [[nodiscard]] std::string commentLines(TomlSpan span, const std::string &indent) const
    {
        std::string lines;
        for (const std::string &comment : commentsIn(m_text, span))
            lines += indent + comment + m_lineEnd;
        return lines;
    }

    Edit replaced(const TomlStatement &statement, const std::string &value)
    {
        const std::string indent = indentAt(statement.line.begin);
        const std::string comments = commentLines(statement.value, indent);
        if (comments.empty())
            return {statement.value, value};
        const std::size_t begin = lineBegin(m_text, statement.line.begin);
        return {{begin, statement.value.end},
                comments + std::string{m_text.substr(begin, statement.value.begin - begin)} + value};
    }

    // The line goes with it when nothing else is on it.
    Edit erased(const TomlStatement &statement)
    {
        const std::size_t begin = lineBegin(m_text, statement.line.begin), end = nextLine(m_text, statement.line.end);
        const std::string comments = commentLines(statement.value, indentAt(statement.line.begin));
        const std::string_view rest = m_text.substr(statement.line.end, end - statement.line.end);
        if (isBlank(rest))
            return {{begin, end}, comments};
        return {{begin, statement.line.end + rest.find_first_not_of(" \t")}, comments + indentAt(statement.line.begin)};
    }

    // A section without its header and its statements: comments and empty lines.
    Edit flattened(const TomlSection &section)
    {
        std::string kept;
        const std::size_t begin = lineBegin(m_text, section.header.begin);
        std::size_t at = begin;
        const auto skip = [&](TomlSpan span) {
            kept += m_text.substr(at, lineBegin(m_text, span.begin) - at);
            kept += commentLines({span.begin, nextLine(m_text, span.end)}, {});
            at = nextLine(m_text, span.end);
        };
        skip(section.header);
        for (const TomlStatement &statement : section.statements)
            skip(statement.whole);
        return {{begin, at}, std::move(kept)};
    }

    // A line that nothing ends gets its end.
    Edit behind(std::size_t at, std::string text)
    {
        const bool isOpen = at > 0 && m_text[at - 1] != '\n';
        return {{at, at}, (isOpen ? m_lineEnd : "") + std::move(text)};
    }

    Edit atEnd(std::string text)
    {
        const bool isFirst = isBlank(m_text);
        return behind(m_text.size(), (isFirst ? "" : m_lineEnd) + std::move(text));
    }

    std::string_view m_text;
    const LimitSet &m_current;
    const LimitSet &m_wanted;
    std::vector<TomlSection> m_sections;
    Scope m_file;
    std::vector<Scope> m_limits;
    std::string m_lineEnd;
    bool m_isScattered{false};
    bool m_wasLimit{false};
};

} // namespace

TomlStep nextStep(std::string_view text, const LimitSet &current, const LimitSet &wanted, bool hasLimits)
{
    NextEdit next{text, current, wanted};
    if (next.isScattered() || next.hasLimits() != hasLimits)
        return {false, std::nullopt};
    return {true, next.next()};
}

} // namespace weir::config
