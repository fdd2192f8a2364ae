// SPDX-License-Identifier: GPL-3.0-only
// Which limits a request meets, and for whom: core/policy. tests/bench/policy has more and larger ones.
#include <cstdlib>
#include <memory>

#include "core/policy/plan.h"
#include "tests/bench/micro/operation.h"

namespace weir::micro {
namespace {

using config::KeyPart;
using policy::HeaderField;

const std::vector<HeaderField> kFields{{"Host", "shop.example"},
                                       {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"},
                                       {"Accept", "*/*"},
                                       {"Accept-Language", "en-US,en;q=0.5"},
                                       {"Cookie", "theme=dark; sid=0123456789abcdef"},
                                       {"X-Api-Key", "0123456789abcdef0123456789abcdef"}};

config::LimitEntry entryFor(std::string path, std::vector<KeyPart> key)
{
    config::LimitEntry rule;
    rule.match.path = std::move(path);
    rule.key = std::move(key);
    return rule;
}

void add(Operations &operations, const char *name, std::vector<config::LimitEntry> rules)
{
    config::LimitSet set;
    set.limits = std::move(rules);
    const auto plan = std::make_shared<const policy::Plan>(set);
    const policy::RequestView request{"GET", "/api/orders", "page=2", *parseIpAddress("203.0.113.77"), kFields, false};
    operations.add(name, [plan, request, buffers = policy::PlanBuffers{}, expected = set.limits.size()]() mutable {
        const policy::Decree decree = plan->decide(request, buffers);
        if (decree.charges.size() != expected)
            std::abort();
        return decree.charges.back().subject.size();
    });
}

} // namespace

void addPlans(Operations &operations)
{
    const KeyPart ip{};
    const KeyPart header{KeyPart::Kind::Header, "X-Api-Key"};
    const KeyPart cookie{KeyPart::Kind::Cookie, "sid"};
    add(operations, "plan/by address", {entryFor("", {ip})});
    add(operations, "plan/by header", {entryFor("", {header})});
    add(operations, "plan/by address and cookie", {entryFor("", {ip, cookie})});
    add(operations, "plan/three limits", {entryFor("", {}), entryFor("/api/*", {ip}), entryFor("/api/*", {header})});
}

} // namespace weir::micro
