// SPDX-License-Identifier: GPL-3.0-only
#include "app/limits_in_force.h"

#include <algorithm>
#include <utility>

namespace weir::app {
namespace {

Error noSuchLimit()
{
    return {Error::Code::Invalid, "there is no limit of that name any more", false};
}

} // namespace

LimitsInForce::LimitsInForce(LimitParts &parts, limit::Tokens lease, QObject *parent)
    : QObject{parent}, m_parts{parts}, m_lease{lease}
{
    connect(&parts, &LimitParts::numbersChanged, this, [this] {
        if (m_policies) // else what is being applied tells
            use(m_policies->book, m_parts.keeper()->limits());
    });
}

config::LimitSet LimitsInForce::limitSet() const
{
    config::LimitSet set = m_policies->book->set;
    for (std::size_t i = 0; i < set.limits.size() && i < m_policies->limits.size(); ++i)
        set.limits[i].spec = m_policies->limits[i].spec;
    return set;
}

engine::LimitKeeper::Done LimitsInForce::whenApplied(const engine::LimitBookPtr &book, const Applied &done)
{
    return [this, book, done](const Result<std::vector<limit::Limit>> &limits) {
        if (!limits)
            return done(limits.error());
        use(book, limits.value());
        if (std::exchange(m_isAssumed, false))
            Q_EMIT confirmed();
        done(Done{});
    };
}

void LimitsInForce::apply(store::BucketStore &store, const config::Config &config, limit::TokenMode mode,
                          const Applied &done)
{
    const auto book = std::make_shared<const engine::LimitBook>(config::limitsOf(config));
    const bool saysAll = !config.limitSet.limits.empty();
    engine::LimitKeeper &keeper = m_parts.keeperOf(store);
    if (m_isAssumed)
        keeper.enter(book, saysAll ? std::nullopt : std::optional{config.limit}, whenApplied(book, done));
    else if (saysAll)
        keeper.apply(book, mode, whenApplied(book, done));
    else
        keeper.apply(book, config.limit, mode, whenApplied(book, done));
}

void LimitsInForce::assume(const config::Config &config)
{
    const auto book = std::make_shared<const engine::LimitBook>(config::limitsOf(config));
    std::vector<limit::Limit> limits;
    for (const config::LimitEntry &entry : book->set.limits)
        limits.push_back({entry.name, entry.spec, 0}); // whatever the store has replaces it
    m_isAssumed = true;
    use(book, limits);
}

void LimitsInForce::apply(store::BucketStore &store, const config::LimitSet &limitSet, limit::TokenMode mode,
                          const Applied &done)
{
    const auto book = std::make_shared<const engine::LimitBook>(limitSet);
    m_parts.keeperOf(store).apply(book, mode, whenApplied(book, done));
}

// The Live page shows the bucket that was wished; else that of the first limit that has one for all; else nobody's.
void LimitsInForce::use(const engine::LimitBookPtr &book, const std::vector<limit::Limit> &limits)
{
    const auto &limitSet = book->set.limits;
    const auto isWished = [this](const config::LimitEntry &entry) { return entry.name == m_shown.first; };
    const auto isShared = [](const config::LimitEntry &entry) { return entry.isOn && entry.key.empty(); };
    const auto wished = std::find_if(limitSet.begin(), limitSet.end(), isWished);
    const auto shown = wished != limitSet.end() ? wished : std::find_if(limitSet.begin(), limitSet.end(), isShared);
    const auto place = shown == limitSet.end() ? 0 : static_cast<std::size_t>(shown - limitSet.begin());
    engine::Policies policies = m_policies ? *m_policies : engine::Policies{};
    policies.book = book;
    policies.limits = limits;
    policies.limit = limits.empty() ? limit::Limit{} : limits[place];
    policies.shownSubject = wished != limitSet.end() && !wished->key.empty() ? m_shown.second : std::string{};
    policies.onStoreFailure = limitSet.empty() ? policies.onStoreFailure : limitSet[place].onStoreFailure;
    decideBy(std::move(policies));
}

void LimitsInForce::decideBy(engine::Policies policies)
{
    policies.lease = m_lease;
    const bool isChange = !m_policies || !m_policies->decidesAs(policies);
    const engine::PoliciesPtr before =
        std::exchange(m_policies, std::make_shared<const engine::Policies>(std::move(policies)));
    if (isChange)
        noteChange(); // before the workers hear of it, and anybody that it is done
    m_parts.adopt(m_policies);
    Q_EMIT changed(before);
}

void LimitsInForce::show(const std::string &limit, const std::string &subject)
{
    m_shown = {limit, subject};
    use(m_policies->book, m_policies->limits);
}

bool LimitsInForce::has(const std::string &limit) const
{
    const auto &limits = m_policies->limits;
    return std::any_of(limits.begin(), limits.end(), [&](const limit::Limit &one) { return one.name == limit; });
}

Result<Done> LimitsInForce::setPolicy(const std::string &limit, config::StoreFailurePolicy policy)
{
    engine::Policies policies = *m_policies;
    config::LimitSet limitSet = policies.book->set;
    const auto entry = std::find_if(limitSet.limits.begin(), limitSet.limits.end(),
                                    [&](const config::LimitEntry &one) { return one.name == limit; });
    if (entry == limitSet.limits.end())
        return noSuchLimit();
    entry->onStoreFailure = policy;
    policies.book = std::make_shared<const engine::LimitBook>(std::move(limitSet));
    if (policies.limit.name == limit)
        policies.onStoreFailure = policy;
    decideBy(std::move(policies));
    return Done{};
}

void LimitsInForce::setRefillOnDemand(bool isOn)
{
    engine::Policies policies = *m_policies;
    policies.refillsOnDemand = isOn;
    decideBy(std::move(policies));
}

void LimitsInForce::setLevel(const std::string &limit, const std::string &subject, limit::Tokens tokens,
                             const std::function<void(Result<limit::Tokens>)> &done)
{
    if (m_isAssumed)
        return done(Error{Error::Code::Unavailable, "Redis has not answered yet, so no bucket can be set", true});
    const auto &limits = m_policies->limits;
    const auto found =
        std::find_if(limits.begin(), limits.end(), [&](const limit::Limit &one) { return one.name == limit; });
    if (found == limits.end())
        return done(noSuchLimit());
    m_parts.keeper()->setLevel(static_cast<std::size_t>(found - limits.begin()), subject, tokens,
                               [this, done](const Result<limit::Tokens> &result) {
                                   noteChange();
                                   done(result);
                               });
}

} // namespace weir::app
