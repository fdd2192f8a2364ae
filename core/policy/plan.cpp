// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/plan.h"

#include <algorithm>

#include "core/policy/folded_path.h"
#include "core/policy/path_text.h"

namespace weir::policy {
namespace {

using Kind = config::KeyPart::Kind;

void note(PlanNeeds &needs, const config::RequestMatch &entry)
{
    needs.method |= !entry.methods.empty();
    needs.path |= Matcher{entry}.asksPath();
    needs.client |= !entry.networks.empty();
    for (const config::HeaderMatch &header : entry.headers)
        needs.headers.push_back(lowerOf(header.name));
}

void note(PlanNeeds &needs, const config::KeyPart &part)
{
    needs.client |= part.kind == Kind::Ip;
    needs.query |= part.kind == Kind::Query;
    needs.method |= part.kind == Kind::Method;
    needs.path |= part.kind == Kind::Path;
    if (part.kind == Kind::Cookie)
        needs.headers.emplace_back("cookie");
    else if (part.kind == Kind::Header)
        needs.headers.push_back(lowerOf(part.name));
}

void note(PlanNeeds &needs, const config::RequestCost &entry)
{
    for (const config::RouteCost &route : entry.routes)
        note(needs, route.match);
    if (!entry.header.empty())
        needs.headers.push_back(lowerOf(entry.header));
}

void note(PlanNeeds &needs, const config::AccessList &list)
{
    needs.client |= !list.networks.empty();
    needs.path |= !list.paths.empty();
    for (const config::KeyValue &key : list.keys)
        note(needs, key.part);
}

bool isNothing(const PlanNeeds &needs)
{
    return needs == PlanNeeds{};
}

} // namespace

Charge &PlanBuffers::nextCharge()
{
    if (m_used == m_charges.size())
        m_charges.emplace_back();
    return m_charges[m_used++];
}

Plan::Plan(const config::LimitSet &set) : m_gate{set}
{
    const bool folds = set.keys.folds;
    for (const config::LimitEntry &entry : set.limits)
        m_limits.push_back({entry.isOn, entry.isShadow, entry.isOtherwise, entry.withoutKey,
                            Matcher{entry.match, folds}, SubjectKey{entry.key, set.keys, entry.hashKey},
                            Cost{entry.cost, folds}});
    m_asksFolded = m_gate.block().asksFolded();
    for (const Compiled &limit : m_limits) {
        if (!limit.isOn)
            continue;
        m_asksFolded |= limit.matcher.asksFolded() || limit.key.asksFolded() || limit.cost.asksFolded();
        const std::vector<ValueSource> hidden = limit.key.hiddenParameters();
        m_hidden.insert(m_hidden.end(), hidden.begin(), hidden.end());
    }
    findNeeds(set);
    findGroups();
    if (!isNothing(m_needs))
        return;
    PlanBuffers buffers;
    const Decree decree = decide({}, buffers);
    m_fixed.assign(decree.charges.begin(), decree.charges.end());
    m_isFixed = true;
}

void Plan::findNeeds(const config::LimitSet &set)
{
    note(m_needs, set.allow);
    note(m_needs, set.block);
    for (const config::LimitEntry &entry : set.limits) {
        if (!entry.isOn)
            continue;
        note(m_needs, entry.match);
        note(m_needs, entry.cost);
        for (const config::KeyPart &part : entry.key)
            note(m_needs, part);
    }
    std::sort(m_needs.headers.begin(), m_needs.headers.end());
    m_needs.headers.erase(std::unique(m_needs.headers.begin(), m_needs.headers.end()), m_needs.headers.end());
}

// Each limit joins the groups of all earlier ones that it meets.
void Plan::findGroups()
{
    for (std::size_t limit = 0; limit < m_limits.size(); ++limit) {
        m_groups.push_back(limit);
        for (std::size_t other = 0; other < limit; ++other) {
            const std::size_t mine = m_groups[limit];
            const std::size_t theirs = m_groups[other];
            if (mine == theirs || !mayMeet(limit, other))
                continue;
            std::replace(m_groups.begin(), m_groups.end(), std::max(mine, theirs), std::min(mine, theirs));
        }
    }
}

bool Plan::mayMeet(std::size_t limit, std::size_t other) const
{
    const Compiled &a = m_limits[limit];
    const Compiled &b = m_limits[other];
    return a.isOn && b.isOn && a.matcher.mayMeet(b.matcher);
}

Decree Plan::decide(const RequestView &request, PlanBuffers &buffers) const
{
    if (m_isFixed)
        return {Access::Limited, m_fixed};
    RequestView canonical = request;
    if (m_needs.path)
        canonical.path = canonicalPath(request.path, buffers.m_path);
    if (m_asksFolded)
        canonical.folded = foldedPath(request.path, buffers.m_folded, buffers.m_spare);
    if (!m_gate.isOpen())
        if (const Access access = m_gate.of(canonical, buffers.m_value); access != Access::Limited)
            return {access, {}};
    buffers.m_used = 0;
    bool isTaken = false; // a limit before is certainly for it
    for (std::size_t index = 0; index < m_limits.size(); ++index) {
        const Compiled &limit = m_limits[index];
        if (!limit.isOn || (limit.isOtherwise && isTaken))
            continue;
        const Match match = limit.matcher.match(canonical);
        if (match == Match::No) // who may be meant must pay
            continue;
        Charge &charge = buffers.nextCharge();
        charge.limit = index;
        charge.cost = limit.cost.of(canonical);
        charge.isShadow = limit.isShadow;
        const bool hasKey = limit.key.write(canonical, charge.subject, buffers.m_value);
        if (!hasKey && limit.withoutKey == config::WithoutKey::Unlimited) {
            buffers.dropCharge();
            continue;
        }
        if (!hasKey && limit.withoutKey == config::WithoutKey::Refused && !limit.isShadow)
            return {Access::Blocked, {}, index};
        isTaken = isTaken || match == Match::Yes;
    }
    return {Access::Limited, std::span{buffers.m_charges}.first(buffers.m_used)};
}

} // namespace weir::policy
