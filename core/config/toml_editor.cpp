// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/toml_editor.h"

#include <algorithm>

#include "core/config/limit_set.h"
#include "core/config/toml_reader.h"
#include "core/config/toml_step.h"

namespace weir::config {
namespace {

Error invalid(std::string sentence)
{
    return {Error::Code::Invalid, std::move(sentence)};
}

// The order of headers says nothing, so the reader gives them one.
void sortHeaders(RequestMatch &match)
{
    std::sort(match.headers.begin(), match.headers.end(),
              [](const HeaderMatch &a, const HeaderMatch &b) { return a.name < b.name; });
}

void sortHeaders(LimitSet &limitSet)
{
    for (LimitEntry &limit : limitSet.limits) {
        sortHeaders(limit.match);
        for (RouteCost &route : limit.cost.routes)
            sortHeaders(route.match);
    }
}

// More than all keys of all limits, taken away and written again.
constexpr int kMostSteps = 20'000;

} // namespace

Result<std::string> editLimits(std::string_view text, LimitSet wanted)
{
    if (wanted.limits.empty())
        return invalid("at least one limit must stay");
    if (const auto issues = check(wanted); !issues.empty())
        return invalid(printIssue(issues.front()));
    sortHeaders(wanted);
    std::string edited{text};
    ConfigFile file = readConfigText(edited);
    if (!file.isUsable())
        return invalid("the file has problems of its own; weir check-config names them");
    for (int step = 0; step < kMostSteps; ++step) {
        const LimitSet current = limitsOf(file.config);
        const TomlStep next = nextStep(edited, current, wanted, !file.config.limitSet.limits.empty());
        if (!next.isPossible)
            return invalid("the limits are written in a form that is not changed here; write each below a [[limit]]");
        if (!next.edit) {
            if (current == wanted && file.isUsable())
                return edited;
            break;
        }
        edited.replace(next.edit->span.begin, next.edit->span.end - next.edit->span.begin, next.edit->text);
        file = readConfigText(edited);
    }
    return invalid("the limits could not be written into this file; change it by hand");
}

} // namespace weir::config
