// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/question.h"

#include <algorithm>
#include <utility>

#include "core/admin/limit_routes.h"
#include "core/config/key_text.h"

namespace weir::admin {
namespace {

using policy::AskedRequest;
using policy::Question;

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

AskedRequest readAsked(Call &call)
{
    Parameters &parameters = call.parameters;
    AskedRequest asked{.client = call.peer};
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
    } else if (const AskedRequest asked = readAsked(call); call.parameters.faults().empty()) {
        return policy::questionOf(std::move(question.set), asked);
    }
    return question;
}

} // namespace weir::admin
