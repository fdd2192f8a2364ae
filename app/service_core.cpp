// SPDX-License-Identifier: GPL-3.0-only
#include "app/service_core.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <QDateTime>

#include "app/failure_reading.h"
#include "app/instance_name.h"
#include "app/level_reading.h"
#include "app/service_log.h"

namespace weir::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kDrainDeadline = 2s; // promised: what is pending is answered by then, or 503

std::string urlOf(const config::ListenAddress &address)
{
    return "http://" + config::printListenAddress(address);
}

} // namespace

Q_LOGGING_CATEGORY(lcService, "weir.service")

ServiceCore::ServiceCore(config::Config config, const Boards &boards, std::atomic<StatePtr> &published)
    : m_config{std::move(config)},
      m_boards{boards},
      m_published{published},
      m_startDeadline{this},
      m_parts{this},
      m_limitsFile{m_config, this},
      m_reload{m_limitsFile, m_changes,
               [this](const config::Config &found, const FileReload::Applied &applied) {
                   applyLimits(config::limitsOf(found), wishOf(found), limit::TokenMode::Keep, applied);
               },
               this},
      m_sampler{[this] { return readSample(); }, this},
      m_levelWatch{[this] { m_parts.refiller()->look(); }, [this] { return readLevel(m_boards).tokens; }, this}
{
    m_state.onStoreFailure = m_config.onStoreFailure;
    m_state.lease = m_config.lease;
    m_startDeadline.setSingleShot(true);
    connect(&m_startDeadline, &QTimer::timeout, this, [this] {
        failStart(m_store ? m_store->link().lastError()
                          : Error{Error::Code::Timeout, "the private redis-server does not start", true});
    });
    connect(&m_sampler, &Sampler::sampled, this, [this] {
        m_storeWatch->measureRoundTrip();
        tellLosses();
        tellUndecided();
        m_state.store = storeStatus();
        readLimits();
        showHistory();
        m_state.decisionP50 = m_sampler.decisionQuantile(0.5);
        m_state.decisionP99 = m_sampler.decisionQuantile(0.99);
        publish();
    });
}

ServiceCore::~ServiceCore()
{
    stop();
}

void ServiceCore::onBreakerChanged()
{
    if (m_state.failure.breaker != m_parts.table().worstBreaker())
        publish();
}

// What the file asks for stands in the queue of changes when it has been read.
void ServiceCore::readConfigAgain(const std::function<void(Done)> &done)
{
    m_limitsFile.readAgain();
    m_changes.add([this, done](const ChangeQueue::Finished &finished) {
        whenTurned(done);
        finished();
    });
}

void ServiceCore::whenTurned(const std::function<void(Done)> &done)
{
    if (!m_pool)
        return done({});
    m_pool->whenAdopted([done] { done({}); });
}

void ServiceCore::watchBuckets(const std::string &limit, const std::string &search)
{
    m_watchedBuckets = {limit, search};
    readLimits();
    publish();
}

// What the panel shows of the limits.
void ServiceCore::readLimits()
{
    m_state.config = m_limitsFile.status();
    if (!m_policies || !m_policies->book)
        return;
    const auto now = std::chrono::steady_clock::now();
    m_state.limits = m_parts.table().counts(m_policies->limits);
    for (const limit::Limit &limit : m_policies->limits)
        if (limit.name == m_watchedBuckets.first)
            m_state.buckets =
                std::make_shared<const engine::BucketList>(m_parts.table().list(limit, m_watchedBuckets.second, now));
}

void ServiceCore::serve()
{
    m_reload.start();
    connect(&m_limitsFile, &LimitsFile::changed, this, [this] {
        readLimits();
        publish();
    });
    startCount();
    startLimits();
    if (const Result<Done> started = startPool(); !started)
        return finishStart(started.error());
    m_sampler.start();
    connect(&m_parts.table(), &engine::BucketTable::breakerChanged, this, &ServiceCore::onBreakerChanged);
    publish();
    finishStart(m_state.urls);
}

void ServiceCore::startCount()
{
    m_instances = std::make_unique<engine::InstanceCount>(*m_store, m_parts.table(), instanceName());
    connect(m_instances.get(), &engine::InstanceCount::changed, this, [this](qint64 instances) {
        qCInfo(lcService, "Weirs that share the limits: %lld", static_cast<long long>(instances));
        publish();
    });
    connect(m_instances.get(), &engine::InstanceCount::clockStepped, this, &ServiceCore::tellStep);
    m_instances->start();
}

void ServiceCore::tellStep(Micros by)
{
    const char *what = "forward by %s: what is due by it is added at once, a capacity at most";
    if (by < Micros{0} && -by <= limit::kMaxClockStep)
        what = "back by %s: nothing comes back until it has caught up";
    else if (by < Micros{0})
        what =
            "back by %s: limits go on from there; if it comes forward again, what is due by it is added once more, a "
            "capacity at most";
    const Micros length = std::chrono::round<std::chrono::seconds>(by < Micros{0} ? -by : by);
    qCWarning(lcService, "%s",
              qPrintable(QStringLiteral("the clock of Redis has gone ")
                         + QString::asprintf(what, printDurationSpaced(length).c_str())));
}

void ServiceCore::tellBegun()
{
    const std::string why = lastFailure();
    qCInfo(lcService, "the store does not decide: going on with 1/%lld of the last known levels%s%s",
           static_cast<long long>(m_parts.table().status().instances), why.empty() ? "" : ": ", why.c_str());
    publish();
}

void ServiceCore::tellBlocked(const std::string &limit, const Error &why)
{
    qCWarning(lcService,
              "the store is back but cannot be told what was decided of the limit %s without it: %s; what needs that "
              "bucket is answered 503 until it can",
              limit.c_str(), why.detail.c_str());
}

void ServiceCore::onSettled(bool isExact, limit::Tokens excess)
{
    if (isExact)
        qCInfo(lcService, "the store decides again; nothing was lost and nothing overspent");
    else
        qCInfo(lcService,
               "the store decides again; others used buckets meanwhile, at most %lld tokens too many were taken",
               static_cast<long long>(excess));
    publish();
}

void ServiceCore::startLimits()
{
    m_parts.start(*m_store, m_policies, m_boards.back()->levels, *m_instances, refillerName());
    connect(&m_parts, &LimitParts::numbersChanged, this, &ServiceCore::onNumbersChanged);
    connect(&m_parts, &LimitParts::settled, this, &ServiceCore::onSettled);
    connect(&m_parts, &LimitParts::blocked, this, &ServiceCore::tellBlocked);
    connect(&m_parts.table(), &engine::BucketTable::begun, this, &ServiceCore::tellBegun);
    connect(m_parts.refiller(), &engine::Refiller::ticked, this, [this] {
        if (m_state.refill.isRunning != m_parts.refiller()->pulse().isRunning)
            publish();
    });
    m_parts.refiller()->pause(m_isRefillerPaused);
}

Result<Done> ServiceCore::startPool()
{
    for (const http::ListenGroup &group : m_groups)
        m_state.urls.push_back(urlOf(group.address()));
    m_pool = std::make_unique<http::ServerPool>(http::fittedToDescriptors(m_config.http),
                                                http::ProxyTrust{m_config.trustedProxies, m_config.clientHeader});
    connect(m_pool.get(), &http::ServerPool::newerLimitFound, m_parts.keeper(), &engine::LimitKeeper::learn);
    const auto makeStore = [url = m_store->link().url(), options = linkOptions()] {
        return std::make_unique<redis::RedisStore>(url, options);
    };
    std::vector<telemetry::WorkerBoard *> boards;
    for (std::size_t i = 0; i + 1 < m_boards.size(); ++i)
        boards.push_back(m_boards[i].get());
    return m_pool->start(std::exchange(m_groups, {}), makeStore, m_policies, m_parts.table(), boards);
}

// Workers first, so that the store is there for what they still owe; the server of the store last.
void ServiceCore::stop()
{
    // A timer may be due already, in this very turn of the event loop: it must not find what is gone.
    m_startDeadline.stop();
    m_sampler.stop();
    m_reload.stop();
    m_levelWatch.stop();
    m_parts.table().thaw(); // nobody will
    if (m_pool)
        m_pool->stop(kDrainDeadline);
    m_pool.reset();
    m_parts.stop();
    m_instances.reset();
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

void ServiceCore::pauseRefiller(bool isPaused)
{
    m_isRefillerPaused = isPaused;
    if (m_parts.refiller())
        m_parts.refiller()->pause(isPaused);
    publish();
}

void ServiceCore::setWatched(bool isWatched)
{
    m_isWatched = isWatched;
    showHistory();
    publish();
    if (!isWatched)
        m_levelWatch.stop();
    else if (m_parts.refiller())
        m_levelWatch.start();
}

// An hour is 200 KB, copied every second: only for somebody who looks.
void ServiceCore::showHistory()
{
    if (m_isWatched)
        m_state.history = m_sampler.history();
    else if (!m_state.history->bins.empty())
        m_state.history = std::make_shared<const telemetry::History>();
}

void ServiceCore::setHarm(const engine::Harm &harm)
{
    m_harm.set(harm);
    noteChange(); // the clock may have been stepped
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
    const std::int64_t losses = m_parts.table().status().statesLost;
    if (losses > std::exchange(m_toldLosses, losses))
        qCInfo(lcService, "the store has lost a bucket, or a part of it; it goes on from the last known level");
}

// Of all workers.
std::string ServiceCore::lastFailure() const
{
    telemetry::LastFailure::Note last;
    for (const auto &board : m_boards)
        if (auto note = board->telemetry.lastFailure.read(); note.atNs > last.atNs)
            last = std::move(note);
    return last.why;
}

void ServiceCore::tellUndecided()
{
    const telemetry::Totals totals = readSample().totals;
    const std::string why = lastFailure();
    const auto now = std::chrono::steady_clock::now();
    for (UndecidedWatch *watch : {&m_rejected, &m_allowed})
        if (const std::string line = watch->look(totals, why, now); !line.empty())
            qCInfo(lcService, "%s", line.c_str());
}

void ServiceCore::publish()
{
    if (m_parts.refiller() && m_instances) {
        const redis::Connection &link = m_store->link();
        const Error *why = link.isReady() ? nullptr : &link.lastError();
        m_state.refill = readRefill(m_parts.refiller()->pulse(), *m_policies);
        m_state.failure = readFailure(m_state.failure, m_parts.table(), *m_instances, *m_policies, why);
        m_state.refill.isPaused = m_isRefillerPaused;
        m_state.failure.undecidedWhy = m_rejected.isOn() ? m_rejected.why() : std::string{};
        m_state.failure.isAllUndecided = m_rejected.isAll();
        m_state.failure.undecidedSince = m_rejected.since();
    }
    m_state.harm = m_harm.harm();
    ++m_state.version;
    m_published.store(std::make_shared<const ServiceState>(m_state));
}

} // namespace weir::app
