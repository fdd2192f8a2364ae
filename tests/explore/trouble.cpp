// SPDX-License-Identifier: GPL-3.0-only
// What can go wrong in a history.
#include <algorithm>

#include "tests/explore/world.h"

namespace weir::explore {
namespace {

using namespace std::chrono_literals;
using limit::Tokens;

constexpr std::size_t kMostProcesses = 8;
constexpr std::size_t kMostCopies = 5;

std::string inMs(Nanos span)
{
    return std::to_string(span / 1ms) + " ms";
}

} // namespace

void World::startProcess()
{
    const Timeline::Owner owner = ++m_lastOwner;
    const bool waits = !m_random.oneIn(4);
    note("process " + std::to_string(owner) + " begins" + (waits ? "" : ", not without the store"));
    m_isAlone = false;
    const WeirOptions options{"weir" + std::to_string(owner), m_set, static_cast<int>(m_random.between(1, 4)), m_lease,
                              waits};
    m_workers += options.workers;
    m_books.setHeldAhead(m_lease * m_workers);
    m_timeline.runAs(owner, [&] {
        m_processes[owner].weir = std::make_unique<SimulatedWeir>(m_timeline, m_server, m_random, options);
    });
}

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
    m_books.kill(owner, unsettled);
    m_timeline.runAs(owner, [&] { process.weir.reset(); });
    m_timeline.end(owner);
    m_processes.erase(owner);
}

void World::troubleProcess()
{
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
        note("process " + std::to_string(owner) + " is paused for " + inMs(span));
        m_processes[owner].pausedUntil = m_timeline.instant() + span;
        return m_timeline.pause(owner, span);
    }
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
    if (m_server.state() == State::Down)
        return comeUp();
    switch (m_random.between(0, 11)) {
    case 0:
    case 1:
    case 2:
        note("the store hangs");
        return m_server.hang();
    case 3:
    case 4:
        note("the store goes down");
        m_server.goDown();
        return breakLinks();
    case 5:
    case 6:
    case 7:
        return troubleLinks();
    case 8:
        m_copies.push_back(m_server.content);
        if (m_copies.size() > kMostCopies)
            m_copies.pop_front();
        return;
    case 9:
        if (!m_hazards.mayForget()) // one of the two may
            return;
        note("a replica takes over, and the old master goes on");
        m_hasLost = true;
        m_books.split();
        return m_server.split();
    case 10: {
        const std::string &name = anyAccount().name;
        const bool isUsable = m_server.unusable.erase(name) > 0;
        note("the key of " + name + (isUsable ? " is put right" : " has another type"));
        if (!isUsable)
            m_server.unusable.insert(name);
        return;
    }
    default:
        return stepClock();
    }
}

void World::troubleLinks()
{
    const Timeline::Owner owner = anyProcess();
    SimulatedWeir &weir = *m_processes[owner].weir;
    const std::string who = "process " + std::to_string(owner);
    switch (m_random.between(0, 2)) {
    case 0:
        note(who + " loses its connections");
        return weir.breakLinks();
    case 1:
        if (!weir.isServing())
            return;
        note("a worker of " + who + " loses its connection");
        return weir.breakLink(static_cast<int>(m_random.between(0, weir.workers() - 1)));
    default:
        return cutOff(owner);
    }
}

void World::cutOff(Timeline::Owner owner)
{
    const Nanos span = Micros{m_random.between(50'000, m_random.oneIn(4) ? 20'000'000 : 2'000'000)};
    note("process " + std::to_string(owner) + " is cut off for " + inMs(span));
    m_server.cutOff.insert(owner);
    m_timeline.after(span, [this, owner] { m_server.cutOff.erase(owner); });
}

void World::comeUp()
{
    StoreContent next;
    bool isOlder = false;
    switch (m_hazards.mayForget() ? m_random.between(0, 4) : 0) {
    case 0:
    case 1:
        note("the store comes up with all");
        return m_server.comeUp(m_server.content);
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
    lose(next, isOlder);
    m_server.comeUp(std::move(next));
}

void World::lose(const StoreContent &next, bool isOlder)
{
    m_wasHurt = true;
    m_hasLost = true;
    m_books.loseContent(next, isOlder);
}

void World::stepClock()
{
    const Micros step{m_random.between(-20'000'000, 20'000'000)};
    note("the clock of the store is stepped by " + std::to_string(step.count()) + " us");
    m_wasHurt = true;
    m_server.stepClock(step);
    m_steppedBy += std::chrono::abs(step);
    m_books.stepClock(m_hasLost);
}

void World::reunite()
{
    const bool isOldOne = m_random.oneIn(2);
    note(isOldOne ? "the old master is the only one again" : "the replica is the only master");
    m_books.reunite();
    m_server.heal(isOldOne);
    lose(m_server.content, true);
    breakLinks();
}

void World::changeLimit()
{
    const Timeline::Owner owner = anyProcess();
    SimulatedWeir &weir = *m_processes[owner].weir;
    if (!weir.isServing() || m_timeline.isPaused(owner))
        return;
    m_wasHurt = true;
    const std::size_t changed = anyAccount().limit;
    limit::LimitSpec &spec = m_set.limits[changed].spec;
    spec = randomSpec(m_random, m_random.oneIn(2) ? spec.algorithm : randomAlgorithm(m_random));
    note("process " + std::to_string(owner) + " changes " + m_set.limits[changed].name + " to "
         + std::string{nameOf(spec.algorithm)} + " " + std::to_string(spec.capacity) + "/" + std::to_string(spec.refill)
         + "/" + std::to_string(spec.interval.count()));
    m_books.adopt(changed, spec);
    m_timeline.runAs(owner, [&] { weir.changeLimits(m_set, limit::TokenMode::Keep); });
}

// By a process, or by somebody who is not counted.
void World::setLevelSoon(Nanos within)
{
    const Timeline::Owner owner = m_random.oneIn(3) ? 0 : anyProcess();
    const Account &account = anyAccount();
    const auto level = m_random.oneIn(3) ? limit::StartLevel::Full : limit::StartLevel::Empty;
    const Nanos wait{within > Nanos{0} ? m_random.between(0, within.count()) : 0};
    m_timeline.afterAs(owner, wait, [this, owner, &account, level] { setLevel(owner, account, level); });
}

void World::setLevel(Timeline::Owner owner, const Account &account, limit::StartLevel level)
{
    const bool isFull = level == limit::StartLevel::Full;
    const std::string what = (isFull ? " fills " : " empties ") + account.name;
    if (const auto process = m_processes.find(owner); process != m_processes.end()) {
        SimulatedWeir &weir = *process->second.weir;
        if (!weir.isServing())
            return;
        note("process " + std::to_string(owner) + what);
        return weir.setLevel(account.limit, account.subject, isFull ? limit::kMaxCapacity : Tokens{0});
    }
    const auto stored = m_server.content.buckets.find(account.name);
    if (m_server.state() != SimulatedServer::State::Up || stored == m_server.content.buckets.end() || !stored->second)
        return;
    note("somebody" + what);
    const auto mode = isFull ? limit::TokenMode::Refill : limit::TokenMode::Drain;
    static_cast<void>(
        m_server.take({{}, {{account.name, {stored->second->spec, stored->second->epoch, mode, {}}}}, {}, true}));
}

// All of it, but for keys of another type.
void World::mend()
{
    m_server.losesMessages = false;
    m_server.cutOff.clear();
    if (m_server.isSplit())
        reunite();
    m_server.goOn();
    if (m_server.state() == SimulatedServer::State::Down)
        m_server.comeUp(m_server.content);
    for (auto &[owner, process] : m_processes)
        m_timeline.goOn(owner), process.pausedUntil = m_timeline.instant();
    if (m_processes.empty())
        startProcess();
}

} // namespace weir::explore
