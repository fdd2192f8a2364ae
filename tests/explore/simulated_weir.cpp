// SPDX-License-Identifier: GPL-3.0-only
#include "tests/explore/simulated_weir.h"

#include <QTimer>

#include <algorithm>
#include <utility>

namespace weir::explore {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirstDelay = 250ms, kLastDelay = 2000ms; // as app::FileReload

} // namespace

SimulatedWeir::Worker::Worker(SimulatedWeir &weir)
    : store{std::make_unique<SimulatedLink>(weir.m_timeline, weir.m_server, weir.m_random)},
      limiter{*store,
              weir.m_inForce.policies(),
              weir.m_parts.table(),
              telemetry,
              levels,
              [&weir](engine::Ticket ticket, const engine::Decision &decision) { weir.onDecided(ticket, decision); }}
{
    // In a message, as between threads.
    QObject::connect(&limiter, &engine::Limiter::newerLimitFound, weir.m_parts.keeper(), &engine::LimitKeeper::learn,
                     Qt::QueuedConnection);
}

SimulatedWeir::SimulatedWeir(Timeline &timeline, SimulatedServer &server, test::Random &random, WeirOptions options)
    : m_timeline{timeline},
      m_server{server},
      m_random{random},
      m_options{std::move(options)},
      m_store{std::make_unique<SimulatedLink>(timeline, server, random)},
      m_parts{{m_options.name, m_options.name + ":1"}},
      m_inForce{m_parts, m_options.lease}
{
    connect(&m_inForce, &app::LimitsInForce::changed, this, &SimulatedWeir::adopt);
    connect(&m_inForce, &app::LimitsInForce::confirmed, this, [this] {
        m_parts.release();
        connect(
            &m_parts, &app::LimitParts::settled, this, [this] { enterAssumed(kFirstDelay); }, Qt::SingleShotConnection);
    });
    m_store->heed({[this] { onReady(); }, [this] { beginWithout(); }});
    if (m_store->isReady())
        begin();
}

SimulatedWeir::~SimulatedWeir()
{
    m_workers.clear();
    m_parts.stop();
}

// Where it fails its supervisor starts it again.
void SimulatedWeir::begin()
{
    if (isServing() || !m_store->isReady() || std::exchange(m_isBeginning, true))
        return;
    m_inForce.apply(*m_store, m_options.limitSet, limit::TokenMode::Keep, [this](const Result<Done> &applied) {
        m_isBeginning = false;
        if (isServing()) // meanwhile, without it
            return;
        if (applied)
            serve();
        else
            QTimer::singleShot(200, this, &SimulatedWeir::begin);
    });
}

void SimulatedWeir::beginWithout()
{
    if (isServing() || !m_options.waitsForStore)
        return;
    config::Config config;
    config.limitSet = m_options.limitSet;
    m_inForce.assume(config);
    serve();
}

void SimulatedWeir::serve()
{
    m_parts.start(*m_store, m_inForce.policies(), m_levels);
    if (m_inForce.isAssumed())
        m_parts.beginAlone();
    for (int i = 0; i < m_options.workers; ++i)
        m_workers.push_back(std::make_unique<Worker>(*this));
}

void SimulatedWeir::onReady()
{
    if (!isServing())
        begin();
    else if (m_inForce.isAssumed())
        enterAssumed(kFirstDelay);
    else
        m_parts.refiller()->tick();
}

void SimulatedWeir::enterAssumed(std::chrono::milliseconds delay)
{
    m_changes.add([this, delay](const app::ChangeQueue::Finished &finished) {
        config::Config config;
        config.limitSet = m_options.limitSet;
        m_inForce.apply(*m_store, config, limit::TokenMode::Keep, [this, delay, finished](const Result<Done> &applied) {
            if (!applied)
                QTimer::singleShot(delay, this, [this, delay] { enterAssumed(std::min(2 * delay, kLastDelay)); });
            finished();
        });
    });
}

// In a message, as between threads.
void SimulatedWeir::adopt()
{
    for (const auto &worker : m_workers)
        QMetaObject::invokeMethod(
            &worker->limiter, [&worker = *worker, adopted = m_inForce.policies()] { worker.limiter.adopt(adopted); },
            Qt::QueuedConnection);
}

void SimulatedWeir::ask(int worker, const std::vector<policy::Charge> &charges, Answer answer)
{
    m_waiting.emplace(++m_asked, std::move(answer));
    m_workers[static_cast<std::size_t>(worker)]->limiter.decide(m_asked, charges);
}

void SimulatedWeir::onDecided(engine::Ticket ticket, const engine::Decision &decision)
{
    const auto waiting = m_waiting.extract(ticket);
    if (waiting.empty())
        qFatal("a request was answered twice");
    waiting.mapped()(decision);
}

void SimulatedWeir::changeLimits(const config::LimitSet &limitSet, limit::TokenMode mode)
{
    m_options.limitSet = limitSet;
    m_changes.add([this, limitSet, mode](const app::ChangeQueue::Finished &finished) {
        m_inForce.apply(*m_store, limitSet, mode, [finished](const Result<Done> &) { finished(); });
    });
}

void SimulatedWeir::setLevel(std::size_t limit, const std::string &subject, limit::Tokens tokens)
{
    m_inForce.setLevel(m_inForce.policies()->limits[limit].name, subject, tokens, [](const Result<limit::Tokens> &) {});
}

void SimulatedWeir::breakLinks()
{
    m_store->breakSoon();
    for (const auto &worker : m_workers)
        worker->store->breakSoon();
}

void SimulatedWeir::breakLink(int worker)
{
    m_workers[static_cast<std::size_t>(worker)]->store->breakSoon();
}

limit::Tokens SimulatedWeir::excess() const
{
    return m_parts.table().status().excess;
}

limit::Tokens SimulatedWeir::unsettled() const
{
    return m_parts.table().status().spent;
}

std::int64_t SimulatedWeir::outages() const
{
    return m_parts.table().status().outages;
}

SteadyInstant SimulatedWeir::outageSince() const
{
    return m_parts.table().status().since;
}

std::int64_t SimulatedWeir::instances() const
{
    return m_parts.instances() ? m_parts.instances()->instances() : 0;
}

bool SimulatedWeir::isAway() const
{
    return m_parts.table().mode() != engine::BucketTable::Mode::Store;
}

std::int64_t SimulatedWeir::exactReturns() const
{
    return m_parts.table().status().exactReturns;
}

telemetry::Totals SimulatedWeir::totals() const
{
    telemetry::Totals sum;
    for (const auto &worker : m_workers)
        sum.add(worker->telemetry.totals());
    return sum;
}

bool SimulatedWeir::isDecidedByStore() const
{
    return isServing() && m_parts.table().mode() == engine::BucketTable::Mode::Store && m_waiting.empty();
}

std::string SimulatedWeir::state() const
{
    const auto modeOf = [](auto mode) { return std::to_string(static_cast<int>(mode)); };
    return m_options.name + ": mode " + modeOf(m_parts.table().mode()) + ", instances " + std::to_string(instances())
           + ", waiting " + std::to_string(m_waiting.size()) + ", breakers " + modeOf(m_parts.table().worstBreaker())
           + ", spent " + std::to_string(unsettled()) + ", excess " + std::to_string(excess());
}

} // namespace weir::explore
