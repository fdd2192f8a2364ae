// SPDX-License-Identifier: GPL-3.0-only
#include "tests/explore/simulated_store.h"

#include <algorithm>
#include <utility>

#include "core/limit/settle.h"

namespace weir::explore {
namespace {

using namespace std::chrono_literals;
using Server = SimulatedServer;

constexpr auto kDeadline = 100ms; // LinkOptions::callDeadline
constexpr auto kAgain = 50ms;     // between attempts to connect
constexpr auto kConnect = 500ms;  // that a server may need for the handshake

const Error kWrongType{Error::Code::Configuration, "the key has another type", false};

/// The tokens of one call, from when the store has taken them until its caller hears, or will not hear any more.
class Flight {
public:
    explicit Flight(StoreWatch *watch) : m_watch{watch} {}
    ~Flight() { land(); }
    Flight(const Flight &) = delete;
    Flight &operator=(const Flight &) = delete;

    void take(const store::TakeRequest &request, const limit::TakeOutput &output)
    {
        if (m_hasLanded || !m_watch || output.isStale)
            return;
        for (std::size_t i = 0; i < request.runs.size(); ++i)
            for (std::size_t k = 0; k < request.runs[i].asks.size() && !request.runs[i].givesBack; ++k) {
                const limit::Ask &ask = request.runs[i].asks[k];
                add(request.buckets[ask.bucket].name, output.runs[i].asks[k].taken * ask.cost);
            }
    }
    void land()
    {
        m_hasLanded = true;
        for (const auto &[bucket, tokens] : std::exchange(m_taken, {}))
            m_watch->onTheWay(bucket, -tokens);
    }
    std::vector<std::int64_t> settings; ///< of each bucket of the call, as of StoreWatch::heard()

private:
    void add(const std::string &bucket, limit::Tokens tokens)
    {
        if (tokens == 0)
            return;
        m_taken.emplace_back(bucket, tokens);
        m_watch->onTheWay(bucket, tokens);
    }

    StoreWatch *m_watch;
    std::vector<std::pair<std::string, limit::Tokens>> m_taken;
    bool m_hasLanded{false};
};

} // namespace

void Server::run(bool isOfOldMaster, std::function<void()> call)
{
    if (m_state == State::Hung)
        return m_arrived.push_back([this, isOfOldMaster, call = std::move(call)] { run(isOfOldMaster, call); });
    if (m_state != State::Up)
        return;
    const bool isOther = isOfOldMaster && m_other;
    if (isOther)
        std::swap(content, *m_other);
    call();
    if (isOther)
        std::swap(content, *m_other);
}

void Server::heal(bool isOldOne)
{
    if (isOldOne)
        content = std::move(*m_other);
    m_other.reset();
    ++m_life;
}

void Server::goOn()
{
    if (m_state != State::Hung)
        return;
    m_state = State::Up;
    for (const auto &call : std::exchange(m_arrived, {}))
        call();
}

void Server::goDown()
{
    m_state = State::Down;
    m_arrived.clear();
    ++m_life;
}

void Server::comeUp(StoreContent next)
{
    content = std::move(next);
    m_state = State::Up;
}

Micros Server::now() const
{
    return kFirstMoment + std::chrono::duration_cast<Micros>(m_timeline.sinceBegin()) + m_step;
}

Result<limit::TakeOutput> Server::take(const store::TakeRequest &request)
{
    for (const auto &bucket : request.buckets)
        if (unusable.contains(bucket.name))
            return kWrongType;
    std::vector<std::optional<limit::Bucket>> buckets;
    std::vector<limit::BucketCall> calls;
    for (const auto &bucket : request.buckets) {
        buckets.push_back(content.buckets[bucket.name]);
        calls.push_back(bucket.call);
    }
    limit::TakeOutput output = limit::take(buckets, {now(), calls, request.runs, request.appliesDue, request.refiller});
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        const std::string &name = request.buckets[i].name;
        content.buckets[name] = std::move(buckets[i]);
        const limit::TokenMode mode = calls[i].mode;
        if (output.isStale || (mode != limit::TokenMode::Refill && mode != limit::TokenMode::Drain))
            continue;
        settings[name] = {settings[name].count + 1, m_timeline.instant()};
        if (watch)
            watch->levelSet(name, mode == limit::TokenMode::Refill);
    }
    return output;
}

// All or none: a stale one keeps the others from being entered.
Result<std::vector<limit::SettleOutput>> Server::settle(const store::SettleRequest &request)
{
    for (const auto &bucket : request.buckets)
        if (unusable.contains(bucket.name))
            return kWrongType;
    const StoreContent before = content;
    std::vector<limit::SettleOutput> outputs;
    bool isStale = false;
    for (const auto &bucket : request.buckets) {
        outputs.push_back(limit::settle(content.buckets[bucket.name],
                                        content.marks[bucket.name + '\n' + request.instance], bucket.call, now(),
                                        bucket.settlement, request.appliesDue));
        isStale = isStale || outputs.back().bucket.isStale;
    }
    if (isStale)
        content = before;
    return outputs;
}

store::InstanceCounts Server::countInstances(std::int64_t window, const std::string &instance)
{
    store::InstanceCounts counts;
    counts.time = now();
    counts.window = counts.time / store::kInstanceWindow;
    if (counts.window != window)
        return counts;
    const std::set<std::string> &before = content.instances[window - 1];
    counts.before = std::ssize(before);
    counts.wasThereBefore = before.contains(instance);
    counts.wasThere = !content.instances[window].insert(instance).second;
    counts.now = std::ssize(content.instances[window]);
    std::erase_if(content.instances, [window](const auto &one) { return one.first < window - 2; });
    return counts;
}

std::optional<limit::Limit> Server::loadLimit(const std::string &name) const
{
    std::optional<limit::Limit> found;
    if (const auto it = content.limits.find(name); it != content.limits.end())
        found = it->second;
    if (const auto it = content.buckets.find(name); it != content.buckets.end() && it->second)
        if (const limit::Bucket &bucket = *it->second; !found || bucket.epoch > found->epoch)
            found = limit::Limit{name, bucket.spec, bucket.epoch};
    return found;
}

SimulatedLink::SimulatedLink(Timeline &timeline, SimulatedServer &server, test::Random &random)
    : m_timeline{timeline},
      m_owner{timeline.owner()},
      m_server{server},
      m_random{random},
      m_life{std::make_shared<Life>(Life{this})},
      m_serverLife{server.life()},
      m_isOfOldMaster{random.oneIn(2)},
      m_isReady{server.state() == SimulatedServer::State::Up},
      m_lastError{Error::Code::Unavailable, "the store is away", true}
{
    if (!m_isReady)
        connectLater(Nanos{0});
}

SimulatedLink::~SimulatedLink()
{
    m_life->link = nullptr;
}

Nanos SimulatedLink::latency()
{
    return m_server.losesMessages && m_random.oneIn(20) ? Micros{m_random.between(1000, 40'000)}
                                                        : Micros{m_random.between(50, 500)};
}

template<class Execute, class Done>
void SimulatedLink::call(Execute execute, Done done, bool mayBeDoubled)
{
    if (!m_isReady) {
        m_timeline.after(Nanos{0}, [life = m_life, done = std::move(done), error = m_lastError] {
            if (life->link)
                done(error);
        });
        return;
    }
    const auto call = std::make_shared<Call>(Call{m_timeline.instant(), [done](const Error &error) { done(error); }});
    m_inFlight.push_back(call);
    m_lastArrival = std::max(m_lastArrival + Nanos{1}, m_timeline.instant() + latency());
    const bool isLost = m_server.losesMessages && m_random.oneIn(400);
    const bool isDoubled = mayBeDoubled && m_server.losesMessages && m_random.oneIn(1000);
    // Not in the name of the process: what is on its way arrives.
    m_timeline.afterAs(0, m_lastArrival - m_timeline.instant(),
                       [life = m_life, call, execute, done, &server = m_server, connection = m_connection,
                        owner = m_owner, serverLife = m_serverLife, isLost, isDoubled,
                        isOfOldMaster = m_isOfOldMaster] {
                           if (isLost || server.life() != serverLife || server.cutOff.contains(owner))
                               return;
                           server.run(isOfOldMaster, [life, call, execute, done, connection, isDoubled, &server] {
                               const auto result = execute();
                               if (isDoubled && execute())
                                   ++server.doubled;
                               if (life->link)
                                   life->link->deliver(call, connection, [done, result] { done(result); });
                           });
                       });
    watch();
}

void SimulatedLink::deliver(const std::shared_ptr<Call> &call, int connection, const std::function<void()> &tell)
{
    m_lastAnswer = std::max(m_lastAnswer + Nanos{1}, m_timeline.instant() + latency());
    m_timeline.afterAs(m_owner, m_lastAnswer - m_timeline.instant(), [life = m_life, call, connection, tell] {
        SimulatedLink *link = life->link;
        if (!link || link->m_connection != connection || call->isAnswered
            || link->m_server.cutOff.contains(link->m_owner))
            return;
        // Answers come in order: one that was lost holds up all behind it.
        if (link->m_inFlight.empty() || link->m_inFlight.front() != call)
            return;
        link->m_inFlight.pop_front();
        call->isAnswered = true;
        link->m_heardAt = link->m_timeline.instant();
        tell();
        if (life->link)
            life->link->watch();
    });
}

// The server may be silent for so long, since it was asked and since its last answer.
void SimulatedLink::watch()
{
    if (m_isWatching || m_inFlight.empty())
        return;
    m_isWatching = true;
    const SteadyInstant until = std::max(m_inFlight.front()->since, m_heardAt) + kDeadline;
    m_timeline.after(std::max(Nanos{0}, Nanos{until - m_timeline.instant()}), [life = m_life] {
        SimulatedLink *link = life->link;
        if (!link)
            return;
        link->m_isWatching = false;
        if (link->m_inFlight.empty())
            return;
        if (link->m_timeline.instant() >= std::max(link->m_inFlight.front()->since, link->m_heardAt) + kDeadline)
            return link->lose({Error::Code::Timeout, "no answer within 100 ms", true, true});
        link->watch();
    });
}

void SimulatedLink::breakSoon()
{
    m_timeline.afterAs(m_owner, latency(), [life = m_life, connection = m_connection] {
        if (life->link && life->link->m_isReady && life->link->m_connection == connection)
            life->link->lose({Error::Code::Unavailable, "the connection broke", true, true});
    });
}

void SimulatedLink::lose(const Error &error)
{
    m_isReady = false;
    ++m_connection;
    m_lastError = {error.code, error.detail, true, false};
    connectLater(kAgain);
    for (const auto &call : std::exchange(m_inFlight, {})) {
        call->isAnswered = true;
        const std::shared_ptr<Life> life = m_life;
        call->fail(error);
        if (!life->link)
            return;
    }
}

void SimulatedLink::connectLater(Nanos wait)
{
    m_timeline.after(wait, [life = m_life] {
        if (life->link && !life->link->m_isReady)
            life->link->connectNow();
    });
}

void SimulatedLink::connectNow()
{
    if (m_server.state() == SimulatedServer::State::Down)
        return failToConnect(latency());
    if (m_server.state() == SimulatedServer::State::Hung || m_server.cutOff.contains(m_owner))
        return failToConnect(kConnect);
    m_timeline.after(2 * latency(), [life = m_life] {
        SimulatedLink *link = life->link;
        if (!link || link->m_isReady)
            return;
        if (link->m_server.state() != SimulatedServer::State::Up)
            return link->connectLater(kAgain);
        link->m_serverLife = link->m_server.life();
        link->m_isOfOldMaster = link->m_random.oneIn(2);
        link->m_heardAt = link->m_timeline.instant();
        link->m_isReady = true;
        if (const auto ready = link->m_heeded.ready)
            ready();
    });
}

void SimulatedLink::failToConnect(Nanos wait)
{
    m_timeline.after(wait, [life = m_life] {
        SimulatedLink *link = life->link;
        if (!link || link->m_isReady)
            return;
        link->connectLater(kAgain);
        if (const auto failed = link->m_heeded.failed)
            failed();
    });
}

void SimulatedLink::take(store::TakeRequest request, store::TakeDone done)
{
    const auto flight = std::make_shared<Flight>(m_server.watch);
    for (const auto &bucket : request.buckets) {
        const Server::Settings &set = m_server.settings[bucket.name];
        flight->settings.push_back(m_timeline.instant() - set.last > kDeadline ? set.count : 0);
    }
    const bool isPlain = std::all_of(request.buckets.begin(), request.buckets.end(),
                                     [](const auto &bucket) { return bucket.call.mode == limit::TokenMode::Keep; });
    call(
        [&server = m_server, request, flight, isPlain]() -> Result<limit::TakeOutput> {
            auto output = server.take(request);
            if (output)
                flight->take(request, output.value());
            if (!isPlain) // who sets a level learns it by that
                for (std::size_t i = 0; i < request.buckets.size(); ++i)
                    flight->settings[i] = server.settings[request.buckets[i].name].count;
            return output;
        },
        [&server = m_server, owner = m_owner, buckets = request.buckets, flight,
         done = std::move(done)](const Result<limit::TakeOutput> &output) {
            const bool isLearnt = server.watch && !server.watch->isAway(owner);
            if (output && isLearnt && !output.value().isStale)
                for (std::size_t i = 0; i < buckets.size(); ++i)
                    server.watch->heard(owner, buckets[i].name, flight->settings[i]);
            done(output);
            flight->land();
        },
        std::none_of(request.runs.begin(), request.runs.end(), [](const limit::AskRun &run) { return run.givesBack; }));
}

void SimulatedLink::settle(store::SettleRequest request, store::SettleDone done)
{
    using Outputs = std::vector<limit::SettleOutput>;
    call([&server = m_server, request] { return server.settle(request); },
         [done = std::move(done)](const Result<Outputs> &outputs) { done(outputs); });
}

void SimulatedLink::ping(store::WriteDone done)
{
    call([]() -> Result<Done> { return Done{}; },
         [done = std::move(done)](const Result<Done> &result) { done(result); });
}

void SimulatedLink::countInstances(std::int64_t window, const std::string &instance, store::CountDone done)
{
    call([&server = m_server, window,
          instance]() -> Result<store::InstanceCounts> { return server.countInstances(window, instance); },
         [done = std::move(done)](const Result<store::InstanceCounts> &counts) { done(counts); });
}

void SimulatedLink::loadLimit(const std::string &name, store::LimitDone done)
{
    using Found = std::optional<limit::Limit>;
    call([&server = m_server, name]() -> Result<Found> { return server.loadLimit(name); },
         [done = std::move(done)](const Result<Found> &found) { done(found); });
}

void SimulatedLink::loadRegister(const std::vector<std::string> &names, store::RegisterDone done)
{
    using Found = std::vector<std::optional<limit::Limit>>;
    call(
        [&server = m_server, names]() -> Result<Found> {
            Found found;
            for (const std::string &name : names) {
                const auto it = server.content.limits.find(name);
                found.push_back(it == server.content.limits.end() ? std::nullopt : std::optional{it->second});
            }
            return found;
        },
        [done = std::move(done)](const Result<Found> &found) { done(found); });
}

// No promise depends on them.
void SimulatedLink::loadAuthors(const std::vector<std::string> &names, store::AuthorsDone done)
{
    using Found = std::vector<store::Author>;
    call([count = names.size()]() -> Result<Found> { return Found(count); },
         [done = std::move(done)](const Result<Found> &found) { done(found); });
}

void SimulatedLink::saveLimit(const limit::Limit &limit, const std::string &, store::WriteDone done)
{
    call(
        [&server = m_server, limit]() -> Result<Done> {
            server.content.limits[limit.name] = limit;
            return Done{};
        },
        [done = std::move(done)](const Result<Done> &result) { done(result); });
}

} // namespace weir::explore
