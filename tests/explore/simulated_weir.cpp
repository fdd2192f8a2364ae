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
    : store{std::make_unique<SimulatedLink>(weir.m_timeline, weir.m_server, weir.m_memory, weir.m_random)},
      limiter{*store,
              weir.m_policies,
              weir.m_standby,
              telemetry,
              levels,
              [&weir](engine::Ticket ticket, const engine::Decision &decision) {
                  weir.onDecided(ticket, decision); }},
      groupLimiter{
          *store,
          weir.m_policies,
          weir.m_rules.table(),
          telemetry,
          levels,
          [&weir](engine::Ticket ticket, const engine::Decision &decision) { weir.onDecided(ticket, decision); }}
{
    limiter.handOverTo(groupLimiter);
    const auto learn = [&weir](const limit::Limit &limit) {
        if (weir.m_policies->isSingle())
            weir.m_keeper->learn(limit);
        else
            weir.m_rules.keeperOf(*weir.m_store).learn(limit);
    };
    // In a message, as between threads.
    QObject::connect(&limiter, &engine::Limiter::newerLimitFound, &weir, learn, Qt::QueuedConnection);
    QObject::connect(&groupLimiter, &engine::GroupLimiter::newerLimitFound, &weir, learn, Qt::QueuedConnection);
}

SimulatedWeir::SimulatedWeir(Timeline &timeline, SimulatedServer &server, test::Random &random, WeirOptions options)
    : m_timeline{timeline}, m_server{server}, m_random{random}, m_options{std::move(options)}
{
    m_store = std::make_unique<SimulatedLink>(timeline, server, m_memory, random);
    m_keeper = std::make_unique<engine::LimitKeeper>(*m_store, m_levels);
    begin();
}

SimulatedWeir::~SimulatedWeir()
{
    m_workers.clear();
    m_settler.reset();
    m_refiller.reset();
    m_rules.stop();
    m_instances.reset();
    m_keeper.reset();
}

void SimulatedWeir::begin()
{
    apply(m_options.rules, limit::TokenMode::Keep, [this](bool isDone) {
        if (isDone)
            serve();
        else
            QTimer::singleShot(200, this, &SimulatedWeir::begin);
    });
}

void SimulatedWeir::apply(const config::LimitSet &rules, limit::TokenMode mode, const std::function<void(bool)> &done)
{
    const auto book = std::make_shared<const engine::RuleBook>(rules);
    if (!book->isSingle)
        return m_rules.keeperOf(*m_store).apply(book, mode,
                                                [this, book, done](const Result<std::vector<limit::Limit>> &limits) {
                                                    if (limits)
                                                        useBook(book, limits.value());
                                                    done(limits.isOk());
                                                });
    const auto onSettled = [this, book, done](const Result<limit::Limit> &limit) {
        if (limit)
            useFound(book, limit.value());
        done(limit.isOk());
    };
    const config::LimitRule &rule = rules.limits.front();
    if (m_policies && m_policies->isSingle() && m_keeper->limit().name == rule.name)
        return m_keeper->change(rule.spec, mode, onSettled);
    const limit::LimitSpec &spec = rule.spec;
    m_keeper->settle(rule.name, {spec.capacity, spec.refill, spec.interval, spec.start, spec.algorithm}, mode,
                     onSettled);
}

void SimulatedWeir::useFound(const engine::RuleBookPtr &book, const limit::Limit &limit)
{
    if (limit.spec.algorithm == limit::Algorithm::TokenBucket)
        return useSingle(book, limit);
    m_rules.keeperOf(*m_store).follow(book, {limit});
    useBook(book, {limit});
}

void SimulatedWeir::useSingle(const engine::RuleBookPtr &book, const limit::Limit &limit)
{
    engine::Policies policies;
    policies.limit = limit;
    policies.onStoreFailure = book->set.limits.front().onStoreFailure;
    policies.book = book;
    policies.limits = {limit};
    decideBy(policies);
}

void SimulatedWeir::useBook(const engine::RuleBookPtr &book, const std::vector<limit::Limit> &limits)
{
    engine::Policies policies;
    policies.book = book;
    policies.limits = limits;
    policies.limit = limits.front();
    policies.onStoreFailure = book->set.limits.front().onStoreFailure;
    decideBy(policies);
}

void SimulatedWeir::onNumbersChanged()
{
    if (m_policies->isSingle())
        return;
    const engine::RuleBookPtr book = m_policies->book;
    const std::vector<limit::Limit> limits = m_rules.keeper()->limits();
    if (!book->isSingle || limits.front().spec.algorithm != limit::Algorithm::TokenBucket)
        return useBook(book, limits);
    m_keeper->learn(limits.front());
    useSingle(book, limits.front());
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
            &worker->limiter,
            [&worker = *worker, adopted = m_policies] {
                worker.limiter.adopt(adopted);
                worker.groupLimiter.adopt(adopted);
            },
            Qt::QueuedConnection);
    if (m_refiller)
        m_refiller->adopt(m_policies);
    if (m_settler)
        m_settler->adopt(m_policies);
    m_rules.adopt(m_policies);
    choosePulse();
}

// One of the two timers runs: that of the single bucket, or that of several.
void SimulatedWeir::choosePulse()
{
    if (!m_refiller || !m_rules.refiller())
        return;
    m_refiller->pause(!m_policies->isSingle());
    m_rules.refiller()->pause(m_policies->isSingle());
}

void SimulatedWeir::noteChange()
{
    m_standby.noteChange();
    m_rules.table().noteChange();
}

void SimulatedWeir::serve()
{
    const std::string refiller = m_options.name + ":1";
    connect(m_keeper.get(), &engine::LimitKeeper::changed, this, [this](const limit::Limit &limit) {
        if (m_policies->isSingle())
            useFound(m_policies->book, limit);
    });
    m_standby.join(m_levels);
    m_instances = std::make_unique<engine::InstanceCount>(*m_store, m_standby, m_rules.table(), m_options.name);
    m_instances->start();
    m_settler = std::make_unique<engine::Settler>(*m_store, m_policies, m_standby, m_levels, *m_instances);
    connect(m_settler.get(), &engine::Settler::newerLimitFound, m_keeper.get(), &engine::LimitKeeper::learn);
    connect(m_settler.get(), &engine::Settler::settled, this, [this] { m_refiller->tick(); });
    m_refiller = std::make_unique<engine::Refiller>(*m_store, m_policies, m_standby, m_levels, refiller);
    connect(m_refiller.get(), &engine::Refiller::newerLimitFound, m_keeper.get(), &engine::LimitKeeper::learn);
    if (m_policies->isSingle())
        m_refiller->start();
    m_rules.start(*m_store, m_policies, m_levels, *m_instances, refiller);
    connect(&m_rules, &app::RuleSide::numbersChanged, this, &SimulatedWeir::onNumbersChanged);
    choosePulse();
    auto *saving = new QTimer{this};
    connect(saving, &QTimer::timeout, m_keeper.get(), &engine::LimitKeeper::saveIfDue);
    saving->start(1s);
    for (int i = 0; i < m_options.workers; ++i)
        m_workers.push_back(std::make_unique<Worker>(*this));
}

void SimulatedWeir::ask(int worker, const std::vector<policy::Charge> &charges, Answer answer)
{
    m_waiting.emplace(++m_asked, std::move(answer));
    Worker &asked = *m_workers[static_cast<std::size_t>(worker)];
    if (m_policies->isSingle())
        asked.limiter.decide(m_asked, charges.front().cost);
    else
        asked.groupLimiter.decide(m_asked, charges);
}

void SimulatedWeir::onDecided(engine::Ticket ticket, const engine::Decision &decision)
{
    const auto waiting = m_waiting.extract(ticket);
    if (waiting.empty())
        qFatal("a request was answered twice");
    waiting.mapped()(decision);
}

void SimulatedWeir::changeLimits(const config::LimitSet &rules, limit::TokenMode mode)
{
    m_options.rules = rules;
    apply(rules, mode, [](bool) {});
}

void SimulatedWeir::setLevel(std::size_t limit, const std::string &subject, limit::StartLevel level)
{
    const auto done = [this](const Result<limit::Tokens> &) { noteChange(); };
    if (m_policies->isSingle())
        m_keeper->setLevel(level, done);
    else
        m_rules.keeperOf(*m_store).setLevel(limit, subject, level, done);
}

void SimulatedWeir::breakLinks()
{
    m_store->breakSoon();
    for (const auto &worker : m_workers)
        worker->store->breakSoon();
}

limit::Tokens SimulatedWeir::excess() const
{
    return m_standby.status().excess + m_rules.table().status().excess;
}

limit::Tokens SimulatedWeir::unsettled() const
{
    return m_standby.status().spent + m_rules.table().status().spent;
}

std::int64_t SimulatedWeir::outages() const
{
    return m_standby.status().outages + m_rules.table().status().outages;
}

std::int64_t SimulatedWeir::exactReturns() const
{
    return m_standby.status().exactReturns + m_rules.table().status().exactReturns;
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
    return isServing() && m_standby.mode() == engine::Standby::Mode::Store
           && m_rules.table().mode() == engine::BucketTable::Mode::Store && m_waiting.empty();
}

std::string SimulatedWeir::state() const
{
    const auto modeOf = [](auto mode) { return std::to_string(static_cast<int>(mode)); };
    return m_options.name + ": modes " + modeOf(m_standby.mode()) + "/" + modeOf(m_rules.table().mode())
           + ", instances " + std::to_string(m_instances ? m_instances->instances() : 0) + ", waiting "
           + std::to_string(m_waiting.size()) + ", breakers " + modeOf(m_standby.worstBreaker()) + "/"
           + modeOf(m_rules.table().worstBreaker()) + ", spent " + std::to_string(unsettled()) + ", excess "
           + std::to_string(excess());
}

} // namespace weir::explore
