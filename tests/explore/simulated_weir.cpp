// SPDX-License-Identifier: GPL-3.0-only
#include "tests/explore/simulated_weir.h"

#include <QTimer>

#include <algorithm>
#include <utility>

namespace weir::explore {
namespace {

using namespace std::chrono_literals;

} // namespace

SimulatedWeir::Worker::Worker(SimulatedWeir &weir)
    : store{std::make_unique<SimulatedLink>(weir.m_timeline, weir.m_server, weir.m_random)},
      limiter{*store,
              weir.m_policies,
              weir.m_set.table(),
              telemetry,
              levels,
              [&weir](engine::Ticket ticket, const engine::Decision &decision) { weir.onDecided(ticket, decision); }}
{
    // In a message, as between threads.
    QObject::connect(&limiter, &engine::Limiter::newerLimitFound, weir.m_set.keeper(), &engine::LimitKeeper::learn,
                     Qt::QueuedConnection);
}

SimulatedWeir::SimulatedWeir(Timeline &timeline, SimulatedServer &server, test::Random &random, WeirOptions options)
    : m_timeline{timeline}, m_server{server}, m_random{random}, m_options{std::move(options)}
{
    m_store = std::make_unique<SimulatedLink>(timeline, server, random);
    begin();
}

SimulatedWeir::~SimulatedWeir()
{
    m_workers.clear();
    m_set.stop();
    m_instances.reset();
}

void SimulatedWeir::begin()
{
    apply(m_options.limitSet, limit::TokenMode::Keep, [this](bool isDone) {
        if (isDone)
            serve();
        else
            QTimer::singleShot(200, this, &SimulatedWeir::begin);
    });
}

void SimulatedWeir::apply(const config::LimitSet &limitSet, limit::TokenMode mode,
                          const std::function<void(bool)> &done)
{
    const auto book = std::make_shared<const engine::LimitBook>(limitSet);
    m_set.keeperOf(*m_store).apply(book, mode, [this, book, done](const Result<std::vector<limit::Limit>> &limits) {
        if (limits)
            useBook(book, limits.value());
        done(limits.isOk());
    });
}

void SimulatedWeir::useBook(const engine::LimitBookPtr &book, const std::vector<limit::Limit> &limits)
{
    engine::Policies policies;
    policies.book = book;
    policies.limits = limits;
    policies.limit = limits.front();
    policies.onStoreFailure = book->set.limits.front().onStoreFailure;
    decideBy(policies);
}

void SimulatedWeir::decideBy(const engine::Policies &policies)
{
    auto next = std::make_shared<engine::Policies>(policies);
    next->lease = m_options.lease;
    const bool isChange = !m_policies || !m_policies->decidesAs(*next);
    m_policies = std::move(next);
    if (isChange)
        noteChange();
    for (const auto &worker : m_workers) // in a message, as between threads
        QMetaObject::invokeMethod(
            &worker->limiter, [&worker = *worker, adopted = m_policies] { worker.limiter.adopt(adopted); },
            Qt::QueuedConnection);
    m_set.adopt(m_policies);
}

void SimulatedWeir::noteChange()
{
    m_set.table().noteChange();
}

void SimulatedWeir::serve()
{
    m_instances = std::make_unique<engine::InstanceCount>(*m_store, m_set.table(), m_options.name);
    m_instances->start();
    m_set.start(*m_store, m_policies, m_levels, *m_instances, m_options.name + ":1");
    connect(&m_set, &app::LimitParts::numbersChanged, this,
            [this] { useBook(m_policies->book, m_set.keeper()->limits()); });
    for (int i = 0; i < m_options.workers; ++i)
        m_workers.push_back(std::make_unique<Worker>(*this));
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
    apply(limitSet, mode, [](bool) {});
}

void SimulatedWeir::setLevel(std::size_t limit, const std::string &subject, limit::StartLevel level)
{
    m_set.keeper()->setLevel(limit, subject, level, [this](const Result<limit::Tokens> &) { noteChange(); });
}

void SimulatedWeir::breakLinks()
{
    m_store->breakSoon();
    for (const auto &worker : m_workers)
        worker->store->breakSoon();
}

limit::Tokens SimulatedWeir::excess() const
{
    return m_set.table().status().excess;
}

limit::Tokens SimulatedWeir::unsettled() const
{
    return m_set.table().status().spent;
}

std::int64_t SimulatedWeir::outages() const
{
    return m_set.table().status().outages;
}

std::int64_t SimulatedWeir::exactReturns() const
{
    return m_set.table().status().exactReturns;
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
    return isServing() && m_set.table().mode() == engine::BucketTable::Mode::Store && m_waiting.empty();
}

std::string SimulatedWeir::state() const
{
    const auto modeOf = [](auto mode) { return std::to_string(static_cast<int>(mode)); };
    return m_options.name + ": mode " + modeOf(m_set.table().mode()) + ", instances "
           + std::to_string(m_instances ? m_instances->instances() : 0) + ", waiting "
           + std::to_string(m_waiting.size()) + ", breakers " + modeOf(m_set.table().worstBreaker()) + ", spent "
           + std::to_string(unsettled()) + ", excess " + std::to_string(excess());
}

} // namespace weir::explore
