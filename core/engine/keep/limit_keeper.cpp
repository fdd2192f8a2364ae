// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/keep/limit_keeper.h"

#include <algorithm>
#include <utility>

#include "core/engine/batch/batch.h"

namespace weir::engine {
namespace {

// And one more for each limit: an attempt ends at the first bucket that knows more than the register.
constexpr std::size_t kMaxAttempts = 4;

std::vector<std::string> namesOf(const LimitBook &book)
{
    std::vector<std::string> names;
    for (const config::LimitEntry &entry : book.set.limits)
        names.push_back(entry.name);
    return names;
}

} // namespace

LimitKeeper::LimitKeeper(store::BucketStore &store, QObject *parent) : QObject{parent}, m_store{store}, m_timer{this}
{
    connect(&m_timer, &QTimer::timeout, this, &LimitKeeper::look);
}

void LimitKeeper::apply(const LimitBookPtr &book, limit::TokenMode mode, Done done)
{
    attempt(std::make_shared<Change>(Change{book, std::nullopt, mode, std::move(done)}));
}

void LimitKeeper::apply(const LimitBookPtr &book, const config::LimitWish &wish, limit::TokenMode mode, Done done)
{
    attempt(std::make_shared<Change>(Change{book, wish, mode, std::move(done)}));
}

void LimitKeeper::enter(const LimitBookPtr &book, const std::optional<config::LimitWish> &wish, Done done)
{
    attempt(std::make_shared<Change>(Change{book, wish, limit::TokenMode::Keep, std::move(done), false}));
}

void LimitKeeper::attempt(const ChangePtr &change)
{
    if (++change->attempts > kMaxAttempts + change->book->set.limits.size())
        return change->done(
            Error{Error::Code::Overloaded, "others change the limits at the same time; try again", true});
    if (!change->wish)
        return m_store.loadRegister(namesOf(*change->book),
                                    [this, change](const Known &known) { onLoaded(change, known); });
    m_store.loadLimit(change->book->set.limits.front().name,
                      [this, change](const Result<std::optional<limit::Limit>> &known) {
                          if (!known)
                              return change->done(known.error());
                          onLoaded(change, std::vector{known.value()});
                      });
}

Result<limit::LimitSpec> LimitKeeper::specOf(const Change &change, std::size_t place,
                                             const std::optional<limit::Limit> &registered) const
{
    if (!change.wish)
        return change.book->set.limits[place].spec;
    const limit::LimitSpec wished = change.wish->appliedTo(registered ? registered->spec : limit::LimitSpec{});
    const auto issues = config::check(wished);
    if (issues.empty())
        return wished;
    std::string why = "--" + config::printIssue(issues.front());
    if (wished.algorithm != limit::Algorithm::TokenBucket) // nobody has said so here
        why += " (Redis has the limit " + change.book->set.limits[place].name + " as a "
               + std::string{limit::nameOf(wished.algorithm)} + ", which another Weir made it.)";
    return Error{Error::Code::Invalid, why, false};
}

void LimitKeeper::onLoaded(const ChangePtr &change, const Known &known)
{
    if (!known)
        return change->done(known.error());
    change->next.clear();
    change->pending.clear();
    for (std::size_t i = 0; i < change->book->set.limits.size(); ++i) {
        const config::LimitEntry &entry = change->book->set.limits[i];
        const std::optional<limit::Limit> &registered = known.value()[i];
        const Result<limit::LimitSpec> spec = specOf(*change, i, registered);
        if (!spec)
            return change->done(spec.error());
        limit::Limit limit{entry.name, spec.value(), registered ? registered->epoch : 0};
        for (const limit::Limit &present : m_limits)
            if (present.name == entry.name)
                limit.epoch = std::max(limit.epoch, present.epoch);
        if (const auto ahead = m_ahead.find(entry.name); ahead != m_ahead.end())
            limit.epoch = std::max(limit.epoch, ahead->second);
        const bool isSame = registered && registered->epoch == limit.epoch && registered->spec == limit.spec;
        if (!isSame)
            ++limit.epoch;
        if (entry.key.empty() && entry.isOn && change->tellsBuckets) // its bucket may know more than the register
            change->pending.push_back(i);
        change->next.push_back(limit);
    }
    enact(change);
}

store::TakeRequest LimitKeeper::requestFor(const LimitBook &book, std::size_t place, const limit::Limit &limit,
                                           const std::string &subject, limit::TokenMode mode) const
{
    const std::string name = bucketName(limit.name, subject);
    std::string group;
    if (m_store.isSpread())
        group = book.groups[place].empty() ? name : book.groups[place];
    return {group, {{name, {limit.spec, limit.epoch, mode, {}}}}, {}, true};
}

// Buckets without a key first, one after the other: from its answer on, every call with the old epoch is refused and
// told the new numbers. Those that have not changed are asked as well, for the register may have been lost or written late.
void LimitKeeper::enact(const ChangePtr &change)
{
    if (change->pending.empty()) {
        adopt(change->book, change->next);
        return change->done(change->next);
    }
    const std::size_t place = change->pending.back();
    change->pending.pop_back();
    m_store.take(requestFor(*change->book, place, change->next[place], {}, change->mode),
                 [this, change, place](const Result<limit::TakeOutput> &result) {
                     if (!result)
                         return change->done(result.error());
                     if (!result.value().isStale)
                         return enact(change);
                     // Another instance was faster; this wish is the later one.
                     m_ahead[change->next[place].name] = result.value().buckets.front().epoch;
                     attempt(change);
                 });
}

void LimitKeeper::adopt(const LimitBookPtr &book, const Limits &next)
{
    m_book = book;
    m_limits = next;
    m_ahead.clear();
    for (const limit::Limit &limit : next)
        m_store.saveLimit(limit, [](const Result<weir::Done> &) {}); // looked at again by look()
    const auto hasKey = [](const config::LimitEntry &entry) { return entry.isOn && !entry.key.empty(); };
    const auto &limitSet = book->set.limits;
    m_timer.start(std::any_of(limitSet.begin(), limitSet.end(), hasKey) ? kLookEvery : kLookWithoutKeys);
}

void LimitKeeper::setLevel(std::size_t limit, const std::string &subject, limit::StartLevel level,
                           std::function<void(Result<limit::Tokens>)> done)
{
    const auto mode = level == limit::StartLevel::Full ? limit::TokenMode::Refill : limit::TokenMode::Drain;
    m_store.take(
        requestFor(*m_book, limit, m_limits[limit], subject, mode),
        [this, limit, subject, level, done = std::move(done)](const Result<limit::TakeOutput> &result) mutable {
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

void LimitKeeper::learn(const limit::Limit &limit)
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
        Q_EMIT changed();
}

// What others have saved is newer; what is not there yet, or was lost, is saved again.
void LimitKeeper::look()
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
