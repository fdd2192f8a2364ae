// SPDX-License-Identifier: GPL-3.0-only
#include "app/store_connection.h"

#include <utility>

#include "app/service_log.h"
#include "core/base/duration.h"

namespace weir::app {
namespace {

using namespace std::chrono_literals;

// Decisions are to come from the store again within 1 s of its return, also when only its password was wrong.
constexpr auto kLastDelay = 500ms;

// It is back when it has been there for so long: one that answers PING and no script (CLIENT PAUSE) is left and found again several
// times a second.
constexpr auto kStays = 2s;

} // namespace

StoreConnection::StoreConnection(const config::Config &config, QObject *parent)
    : QObject{parent}, m_config{config}, m_away{kStays}
{
}

void StoreConnection::open()
{
    if (isPrivate())
        return startPrivateServer();
    Result<redis::RedisUrl> url = redis::parseRedisUrl(QString::fromStdString(m_config.redisUrl));
    if (!url) {
        Q_EMIT failed({Error::Code::Invalid, "--redis: " + url.error().detail, false});
        return;
    }
    const config::RedisTlsFiles &tls = m_config.redisTls;
    url.value().tls = {QString::fromStdString(tls.ca), QString::fromStdString(tls.certificate),
                       QString::fromStdString(tls.key)};
    connectTo(url.value());
}

void StoreConnection::startPrivateServer()
{
    const QString path = QString::fromStdString(m_config.dataDir);
    Result<DataDir> dataDir = DataDir::open(path);
    if (!dataDir) {
        Q_EMIT failed(dataDir.error());
        return;
    }
    m_dataDir = std::move(dataDir).value();
    m_server = std::make_unique<redis::PrivateServer>(path);
    m_harm.setServer(m_server.get());
    m_report = std::make_unique<PrivateStoreReport>(*m_server);
    connect(m_server.get(), &redis::PrivateServer::died, this, [this](const QString &why) {
        if (m_watch)
            m_watch->noteDown(why.toStdString());
    });
    connect(m_server.get(), &redis::PrivateServer::loading, this, &StoreConnection::loading);
    connect(m_report.get(), &PrivateStoreReport::changed, this, [this] {
        if (m_watch)
            onChanged();
    });
    m_server->start([this](const Result<redis::RedisUrl> &url) {
        if (url)
            connectTo(url.value());
        else
            Q_EMIT failed(url.error());
    });
}

void StoreConnection::connectTo(const redis::RedisUrl &url)
{
    m_store = std::make_unique<redis::RedisStore>(url, linkOptions(), m_config.redisPrefix);
    m_watch = std::make_unique<StoreWatch>(m_store->link(), m_store->names(), isPrivate());
    connect(m_watch.get(), &StoreWatch::becameReady, this, [this] { m_isAwaited = false; });
    connect(m_watch.get(), &StoreWatch::changed, this, &StoreConnection::onChanged);
    connect(m_watch.get(), &StoreWatch::attemptFailed, this, &StoreConnection::attemptFailed);
    connect(m_watch.get(), &StoreWatch::becameReady, this, &StoreConnection::ready);
}

redis::LinkOptions StoreConnection::linkOptions() const
{
    redis::LinkOptions options;
    options.lastDelay = kLastDelay;
    options.faults = &m_harm.faults();
    return options;
}

std::function<std::unique_ptr<store::BucketStore>()> StoreConnection::makeStore() const
{
    return [url = m_store->link().url(), options = linkOptions(), prefix = m_config.redisPrefix] {
        return std::make_unique<redis::RedisStore>(url, options, prefix);
    };
}

void StoreConnection::onChanged()
{
    if (m_report && m_watch->status().state == engine::StoreStatus::State::Ready)
        m_report->noteStoreReady();
    const engine::StoreStatus before = std::exchange(m_told, status());
    if (m_told.problem.empty() && !before.problem.empty())
        ++m_returns;
    tellWhetherAway();
    if (m_told.warnings != before.warnings)
        for (const std::string &warning : m_told.warnings)
            qCWarning(lcService, "the store: %s", warning.c_str());
    Q_EMIT changed();
}

// Of the private server its own report tells, which knows more.
void StoreConnection::tellWhetherAway()
{
    if (!m_isTelling || (m_report && m_report->hasSpoken()))
        return;
    const std::string &why = m_told.problem;
    switch (m_away.look(!why.empty(), why, std::chrono::steady_clock::now())) {
    case Episode::Say::Begins:
        m_returns = 0;
        qCInfo(lcService, "the store is away: %s", why.c_str());
        break;
    case Episode::Say::GoesOn:
        if (const int returns = std::exchange(m_returns, 0); returns > 0)
            qCInfo(lcService, "the store has come and gone %d times in the last %s: %s", returns,
                   printDurationSpaced(m_away.passed()).c_str(), why.c_str());
        else
            qCInfo(lcService, "the store is still away: %s", why.c_str());
        break;
    case Episode::Say::IsOver:
        qCInfo(lcService, "the store is back");
        break;
    case Episode::Say::Nothing:
        break;
    }
}

engine::StoreStatus StoreConnection::status() const
{
    engine::StoreStatus status = m_watch ? m_watch->status() : engine::StoreStatus{};
    status.isAwaited = m_isAwaited;
    if (m_report)
        m_report->addTo(status);
    return status;
}

const Error *StoreConnection::whyNot() const
{
    const redis::Connection &link = m_store->link();
    return link.isReady() ? nullptr : &link.lastError();
}

std::string StoreConnection::explain(const Error &why) const
{
    if (m_server)
        return "the private redis-server cannot keep the limit: "
               + m_server->explain(QString::fromStdString(why.detail)).toStdString();
    return "--redis: the limit at " + status().address + " cannot be used: " + why.detail;
}

void StoreConnection::look()
{
    if (m_watch)
        m_watch->measureRoundTrip();
    tellWhetherAway();
}

void StoreConnection::close()
{
    m_watch.reset();
    m_store.reset();
    if (m_server)
        m_server->stop();
    m_report.reset();
    m_harm.setServer(nullptr);
    m_server.reset();
    m_dataDir.reset();
}

} // namespace weir::app
