// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/keep/limit_keeper.h"

#include <algorithm>
#include <utility>

#include "core/base/clock.h"
#include "core/engine/batch/batch.h"

namespace weir::engine {
namespace {

// And one more for each limit: an attempt ends at the first bucket that knows more than the register.
constexpr std::size_t kMaxAttempts = 4;
// For who has changed a limit: an older Weir does not say so.
constexpr int kMostLooks = 10;

std::vector<std::string> namesOf(const LimitBook &book)
{
    std::vector<std::string> names;
    for (const config::LimitEntry &entry : book.set.limits)
        names.push_back(entry.name);
    return names;
}

// To any level in one step: filled up, and then what is too much is taken by a request that is not counted as one.
store::TakeRequest levelRequest(store::TakeRequest request, limit::Tokens tokens)
{
    limit::BucketCall &call = request.buckets.front().call;
    if (tokens <= 0) {
        call.mode = limit::TokenMode::Drain;
    } else if (tokens < call.spec.capacity) {
        constexpr limit::Ask kNothing{0, 0};
        request.runs = {{{{0, call.spec.capacity - tokens}}}, {{kNothing}, 1, true}};
    }
    return request;
}

} // namespace

LimitKeeper::LimitKeeper(store::BucketStore &store, BucketTable &table, std::string name, QObject *parent)
    : QObject{parent}, m_store{store}, m_table{table}, m_name{std::move(name)}, m_timer{this}
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
    change->modes.clear();
    change->pending.clear();
    change->made.clear();
    change->overruled.clear();
    for (std::size_t i = 0; i < change->book->set.limits.size(); ++i) {
        const config::LimitEntry &entry = change->book->set.limits[i];
        const std::optional<limit::Limit> &registered = known.value()[i];
        const Result<limit::LimitSpec> spec = specOf(*change, i, registered);
        if (!spec)
            return change->done(spec.error());
        limit::Limit limit{entry.name, spec.value(), registered ? registered->epoch : 0};
        std::optional<limit::LimitSpec> before = registered ? std::optional{registered->spec} : std::nullopt;
        for (const limit::Limit &present : m_limits)
            if (present.name == entry.name) {
                limit.epoch = std::max(limit.epoch, present.epoch);
                before = before.value_or(present.spec);
            }
        const bool isOther = !before || !limit::hasSameNumbers(*before, limit.spec);
        change->modes.push_back(isOther ? change->mode : limit::TokenMode::Keep);
        if (const auto ahead = m_ahead.find(entry.name); ahead != m_ahead.end())
            limit.epoch = std::max(limit.epoch, ahead->second);
        const bool isSame = registered && registered->epoch == limit.epoch && registered->spec == limit.spec;
        if (!isSame) {
            ++limit.epoch;
            change->made.push_back(i);
        }
        if (registered && !limit::hasSameNumbers(registered->spec, limit.spec))
            change->overruled.push_back(*registered);
        if (entry.key.empty() && entry.isOn && change->tellsBuckets) // its bucket may know more than the register
            change->pending.push_back(i);
        change->next.push_back(limit);
    }
    askWhoseTheyAre(change);
}

// Before they are overwritten.
void LimitKeeper::askWhoseTheyAre(const ChangePtr &change)
{
    if (change->overruled.empty())
        return enact(change);
    std::vector<std::string> names;
    for (const limit::Limit &limit : change->overruled)
        names.push_back(limit.name);
    m_store.loadAuthors(names, [this, change](const Result<std::vector<store::Author>> &authors) {
        change->authors = authors ? authors.value() : std::vector<store::Author>(change->overruled.size());
        enact(change);
    });
}

store::TakeRequest LimitKeeper::requestFor(const LimitBook &book, std::size_t place, const limit::Limit &limit,
                                           const std::string &subject, limit::TokenMode mode) const
{
    const std::string name = bucketName(limit.name, subject);
    std::string group;
    if (m_store.isSpread())
        group = book.groups[place].empty() ? name : book.groups[place];
    return {group, {{name, {limit.spec, limit.epoch, mode, m_table.knownOf(name, limit.spec)}}}, {}, true};
}

// From its answer on, an outage begins where the call has left the bucket.
void LimitKeeper::tell(store::TakeRequest request, Told told)
{
    const store::TakeRequest::Bucket bucket = request.buckets.front();
    m_store.take(std::move(request), [this, bucket, told = std::move(told)](const Result<limit::TakeOutput> &result) {
        if (!result)
            return told(result.error());
        const limit::BucketOutput &output = result.value().buckets.front();
        m_table.learn(bucket.name, bucket.call, output, result.value().now, steadyNow());
        told(output);
    });
}

// Buckets without a key first, one after the other: from its answer on, every call with the old epoch is refused and
// told the new numbers. Those that have not changed are asked as well, for the register may have been lost or written late.
void LimitKeeper::enact(const ChangePtr &change)
{
    if (change->pending.empty()) {
        adopt(*change);
        change->done(change->next);
        return tellOverruled(*change);
    }
    const std::size_t place = change->pending.back();
    change->pending.pop_back();
    tell(requestFor(*change->book, place, change->next[place], {}, change->modes[place]),
         [this, change, place](const Result<limit::BucketOutput> &told) {
             if (!told)
                 return change->done(told.error());
             if (!told.value().isStale)
                 return enact(change);
             // Another instance was faster; this wish is the later one.
             m_ahead[change->next[place].name] = told.value().epoch;
             attempt(change);
         });
}

void LimitKeeper::adopt(const Change &change)
{
    const LimitBookPtr &book = change.book;
    m_book = book;
    m_limits = change.next;
    m_ahead.clear();
    m_learnt.clear();
    for (const std::size_t place : change.made) {
        m_made[m_limits[place].name] = m_limits[place].epoch;
        save(m_limits[place]);
    }
    const auto hasKey = [](const config::LimitEntry &entry) { return entry.isOn && !entry.key.empty(); };
    const auto &limitSet = book->set.limits;
    m_timer.start(std::any_of(limitSet.begin(), limitSet.end(), hasKey) ? kLookEvery : kLookWithoutKeys);
}

// What gets lost is found by look().
void LimitKeeper::save(const limit::Limit &limit)
{
    const auto made = m_made.find(limit.name);
    const bool isOurs = made != m_made.end() && made->second == limit.epoch;
    m_store.saveLimit(limit, isOurs ? m_name : std::string{}, [](const Result<weir::Done> &) {});
}

void LimitKeeper::tellOverruled(const Change &change)
{
    for (std::size_t i = 0; i < change.overruled.size(); ++i) {
        const limit::Limit &before = change.overruled[i];
        const store::Author &author = change.authors[i];
        const std::string other = author.epoch == before.epoch ? author.name : std::string{};
        const auto after = std::find_if(change.next.begin(), change.next.end(),
                                        [&](const limit::Limit &limit) { return limit.name == before.name; });
        if (other.empty() || other != m_name)
            Q_EMIT tookOver(before, *after, other);
    }
}

void LimitKeeper::setLevel(std::size_t limit, const std::string &subject, limit::Tokens tokens,
                           std::function<void(Result<limit::Tokens>)> done)
{
    tell(levelRequest(requestFor(*m_book, limit, m_limits[limit], subject, limit::TokenMode::Refill), tokens),
         [this, limit, subject, tokens, done = std::move(done)](const Result<limit::BucketOutput> &result) mutable {
             if (!result)
                 return done(result.error());
             const limit::BucketOutput &told = result.value();
             if (!told.isStale)
                 return done(told.room);
             if (limit < m_limits.size())
                 learn({m_limits[limit].name, told.inForce, told.epoch});
             if (limit >= m_limits.size()) // which may have been the last that was to be learnt
                 return done(Error{Error::Code::Unavailable, "the limits are being changed; try again", true});
             setLevel(limit, subject, tokens, std::move(done));
         });
}

void LimitKeeper::learn(const limit::Limit &limit)
{
    bool isNew = false;
    for (limit::Limit &present : m_limits) {
        if (present.name != limit.name || !limit::replaces(limit, present))
            continue;
        const limit::StartLevel start = present.spec.start;
        if (!limit::hasSameNumbers(present.spec, limit.spec))
            m_learnt.try_emplace(limit.name, Learnt{present});
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
                                     save(m_limits[i]);
                             }
                             if (!m_learnt.empty())
                                 askWhoChanged();
                         });
}

// The register is written after the buckets, which may have told of the change before.
void LimitKeeper::askWhoChanged()
{
    std::vector<std::string> names;
    for (const auto &[name, learnt] : m_learnt)
        names.push_back(name);
    m_store.loadAuthors(names, [this, names](const Result<std::vector<store::Author>> &authors) {
        for (std::size_t i = 0; authors && i < names.size(); ++i) {
            const auto learnt = m_learnt.find(names[i]);
            const auto limit = std::find_if(m_limits.begin(), m_limits.end(),
                                            [&](const limit::Limit &one) { return one.name == names[i]; });
            if (learnt == m_learnt.end() || limit == m_limits.end())
                continue;
            const store::Author &author = authors.value()[i];
            const bool isTold = author.epoch == limit->epoch;
            if (!isTold && ++learnt->second.looks < kMostLooks)
                continue;
            const limit::Limit before = learnt->second.before;
            m_learnt.erase(learnt);
            Q_EMIT wasOverruled(before, *limit, isTold ? author.name : std::string{});
        }
    });
}

} // namespace weir::engine
