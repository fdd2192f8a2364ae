// SPDX-License-Identifier: GPL-3.0-only
#include "tests/explore/world.h"

#include <algorithm>
#include <cstdio>

#include "core/limit/promise.h"

namespace weir::explore {
namespace {

using namespace std::chrono_literals;
using limit::Tokens;

constexpr std::size_t kHistory = 60;
/// A decision waits for a silent store until its deadline, then for the settlement of what was decided before at most.
constexpr auto kLongestWait = 300ms;

config::LimitEntry entryOf(const std::string &name, const limit::LimitSpec &spec, config::StoreFailurePolicy policy)
{
    config::LimitEntry entry;
    entry.name = name;
    entry.spec = spec;
    entry.onStoreFailure = policy;
    return entry;
}

} // namespace

limit::LimitSpec randomSpec(test::Random &random, limit::Algorithm algorithm)
{
    limit::LimitSpec spec;
    spec.algorithm = algorithm;
    spec.capacity = random.between(1, 30);
    spec.refill = isWindow(algorithm) ? spec.capacity : random.between(1, spec.capacity);
    spec.interval = Micros{random.between(100, 5000) * 1000};
    return spec;
}

limit::Algorithm randomAlgorithm(test::Random &random)
{
    return static_cast<limit::Algorithm>(random.between(0, std::ssize(limit::kAlgorithmNames) - 1));
}

World::World(Timeline &timeline, std::uint64_t seed, std::set<int> without)
    : m_timeline{timeline}, m_seed{seed}, m_random{seed, false}, m_server{timeline}, m_without{std::move(without)}
{
    m_timeline.restart();
    m_hazards = {!m_random.oneIn(10), !m_random.oneIn(4), m_random.oneIn(5), m_random.oneIn(4)};
    m_isCalm = m_random.oneIn(4);
    m_server.losesMessages = m_hazards.store;
    m_server.watch = &m_books;
    m_books.setExcuse([this] { return excuse(); });
    m_books.setAway([this](Timeline::Owner owner) {
        const auto process = m_processes.find(owner);
        return process != m_processes.end() && process->second.weir && process->second.weir->isAway();
    });
}

// What is still due knows the books.
World::~World()
{
    for (auto &[owner, process] : m_processes) {
        m_timeline.runAs(owner, [&process = process] { process.weir.reset(); });
        m_timeline.end(owner);
    }
    m_timeline.restart();
}

void World::begin()
{
    const auto policy = m_random.oneIn(8)   ? config::StoreFailurePolicy::Reject
                        : m_random.oneIn(8) ? config::StoreFailurePolicy::Allow
                                            : config::StoreFailurePolicy::Local;
    const std::int64_t kind = m_random.between(0, 9);
    const bool isOne = kind < 7;
    const limit::Algorithm first = kind < 4 ? limit::Algorithm::TokenBucket : randomAlgorithm(m_random);
    m_set.limits.push_back(entryOf("all", randomSpec(m_random, first), policy));
    if (!isOne) {
        config::LimitEntry each = entryOf("each", randomSpec(m_random, randomAlgorithm(m_random)), policy);
        each.key = {{config::KeyPart::Kind::Header, "X-Api-Key"}};
        m_set.limits.push_back(each);
    }
    for (std::size_t i = 0; i < m_set.limits.size(); ++i)
        m_books.adopt(i, m_set.limits[i].spec);
    m_lease = m_random.oneIn(4) ? m_random.between(1, 4) : 0;
    m_books.open(0, {}, "all");
    if (!isOne)
        for (const char *subject : {"a", "b"})
            m_books.open(1, subject, std::string{"each:"} + subject);
    const bool isThere = !m_hazards.store || !m_random.oneIn(6);
    if (!isThere)
        m_server.goDown();
    for (std::int64_t n = m_random.oneIn(3) ? 1 : m_random.between(2, 5); n > 0; --n)
        startProcess();
    m_isAlone = m_lastOwner == 1;
    if (isThere) {
        m_timeline.pass(2s);
        rememberSharers();
    }
}

std::optional<std::string> World::run()
{
    begin();
    for (int round = 0; round < 3 && !m_failure; ++round) {
        m_random = test::Random{m_seed + static_cast<std::uint64_t>(round), false};
        for (std::int64_t n = m_random.between(50, 400); n > 0 && !m_failure; --n) {
            // Each event has numbers of its own: without one the others are what they were.
            const auto number = static_cast<std::uint64_t>(m_events);
            m_random = test::Random{m_seed ^ (number + 1) * 0x9E37'79B9'7F4A'7C15, false};
            if (m_without.contains(m_events++))
                continue;
            happen();
            m_timeline.pass(Micros{m_random.oneIn(3) ? 0 : m_random.between(0, m_random.oneIn(10) ? 500'000 : 20'000)});
            if (!m_failure)
                m_failure = checkNow();
        }
        quieten();
        m_server.losesMessages = m_hazards.store;
        if (!m_failure)
            m_failure = check();
        beginAnew();
    }
    for (auto &[owner, process] : m_processes) {
        m_outages += process.weir->outages();
        m_exactReturns += process.weir->exactReturns();
    }
    return m_failure;
}

// Mostly requests; trouble once in a while.
void World::happen()
{
    const std::int64_t what = m_random.between(0, 99);
    if (m_processes.empty())
        return startProcess();
    if (what < 84 && m_isCalm && !m_random.oneIn(6))
        return;
    if (what < 84)
        return ask(anyProcess(), static_cast<int>(m_random.between(1, 6)));
    if (what < 92 && m_hazards.store) {
        if (m_hazards.levels && m_random.oneIn(3))
            setLevelSoon(600ms);
        return troubleStore();
    }
    if (what < 96 && m_hazards.processes)
        return troubleProcess();
    if (m_hazards.levels && m_random.oneIn(2))
        setLevelSoon(Nanos{0});
    else if (m_hazards.changes && m_random.oneIn(2))
        changeLimit();
}

Timeline::Owner World::anyProcess()
{
    auto it = m_processes.begin();
    std::advance(it, m_random.between(0, std::ssize(m_processes) - 1));
    return it->first;
}

const Account &World::anyAccount()
{
    return m_books.accounts[static_cast<std::size_t>(m_random.between(0, std::ssize(m_books.accounts) - 1))];
}

void World::ask(Timeline::Owner owner, int count)
{
    const Account &account = anyAccount();
    for (int i = 0; i < count; ++i)
        askOnce(owner, account);
}

std::vector<policy::Charge> World::chargesFor(const Account &account)
{
    std::vector<policy::Charge> charges{{0, 1, false, {}}};
    if (account.limit > 0)
        charges.push_back({account.limit, 1, false, account.subject});
    return charges;
}

void World::askOnce(Timeline::Owner owner, const Account &account)
{
    SimulatedWeir &weir = *m_processes[owner].weir;
    if (!weir.isServing() || m_timeline.isPaused(owner))
        return;
    ++m_requests;
    const std::vector<policy::Charge> charges = chargesFor(account);
    const SteadyInstant asked = m_timeline.instant();
    const int worker = static_cast<int>(m_random.between(0, weir.workers() - 1));
    m_timeline.runAs(owner, [&] {
        weir.ask(worker, charges, [this, owner, charges, asked](const engine::Decision &decision) {
            onAnswer(owner, charges, asked, decision);
        });
    });
}

void World::onAnswer(Timeline::Owner owner, const std::vector<policy::Charge> &charges, SteadyInstant asked,
                     const engine::Decision &decision)
{
    const Nanos took = m_timeline.instant() - asked;
    if (asked > m_processes[owner].pausedUntil) {
        m_slowest = std::max(m_slowest, took);
        if (took > kLongestWait && !m_failure)
            m_failure = "a request waited for " + std::to_string(took / 1ms) + " ms";
    }
    if (!decision.hasVerdict() || decision.verdict.kind != limit::Verdict::Kind::Admitted)
        return;
    ++m_admitted;
    const bool isUnasked = decision.by == engine::Decision::By::Local;
    for (const policy::Charge &charge : charges) {
        m_books.give(owner, charge.limit, charge.subject, charge.cost, isUnasked);
        if (isUnasked)
            checkShare(owner, charge);
    }
}

// Of those that know of each other each gives at most its part of what the limit lets through in that time, whatever they know of
// the level; an excess that is told is no excuse.
void World::checkShare(Timeline::Owner owner, const policy::Charge &charge)
{
    Process &process = m_processes[owner];
    if (process.outage != process.weir->outages()) {
        process.outage = process.weir->outages();
        process.sharers = sharersOf(owner);
        process.byItself.assign(m_books.accounts.size(), 0);
    }
    // Its clock is as late as the answer was that it knows the store's by, and it may hear of another one, or of a step, meanwhile.
    const Nanos since = m_timeline.instant() - process.weir->outageSince() + 100ms + m_steppedBy;
    if (!m_sharers.contains(owner)) // it may have begun by the clock of its machine, and hear the store's then
        return;
    for (std::size_t i = 0; i < m_books.accounts.size(); ++i) {
        const Account &account = m_books.accounts[i];
        if (account.limit != charge.limit || account.subject != charge.subject)
            continue;
        const Tokens given = process.byItself[i] += charge.cost;
        const Tokens most = limit::mostWithin(m_books.specOf(account), std::chrono::ceil<Micros>(since) + Micros{1});
        if (given * process.sharers > most && !m_books.hasChanged(account) && !m_failure)
            m_failure = "more than a share was given: " + account.name + ": " + std::to_string(given) + " by process "
                        + std::to_string(owner) + ", one of " + std::to_string(process.sharers)
                        + " that know of each other, of " + std::to_string(most) + "; " + process.weir->state();
    }
}

// A number that was heard is not lowered in the window that it was heard in, nor in the one after, whatever the store forgets.
std::int64_t World::sharersOf(Timeline::Owner owner) const
{
    constexpr auto kKept = 9s;
    if (!m_sharers.contains(owner) || m_timeline.instant() - m_quietAt > kKept)
        return 1;
    return std::count_if(m_sharers.begin(), m_sharers.end(),
                         [&](Timeline::Owner one) { return m_processes.contains(one); });
}

void World::rememberSharers()
{
    m_sharers.clear();
    m_quietAt = m_timeline.instant();
    for (const auto &[owner, process] : m_processes)
        if (process.weir->instances() >= std::ssize(m_processes))
            m_sharers.insert(owner);
    if (m_sharers.size() < m_processes.size())
        m_sharers.clear();
}

// All goes well from here on, and everybody calls now and then. A bucket that cannot be used keeps no process from the others.
void World::quieten()
{
    note("all goes well");
    mend();
    if (!m_server.unusable.empty()) {
        askAll(6);
        for (auto &[owner, process] : m_processes)
            if (process.weir->isServing() && process.weir->isAway() && !m_failure)
                m_failure = "one bucket keeps a process from the store: " + process.weir->state();
        m_server.unusable.clear();
    }
    askAll(30);
    m_timeline.pass(500ms);
}

void World::askAll(int times)
{
    for (int i = 0; i < times && !m_failure; ++i) {
        m_timeline.pass(500ms);
        for (auto &[owner, process] : m_processes)
            for (const Account &account : m_books.accounts)
                if (process.weir->isServing())
                    askOnce(owner, account);
    }
}

Tokens World::excuse() const
{
    if (isAlone())
        return 0;
    Tokens told = m_excess - m_excessBefore, untold = 0;
    for (const auto &[owner, process] : m_processes) {
        told += process.weir->excess();
        untold += process.weir->unsettled();
    }
    return told + untold;
}

// What a store that had forgotten is told later is owed from then on; until then only those who know can say.
std::optional<std::string> World::checkNow() const
{
    return m_hasLost ? std::nullopt : m_books.overspent();
}

std::optional<std::string> World::check()
{
    Tokens excess = m_excess - m_excessBefore;
    std::int64_t admitted = m_admittedOfDead;
    for (auto &[owner, process] : m_processes) {
        if (!process.weir->isDecidedByStore())
            return "a process does not come back: " + process.weir->state();
        if (process.weir->instances() < std::ssize(m_processes))
            return "a process does not know of all " + std::to_string(m_processes.size()) + ": "
                   + process.weir->state();
        excess += process.weir->excess();
        admitted += process.weir->totals().admitted;
    }
    if (auto over = m_books.unbalanced(excess))
        return over;
    if (admitted != m_admitted)
        return "clients count " + std::to_string(m_admitted) + " admitted, Weir " + std::to_string(admitted);
    const bool isSliding = std::any_of(m_set.limits.begin(), m_set.limits.end(), [](const config::LimitEntry &entry) {
        return entry.spec.algorithm == limit::Algorithm::SlidingLog;
    }); // their takes are not sent, so all that may be too much is told
    if (isAlone() && !isSliding && !m_books.wasSet() && m_server.doubled == m_doubledBefore && excess > 0)
        return "one process alone tells an excess of " + std::to_string(excess);
    return std::nullopt;
}

void World::beginAnew()
{
    m_books.beginAnew();
    m_hasLost = m_books.debt() > 0;
    m_doubledBefore = m_server.doubled;
    m_excessBefore = m_excess;
    for (const auto &[owner, process] : m_processes)
        m_excessBefore += process.weir->excess();
    m_wasHurt = false;
    m_steppedBy = Micros{0};
    m_isAlone = m_processes.size() == 1 && m_processes.begin()->second.weir->instances() == 1;
    rememberSharers();
}

void World::note(const std::string &what)
{
    char line[32];
    std::snprintf(line, sizeof line, "%10.3f ", std::chrono::duration<double>(m_timeline.sinceBegin()).count());
    m_history.push_back(line + what);
    if (m_history.size() > kHistory)
        m_history.pop_front();
}

std::string World::setup() const
{
    std::string text = "seed " + std::to_string(m_seed) + ", " + std::to_string(m_processes.size())
                       + " processes, lease " + std::to_string(m_lease);
    for (const config::LimitEntry &entry : m_set.limits)
        text += "; " + entry.name + " " + std::string{nameOf(entry.spec.algorithm)} + " "
                + std::to_string(entry.spec.capacity) + "/" + std::to_string(entry.spec.refill) + "/"
                + std::to_string(entry.spec.interval.count()) + " policy "
                + std::to_string(static_cast<int>(entry.onStoreFailure));
    return text;
}

std::string World::history() const
{
    std::string text;
    for (const std::string &line : m_history)
        text += line + '\n';
    return text;
}

} // namespace weir::explore
