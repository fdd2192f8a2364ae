// SPDX-License-Identifier: GPL-3.0-only
#include "tests/explore/books.h"

#include <algorithm>

#include "core/limit/promise.h"

namespace weir::explore {
namespace {

using limit::Tokens;

/// What `spec` lets through more in the time between than what was there before.
Tokens refillsIn(const limit::LimitSpec &spec, Micros from, Micros to)
{
    if (to <= from)
        return 0;
    if (spec.algorithm == limit::Algorithm::TokenBucket)
        return spec.refill * (to / spec.interval - from / spec.interval);
    return mostWithin(spec, to - from + Micros{1}) - spec.capacity;
}

/// Of a level that is known at one moment: as many at most have been there then, by the bound that refillsIn() goes on from.
/// `isSet`: by somebody, at this moment.
Tokens boundOf(const limit::LimitSpec &spec, Tokens room, bool isSet)
{
    using limit::Algorithm;
    switch (spec.algorithm) {
    case Algorithm::TokenBucket:
    case Algorithm::FixedWindow:
        return room;
    case Algorithm::SlidingLog: // what was taken before comes back at any time
        return spec.capacity;
    case Algorithm::SlidingCounter:
        return isSet ? std::min(spec.capacity, room + 1) : spec.capacity;
    default: // with a part of a token
        return std::min(spec.capacity, room + 1);
    }
}

} // namespace

void Books::open(std::size_t limit, const std::string &subject, const std::string &name)
{
    Account account;
    account.limit = limit;
    account.subject = subject;
    account.name = name;
    account.allowed = m_specs[limit].back().capacity;
    account.since = clock();
    accounts.push_back(std::move(account));
}

void Books::adopt(std::size_t limit, const limit::LimitSpec &spec)
{
    m_specs.resize(std::max(m_specs.size(), limit + 1));
    for (Account &account : accounts)
        if (account.limit == limit) {
            count(account);
            allow(account, 2 * (specOf(account).capacity + spec.capacity));
        }
    m_specs[limit].push_back(spec);
}

// Whoever goes on by itself and could not hear that the level was set goes on from what it was before.
void Books::give(Timeline::Owner owner, std::size_t limit, const std::string &subject, Tokens cost, bool isUnasked)
{
    for (Account &account : accounts) {
        if (account.limit != limit || account.subject != subject)
            continue;
        account.given += cost;
        const auto heard = account.settingHeard.find(owner);
        if (isUnasked && (heard == account.settingHeard.end() ? 0 : heard->second) < account.settings)
            allow(account, cost);
    }
}

Tokens Books::allowed(const Account &account) const
{
    Tokens refills = 0;
    for (const limit::LimitSpec &spec : m_specs[account.limit])
        refills = std::max(refills, refillsIn(spec, account.since, clock()));
    return account.allowed + refills;
}

void Books::count(Account &account)
{
    account.allowed = allowed(account);
    account.since = clock();
}

void Books::count(Account &account, Tokens level, Micros since)
{
    account.given = 0;
    account.allowed = level;
    account.since = since;
}

void Books::beginAnew()
{
    m_wasSet = false;
    for (Account &account : accounts) {
        const limit::Bucket *bucket = stored(account);
        if (hasChanged(account) || !bucket)
            continue;
        limit::Cell cell = bucket->cell;
        limit::advance(bucket->spec, cell, m_server.now());
        const Tokens room = limit::roomOf(bucket->spec, cell);
        count(account, boundOf(bucket->spec, room, false) - bucket->debt, timeOf(*bucket));
    }
}

// Where the clock has been further ahead than now, a bucket that was not asked then has something coming from that time.
Micros Books::timeOf(const limit::Bucket &bucket) const
{
    return std::clamp(limit::timeOf(bucket.spec, bucket.cell), m_server.now(), std::max(clock(), m_server.now()));
}

// What it has spent and not settled is known to none; and it may have known more than all others.
void Books::kill(Timeline::Owner owner, Tokens unsettled)
{
    for (Account &account : accounts) {
        allow(account, unsettled); // of which of them is not told
        if (const auto heard = account.heard.extract(owner)) {
            account.isKnownAlone = true;
            if (!heard.mapped()) // and dies before it could tell a store that has forgotten
                allow(account, specOf(account).capacity);
        }
    }
}

// An instance that goes on by itself does not see it and goes on at the pace of before, so what is due is reckoned by the clock as
// far ahead as it has ever been. Beyond what is waited for the limits go on from where it is now.
void Books::stepClock(bool hasLost)
{
    m_mostStep = std::max(m_mostStep, m_server.step());
    const Micros back = m_mostStep - m_server.step();
    const bool isToBegin =
        std::any_of(accounts.begin(), accounts.end(), [this](const Account &one) { return !stored(one); });
    if (back > limit::kMaxClockStep || (back > Micros{0} && (hasLost || isToBegin)))
        forgetHighestTime();
}

// It is waited for by none: by a bucket that it is too far behind of, or by one that was begun while it was behind.
void Books::forgetHighestTime()
{
    const Micros back = m_mostStep - m_server.step();
    for (Account &account : accounts)
        count(account);
    m_mostStep = m_server.step();
    for (Account &account : accounts) {
        allow(account, 2 * specOf(account).capacity + refillsIn(specOf(account), clock(), clock() + back));
        account.since = clock();
    }
}

// What one of the two masters was told is lost, and both have refilled.
void Books::reunite()
{
    for (Account &account : accounts)
        allow(account, refillsIn(specOf(account), m_splitSince, clock()));
}

// What none of those who live can tell it of may be given again.
void Books::loseContent(const StoreContent &next, bool isOlder)
{
    if (m_server.step() < m_mostStep)
        forgetHighestTime();
    for (Account &account : accounts) {
        const auto kept = next.buckets.find(account.name);
        const bool isLost = kept == next.buckets.end() || !kept->second;
        const bool isSomebodyLate =
            std::any_of(account.heard.begin(), account.heard.end(), [](const auto &one) { return !one.second; });
        if (isOlder)
            allow(account, 2 * specOf(account).capacity);
        else if (isLost && (account.isKnownAlone || account.heard.empty() || isSomebodyLate || m_heldAhead > 0))
            allow(account, specOf(account).capacity);
        if (isLost || isOlder)
            for (auto &[owner, hasHeard] : account.heard)
                hasHeard = false;
    }
}

void Books::onTheWay(const std::string &bucket, Tokens tokens)
{
    if (Account *account = find(bucket))
        account->onTheWay += tokens;
}

// From here on what is in the bucket may be given, and what was taken before by those who are still to hear that. Of a limit that
// has been changed the numbers of then may come back, so that it is no more than a bound there.
void Books::levelSet(const std::string &bucket, bool isFull)
{
    Account *account = find(bucket);
    if (!account)
        return;
    m_wasSet = true;
    ++account->settings;
    if (hasChanged(*account))
        return allow(*account, isFull ? specOf(*account).capacity : 0);
    if (account->given > allowed(*account) + m_excuse() && !m_failure)
        m_failure = sentence(*account);
    const Tokens level = isFull ? specOf(*account).capacity : 0;
    count(*account, boundOf(specOf(*account), level, true) + account->onTheWay + m_heldAhead,
          timeOf(*stored(*account)));
}

void Books::heard(Timeline::Owner owner, const std::string &bucket, std::int64_t settings)
{
    Account *account = find(bucket);
    if (!account)
        return;
    account->heard[owner] = true;
    account->isKnownAlone = false;
    std::int64_t &heard = account->settingHeard[owner];
    heard = std::max(heard, settings);
}

std::optional<std::string> Books::overspent() const
{
    if (m_failure)
        return m_failure;
    for (const Account &account : accounts)
        if (account.given > allowed(account) && account.given > allowed(account) + m_excuse())
            return sentence(account);
    return std::nullopt;
}

std::string Books::sentence(const Account &account) const
{
    return "too many tokens were given at once: " + account.name + ": " + std::to_string(account.given) + " of "
           + std::to_string(allowed(account)) + "; excess told or to be told " + std::to_string(m_excuse());
}

std::optional<std::string> Books::unbalanced(Tokens excess) const
{
    Tokens spent = 0, promised = 0;
    std::string each;
    bool isOver = false;
    for (const Account &account : accounts) {
        const limit::Bucket *bucket = stored(account);
        const Tokens owed = bucket ? bucket->debt : 0;
        const Tokens left = bucket && !hasChanged(account) ? limit::roomOf(bucket->spec, bucket->cell) - owed : -owed;
        spent += account.given + left;
        promised += allowed(account);
        each += " " + account.name + ": " + std::to_string(account.given) + " and " + std::to_string(left) + " left of "
                + std::to_string(allowed(account));
        isOver = isOver || account.given + left > allowed(account) + excess;
    }
    if (isOver || spent > promised + excess)
        return "too many tokens were given:" + each + "; excess told " + std::to_string(excess);
    return std::nullopt;
}

Tokens Books::debt() const
{
    Tokens sum = 0;
    for (const Account &account : accounts)
        if (const limit::Bucket *bucket = stored(account))
            sum += bucket->debt;
    return sum;
}

const limit::Bucket *Books::stored(const Account &account) const
{
    const auto found = m_server.content.buckets.find(account.name);
    return found != m_server.content.buckets.end() && found->second ? &*found->second : nullptr;
}

Account *Books::find(const std::string &name)
{
    const auto found =
        std::find_if(accounts.begin(), accounts.end(), [&](const Account &account) { return account.name == name; });
    return found == accounts.end() ? nullptr : &*found;
}

} // namespace weir::explore
