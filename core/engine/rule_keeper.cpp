// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/rule_keeper.h"

#include <algorithm>
#include <utility>

#include "core/engine/group_batch.h"

namespace weir::engine {
namespace {

// And one more for each limit: an attempt ends at the first bucket that knows more than the register.
constexpr std::size_t kMaxAttempts = 4;

std::vector<std::string> namesOf(const RuleBook &book)
{
    std::vector<std::string> names;
    for (const config::LimitRule &rule : book.set.limits)
        names.push_back(rule.name);
    return names;
}

} // namespace

RuleKeeper::RuleKeeper(store::BucketStore &store, QObject *parent) : QObject{parent}, m_store{store}, m_timer{this}
{
    connect(&m_timer, &QTimer::timeout, this, &RuleKeeper::look);
}

void RuleKeeper::apply(const RuleBookPtr &book, limit::TokenMode mode, Done done)
{
    attempt(book, mode, 1, std::move(done));
}

void RuleKeeper::attempt(const RuleBookPtr &book, limit::TokenMode mode, std::size_t attempt, Done done)
{
    if (attempt > kMaxAttempts + book->set.limits.size())
        return done(Error{Error::Code::Overloaded, "others change the limits at the same time; try again", true});
    m_store.loadRegister(namesOf(*book), [this, book, mode, attempt, done = std::move(done)](
                                             const Result<std::vector<std::optional<limit::Limit>>> &known) mutable {
        if (!known)
            return done(known.error());
        Limits next;
        std::vector<std::size_t> changed;
        for (std::size_t i = 0; i < book->set.limits.size(); ++i) {
            const config::LimitRule &rule = book->set.limits[i];
            const std::optional<limit::Limit> &registered = known.value()[i];
            limit::Limit limit{rule.name, rule.spec, registered ? registered->epoch : 0};
            for (const limit::Limit &present : m_limits)
                if (present.name == rule.name)
                    limit.epoch = std::max(limit.epoch, present.epoch);
            if (const auto ahead = m_ahead.find(rule.name); ahead != m_ahead.end())
                limit.epoch = std::max(limit.epoch, ahead->second);
            const bool isSame = registered && registered->epoch == limit.epoch && registered->spec == rule.spec;
            if (!isSame) {
                ++limit.epoch;
                changed.push_back(i);
            }
            next.push_back(limit);
        }
        enact(book, next, std::move(changed), mode, attempt, std::move(done));
    });
}

store::GroupRequest RuleKeeper::requestFor(const RuleBook &book, std::size_t place, const limit::Limit &limit,
                                           const std::string &subject, limit::TokenMode mode) const
{
    const std::string name = bucketName(limit.name, subject);
    std::string group;
    if (m_store.isSpread())
        group = book.groups[place].empty() ? name : book.groups[place];
    return {group, {{name, {limit.spec, limit.epoch, mode, {}}}}, {}, true};
}

// Buckets without a key first, one after the other: from its answer on, every call with the old epoch is refused and
// told the new numbers.
void RuleKeeper::enact(const RuleBookPtr &book, const Limits &next, std::vector<std::size_t> changed,
                       limit::TokenMode mode, std::size_t attempt, Done done)
{
    const auto pending =
        std::find_if(changed.begin(), changed.end(), [&](std::size_t i) { return book->set.limits[i].key.empty(); });
    // A limit that nobody had before begins with its first request.
    const auto isNew = [&](std::size_t i) { return next[i].epoch == 1; };
    if (pending == changed.end() || isNew(*pending)) {
        if (pending == changed.end()) {
            std::vector<std::size_t> all;
            for (std::size_t i = 0; i < next.size(); ++i)
                all.push_back(i);
            adopt(book, next, all);
            return done(next);
        }
        changed.erase(pending);
        return enact(book, next, std::move(changed), mode, attempt, std::move(done));
    }
    const std::size_t place = *pending;
    changed.erase(pending);
    m_store.takeAll(requestFor(*book, place, next[place], {}, mode),
                    [this, book, next, place, changed = std::move(changed), mode, attempt,
                     done = std::move(done)](const Result<limit::GroupOutput> &result) mutable {
                        if (!result)
                            return done(result.error());
                        if (!result.value().isStale)
                            return enact(book, next, std::move(changed), mode, attempt, std::move(done));
                        // Another instance was faster; this wish is the later one.
                        m_ahead[next[place].name] = result.value().buckets.front().epoch;
                        this->attempt(book, mode, attempt + 1, std::move(done));
                    });
}

void RuleKeeper::adopt(const RuleBookPtr &book, const Limits &next, const std::vector<std::size_t> &changed)
{
    m_book = book;
    m_limits = next;
    m_ahead.clear();
    for (const std::size_t i : changed)
        m_store.saveLimit(next[i], [](const Result<weir::Done> &) {}); // looked at again by look()
    m_timer.start(kLookEvery);
}

void RuleKeeper::setLevel(std::size_t limit, const std::string &subject, limit::StartLevel level,
                          std::function<void(Result<limit::Tokens>)> done)
{
    const auto mode = level == limit::StartLevel::Full ? limit::TokenMode::Refill : limit::TokenMode::Drain;
    m_store.takeAll(
        requestFor(*m_book, limit, m_limits[limit], subject, mode),
        [this, limit, subject, level, done = std::move(done)](const Result<limit::GroupOutput> &result) mutable {
            if (!result)
                return done(result.error());
            const limit::BucketOutput &told = result.value().buckets.front();
            if (!told.isStale)
                return done(told.room);
            if (limit < m_limits.size())
                learn({m_limits[limit].name, told.inForce, told.epoch});
            if (limit >= m_limits.size()) // which may have been the last that was to be learnt
                return done(Error{Error::Code::Unavailable, "the limits are being changed; try again", true});
            setLevel(limit, subject, level, std::move(done));
        });
}

void RuleKeeper::learn(const limit::Limit &limit)
{
    bool isNew = false;
    for (limit::Limit &present : m_limits) {
        if (present.name != limit.name || !limit::replaces(limit, present))
            continue;
        const limit::StartLevel start = present.spec.start;
        present = limit;
        present.spec.start = start;
        isNew = true;
    }
    if (isNew)
        Q_EMIT changed(); // which may end in stop()
}

void RuleKeeper::stop()
{
    m_timer.stop();
    m_book.reset();
    m_limits.clear();
}

// What others have saved is newer; what is not there yet, or was lost, is saved again.
void RuleKeeper::look()
{
    if (!m_book || std::exchange(m_isLooking, true))
        return;
    m_store.loadRegister(namesOf(*m_book),
                         [this, book = m_book](const Result<std::vector<std::optional<limit::Limit>>> &known) {
                             m_isLooking = false;
                             if (!known || book != m_book)
                                 return;
                             for (std::size_t i = 0; i < m_limits.size(); ++i) {
                                 const std::optional<limit::Limit> &registered = known.value()[i];
                                 if (registered && limit::replaces(*registered, m_limits[i]))
                                     learn(*registered);
                                 else if (!registered || limit::replaces(m_limits[i], *registered))
                                     m_store.saveLimit(m_limits[i], [](const Result<weir::Done> &) {});
                             }
                         });
}

} // namespace weir::engine
