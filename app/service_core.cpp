// SPDX-License-Identifier: GPL-3.0-only
#include "app/service_core.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <QDateTime>
#include <QLoggingCategory>

#include "app/level_reading.h"
#include "app/port_owner.h"

namespace weir::app {
namespace {

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

constexpr auto kStartDeadline = 5s;  // Redis included
constexpr auto kDrainDeadline = 2s;  // contracts: answer or 503 what is pending
constexpr auto kWatchEvery = 250ms;
constexpr int kMaxChangeAttempts = 4;

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
            error.detail += owner->name == "weir" ? " by another Weir (process " + std::to_string(owner->pid) + ")"
                                                  : " by " + owner->name + " (process " + std::to_string(owner->pid) + ")";
        error.detail += "; stop it, or choose another port, for example --listen " + address.host + ":"
                        + std::to_string(address.port < 65535 ? address.port + 1 : 8000);
    }
    error.detail = "--listen: " + error.detail;
    return error;
}

} // namespace

ServiceCore::ServiceCore(config::Config config, const Boards &boards, std::atomic<StatePtr> &published)
    : m_config{std::move(config)}, m_boards{boards}, m_published{published}, m_startDeadline{this},
      m_sampler{[this] { return readSample(); }, this}, m_watchTimer{this}
{
    m_state.onStoreFailure = m_config.onStoreFailure;
    m_startDeadline.setSingleShot(true);
    connect(&m_startDeadline, &QTimer::timeout, this, [this] {
        failStart(m_store ? m_store->link().lastError() : Error{Error::Code::Timeout, "the private redis-server does not start", true});
    });
    connect(&m_watchTimer, &QTimer::timeout, this, [this] { m_refiller->tick(); });
    connect(&m_sampler, &Sampler::sampled, this, [this] {
        measureRoundTrip();
        if (m_isUnsaved && m_store->link().isReady())
            saveLimit();
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
    const Result<redis::RedisUrl> url = redis::parseRedisUrl(QString::fromStdString(m_config.redisUrl));
    if (!url)
        return failStart({Error::Code::Invalid, "--redis: " + url.error().detail, false});
    m_state.store.isPrivate = false;
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
    connect(m_privateServer.get(), &redis::PrivateServer::died, this, [this](const QString &why) { onStoreDown(why.toStdString()); });
    m_privateServer->start([this](const Result<redis::RedisUrl> &url) {
        if (!url)
            return failStart(url.error());
        connectStore(url.value());
    });
}

void ServiceCore::connectStore(const redis::RedisUrl &url)
{
    m_url = url;
    m_state.store.address = url.display().toStdString();
    m_store = std::make_unique<redis::RedisStore>(url, redis::LinkOptions{});
    connect(&m_store->link(), &redis::RedisLink::readyChanged, this, [this](bool isReady) {
        if (isReady)
            onLinkReady();
    });
    connect(&m_store->link(), &redis::RedisLink::failed, this, &ServiceCore::onLinkFailed);
}

void ServiceCore::onLinkFailed()
{
    const Error &error = m_store->link().lastError();
    onStoreDown(error.detail);
    // A server that is still loading its data comes up by itself, and so does a private one.
    const bool isLoading = error.detail.find("LOADING") != std::string::npos;
    if (m_started && !isLoading && !m_privateServer)
        failStart({error.code, "--redis: " + error.detail + "; start it, correct the URL, or leave --redis out for a private server", false});
}

void ServiceCore::onLinkReady()
{
    m_state.store.state = engine::StoreStatus::State::Ready;
    if (!m_state.store.problem.empty())
        qCInfo(lcService, "the store is back");
    m_state.store.problem.clear();
    publish();
    askVersion();
    measureRoundTrip();
    if (m_started)
        settleLimit();
}

// What was said on the command line wins over what the store remembers; what was not said stays.
void ServiceCore::settleLimit()
{
    m_store->loadLimit("global", [this](const Result<std::optional<limit::Limit>> &known) {
        if (!known)
            return failStart({known.error().code, "--redis: the limit at " + m_state.store.address + " cannot be read: " + known.error().detail, false});
        const limit::LimitSpec base = known.value() ? known.value()->spec : limit::LimitSpec{};
        const limit::LimitSpec wished = m_config.limit.appliedTo(base);
        if (const auto issues = config::check(wished); !issues.empty())
            return failStart({Error::Code::Invalid, "--" + config::printIssue(issues.front()), false});
        m_policies = std::make_shared<engine::Policies>(
            engine::Policies{known.value().value_or(limit::Limit{"global", wished, 1}), m_config.onStoreFailure});
        m_state.limit = m_policies->limit;
        if (known.value() && wished == base)
            return serve();
        if (!known.value()) {
            saveLimit();
            return serve();
        }
        tryChange(wished, limit::TokenMode::Keep, 1, [this](const Result<limit::Limit> &changed) {
            changed ? serve() : failStart(changed.error());
        });
    });
}

void ServiceCore::serve()
{
    m_refiller = std::make_unique<engine::Refiller>(*m_store, m_policies, m_boards.back()->levels);
    connect(m_refiller.get(), &engine::Refiller::newerLimitFound, this, &ServiceCore::onNewerLimit);
    connect(m_refiller.get(), &engine::Refiller::ticked, this, [this] {
        if (!std::exchange(m_state.isRefilling, true))
            publish();
    });
    connect(m_refiller.get(), &engine::Refiller::failed, this, [this] {
        if (std::exchange(m_state.isRefilling, false))
            publish();
    });
    m_refiller->start();

    for (const http::ListenGroup &group : m_groups)
        m_state.urls.push_back(urlOf(group.address()));
    m_pool = std::make_unique<http::ServerPool>();
    connect(m_pool.get(), &http::ServerPool::newerLimitFound, this, &ServiceCore::onNewerLimit);
    const auto makeStore = [url = m_url] { return std::make_unique<redis::RedisStore>(url, redis::LinkOptions{}); };
    std::vector<http::WorkerBoard *> boards;
    for (std::size_t i = 0; i + 1 < m_boards.size(); ++i)
        boards.push_back(m_boards[i].get());
    m_pool->start(std::exchange(m_groups, {}), makeStore, m_policies, boards);
    m_sampler.start();
    publish();
    finishStart(m_state.urls);
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
    m_watchTimer.stop();
    if (m_pool)
        m_pool->stop(kDrainDeadline);
    m_pool.reset();
    m_refiller.reset();
    m_store.reset();
    if (m_privateServer)
        m_privateServer->stop();
    m_privateServer.reset();
    m_groups.clear();
    m_dataDir.reset();
}

void ServiceCore::changeLimit(const limit::LimitSpec &spec, limit::TokenMode mode, LimitDone done)
{
    tryChange(spec, mode, 1, std::move(done));
}

// The bucket first: from its answer on, every call with the old epoch is refused and told the new limit.
void ServiceCore::tryChange(const limit::LimitSpec &spec, limit::TokenMode mode, int attempt, LimitDone done)
{
    const limit::Limit next{m_policies->limit.name, spec, m_policies->limit.epoch + 1};
    m_store->take({next.name, next.spec, next.epoch, mode, {}},
                  [this, next, mode, attempt, done = std::move(done)](const Result<limit::TakeOutput> &result) mutable {
        if (!result)
            return done(result.error());
        const limit::TakeOutput &output = result.value();
        if (output.isStale) { // another instance changed it meanwhile; this wish is the later one
            adopt({next.name, output.inForce, output.epoch});
            if (attempt < kMaxChangeAttempts)
                return tryChange(next.spec, mode, attempt + 1, std::move(done));
            return done(Error{Error::Code::Overloaded, "others change the limit at the same time; try again", true});
        }
        m_boards.back()->levels.post(engine::reportOf(output, 0));
        adopt(next);
        saveLimit();
        done(next);
    });
}

// The limit is in force already; what outlives the bucket is tried again every second until it is written.
void ServiceCore::saveLimit()
{
    m_isUnsaved = true;
    m_store->saveLimit(m_policies->limit, [this, epoch = m_policies->limit.epoch](const Result<Done> &saved) {
        if (saved && epoch == m_policies->limit.epoch)
            m_isUnsaved = false;
    });
}

void ServiceCore::setLevel(limit::StartLevel level, std::function<void(Result<limit::Tokens>)> done)
{
    const limit::Limit &limit = m_policies->limit;
    const auto mode = level == limit::StartLevel::Full ? limit::TokenMode::Refill : limit::TokenMode::Drain;
    m_store->take({limit.name, limit.spec, limit.epoch, mode, {}},
                  [this, level, name = limit.name, done = std::move(done)](const Result<limit::TakeOutput> &result) mutable {
        if (!result)
            return done(result.error());
        const limit::TakeOutput &output = result.value();
        if (output.isStale) {
            onNewerLimit({name, output.inForce, output.epoch});
            return setLevel(level, std::move(done));
        }
        m_boards.back()->levels.post(engine::reportOf(output, 0));
        done(output.tokens);
    });
}

void ServiceCore::setStoreFailurePolicy(config::StoreFailurePolicy policy)
{
    decideBy({m_policies->limit, policy});
}

void ServiceCore::setWatched(bool isWatched)
{
    if (!isWatched)
        m_watchTimer.stop();
    else if (m_refiller && !m_watchTimer.isActive())
        m_watchTimer.start(kWatchEvery);
}

void ServiceCore::adopt(const limit::Limit &limit)
{
    if (m_pool && limit.spec != m_policies->limit.spec) {
        qCInfo(lcService, "the limit is now: %s", describe(limit.spec).c_str());
        m_sampler.addChange({QDateTime::currentMSecsSinceEpoch(), m_policies->limit.spec, limit.spec});
        m_state.history = m_sampler.history();
    }
    decideBy({limit, m_policies->onStoreFailure});
}

void ServiceCore::decideBy(const engine::Policies &policies)
{
    m_policies = std::make_shared<const engine::Policies>(policies);
    m_state.limit = policies.limit;
    m_state.onStoreFailure = policies.onStoreFailure;
    if (m_pool)
        m_pool->adopt(m_policies);
    if (m_refiller)
        m_refiller->adopt(m_policies);
    publish();
}

// Somebody else changed the limit; the store told one of us.
void ServiceCore::onNewerLimit(const limit::Limit &limit)
{
    const limit::Limit &ours = m_policies->limit;
    if (limit.epoch > ours.epoch || (limit.epoch == ours.epoch && limit.spec != ours.spec))
        adopt(limit);
}

void ServiceCore::askVersion()
{
    m_store->link().call(redis::formatCommand({"INFO", "server"}), [this](const Result<redis::Reply> &reply) {
        if (!reply || reply.value().isError()) // a user who may not ask; nothing depends on it
            return;
        constexpr QByteArrayView kField = "redis_version:";
        const QByteArray &text = reply.value().text;
        const qsizetype at = text.indexOf(kField);
        if (at >= 0)
            m_state.store.version = text.mid(at + kField.size(), text.indexOf('\r', at) - at - kField.size()).toStdString();
        publish();
    });
}

void ServiceCore::measureRoundTrip()
{
    if (!m_store->link().isReady())
        return;
    const auto sentAt = std::chrono::steady_clock::now();
    m_store->link().call(redis::formatCommand({"PING"}), [this, sentAt](const Result<redis::Reply> &reply) {
        if (reply)
            m_state.store.roundTrip = std::chrono::duration_cast<Micros>(std::chrono::steady_clock::now() - sentAt);
    });
}

void ServiceCore::onStoreDown(const std::string &why)
{
    if (!m_started && m_state.store.problem != why) // not once more for every attempt to come back
        qCInfo(lcService, "the store is away: %s", why.c_str());
    m_state.store.state = engine::StoreStatus::State::Down;
    m_state.store.problem = why;
    publish();
}

Sample ServiceCore::readSample() const
{
    Sample sample;
    for (const auto &board : m_boards) {
        sample.totals.add(board->telemetry.totals());
        sample.decisions.add(board->telemetry.decisions.read());
    }
    if (const auto level = readLevel(m_boards); level.nowUs != 0)
        sample.tokens = level.tokens;
    return sample;
}

void ServiceCore::publish()
{
    m_published.store(std::make_shared<const ServiceState>(m_state));
}

} // namespace weir::app
