// SPDX-License-Identifier: GPL-3.0-only
// What holds for the subjects of requests whatever strangers send. No Qt here: the fuzzer is built from this.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/path_pattern.h"
#include "core/policy/path_text.h"
#include "core/policy/subject_key.h"

namespace weir::test {

/// A request as a fuzzer's bytes stand for it: lines are header value, Cookie value, query, path; a fifth is a second
/// field of the header.
struct SubjectRequest {
    std::array<std::optional<std::string_view>, 5> lines{};

    explicit SubjectRequest(std::string_view bytes)
    {
        for (auto &line : lines) {
            const std::size_t end = bytes.find('\n');
            line = bytes.substr(0, end);
            if (end == std::string_view::npos)
                break;
            bytes.remove_prefix(end + 1);
        }
    }

    [[nodiscard]] std::vector<policy::HeaderField> fields() const
    {
        std::vector<policy::HeaderField> fields{{"X-Key", *lines[0]}};
        if (lines[1])
            fields.push_back({"Cookie", *lines[1]});
        if (lines[4])
            fields.push_back({"x-key", *lines[4]});
        return fields;
    }
    [[nodiscard]] std::string_view query() const { return lines[2].value_or(""); }
    [[nodiscard]] std::string_view path() const { return lines[3].value_or("/"); }
};

// --- what each name means, written down plainly: whole copies, no state ---

inline std::vector<std::string> splitPlainly(std::string_view text, char separator)
{
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == separator)
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

inline std::string decodePlainly(const std::string &text, bool spaceIsPlus)
{
    constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
    std::string decoded;
    for (std::size_t at = 0; at < text.size(); ++at) {
        char c = text[at];
        if (c == '%' && at + 2 < text.size() && kDigits.find(text[at + 1]) != std::string_view::npos
            && kDigits.find(text[at + 2]) != std::string_view::npos) {
            c = static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16));
            at += 2;
        }
        decoded += spaceIsPlus && c == ' ' ? '+' : c;
    }
    return decoded;
}

inline std::string trimPlainly(std::string text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.erase(0, 1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.pop_back();
    return text;
}

inline std::vector<std::string> parametersPlainly(std::string_view query)
{
    std::vector<std::string> values;
    for (const std::string &pair : splitPlainly(query, '&')) {
        const std::size_t equals = std::min(pair.find('='), pair.size());
        if (decodePlainly(pair.substr(0, equals), true) == "t")
            values.push_back(decodePlainly(equals == pair.size() ? "" : pair.substr(equals + 1), true));
    }
    return values;
}

inline std::vector<std::string> cookiesPlainly(std::string_view field)
{
    std::vector<std::string> values;
    for (const std::string &pair : splitPlainly(field, ';')) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string::npos || trimPlainly(pair.substr(0, equals)) != "s")
            continue;
        std::string value = trimPlainly(pair.substr(equals + 1));
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        values.push_back(decodePlainly(value, true));
    }
    return values;
}

/// Writes the subjects of a request and looks at what comes of it.
class SubjectKeyProbe {
public:
    /// Which property the request breaks; empty: none.
    [[nodiscard]] std::string broken(const SubjectRequest &request) const
    {
        const std::vector<policy::HeaderField> fields = request.fields();
        const policy::RequestView view{"GET", request.path(), request.query(), m_client, fields};
        const std::string header = write(m_header, view), cookie = write(m_cookie, view), query = write(m_query, view);
        std::vector<std::string> headerValues{std::string{*request.lines[0]}};
        if (request.lines[4])
            headerValues.emplace_back(*request.lines[4]);
        std::vector<std::string> cookies = cookiesPlainly(request.lines[1].value_or(""));
        cookies.erase(std::unique(cookies.begin(), cookies.end()), cookies.end()); // the same twice is one
        if (std::string what = brokenBySubject("header", header, headerValues); !what.empty())
            return what;
        if (std::string what = brokenBySubject("cookie", cookie, cookies); !what.empty())
            return what;
        if (std::string what = brokenBySubject("query", query, parametersPlainly(request.query())); !what.empty())
            return what;
        return brokenByJoining(write(m_all, view), {"2001:db8::/64", header, cookie, query});
    }

    /// Which property of paths the request breaks; empty: none.
    [[nodiscard]] static std::string brokenPath(std::string_view path)
    {
        std::string once, twice;
        const std::string canonical{policy::canonicalPath(path, once)};
        if (policy::canonicalPath(canonical, twice) != canonical)
            return "a canonical path changes: " + canonical;
        if (decodePlainly(std::string{path}, false) != decodePlainly(canonical, false))
            return "a path changes its meaning: " + canonical;
        return policy::PathPattern{canonical}.matches(canonical) ? std::string{} : "a path does not match itself";
    }

private:
    static std::string write(const policy::SubjectKey &key, const policy::RequestView &view)
    {
        std::string subject{"left over"}, buffer{"as well"};
        key.write(view, subject, buffer);
        return subject;
    }

    [[nodiscard]] static bool isHash(std::string_view subject)
    {
        return subject.size() == 33 && subject.front() == '#'
               && subject.find_first_not_of("0123456789abcdef", 1) == std::string_view::npos;
    }

    // From the subject back to the value: so no two values have one subject.
    static std::string brokenBySubject(const char *what, const std::string &subject,
                                       const std::vector<std::string> &values)
    {
        constexpr std::string_view kAllowed =
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~@:/=+%()#";
        const std::string named = std::string{what} + " is " + subject;
        if (subject.empty() || subject.size() > policy::kMaxSubjectBytes
            || subject.find_first_not_of(kAllowed) != std::string::npos)
            return named + ", which is not safe";
        if (values.size() != 1)
            return subject == (values.empty() ? policy::kNoValue : policy::kSeveralValues) ? "" : named + " of several";
        if (values[0].empty())
            return subject == policy::kEmptyValue ? "" : named + " though it is empty";
        if (isHash(subject))
            return 3 * values[0].size() > policy::kMaxSubjectBytes ? "" : named + " though it is short";
        return decodePlainly(subject, false) == values[0] ? "" : named + " of another value";
    }

    static std::string brokenByJoining(const std::string &subject, const std::array<std::string, 4> &parts)
    {
        std::string joined;
        for (const std::string &part : parts) {
            if (isHash(part))
                return isHash(subject) ? "" : "a long part is not hashed in " + subject;
            joined += (joined.empty() ? "" : ",") + part;
        }
        const bool isGood = joined.size() > policy::kMaxSubjectBytes ? isHash(subject) : subject == joined;
        return isGood ? "" : "joined to " + subject;
    }

    const IpAddress m_client = *parseIpAddress("2001:db8::1");
    const config::KeySettings m_set{};
    const config::KeyPart m_headerPart{config::KeyPart::Kind::Header, "X-Key"};
    const config::KeyPart m_cookiePart{config::KeyPart::Kind::Cookie, "s"};
    const config::KeyPart m_queryPart{config::KeyPart::Kind::Query, "t"};
    static constexpr config::HashKey kPlain = config::HashKey::Never;
    const policy::SubjectKey m_header{{m_headerPart}, m_set, kPlain};
    const policy::SubjectKey m_cookie{{m_cookiePart}, m_set, kPlain};
    const policy::SubjectKey m_query{{m_queryPart}, m_set, kPlain};
    const policy::SubjectKey m_all{{config::KeyPart{}, m_headerPart, m_cookiePart, m_queryPart}, m_set, kPlain};
};

/// Which property `bytes` break; empty: none.
inline std::string brokenSubjectKeyProperty(std::string_view bytes)
{
    static const SubjectKeyProbe kProbe;
    const SubjectRequest request{bytes};
    if (std::string what = kProbe.broken(request); !what.empty())
        return what;
    return SubjectKeyProbe::brokenPath(request.path());
}

} // namespace weir::test
