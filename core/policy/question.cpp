// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/question.h"

#include <algorithm>
#include <string_view>

#include "core/policy/folded_path.h"
#include "core/policy/matcher.h"
#include "core/policy/path_text.h"

namespace weir::policy {
namespace {

std::string listed(const std::vector<std::string> &texts)
{
    std::string list;
    for (const std::string &text : texts)
        list += (list.empty() ? "" : ", ") + text;
    return list;
}

// Which part of the match says no; empty: none does.
std::string whyNoMatch(const config::RequestMatch &match, bool folds, const RequestView &request)
{
    const auto isNot = [&](const config::RequestMatch &part) {
        return Matcher{part, folds}.match(request) == Match::No;
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

std::string whyNot(const config::LimitEntry &limit, bool isAnotherAsked, bool folds, const RequestView &request)
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

} // namespace

Question questionOf(std::shared_ptr<const config::LimitSet> asks, const AskedRequest &asked)
{
    Question question{.set = std::move(asks)};
    question.parts.resize(question.set->limits.size());
    const config::LimitSet &set = *question.set;
    const std::string_view target{asked.target};
    const std::size_t mark = std::min(target.find('?'), target.size());
    std::vector<HeaderField> fields;
    for (const auto &[name, value] : asked.headers)
        fields.push_back({name, value});
    RequestView view{asked.method, target.substr(0, mark), target.substr(std::min(mark + 1, target.size())),
                     asked.client, fields};
    const Plan plan{set};
    PlanBuffers buffers;
    const Decree decree = plan.decide(view, buffers);
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
    for (const Charge &charge : decree.charges)
        question.parts[charge.limit] = {charge, whyFor(set.limits[charge.limit])};
    std::string path, folded, spare;
    view.folded = foldedPath(view.path, folded, spare);
    view.path = canonicalPath(view.path, path);
    bool isAnotherAsked = false;
    for (std::size_t i = 0; i < set.limits.size(); ++i) {
        Question::Part &part = question.parts[i];
        isAnotherAsked = isAnotherAsked || part.charge;
        if (part.charge)
            continue;
        part.why = decree.access == Access::Limited ? whyNot(set.limits[i], isAnotherAsked, set.keys.folds, view)
                                                    : "no limit is asked";
    }
    return question;
}

bool looksAtHead(const config::LimitEntry &limit)
{
    config::LimitSet alone;
    alone.limits = {limit};
    return !Plan{alone}.needs().headers.empty();
}

} // namespace weir::policy
