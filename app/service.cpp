// SPDX-License-Identifier: GPL-3.0-only
#include "app/service.h"

#include <algorithm>
#include <utility>

#include <QPointer>
#include <QUrl>

#include "app/level_reading.h"
#include "app/metrics_source.h"
#include "app/service_log.h"
#include "core/admin/admin_token.h"
#include "core/admin/metrics_text.h"
#include "core/http/answers.h"
#include "core/remote/request_sender.h"

namespace weir::app {
namespace {

// One core is left to Redis, whose answers all threads wait for: with one thread more than that, each call of Redis carries
// fewer requests, and both are slower (tests/bench/README.md).
int workersFor(const config::Config &config)
{
    if (config.threads > 0)
        return config.threads;
    return std::clamp(QThread::idealThreadCount() - 1, 1, config::kMaxThreads);
}

engine::LevelApprox levelOf(const telemetry::LevelReport &report)
{
    engine::LevelApprox level;
    level.isKnown = report.nowUs != 0;
    level.tokens = report.tokens;
    level.nextRefill = Micros{report.nextRefillUs};
    level.observedAt = std::chrono::steady_clock::time_point{std::chrono::nanoseconds{report.observedNs}};
    level.admittedLifetime = report.admitted;
    level.refusedLifetime = report.refused;
    return level;
}

Error notStarted()
{
    return {Error::Code::Unavailable, "Weir is just starting", true};
}

} // namespace

Service::Service(config::Config config)
    : m_published{std::make_shared<const ServiceState>()},
      m_adminHosts{config.adminHosts},
      m_dataDir{config.dataDir},
      m_workers{workersFor(config)}
{
    const int boards = m_workers + (config.admin.isOn ? 2 : 1); // the last one is the service thread's own
    for (int i = 0; i < boards; ++i)
        m_boards.push_back(std::make_unique<telemetry::WorkerBoard>());
    m_thread.setObjectName(QStringLiteral("weir-service"));
    m_thread.start();
    QObject *gate = new QObject;
    gate->moveToThread(&m_thread);
    QMetaObject::invokeMethod(
        gate, [&] { m_core = std::make_unique<ServiceCore>(std::move(config), m_boards, m_published, adminDesk()); },
        Qt::BlockingQueuedConnection);
    gate->deleteLater();
}

Service::~Service()
{
    stop();
}

void Service::stop()
{
    if (!m_core)
        return;
    // In its own thread, whose end then deletes it there.
    ServiceCore *core = m_core.release();
    QMetaObject::invokeMethod(
        core,
        [this, core] {
            core->stop();
            core->deleteLater();
            m_thread.quit();
        },
        Qt::QueuedConnection);
    m_thread.join();
}

// What is asked at the admin port comes here as a message, and is answered from here.
http::AdminDesk Service::adminDesk()
{
    return [this](http::AdminRequest request, std::function<void(http::AdminAnswer)> reply) {
        QMetaObject::invokeMethod(
            this,
            [this, request = std::move(request), reply = std::move(reply)] {
                if (m_admin)
                    m_admin->handle(request, reply);
                else
                    reply(http::problemOf(503, "Service Unavailable", "Weir is starting."));
            },
            Qt::QueuedConnection);
    };
}

// Without a token nobody changes anything there; all else is answered.
void Service::openAdmin(const std::string &url)
{
    const QUrl address{QString::fromStdString(url)};
    const std::string port = ":" + std::to_string(address.port());
    admin::AdminRules rules;
    rules.hosts = {"127.0.0.1" + port, "localhost" + port, "[::1]" + port, address.authority().toLower().toStdString()};
    for (const std::string &host : m_adminHosts)
        rules.hosts.push_back(QString::fromStdString(host).toLower().toStdString());
    if (Result<std::string> token = admin::AdminToken::readOrMake(m_dataDir))
        rules.token = std::move(token).value();
    else
        qCWarning(lcService, "the admin port takes no changes: %s", token.error().detail.c_str());
    m_admin =
        std::make_unique<admin::AdminApi>(*this, std::move(rules), [this] { return admin::metricsText(metrics()); });
}

engine::Status Service::status()
{
    const StatePtr state = m_published.load();
    const telemetry::LevelReport report = readLevel(m_boards);
    engine::Status status;
    status.urls = state->urls;
    status.adminUrl = state->adminUrl;
    status.limit = state->limit;
    status.subject = state->subject;
    status.level = levelOf(report);
    status.store = state->store;
    status.refill = state->refill;
    status.refill.lastAtMs = report.refillAtUs / 1000;
    status.refill.lastTokens = report.refillTokens;
    status.refill.lastLevel = report.refillLevel;
    status.failure = state->failure;
    status.harm = state->harm;
    status.limits = state->limits;
    status.config = state->config;
    status.notice = state->notice;
    status.proxyWarning = state->proxyWarning;
    status.deeds = state->deeds;
    status.onStoreFailure = state->onStoreFailure;
    status.requestsNotShown = m_missed;
    for (const auto &board : m_boards) {
        status.totals.add(board->telemetry.totals());
        status.requestsNotShown += board->telemetry.requests.lost();
    }
    status.failure.tokensInDoubt = status.totals.inDoubt;
    status.before = state->before;
    status.historyProblem = state->historyProblem;
    status.decisionP50 = state->decisionP50;
    status.decisionP99 = state->decisionP99;
    status.startedAt = m_startedAt;
    status.workers = m_workers;
    status.lease.most = state->lease;
    status.lease.held = status.totals.leaseHeld;
    const auto deciders = static_cast<limit::Tokens>(m_boards.size()) - 1;
    status.lease.bound = state->lease * deciders * status.failure.liveInstances;
    return status;
}

engine::News Service::news()
{
    engine::News news;
    news.published = m_published.load()->version;
    news.areWaiting = m_requests.newest() > m_taken;
    news.tokens = readLevel(m_boards).tokens;
    for (const auto &board : m_boards) {
        const telemetry::Totals totals = board->telemetry.totals();
        news.requests += totals.answers();
        news.turnedAway += totals.turnedAway();
        news.connections += totals.connections;
        news.leaseHeld += totals.leaseHeld;
        news.areWaiting = news.areWaiting || !board->telemetry.requests.isEmpty();
    }
    return news;
}

void Service::emptyRings()
{
    std::vector<telemetry::RequestRecord> records;
    for (const auto &board : m_boards)
        board->telemetry.requests.drainTo(records);
    std::stable_sort(records.begin(), records.end(), [](const auto &a, const auto &b) { return a.atUs < b.atUs; });
    m_requests.add(std::move(records));
}

std::vector<telemetry::RequestRecord> Service::takeRequests()
{
    emptyRings();
    telemetry::RequestPage page = m_requests.page(m_taken, telemetry::LatestRequests::kMost);
    m_taken = page.newest;
    m_missed += page.dropped;
    return std::move(page.records);
}

telemetry::RequestPage Service::requestsAfter(std::uint64_t after, std::size_t most)
{
    emptyRings();
    return m_requests.page(after, most);
}

std::shared_ptr<const telemetry::History> Service::history()
{
    return m_published.load()->history;
}

admin::MetricsSource Service::metrics()
{
    return readMetrics(*this, m_boards);
}

template<class Task>
void Service::post(Task task)
{
    QMetaObject::invokeMethod(
        m_core.get(), [core = m_core.get(), task = std::move(task)] { task(*core); }, Qt::QueuedConnection);
}

// The callback comes home as a message; whether its receiver still lives is asked there, not before.
template<class Value>
std::function<void(Value)> Service::inThisThread(QObject *context, std::function<void(Value)> done)
{
    return [this, context = QPointer<QObject>{context}, done = std::move(done)](Value value) {
        QMetaObject::invokeMethod(
            this,
            [context, done, value = std::move(value)] {
                if (context)
                    done(value);
            },
            Qt::QueuedConnection);
    };
}

Result<std::vector<std::string>> Service::start()
{
    using Urls = Result<std::vector<std::string>>;
    Urls result{std::vector<std::string>{}};
    QObject waiting; // what comes when nobody waits any more is dropped
    post([answer = inThisThread<Urls>(&waiting, [&](const Urls &urls) {
              result = urls;
              m_starting.quit();
          })](ServiceCore &core) { core.start(answer); });
    m_starting.exec();
    m_startedAt = std::chrono::steady_clock::now();
    if (const std::string url = m_published.load()->adminUrl; result && !url.empty())
        openAdmin(url);
    return m_isGivenUp ? Urls{std::vector<std::string>{}} : result;
}

void Service::giveUpStart()
{
    m_isGivenUp = true;
    m_starting.quit();
}

void Service::askHistory(const history::Question &question, QObject *context,
                         std::function<void(Result<history::Answer>)> done)
{
    post([question, answer = inThisThread(context, std::move(done))](ServiceCore &core) {
        core.askHistory(question, answer);
    });
}

void Service::setWatched(bool isWatched)
{
    post([isWatched](ServiceCore &core) { core.setWatched(isWatched); });
}

void Service::setStoreFailurePolicy(config::StoreFailurePolicy policy, QObject *context,
                                    std::function<void(Result<Done>)> done)
{
    post([policy, answer = inThisThread(context, std::move(done))](ServiceCore &core) {
        core.setStoreFailurePolicy(policy, answer);
    });
}

void Service::pauseRefiller(bool isPaused)
{
    post([isPaused](ServiceCore &core) { core.pauseRefiller(isPaused); });
}

void Service::setRefillOnDemand(bool isOn)
{
    post([isOn](ServiceCore &core) { core.setRefillOnDemand(isOn); });
}

std::shared_ptr<const config::LimitSet> Service::limits()
{
    return m_published.load()->limitSet;
}

void Service::changeLimits(const config::LimitSet &next, limit::TokenMode mode, QObject *context,
                           std::function<void(Result<Done>)> done)
{
    post([next, mode, answer = inThisThread(context, std::move(done))](ServiceCore &core) {
        core.changeLimits(next, mode, answer);
    });
}

void Service::showBucket(const std::string &limit, const std::string &subject)
{
    post([limit, subject](ServiceCore &core) { core.showBucket(limit, subject); });
}

void Service::watchBuckets(const std::string &limit, const std::string &search)
{
    post([limit, search](ServiceCore &core) { core.watchBuckets(limit, search); });
}

std::shared_ptr<const engine::BucketList> Service::buckets()
{
    return m_published.load()->buckets;
}

void Service::listBuckets(const std::string &limit, const std::string &search, QObject *context,
                          std::function<void(Result<engine::BucketList>)> done)
{
    post([limit, search, answer = inThisThread(context, std::move(done))](ServiceCore &core) {
        answer(core.teller() ? core.teller()->listBuckets(limit, search) : Result<engine::BucketList>{notStarted()});
    });
}

void Service::peekBuckets(const std::vector<engine::BucketQuestion> &questions, QObject *context,
                          std::function<void(Result<std::vector<engine::BucketPeek>>)> done)
{
    post([questions, answer = inThisThread(context, std::move(done))](ServiceCore &core) {
        if (core.teller())
            core.teller()->peeker().peek(questions, answer);
        else
            answer(notStarted());
    });
}

void Service::setBucketLevel(const std::string &limit, const std::string &subject, limit::Tokens tokens,
                             QObject *context, std::function<void(Result<limit::Tokens>)> done)
{
    post([limit, subject, tokens, answer = inThisThread(context, std::move(done))](ServiceCore &core) {
        core.setBucketLevel(limit, subject, tokens, answer);
    });
}

void Service::readConfigAgain(QObject *context, std::function<void(Done)> done)
{
    post([answer = inThisThread(context, std::move(done))](ServiceCore &core) { core.readConfigAgain(answer); });
}

void Service::whenTurned(QObject *context, std::function<void(Done)> done)
{
    post([answer = inThisThread(context, std::move(done))](ServiceCore &core) { core.whenTurned(answer); });
}

void Service::setHarm(const engine::Harm &harm)
{
    post([harm](ServiceCore &core) { core.setHarm(harm); });
}

void Service::makeStoreForget(QObject *context, std::function<void(Result<Done>)> done)
{
    post([answer = inThisThread(context, std::move(done))](ServiceCore &core) { core.harm().forget(answer); });
}

void Service::killStore(QObject *context, std::function<void(Result<Done>)> done)
{
    post([answer = inThisThread(context, std::move(done))](ServiceCore &core) { answer(core.harm().kill()); });
}

void Service::sendRequests(int count, QObject *context, std::function<void(engine::SendReport)> done)
{
    send("GET", "/", count, inThisThread(context, std::move(done)));
}

void Service::sendAgain(const std::string &method, const std::string &target, QObject *context,
                        std::function<void(engine::SendReport)> done)
{
    send(method, target, 1, inThisThread(context, std::move(done)));
}

void Service::send(const std::string &method, const std::string &target, int count,
                   const std::function<void(engine::SendReport)> &done)
{
    const StatePtr state = m_published.load();
    if (state->urls.empty())
        return done({0, 0, 0, count, "the server is not running"});
    if (!m_sender)
        m_sender = std::make_unique<remote::RequestSender>();
    m_sender->send(state->urls.front(), method, target, count, done);
}

} // namespace weir::app
