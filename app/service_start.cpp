// SPDX-License-Identifier: GPL-3.0-only
// Until requests are answered: the ports, the private Redis or another, and what is said when something is missing.
#include "app/service_core.h"

#include <utility>

#include "app/port_owner.h"
#include "app/service_log.h"

namespace weir::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kStartDeadline = 5s; // Redis included
// Decisions are to come from the store again within 1 s of its return, also when only its password was wrong.
constexpr auto kLastDelay = 500ms;

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
    m_store = std::make_unique<redis::RedisStore>(url, linkOptions());
    m_storeWatch = std::make_unique<StoreWatch>(m_store->link(), m_config.redisUrl.empty());
    connect(m_storeWatch.get(), &StoreWatch::changed, this, &ServiceCore::onStoreChanged);
    connect(m_storeWatch.get(), &StoreWatch::attemptFailed, this, &ServiceCore::onAttemptFailed);
    connect(m_storeWatch.get(), &StoreWatch::becameReady, this, &ServiceCore::settleLimit);
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

std::string ServiceCore::startFailure(const Error &error) const
{
    return error.code == Error::Code::Invalid ? error.detail : whyNotUsable(error);
}

std::string ServiceCore::whyNotUsable(const Error &error) const
{
    if (m_privateServer)
        return "the private redis-server cannot keep the limit: "
               + m_privateServer->explain(QString::fromStdString(error.detail)).toStdString();
    return "--redis: the limit at " + m_state.store.address + " cannot be used: " + error.detail;
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

} // namespace weir::app
