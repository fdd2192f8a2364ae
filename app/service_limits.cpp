// SPDX-License-Identifier: GPL-3.0-only
// What is in force, and its changes: from the start, the panel, the file, other Weirs.
#include "app/service_core.h"

#include <algorithm>
#include <utility>

#include <QDateTime>

#include "app/service_log.h"
#include "core/config/limit_set.h"

namespace weir::app {
namespace {

std::string describe(const limit::LimitSpec &spec)
{
    std::string words = std::string{limit::nameOf(spec.algorithm)} + ", capacity " + std::to_string(spec.capacity);
    if (!limit::isWindow(spec.algorithm))
        words += ", refill " + std::to_string(spec.refill);
    words += " every " + printDurationSpaced(spec.interval);
    return spec.start == limit::StartLevel::Full ? words : words + ", starts empty";
}

// The store remembers those; whatever else there is, a file must.
bool areNumbersAlone(const config::LimitSet &before, config::LimitSet next)
{
    for (std::size_t i = 0; i < next.limits.size() && i < before.limits.size(); ++i)
        next.limits[i].spec = before.limits[i].spec;
    return next == before;
}

} // namespace

void ServiceCore::settleLimit()
{
    if (!m_started) { // it was there before and is back; it may have forgotten
        if (m_parts.refiller())
            m_parts.refiller()->tick();
        return;
    }
    applyLimits(config::limitsOf(m_config), wishOf(m_config), limit::TokenMode::Keep,
                [this](const Result<Done> &applied) {
                    if (applied)
                        return serve();
                    failStart({applied.error().code, startFailure(applied.error()), false});
                });
}

// What is not said of the one limit is as the store remembers; a list of limits says everything.
std::optional<config::LimitWish> ServiceCore::wishOf(const config::Config &config)
{
    return config.limitSet.limits.empty() ? std::optional{config.limit} : std::nullopt;
}

void ServiceCore::applyLimits(const config::LimitSet &limitSet, const std::optional<config::LimitWish> &wish,
                              limit::TokenMode mode, const LimitsDone &done)
{
    const auto book = std::make_shared<const engine::LimitBook>(limitSet);
    const auto onApplied = [this, book, done](const Result<std::vector<limit::Limit>> &limits) {
        if (!limits)
            return done(limits.error());
        useBook(book, limits.value());
        done(Done{});
    };
    engine::LimitKeeper &keeper = m_parts.keeperOf(*m_store);
    if (wish)
        return keeper.apply(book, *wish, mode, onApplied);
    keeper.apply(book, mode, onApplied);
}

// The Live page shows the bucket that was wished; else that of the first limit that has one for all; else nobody's.
void ServiceCore::useBook(const engine::LimitBookPtr &book, const std::vector<limit::Limit> &limits)
{
    const auto &limitSet = book->set.limits;
    const auto isWished = [this](const config::LimitEntry &entry) { return entry.name == m_shownBucket.first; };
    const auto isShared = [](const config::LimitEntry &entry) { return entry.isOn && entry.key.empty(); };
    const auto wished = std::find_if(limitSet.begin(), limitSet.end(), isWished);
    const auto shown = wished != limitSet.end() ? wished : std::find_if(limitSet.begin(), limitSet.end(), isShared);
    const auto place = shown == limitSet.end() ? 0 : static_cast<std::size_t>(shown - limitSet.begin());
    engine::Policies policies = m_policies ? *m_policies : engine::Policies{};
    policies.book = book;
    policies.limits = limits;
    policies.limit = limits.empty() ? limit::Limit{} : limits[place];
    policies.shownSubject = wished != limitSet.end() && !wished->key.empty() ? m_shownBucket.second : std::string{};
    policies.onStoreFailure = limitSet.empty() ? policies.onStoreFailure : limitSet[place].onStoreFailure;
    decideBy(policies);
}

void ServiceCore::showBucket(const std::string &limit, const std::string &subject)
{
    m_shownBucket = {limit, subject};
    useBook(m_policies->book, m_policies->limits);
}

void ServiceCore::changeLimits(const config::LimitSet &next, limit::TokenMode mode,
                               std::function<void(Result<Done>)> done)
{
    std::string problems;
    for (const config::ConfigIssue &issue : config::check(next))
        problems += (problems.empty() ? "" : "\n") + config::printIssue(issue);
    if (!problems.empty())
        return done(Error{Error::Code::Invalid, problems, false});
    m_changes.add([this, next, mode, done = std::move(done)](const ChangeQueue::Finished &finished) {
        writeAndApply(next, mode, [done, finished](const Result<Done> &result) {
            done(result);
            finished();
        });
    });
}

// The file first: what is in force and what is written must not part.
void ServiceCore::writeAndApply(const config::LimitSet &next, limit::TokenMode mode, const LimitsDone &done)
{
    const bool needsFile = !areNumbersAlone(*m_state.limitSet, next);
    if (m_limitsFile.isThere() || (needsFile && m_limitsFile.canBeMade()))
        if (const auto written = m_limitsFile.write(next); !written)
            return done(written.error());
    applyLimits(next, std::nullopt, mode, [this, done](const Result<Done> &applied) {
        if (applied) {
            m_reload.dropWish();
            m_limitsFile.noteInForce();
            return m_pool->whenAdopted([done] { done(Done{}); });
        }
        if (m_limitsFile.isThere())
            m_limitsFile.undo();
        done(applied);
    });
}

void ServiceCore::setBucketLevel(const std::string &limit, const std::string &subject, limit::StartLevel level,
                                 const std::function<void(Result<limit::Tokens>)> &done)
{
    const auto &limits = m_policies->limits;
    const auto found =
        std::find_if(limits.begin(), limits.end(), [&](const limit::Limit &one) { return one.name == limit; });
    if (found == limits.end())
        return done(Error{Error::Code::Invalid, "there is no limit of that name any more", false});
    const bool isShown = limit == m_policies->limit.name && subject == m_policies->shownSubject;
    m_parts.keeper()->setLevel(
        static_cast<std::size_t>(found - limits.begin()), subject, level,
        [this, isShown, done](const Result<limit::Tokens> &result) {
            noteChange();
            if (result && isShown) {
                m_sampler.addChange({QDateTime::currentMSecsSinceEpoch(), m_state.limit.spec, m_state.limit.spec});
                m_parts.refiller()->look();
            }
            done(result);
        });
}

// Of the limit that is shown now, whichever is when its turn comes.
void ServiceCore::setStoreFailurePolicy(config::StoreFailurePolicy policy, std::function<void(Result<Done>)> done)
{
    m_changes.add(
        [this, policy, limit = m_policies->limit.name, done = std::move(done)](const ChangeQueue::Finished &finished) {
            usePolicy(limit, policy, [done, finished](const Result<Done> &result) {
                done(result);
                finished();
            });
        });
}

// Each process has its own, so that the store is not asked: it is changed while the store is away.
void ServiceCore::usePolicy(const std::string &limit, config::StoreFailurePolicy policy, const LimitsDone &done)
{
    engine::Policies policies = *m_policies;
    config::LimitSet limitSet = policies.book->set;
    const auto entry = std::find_if(limitSet.limits.begin(), limitSet.limits.end(),
                                    [&](const config::LimitEntry &one) { return one.name == limit; });
    if (entry == limitSet.limits.end())
        return done(Error{Error::Code::Invalid, "there is no limit of that name any more", false});
    if (m_limitsFile.isThere())
        if (const auto written = m_limitsFile.writePolicy(limit, policy); !written)
            return done(written.error());
    entry->onStoreFailure = policy;
    policies.book = std::make_shared<const engine::LimitBook>(std::move(limitSet));
    if (policies.limit.name == limit)
        policies.onStoreFailure = policy;
    decideBy(policies);
    m_pool->whenAdopted([done] { done(Done{}); });
}

void ServiceCore::setRefillOnDemand(bool isOn)
{
    engine::Policies policies = *m_policies;
    policies.refillsOnDemand = isOn;
    decideBy(policies);
}

// Workers refuse by themselves while they know a bucket to be empty; from here on they ask again.
void ServiceCore::noteChange()
{
    m_parts.table().noteChange();
}

// Others have changed numbers.
void ServiceCore::onNumbersChanged()
{
    useBook(m_policies->book, m_parts.keeper()->limits());
}

// Into the log, and of the limit that is shown into the history.
void ServiceCore::tellNumbers(const engine::Policies &next)
{
    for (const limit::Limit &limit : next.limits)
        for (const limit::Limit &before : m_policies->limits)
            if (before.name == limit.name && before.spec != limit.spec)
                qCInfo(lcService, "the limit%s is now: %s", next.limits.size() == 1 ? "" : (" " + limit.name).c_str(),
                       describe(limit.spec).c_str());
    const bool isSameBucket =
        m_policies->limit.name == next.limit.name && m_policies->shownSubject == next.shownSubject;
    if (!isSameBucket || m_policies->limit.spec == next.limit.spec)
        return;
    m_sampler.addChange({QDateTime::currentMSecsSinceEpoch(), m_policies->limit.spec, next.limit.spec});
    showHistory();
}

void ServiceCore::decideBy(const engine::Policies &policies)
{
    auto next = std::make_shared<engine::Policies>(policies);
    next->lease = m_config.lease;
    const bool isChange = !m_policies || !m_policies->decidesAs(*next);
    if (m_policies)
        tellNumbers(*next);
    m_policies = std::move(next);
    if (isChange)
        noteChange(); // before the workers hear of it, and anybody that it is done
    m_state.limit = policies.limit;
    m_state.subject = policies.shownSubject;
    m_state.onStoreFailure = policies.onStoreFailure;
    if (m_pool)
        m_pool->adopt(m_policies);
    m_parts.adopt(m_policies);
    config::LimitSet shown = policies.book->set;
    for (std::size_t i = 0; i < shown.limits.size() && i < policies.limits.size(); ++i)
        shown.limits[i].spec = policies.limits[i].spec; // others may have changed it
    m_state.limitSet = std::make_shared<const config::LimitSet>(std::move(shown));
    readLimits();
    publish();
}

} // namespace weir::app
