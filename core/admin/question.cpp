// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/question.h"

#include <algorithm>
#include <utility>

#include "core/admin/limit_routes.h"
#include "core/config/key_text.h"
#include "core/policy/folded_path.h"
#include "core/policy/path_text.h"

namespace weir::admin {
namespace {

using policy::Access;

// The texts that a view looks at.
struct Asked {
    std::string method{"GET"};
    std::string target{"/"};
    IpAddress client;
    std::vector<std::pair<std::string, std::string>> headers{};
};

std::string_view trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// As the data port takes them: visible ASCII, from a slash on.
bool isTarget(std::string_view text)
{
    return text.starts_with('/')
           && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F && c != '#'; });
}

Asked readAsked(Call &call)
{
    Parameters &parameters = call.parameters;
    Asked asked{.client = call.peer};
    asked.target = parameters.text("path").value_or(asked.target);
    if (!isTarget(asked.target))
        parameters.fail("path", "it is no path as a request sends it",
                        "a path that begins with /, with other characters than ASCII as %XX");
    asked.method = parameters.text("method").value_or(asked.method);
    if (!config::isToken(asked.method))
        parameters.fail("method", "it cannot be a method", "a method such as GET");
    if (const auto text = parameters.text("client")) {
        const auto client = parseIpAddress(*text);
        asked.client = client.value_or(asked.client);
        if (!client)
            parameters.fail("client", "it is no address", "an address such as 192.0.2.1 or 2001:db8::1");
    }
    for (const std::string &header : parameters.texts("header")) {
        const std::size_t colon = std::min(header.find(':'), header.size());
        const std::string name{trimmed(std::string_view{header}.substr(0, colon))};
        if (colon == header.size() || !config::isToken(name) || header.find_first_of("\r\n") != std::string::npos)
            parameters.fail("header", "it is no field", "NAME: VALUE");
        else
            asked.headers.emplace_back(name, trimmed(std::string_view{header}.substr(colon + 1)));
    }
    return asked;
}

std::string listed(const std::vector<std::string> &texts)
{
    std::string list;
    for (const std::string &text : texts)
        list += (list.empty() ? "" : ", ") + text;
    return list;
}

// Which part of the match says no; empty: none does.
std::string whyNoMatch(const config::RequestMatch &match, bool folds, const policy::RequestView &request)
{
    const auto isNot = [&](const config::RequestMatch &part) {
        return policy::Matcher{part, folds}.match(request) == policy::Match::No;
    };
    if (isNot({.path = match.path, .methods = {}, .networks = {}, .headers = {}}))
        return "its path is " + match.path;
    if (isNot({.path = {}, .methods = match.methods, .networks = {}, .headers = {}}))
        return "it is for " + listed(match.methods);
    if (isNot({.path = {}, .methods = {}, .networks = match.networks, .headers = {}}))
        return "the client is in none of its networks";
    for (const config::HeaderMatch &header : match.headers)
        if (isNot({.path = {}, .methods = {}, .networks = {}, .headers = {header}}))
            return "the field " + header.name
                   + (header.kind == config::HeaderMatch::Kind::Absent ? " is there" : " is not as it must be");
    return {};
}

std::string whyNot(const config::LimitEntry &limit, bool isAnotherAsked, bool folds, const policy::RequestView &request)
{
    if (!limit.isOn)
        return "it is off";
    if (std::string why = whyNoMatch(limit.match, folds, request); !why.empty())
        return why;
    // What is left: it is for the rest only, or lets requests without its key through.
    return limit.isOtherwise && isAnotherAsked ? "a limit above it is for the request"
                                               : "the request lacks a part of its key";
}

std::string whyFor(const config::LimitEntry &limit)
{
    if (limit.match == config::RequestMatch{})
        return limit.isOtherwise ? "no limit above it is for the request" : "it is for every request";
    return "the request matches";
}

void judge(const Asked &asked, Question &question)
{
    const config::LimitSet &set = *question.set;
    const std::string_view target{asked.target};
    const std::size_t mark = std::min(target.find('?'), target.size());
    std::vector<policy::HeaderField> fields;
    for (const auto &[name, value] : asked.headers)
        fields.push_back({name, value});
    policy::RequestView view{asked.method, target.substr(0, mark), target.substr(std::min(mark + 1, target.size())),
                             asked.client, fields};
    const policy::Plan plan{set};
    policy::PlanBuffers buffers;
    const policy::Decree decree = plan.decide(view, buffers);
    question.access = decree.access;
    if (decree.lacksKeyOf)
        question.why = "It lacks a part of the key of the limit " + set.limits[*decree.lacksKeyOf].name
                       + ", which refuses such requests.";
    else if (decree.access == Access::Blocked)
        question.why = "It is turned away by [block].";
    else if (decree.access == Access::Allowed)
        question.why = "It is let through by [allow].";
    else if (decree.charges.empty())
        question.why = "No limit is for it.";
    for (const policy::Charge &charge : decree.charges)
        question.parts[charge.limit] = {charge, whyFor(set.limits[charge.limit])};
    std::string path, folded, spare;
    view.folded = policy::foldedPath(view.path, folded, spare);
    view.path = policy::canonicalPath(view.path, path);
    bool isAnotherAsked = false;
    for (std::size_t i = 0; i < set.limits.size(); ++i) {
        Question::Part &part = question.parts[i];
        isAnotherAsked = isAnotherAsked || part.charge;
        if (part.charge)
            continue;
        part.why = decree.access == Access::Limited ? whyNot(set.limits[i], isAnotherAsked, set.keys.folds, view)
                                                    : "no limit is asked";
    }
}

// The bucket of one limit alone, whatever requests it is for.
void choose(Call &call, const std::string &name, const std::optional<std::string> &key, Question &question)
{
    const config::LimitSet &set = *question.set;
    for (const char *other : {"path", "method", "client", "header"})
        if (!call.parameters.texts(other).empty())
            call.parameters.fail(other, "it says nothing beside limit",
                                 "limit and key alone, or a request without both");
    for (std::size_t i = 0; i < set.limits.size(); ++i) {
        question.parts[i].why = "the question is about another limit";
        if (set.limits[i].name != name)
            continue;
        Faults faults;
        const std::string subject = subjectOf(set.limits[i], key, faults);
        for (config::ConfigIssue &fault : faults)
            call.parameters.fail(fault.where, std::move(fault.problem), std::move(fault.hint));
        question.parts[i] = {policy::Charge{i, set.limits[i].cost.cost, set.limits[i].isShadow, subject},
                             "the question is about it"};
    }
}

// The limit that a key alone can only mean.
std::string onlyLimitByKey(const config::LimitSet &set)
{
    std::string name;
    for (const config::LimitEntry &limit : set.limits) {
        if (!limit.key.empty() && !name.empty())
            return {};
        if (!limit.key.empty())
            name = limit.name;
    }
    return name;
}

} // namespace

Question readQuestion(Call &call, std::shared_ptr<const config::LimitSet> set)
{
    Question question{.set = std::move(set)};
    question.parts.resize(question.set->limits.size());
    const auto key = call.parameters.text("key");
    std::string name = call.parameters.text("limit").value_or(std::string{});
    if (name.empty() && key)
        name = onlyLimitByKey(*question.set);
    if (name.empty() && key) {
        call.parameters.fail("limit", "a key is of one limit", "limit beside key");
    } else if (!name.empty() && !findLimit(*question.set, name)) {
        call.parameters.fail("limit", "there is no limit of that name", "the name of a limit");
    } else if (!name.empty()) {
        choose(call, name, key, question);
    } else if (const Asked asked = readAsked(call); call.parameters.faults().empty()) {
        judge(asked, question);
    }
    return question;
}

} // namespace weir::admin
