// SPDX-License-Identifier: GPL-3.0-only
#include "tests/explore/world.h"

#include <algorithm>
#include <cstdio>

#include "core/limit/promise.h"

namespace weir::explore {
namespace {

using namespace std::chrono_literals;
using limit::Tokens;

constexpr std::size_t kMostProcesses = 8;
constexpr std::size_t kMostCopies = 5;
constexpr std::size_t kHistory = 60;
/// A decision waits for a silent store until its deadline, then for the settlement of what was decided before at most.
constexpr auto kLongestWait = 300ms;

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

config::LimitEntry entryOf(const std::string &name, const limit::LimitSpec &spec, config::StoreFailurePolicy policy)
{
    config::LimitEntry entry;
    entry.name = name;
    entry.spec = spec;
    entry.onStoreFailure = policy;
    return entry;
}

/// What `spec` lets through more in `span` after a full bucket.
Tokens refillsIn(const limit::LimitSpec &spec, Micros from, Micros to)
{
    if (to <= from)
        return 0;
    if (spec.algorithm == limit::Algorithm::TokenBucket)
        return spec.refill * (to / spec.interval - from / spec.interval);
    return mostWithin(spec, to - from + Micros{1}) - spec.capacity;
}

} // namespace

World::World(Timeline &timeline, std::uint64_t seed, std::set<int> without)
    : m_timeline{timeline}, m_seed{seed}, m_random{seed, false}, m_server{timeline}, m_without{std::move(without)}
{
    m_timeline.restart();
    m_hazards = {!m_random.oneIn(10), !m_random.oneIn(4), m_random.oneIn(4)};
    m_server.losesMessages = m_hazards.store;
    m_server.heard = [this](Timeline::Owner owner, const std::string &name) {
        for (Bucket &bucket : m_buckets)
            if (bucket.name == name) {
                bucket.heard[owner] = true;
                bucket.isKnownAlone = false;
            }
    };
}

World::~World()
{
    for (auto &[owner, process] : m_processes) {
        m_timeline.runAs(owner, [&process = process] { process.weir.reset(); });
        m_timeline.end(owner);
    }
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
    for (const config::LimitEntry &entry : m_set.limits)
        m_specs.push_back({entry.spec});
    m_lease = m_random.oneIn(4) ? m_random.between(1, 4) : 0;
    m_buckets.push_back({0, {}, "all"});
    if (!isOne)
        for (const char *subject : {"a", "b"})
            m_buckets.push_back({1, subject, std::string{"each:"} + subject});
    for (Bucket &bucket : m_buckets) {
        bucket.allowed = specOf(bucket).capacity;
        bucket.since = clock();
    }
    for (std::int64_t n = m_random.oneIn(3) ? 1 : m_random.between(2, 5); n > 0; --n)
        startProcess();
    m_timeline.pass(2s);
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
    if (what < 84)
        return ask(anyProcess(), static_cast<int>(m_random.between(1, 6)));
    if (what < 92 && m_hazards.store)
        return troubleStore();
    if (what < 97 && m_hazards.processes) {
        const Timeline::Owner owner = anyProcess();
        switch (m_random.between(0, 3)) {
        case 0:
            return kill(owner);
        case 1:
        case 2:
            if (m_processes.size() < kMostProcesses)
                startProcess();
            return;
        default:
            const auto span = m_random.oneIn(4) ? Nanos{2min} : Nanos{Micros{m_random.between(1000, 3'000'000)}};
            note("process " + std::to_string(owner) + " is paused for " + std::to_string(span / 1ms) + " ms");
            m_processes[owner].pausedUntil = m_timeline.instant() + span;
            return m_timeline.pause(owner, span);
        }
    }
    if (m_hazards.changes && m_random.oneIn(3))
        change();
}

Timeline::Owner World::anyProcess()
{
    auto it = m_processes.begin();
    std::advance(it, m_random.between(0, std::ssize(m_processes) - 1));
    return it->first;
}

const limit::LimitSpec &World::specOf(const Bucket &bucket) const
{
    return m_set.limits[bucket.limit].spec;
}

void World::startProcess()
{
    const Timeline::Owner owner = ++m_lastOwner;
    note("process " + std::to_string(owner) + " begins");
    const WeirOptions options{"weir" + std::to_string(owner), m_set, static_cast<int>(m_random.between(1, 4)), m_lease};
    m_timeline.runAs(owner, [&] {
        m_processes[owner].weir = std::make_unique<SimulatedWeir>(m_timeline, m_server, m_random, options);
    });
}

// What it has spent and not settled nobody knows of; and it may have known more than all others.
void World::kill(Timeline::Owner owner)
{
    Process &process = m_processes[owner];
    const Tokens unsettled = process.weir->unsettled();
    note("process " + std::to_string(owner) + " is killed with " + std::to_string(unsettled) + " unsettled");
    m_wasHurt = true;
    m_outages += process.weir->outages();
    m_exactReturns += process.weir->exactReturns();
    m_excess += process.weir->excess();
    m_admittedOfDead += process.weir->totals().admitted;
    for (Bucket &bucket : m_buckets) {
        allow(bucket, unsettled); // of which of them is not told
        if (const auto heard = bucket.heard.extract(owner)) {
            bucket.isKnownAlone = true;
            if (!heard.mapped()) // and dies before it could tell a store that has forgotten
                allow(bucket, specOf(bucket).capacity);
        }
    }
    m_timeline.runAs(owner, [&] { process.weir.reset(); });
    m_timeline.end(owner);
    m_processes.erase(owner);
}

void World::ask(Timeline::Owner owner, int count)
{
    const Bucket &bucket = m_buckets[static_cast<std::size_t>(m_random.between(0, std::ssize(m_buckets) - 1))];
    for (int i = 0; i < count; ++i)
        askOnce(owner, bucket);
}

std::vector<policy::Charge> World::chargesFor(const Bucket &bucket)
{
    std::vector<policy::Charge> charges{{0, 1, false, {}}};
    if (bucket.limit > 0)
        charges.push_back({bucket.limit, 1, false, bucket.subject});
    return charges;
}

void World::askOnce(Timeline::Owner owner, const Bucket &bucket)
{
    SimulatedWeir &weir = *m_processes[owner].weir;
    if (!weir.isServing() || m_timeline.isPaused(owner))
        return;
    ++m_requests;
    const std::vector<policy::Charge> charges = chargesFor(bucket);
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
    for (const policy::Charge &charge : charges)
        for (Bucket &bucket : m_buckets)
            if (bucket.limit == charge.limit && bucket.subject == charge.subject)
                bucket.given += charge.cost;
}

void World::breakLinks()
{
    for (auto &[owner, process] : m_processes)
        process.weir->breakLinks();
}

void World::troubleStore()
{
    using State = SimulatedServer::State;
    if (m_server.isSplit())
        return reunite();
    if (m_server.state() == State::Hung) {
        note("the store goes on");
        return m_server.goOn();
    }
    if (m_server.state() == State::Down) {
        m_wasHurt = true;
        StoreContent next;
        bool isOlder = false;
        // With what it forgets it may forget which limit is in force: then any that has been may be again.
        switch (m_hazards.changes ? 0 : m_random.between(0, 4)) {
        case 0:
        case 1:
            note("the store comes up with all");
            next = m_server.content;
            break;
        case 2:
            note("the store comes up with nothing");
            break;
        case 3:
            note("the store comes up with some");
            next = m_server.content;
            std::erase_if(next.buckets, [this](const auto &) { return m_random.oneIn(2); });
            std::erase_if(next.marks, [this](const auto &) { return m_random.oneIn(2); });
            std::erase_if(next.instances, [this](const auto &) { return m_random.oneIn(2); });
            std::erase_if(next.limits, [this](const auto &) { return m_random.oneIn(2); });
            break;
        default:
            note("the store comes up as it was before");
            isOlder = !m_copies.empty();
            next = isOlder ? m_copies[static_cast<std::size_t>(m_random.between(0, std::ssize(m_copies) - 1))]
                           : m_server.content;
            break;
        }
        m_hasLost = true;
        loseContent(next, isOlder);
        return m_server.comeUp(std::move(next));
    }
    switch (m_random.between(0, 10)) {
    case 0:
    case 1:
    case 2:
    case 3:
        note("the store hangs");
        return m_server.hang();
    case 4:
    case 5:
        note("the store goes down");
        m_server.goDown();
        return breakLinks();
    case 6: {
        note("a process loses its connections");
        return m_processes[anyProcess()].weir->breakLinks();
    }
    case 7:
    case 8:
        m_copies.push_back(m_server.content);
        if (m_copies.size() > kMostCopies)
            m_copies.pop_front();
        return;
    case 9:
        if (m_hazards.changes) // one of the two may forget which limit is in force
            return;
        note("a replica takes over, and the old master goes on");
        m_hasLost = true;
        m_splitSince = clock();
        return m_server.split();
    default:
        return stepClock();
    }
}

// An instance that goes on by itself does not see it and goes on at the pace of before, so what is due is reckoned by the clock as
// far ahead as it has ever been. Beyond what is waited for the limits go on from where it is now.
void World::stepClock()
{
    const Micros step{m_random.between(-20'000'000, 20'000'000)};
    note("the clock of the store is stepped by " + std::to_string(step.count()) + " us");
    m_wasHurt = true;
    m_server.stepClock(step);
    m_mostStep = std::max(m_mostStep, m_server.step());
    const Micros back = m_mostStep - m_server.step();
    if (back > limit::kMaxClockStep || (back > Micros{0} && m_hasLost))
        forgetHighestTime();
}

// It is waited for by nobody: by a bucket that it is too far behind of, or by one that was begun while it was behind.
void World::forgetHighestTime()
{
    const Micros back = m_mostStep - m_server.step();
    for (Bucket &bucket : m_buckets)
        count(bucket);
    m_mostStep = m_server.step();
    for (Bucket &bucket : m_buckets) {
        allow(bucket, 2 * specOf(bucket).capacity + refillsIn(specOf(bucket), clock(), clock() + back));
        bucket.since = clock();
    }
}

// What one of the two masters was told is lost, and both have refilled.
void World::reunite()
{
    const bool isOldOne = m_random.oneIn(2);
    note(isOldOne ? "the old master is the only one again" : "the replica is the only master");
    m_wasHurt = true;
    for (Bucket &bucket : m_buckets)
        allow(bucket, refillsIn(specOf(bucket), m_splitSince, clock()));
    m_server.heal(isOldOne);
    loseContent(m_server.content, true);
    breakLinks();
}

// What nobody who lives can tell it of may be given again; lua/README.md "What is guaranteed".
void World::loseContent(const StoreContent &next, bool isOlder)
{
    if (m_server.step() < m_mostStep)
        forgetHighestTime();
    for (Bucket &bucket : m_buckets) {
        const auto kept = next.buckets.find(bucket.name);
        const bool isLost = kept == next.buckets.end() || !kept->second;
        const bool isSomebodyLate =
            std::any_of(bucket.heard.begin(), bucket.heard.end(), [](const auto &one) { return !one.second; });
        if (isOlder)
            allow(bucket, 2 * specOf(bucket).capacity);
        else if (isLost && (bucket.isKnownAlone || bucket.heard.empty() || isSomebodyLate || m_lease > 0))
            allow(bucket, specOf(bucket).capacity);
        if (isLost || isOlder)
            for (auto &[owner, hasHeard] : bucket.heard)
                hasHeard = false;
    }
}

void World::change()
{
    const Timeline::Owner owner = anyProcess();
    SimulatedWeir &weir = *m_processes[owner].weir;
    if (!weir.isServing() || m_timeline.isPaused(owner))
        return;
    m_wasHurt = true;
    const auto place = static_cast<std::size_t>(m_random.between(0, std::ssize(m_buckets) - 1));
    if (m_random.oneIn(2)) {
        const bool isFull = m_random.oneIn(2);
        note("process " + std::to_string(owner) + (isFull ? " fills " : " empties ") + m_buckets[place].name);
        allow(m_buckets[place], isFull ? specOf(m_buckets[place]).capacity : 0);
        return m_timeline.runAs(owner, [&] {
            weir.setLevel(m_buckets[place].limit, m_buckets[place].subject,
                          isFull ? limit::kMaxCapacity : limit::Tokens{0});
        });
    }
    const std::size_t changed = m_buckets[place].limit;
    const limit::LimitSpec before = m_set.limits[changed].spec;
    limit::LimitSpec &spec = m_set.limits[changed].spec;
    for (Bucket &bucket : m_buckets)
        if (bucket.limit == changed)
            count(bucket);
    spec = randomSpec(m_random, m_random.oneIn(2) ? before.algorithm : randomAlgorithm(m_random));
    note("process " + std::to_string(owner) + " changes " + m_set.limits[changed].name + " to "
         + std::string{nameOf(spec.algorithm)} + " " + std::to_string(spec.capacity) + "/" + std::to_string(spec.refill)
         + "/" + std::to_string(spec.interval.count()));
    m_specs[changed].push_back(spec);
    for (Bucket &bucket : m_buckets)
        if (bucket.limit == changed)
            allow(bucket, 2 * (before.capacity + spec.capacity));
    m_timeline.runAs(owner, [&] { weir.changeLimits(m_set, limit::TokenMode::Keep); });
}

void World::count(Bucket &bucket)
{
    bucket.allowed = allowed(bucket);
    bucket.since = clock();
}

Tokens World::allowed(const Bucket &bucket) const
{
    Tokens refills = 0;
    for (const limit::LimitSpec &spec : m_specs[bucket.limit])
        refills = std::max(refills, refillsIn(spec, bucket.since, clock()));
    return bucket.allowed + refills;
}

// All goes well from here on, and everybody calls now and then.
void World::quieten()
{
    note("all goes well");
    m_server.losesMessages = false;
    if (m_server.isSplit())
        reunite();
    m_server.goOn();
    if (m_server.state() == SimulatedServer::State::Down)
        m_server.comeUp(m_server.content);
    for (auto &[owner, process] : m_processes)
        m_timeline.goOn(owner), process.pausedUntil = m_timeline.instant();
    if (m_processes.empty())
        startProcess();
    for (int i = 0; i < 30 && !m_failure; ++i) {
        m_timeline.pass(500ms);
        for (auto &[owner, process] : m_processes)
            for (const Bucket &bucket : m_buckets)
                if (process.weir->isServing())
                    askOnce(owner, bucket);
    }
    m_timeline.pass(500ms);
}

// What a store that had forgotten is told later is owed from then on; until then only those who know can say.
std::optional<std::string> World::checkNow() const
{
    if (m_hasLost)
        return std::nullopt;
    Tokens told = m_excess, untold = 0;
    for (const auto &[owner, process] : m_processes) {
        told += process.weir->excess();
        untold += process.weir->unsettled();
    }
    const bool isAlone = m_lastOwner == 1 && !m_wasHurt;
    for (const Bucket &bucket : m_buckets)
        if (bucket.given > allowed(bucket) + (isAlone ? 0 : told + untold))
            return "too many tokens were given at once: " + bucket.name + ": " + std::to_string(bucket.given) + " of "
                   + std::to_string(allowed(bucket)) + "; excess told " + std::to_string(told) + ", not settled "
                   + std::to_string(untold);
    return std::nullopt;
}

std::optional<std::string> World::check()
{
    Tokens given = 0, promised = 0, debt = 0, excess = m_excess;
    std::int64_t admitted = m_admittedOfDead;
    for (auto &[owner, process] : m_processes) {
        if (!process.weir->isDecidedByStore())
            return "a process does not come back: " + process.weir->state();
        excess += process.weir->excess();
        admitted += process.weir->totals().admitted;
    }
    std::string each;
    bool isOver = false;
    for (const Bucket &bucket : m_buckets) {
        const auto stored = m_server.content.buckets.find(bucket.name);
        const bool isThere = stored != m_server.content.buckets.end() && stored->second;
        const Tokens owed = isThere ? stored->second->debt : 0;
        given += bucket.given;
        promised += allowed(bucket);
        debt += owed;
        each += " " + bucket.name + ": " + std::to_string(bucket.given) + " of " + std::to_string(allowed(bucket))
                + (owed > 0 ? " owing " + std::to_string(owed) : "");
        isOver = isOver || bucket.given > allowed(bucket) + owed + excess;
    }
    if (isOver || given > promised + debt + excess)
        return "too many tokens were given:" + each + "; excess told " + std::to_string(excess);
    if (admitted != m_admitted)
        return "clients count " + std::to_string(m_admitted) + " admitted, Weir " + std::to_string(admitted);
    const bool isSliding = std::any_of(m_set.limits.begin(), m_set.limits.end(), [](const config::LimitEntry &entry) {
        return entry.spec.algorithm == limit::Algorithm::SlidingLog;
    }); // their takes are not sent, so all that may be too much is told
    if (m_processes.size() == 1 && m_lastOwner == 1 && !m_wasHurt && !isSliding && m_server.doubled == 0 && excess > 0)
        return "one process alone tells an excess of " + std::to_string(excess);
    m_hasLost = debt > 0;
    return std::nullopt;
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
