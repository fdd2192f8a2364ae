// SPDX-License-Identifier: GPL-3.0-only
#include "app/service_core.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <QDateTime>
#include <QLoggingCategory>

#include "app/failure_reading.h"
#include "app/instance_name.h"
#include "app/level_reading.h"
#include "app/port_owner.h"
#include "core/config/limit_set.h"

namespace weir::app {
namespace {

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

constexpr auto kStartDeadline = 5s; // Redis included
constexpr auto kDrainDeadline = 2s; // contracts: answer or 503 what is pending
// Decisions are to come from the store again within 1 s of its return, also when only its password was wrong.
constexpr auto kLastDelay = 500ms;
Q_LOGGING_CATEGORY(lcService, "weir.service")

std::string describe(const limit::LimitSpec &spec)
{
    return "capacity " + std::to_string(spec.capacity) + ", refill " + std::to_string(spec.refill) + " every "
           + printDurationSpaced(spec.interval);
}

std::string urlOf(const config::ListenAddress &address)
{
    return "http://" + config::printListenAddress(address);
}

// "port 8000 is already in use" and by whom.
Error withOwner(Error error, const config::ListenAddress &address)
{
    if (error.code == Error::Code::Taken) {
        if (const auto owner = findPortOwner(address.port))
            error.detail += owner->name == "weir"
                                ? " by another Weir (process " + std::to_string(owner->pid) + ")"
                                : " by " + owner->name + " (process " + std::to_string(owner->pid) + ")";
        error.detail += "; stop it, or choose another port, for example --listen " + address.host + ":"
                        + std::to_string(address.port < 65535 ? address.port + 1 : 8000);
    }
    error.detail = "--listen: " + error.detail;
    return error;
}

} // namespace

ServiceCore::ServiceCore(config::Config config, const Boards &boards, std::atomic<StatePtr> &published)
    : m_config{std::move(config)},
      m_boards{boards},
      m_published{published},
      m_startDeadline{this},
      m_rules{this},
      m_rulesFile{m_config, this},
      m_reload{m_rulesFile, m_changes,
               [this](const config::Config &found, const FileReload::Applied &applied) {
                   applyRules(config::rulesOf(found), wishOf(found), limit::TokenMode::Keep, applied);
               },
               this},
      m_sampler{[this] { return readSample(); }, this},
      m_levelWatch{[this] { m_policies->isSingle() ? m_refiller->look() : m_rules.refiller()->look(); },
                   [this] { return readLevel(m_boards).tokens; }, this}
{
    m_state.onStoreFailure = m_config.onStoreFailure;
    m_startDeadline.setSingleShot(true);
    connect(&m_startDeadline, &QTimer::timeout, this, [this] {
        failStart(m_store ? m_store->link().lastError()
                          : Error{Error::Code::Timeout, "the private redis-server does not start", true});
    });
    connect(&m_sampler, &Sampler::sampled, this, [this] {
        m_storeWatch->measureRoundTrip();
        m_keeper->saveIfDue();
        tellLosses();
        m_state.store = storeStatus();
        m_rules.table().setInstances(m_instances->instances());
        readRules();
        m_state.history = m_sampler.history();
        m_state.decisionP50 = m_sampler.decisionQuantile(0.5);
        m_state.decisionP99 = m_sampler.decisionQuantile(0.99);
        publish();
    });
}

ServiceCore::~ServiceCore()
{
    stop();
}

// The ports first: whoever connects now waits in the backlog, and a port in use is told at once.
void ServiceCore::start(std::function<void(Result<std::vector<std::string>>)> done)
{
    m_started = std::move(done);
    m_startDeadline.start(kStartDeadline);
    const int workers = static_cast<int>(m_boards.size()) - 1;
    for (const config::ListenAddress &address : m_config.listen) {
        Result<http::ListenGroup> group = http::openListenGroup(address, workers);
        if (!group)
            return failStart(withOwner(group.error(), address));
        m_groups.push_back(std::move(group).value());
    }
    if (m_config.redisUrl.empty())
        return startPrivateServer();
    Result<redis::RedisUrl> url = redis::parseRedisUrl(QString::fromStdString(m_config.redisUrl));
    if (!url)
        return failStart({Error::Code::Invalid, "--redis: " + url.error().detail, false});
    const config::RedisTlsFiles &tls = m_config.redisTls;
    url.value().tls = {QString::fromStdString(tls.ca), QString::fromStdString(tls.certificate),
                       QString::fromStdString(tls.key)};
    connectStore(url.value());
}

void ServiceCore::startPrivateServer()
{
    const QString path = QString::fromStdString(m_config.dataDir);
    Result<DataDir> dataDir = DataDir::open(path);
    if (!dataDir)
        return failStart(dataDir.error());
    m_dataDir = std::move(dataDir).value();
    m_privateServer = std::make_unique<redis::PrivateServer>(path);
    m_harm.setServer(m_privateServer.get());
    m_privateReport = std::make_unique<PrivateStoreReport>(*m_privateServer);
    connect(m_privateServer.get(), &redis::PrivateServer::died, this, [this](const QString &why) {
        if (m_storeWatch)
            m_storeWatch->noteDown(why.toStdString());
    });
    connect(m_privateServer.get(), &redis::PrivateServer::loading, this, [this] {
        if (m_started)
            m_startDeadline.start(kStartDeadline); // as long as its data need
    });
    connect(m_privateReport.get(), &PrivateStoreReport::changed, this, [this] {
        if (m_storeWatch)
            onStoreChanged();
    });
    m_privateServer->start([this](const Result<redis::RedisUrl> &url) {
        if (!url)
            return failStart(url.error());
        connectStore(url.value());
    });
}

redis::LinkOptions ServiceCore::linkOptions() const
{
    redis::LinkOptions options;
    options.lastDelay = kLastDelay;
    options.faults = &m_harm.faults();
    return options;
}

void ServiceCore::connectStore(const redis::RedisUrl &url)
{
    m_store = std::make_unique<redis::RedisStore>(url, linkOptions(), m_memory);
    m_storeWatch = std::make_unique<StoreWatch>(m_store->link(), m_config.redisUrl.empty());
    connect(m_storeWatch.get(), &StoreWatch::changed, this, &ServiceCore::onStoreChanged);
    connect(m_storeWatch.get(), &StoreWatch::attemptFailed, this, &ServiceCore::onAttemptFailed);
    connect(m_storeWatch.get(), &StoreWatch::becameReady, this, &ServiceCore::settleLimit);
    m_keeper = std::make_unique<engine::LimitKeeper>(*m_store, m_boards.back()->levels);
}

void ServiceCore::onStoreChanged()
{
    if (m_privateReport && m_storeWatch->status().state == engine::StoreStatus::State::Ready)
        m_privateReport->noteStoreReady();
    const engine::StoreStatus now = storeStatus();
    const bool isTold = m_privateReport && m_privateReport->hasSpoken();
    if (!m_started && !isTold && now.problem != m_state.store.problem) // once, not for every attempt to come back
        qCInfo(lcService, "%s",
               now.problem.empty() ? "the store is back" : ("the store is away: " + now.problem).c_str());
    if (now.warnings != m_state.store.warnings)
        for (const std::string &warning : now.warnings)
            qCWarning(lcService, "the store: %s", warning.c_str());
    m_state.store = now;
    publish();
}

engine::StoreStatus ServiceCore::storeStatus() const
{
    engine::StoreStatus status = m_storeWatch->status();
    if (m_privateReport)
        m_privateReport->addTo(status);
    return status;
}

// A server that is still loading its data comes up by itself, and so does a private one.
void ServiceCore::onAttemptFailed(const Error &error)
{
    const bool isLoading = error.detail.find("LOADING") != std::string::npos;
    if (m_started && !isLoading && !m_privateServer)
        failStart(
            {error.code,
             "--redis: " + error.detail + "; start it, correct the URL, or leave --redis out for a private server",
             false});
}

void ServiceCore::settleLimit()
{
    if (!m_started)
        return; // it was there before and is back
    applyRules(config::rulesOf(m_config), wishOf(m_config), limit::TokenMode::Keep,
               [this](const Result<Done> &applied) {
                   if (applied)
                       return serve();
                   failStart({applied.error().code, startFailure(applied.error()), false});
               });
}

// What is not said of the one limit is as the store remembers; a list of limits says everything.
std::optional<config::LimitWish> ServiceCore::wishOf(const config::Config &config)
{
    return config.rules.limits.empty() ? std::optional{config.limit} : std::nullopt;
}

std::string ServiceCore::startFailure(const Error &error) const
{
    return error.code == Error::Code::Invalid ? error.detail : whyNotUsable(error);
}

void ServiceCore::applyRules(const config::LimitSet &rules, const std::optional<config::LimitWish> &wish,
                             limit::TokenMode mode, const RulesDone &done)
{
    const auto book = std::make_shared<const engine::RuleBook>(rules);
    if (!book->isSingle)
        return m_rules.keeperOf(*m_store).apply(book, mode,
                                                [this, book, done](const Result<std::vector<limit::Limit>> &limits) {
                                                    if (!limits)
                                                        return done(limits.error());
                                                    useBook(book, limits.value());
                                                    done(Done{});
                                                });
    const config::LimitRule &rule = rules.limits.front();
    const auto onSettled = [this, book, done](const Result<limit::Limit> &limit) {
        if (!limit)
            return done(limit.error());
        useSingle(book, limit.value());
        done(Done{});
    };
    const limit::LimitSpec &spec = rule.spec;
    if (!wish && m_policies && m_policies->isSingle() && m_keeper->limit().name == rule.name)
        return m_keeper->change(spec, mode, onSettled);
    m_keeper->settle(rule.name, wish.value_or(config::LimitWish{spec.capacity, spec.refill, spec.interval, spec.start}),
                     onSettled);
}

void ServiceCore::useSingle(const engine::RuleBookPtr &book, const limit::Limit &limit)
{
    engine::Policies policies = m_policies ? *m_policies : engine::Policies{};
    policies.limit = limit;
    policies.onStoreFailure = book->set.limits.front().onStoreFailure;
    policies.book = book;
    policies.limits = {limit};
    policies.shownSubject.clear();
    decideBy(policies);
}

// The Live page shows the bucket that was wished; else that of the first limit that has one for all; else nobody's.
void ServiceCore::useBook(const engine::RuleBookPtr &book, const std::vector<limit::Limit> &limits)
{
    const auto &rules = book->set.limits;
    const auto isWished = [this](const config::LimitRule &rule) { return rule.name == m_shownBucket.first; };
    const auto isShared = [](const config::LimitRule &rule) { return rule.isOn && rule.key.empty(); };
    const auto wished = std::find_if(rules.begin(), rules.end(), isWished);
    const auto shown = wished != rules.end() ? wished : std::find_if(rules.begin(), rules.end(), isShared);
    const auto place = shown == rules.end() ? 0 : static_cast<std::size_t>(shown - rules.begin());
    engine::Policies policies = m_policies ? *m_policies : engine::Policies{};
    policies.book = book;
    policies.limits = limits;
    policies.limit = limits.empty() ? limit::Limit{} : limits[place];
    policies.shownSubject = wished != rules.end() && !wished->key.empty() ? m_shownBucket.second : std::string{};
    policies.onStoreFailure = rules.empty() ? policies.onStoreFailure : rules[place].onStoreFailure;
    decideBy(policies);
}

void ServiceCore::showBucket(const std::string &limit, const std::string &subject)
{
    m_shownBucket = {limit, subject};
    if (!m_policies->isSingle())
        useBook(m_policies->book, m_policies->limits);
}

void ServiceCore::onBreakerChanged()
{
    const auto breaker = m_policies->isSingle() ? m_standby.worstBreaker() : m_rules.table().worstBreaker();
    if (m_state.failure.breaker != breaker)
        publish();
}

void ServiceCore::onNewerLimit(const limit::Limit &limit)
{
    if (m_policies->isSingle())
        m_keeper->learn(limit);
    else
        m_rules.keeperOf(*m_store).learn(limit);
}

void ServiceCore::changeLimits(const config::LimitSet &next, limit::TokenMode mode,
                               std::function<void(Result<Done>)> done)
{
    std::string problems;
    for (const config::ConfigIssue &issue : config::check(next))
        problems += (problems.empty() ? "" : "\n") + config::printIssue(issue);
    if (!problems.empty())
        return done(Error{Error::Code::Invalid, problems, false});
    m_changes.add([this, next, mode, done = std::move(done)](const ChangeQueue::Finished &finished) {
        writeAndApply(next, mode, [done, finished](const Result<Done> &result) {
            done(result);
            finished();
        });
    });
}

// The file first: what is in force and what is written must not part.
void ServiceCore::writeAndApply(const config::LimitSet &next, limit::TokenMode mode, const RulesDone &done)
{
    if (m_rulesFile.isThere() || m_rulesFile.canBeMade())
        if (const auto written = m_rulesFile.write(next); !written)
            return done(written.error());
    applyRules(next, std::nullopt, mode, [this, done](const Result<Done> &applied) {
        if (applied) {
            m_reload.dropWish();
            m_rulesFile.noteInForce();
            return m_pool->whenAdopted([done] { done(Done{}); });
        }
        if (m_rulesFile.isThere())
            m_rulesFile.undo();
        done(applied);
    });
}

void ServiceCore::changeLimit(const limit::LimitSpec &spec, limit::TokenMode mode,
                              std::function<void(Result<limit::Limit>)> done)
{
    if (m_policies->isSingle() && !m_rulesFile.isThere())
        return m_keeper->change(spec, mode, std::move(done));
    config::LimitSet next = m_policies->book->set;
    for (config::LimitRule &rule : next.limits)
        if (rule.name == m_policies->limit.name)
            rule.spec = spec;
    changeLimits(next, mode, [this, done = std::move(done)](const Result<Done> &changed) {
        if (!changed)
            return done(changed.error());
        done(m_policies->limit);
    });
}

void ServiceCore::watchBuckets(const std::string &limit, const std::string &search)
{
    m_watchedBuckets = {limit, search};
    readRules();
    publish();
}

void ServiceCore::setBucketLevel(const std::string &limit, const std::string &subject, limit::StartLevel level,
                                 const std::function<void(Result<limit::Tokens>)> &done)
{
    const auto &limits = m_policies->limits;
    const auto found =
        std::find_if(limits.begin(), limits.end(), [&](const limit::Limit &one) { return one.name == limit; });
    if (found == limits.end())
        return done(Error{Error::Code::Invalid, "there is no limit of that name any more", false});
    if (m_policies->isSingle())
        return setLevel(level, done);
    m_rules.keeperOf(*m_store).setLevel(static_cast<std::size_t>(found - limits.begin()), subject, level,
                                        [this, done](const Result<limit::Tokens> &result) {
                                            noteChange();
                                            done(result);
                                        });
}

// What the panel shows of several limits.
void ServiceCore::readRules()
{
    m_state.config = m_rulesFile.status();
    if (!m_policies || !m_policies->book)
        return;
    const auto now = std::chrono::steady_clock::now();
    m_state.limits = m_rules.table().counts(m_policies->limits);
    if (m_policies->isSingle()) {
        const telemetry::Totals totals = readSample().totals;
        m_state.limits.front().admitted = totals.admitted;
        m_state.limits.front().refused = totals.refused;
    }
    for (const limit::Limit &limit : m_policies->limits)
        if (limit.name == m_watchedBuckets.first)
            m_state.buckets =
                std::make_shared<const engine::BucketList>(m_rules.table().list(limit, m_watchedBuckets.second, now));
}

std::string ServiceCore::whyNotUsable(const Error &error) const
{
    if (m_privateServer)
        return "the private redis-server cannot keep the limit: "
               + m_privateServer->explain(QString::fromStdString(error.detail)).toStdString();
    return "--redis: the limit at " + m_state.store.address + " cannot be used: " + error.detail;
}

void ServiceCore::serve()
{
    connect(m_keeper.get(), &engine::LimitKeeper::changed, this, &ServiceCore::onLimitChanged);
    m_reload.start();
    connect(&m_rulesFile, &RulesFile::changed, this, [this] {
        readRules();
        publish();
    });
    startStandby();
    startRefiller();
    startRules();
    startPool();
    m_sampler.start();
    connect(&m_standby, &engine::Standby::breakerChanged, this, &ServiceCore::onBreakerChanged);
    connect(&m_rules.table(), &engine::BucketTable::breakerChanged, this, &ServiceCore::onBreakerChanged);
    publish();
    finishStart(m_state.urls);
}

void ServiceCore::startStandby()
{
    m_standby.join(m_boards.back()->levels); // what this thread hears of the bucket counts as well
    m_settler =
        std::make_unique<engine::Settler>(*m_store, m_policies, m_standby, m_boards.back()->levels, instanceName());
    connect(m_settler.get(), &engine::Settler::newerLimitFound, m_keeper.get(), &engine::LimitKeeper::learn);
    connect(m_settler.get(), &engine::Settler::settled, this, &ServiceCore::onSettled);
    connect(&m_standby, &engine::Standby::begun, this, [this] {
        const engine::Standby::Status status = m_standby.status();
        qCInfo(lcService, "the store does not decide: going on with 1/%lld of the last known level",
               static_cast<long long>(status.instances));
        publish();
    });
}

void ServiceCore::onSettled(const limit::SettleOutput &output)
{
    if (output.isExact)
        qCInfo(lcService, "the store decides again; nothing was lost and nothing overspent");
    else
        qCInfo(lcService,
               "the store decides again; others used the bucket meanwhile, at most %lld tokens too many were taken",
               static_cast<long long>(output.excess));
    m_refiller->tick();
    publish();
}

void ServiceCore::startRefiller()
{
    m_refiller =
        std::make_unique<engine::Refiller>(*m_store, m_policies, m_standby, m_boards.back()->levels, refillerName());
    connect(m_refiller.get(), &engine::Refiller::newerLimitFound, m_keeper.get(), &engine::LimitKeeper::learn);
    const auto publishChange = [this] {
        if (m_state.refill.isRunning != m_refiller->isRunning())
            publish();
    };
    connect(m_refiller.get(), &engine::Refiller::ticked, this, publishChange);
    connect(m_refiller.get(), &engine::Refiller::failed, this, publishChange);
    if (m_policies->isSingle()) // else its sister of several limits
        m_refiller->start();
    m_instances = std::make_unique<engine::InstanceCount>(*m_store, m_standby, [this] { return storeTime(); });
    m_instances->start();
}

// One bucket is heard of by this thread's own timer; several, by whoever asks for them.
std::optional<Micros> ServiceCore::storeTime() const
{
    const auto now = std::chrono::steady_clock::now();
    if (!m_policies->isSingle())
        return m_rules.table().storeTimeApprox(now);
    const telemetry::KnownReport known = m_boards.back()->levels.read().known;
    if (!known.bucket.isKnown())
        return std::nullopt;
    const auto passed = now.time_since_epoch() - std::chrono::nanoseconds{known.heardNs};
    return Micros{known.atUs} + std::chrono::duration_cast<Micros>(passed);
}

void ServiceCore::startRules()
{
    m_rules.start(*m_store, m_policies, m_boards.back()->levels, instanceName(), refillerName());
    connect(&m_rules, &RuleSide::numbersChanged, this, [this] {
        if (!m_policies->isSingle())
            useBook(m_policies->book, m_rules.keeper()->limits());
    });
    connect(&m_rules, &RuleSide::settled, this, [this](bool isExact) {
        qCInfo(lcService, isExact ? "the store decides again; nothing was lost and nothing overspent"
                                  : "the store decides again; others used buckets meanwhile");
        publish();
    });
    connect(&m_rules.table(), &engine::BucketTable::begun, this, [this] {
        qCInfo(lcService, "the store does not decide: going on with 1/%lld of the last known levels",
               static_cast<long long>(m_rules.table().status().instances));
        publish();
    });
    choosePulse();
}

// One of the two timers runs: that of the single bucket, or that of several.
void ServiceCore::choosePulse()
{
    if (!m_refiller || !m_rules.refiller())
        return;
    m_refiller->pause(m_isRefillerPaused || !m_policies->isSingle());
    m_rules.refiller()->pause(m_isRefillerPaused || m_policies->isSingle());
}

void ServiceCore::startPool()
{
    for (const http::ListenGroup &group : m_groups)
        m_state.urls.push_back(urlOf(group.address()));
    m_pool = std::make_unique<http::ServerPool>(http::fittedToDescriptors(m_config.http), m_config.trustedProxies);
    connect(m_pool.get(), &http::ServerPool::newerLimitFound, this, &ServiceCore::onNewerLimit);
    const auto makeStore = [url = m_store->link().url(), options = linkOptions(), memory = m_memory] {
        return std::make_unique<redis::RedisStore>(url, options, memory);
    };
    std::vector<http::WorkerBoard *> boards;
    for (std::size_t i = 0; i + 1 < m_boards.size(); ++i)
        boards.push_back(m_boards[i].get());
    m_pool->start(std::exchange(m_groups, {}), makeStore, m_policies, m_standby, m_rules.table(), boards);
}

void ServiceCore::finishStart(Result<std::vector<std::string>> result)
{
    m_startDeadline.stop();
    if (const auto started = std::exchange(m_started, nullptr))
        started(std::move(result));
}

void ServiceCore::failStart(const Error &error)
{
    finishStart(error);
}

// Workers first, so that the store is there for what they still owe; the server of the store last.
void ServiceCore::stop()
{
    // A timer may be due already, in this very turn of the event loop: it must not find what is gone.
    m_startDeadline.stop();
    m_sampler.stop();
    m_reload.stop();
    m_levelWatch.stop();
    m_standby.thaw(); // nobody will
    m_rules.table().thaw();
    if (m_pool)
        m_pool->stop(kDrainDeadline);
    m_pool.reset();
    m_instances.reset();
    m_settler.reset();
    m_refiller.reset();
    m_rules.stop();
    m_keeper.reset();
    m_storeWatch.reset();
    m_store.reset();
    if (m_privateServer)
        m_privateServer->stop();
    m_privateReport.reset();
    m_harm.setServer(nullptr);
    m_privateServer.reset();
    m_groups.clear();
    m_dataDir.reset();
}

// Of the limit that is shown now, whichever is when its turn comes.
void ServiceCore::setStoreFailurePolicy(config::StoreFailurePolicy policy, std::function<void(Result<Done>)> done)
{
    m_changes.add(
        [this, policy, limit = m_policies->limit.name, done = std::move(done)](const ChangeQueue::Finished &finished) {
            usePolicy(limit, policy, [done, finished](const Result<Done> &result) {
                done(result);
                finished();
            });
        });
}

// Each process has its own, so that the store is not asked: it is changed while the store is away.
void ServiceCore::usePolicy(const std::string &limit, config::StoreFailurePolicy policy, const RulesDone &done)
{
    engine::Policies policies = *m_policies;
    config::LimitSet rules = policies.book->set;
    const auto rule = std::find_if(rules.limits.begin(), rules.limits.end(),
                                   [&](const config::LimitRule &one) { return one.name == limit; });
    if (rule == rules.limits.end())
        return done(Error{Error::Code::Invalid, "there is no limit of that name any more", false});
    if (m_rulesFile.isThere())
        if (const auto written = m_rulesFile.writePolicy(limit, policy); !written)
            return done(written.error());
    rule->onStoreFailure = policy;
    policies.book = std::make_shared<const engine::RuleBook>(std::move(rules));
    if (policies.limit.name == limit)
        policies.onStoreFailure = policy;
    decideBy(policies);
    m_pool->whenAdopted([done] { done(Done{}); });
}

void ServiceCore::setRefillOnDemand(bool isOn)
{
    engine::Policies policies = *m_policies;
    policies.refillsOnDemand = isOn;
    decideBy(policies);
}

void ServiceCore::pauseRefiller(bool isPaused)
{
    m_isRefillerPaused = isPaused;
    choosePulse();
    publish();
}

void ServiceCore::setWatched(bool isWatched)
{
    if (!isWatched)
        m_levelWatch.stop();
    else if (m_refiller)
        m_levelWatch.start();
}

void ServiceCore::setLevel(limit::StartLevel level, std::function<void(Result<limit::Tokens>)> done)
{
    if (!m_policies->isSingle())
        return setBucketLevel(m_policies->limit.name, m_policies->shownSubject, level, done);
    m_keeper->setLevel(level, [this, done = std::move(done)](const Result<limit::Tokens> &result) {
        noteChange();
        if (result)
            m_sampler.addChange({QDateTime::currentMSecsSinceEpoch(), m_state.limit.spec, m_state.limit.spec});
        done(result);
    });
}

void ServiceCore::setHarm(const engine::Harm &harm)
{
    m_harm.set(harm);
    noteChange(); // the clock may have been stepped
    publish();
}

// Workers refuse by themselves while they know a bucket to be empty; from here on they ask again.
void ServiceCore::noteChange()
{
    m_standby.noteChange();
    m_rules.table().noteChange();
}

void ServiceCore::onLimitChanged(const limit::Limit &limit, const limit::LimitSpec &before)
{
    if (!m_policies->isSingle())
        return;
    if (limit.spec != before) {
        qCInfo(lcService, "the limit is now: %s", describe(limit.spec).c_str());
        m_sampler.addChange({QDateTime::currentMSecsSinceEpoch(), before, limit.spec});
        m_state.history = m_sampler.history();
    }
    engine::Policies policies = *m_policies;
    policies.limit = limit;
    policies.limits = {limit};
    decideBy(policies);
}

void ServiceCore::decideBy(const engine::Policies &policies)
{
    m_policies = std::make_shared<const engine::Policies>(policies);
    noteChange(); // before the workers hear of it, and anybody that it is done
    m_state.limit = policies.limit;
    m_state.subject = policies.shownSubject;
    m_state.onStoreFailure = policies.onStoreFailure;
    if (m_pool)
        m_pool->adopt(m_policies);
    if (m_refiller)
        m_refiller->adopt(m_policies);
    if (m_settler)
        m_settler->adopt(m_policies);
    m_rules.adopt(m_policies);
    choosePulse();
    config::LimitSet shown = policies.book->set;
    for (std::size_t i = 0; i < shown.limits.size() && i < policies.limits.size(); ++i)
        shown.limits[i].spec = policies.limits[i].spec; // others may have changed it
    m_state.rules = std::make_shared<const config::LimitSet>(std::move(shown));
    readRules();
    publish();
}

Sample ServiceCore::readSample() const
{
    Sample sample;
    // The level first: what it has lost must be among the counts of the same second or an earlier one.
    if (const auto level = readLevel(m_boards); level.nowUs != 0)
        sample.tokens = level.tokens;
    for (const auto &board : m_boards) {
        sample.totals.add(board->telemetry.totals());
        sample.decisions.add(board->telemetry.decisions.read());
    }
    sample.isAway = m_state.store.state != engine::StoreStatus::State::Ready || m_state.failure.isDegraded;
    return sample;
}

// Once a second at most: a store that forgets again and again must not fill the log.
void ServiceCore::tellLosses()
{
    const std::int64_t losses = readLevel(m_boards).statesLost;
    if (losses > std::exchange(m_toldLosses, losses))
        qCInfo(lcService, "the store has lost the bucket, or a part of it; it goes on from the last known level");
}

void ServiceCore::publish()
{
    if (m_refiller && m_instances) {
        const redis::Connection &link = m_store->link();
        const Error *why = link.isReady() ? nullptr : &link.lastError();
        if (m_policies->isSingle() || !m_rules.refiller()) {
            m_state.refill = readRefill(m_refiller->pulse(), *m_policies);
            m_state.failure = readFailure(m_state.failure, m_standby, *m_instances, *m_policies, why);
        } else {
            m_state.refill = readRefill(m_rules.refiller()->pulse(), *m_policies);
            m_state.failure = readFailure(m_state.failure, m_rules.table(), *m_instances, *m_policies, why);
        }
        m_state.refill.isPaused = m_isRefillerPaused;
    }
    m_state.harm = m_harm.harm();
    ++m_state.version;
    m_published.store(std::make_shared<const ServiceState>(m_state));
}

} // namespace weir::app
