// SPDX-License-Identifier: GPL-3.0-only
#include "app/start_up.h"

#include <chrono>
#include <utility>

#include "app/port_owner.h"
#include "app/service_log.h"

namespace weir::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kStartDeadline = 5s; // Redis included

// "port 8000 is already in use" and by whom.
Error withOwner(Error error, const config::ListenAddress &address, const std::string &option)
{
    if (error.code == Error::Code::Taken) {
        if (const auto owner = findPortOwner(address.port))
            error.detail += owner->name == "weir"
                                ? " by another Weir (process " + std::to_string(owner->pid) + ")"
                                : " by " + owner->name + " (process " + std::to_string(owner->pid) + ")";
        error.detail += "; stop it, or choose another port, for example " + option + ' '
                        + config::printListenAddress(
                            {address.host, static_cast<std::uint16_t>(address.port < 65535 ? address.port + 1 : 8000)});
    }
    error.detail.insert(0, option + ": ");
    return error;
}

} // namespace

StartUp::StartUp(const config::Config &config, StoreConnection &store, LimitsInForce &inForce, QObject *parent)
    : QObject{parent}, m_config{config}, m_store{store}, m_inForce{inForce}, m_deadline{this}
{
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, &StartUp::onDeadline);
    connect(&store, &StoreConnection::ready, this, &StartUp::onStoreReady);
    connect(&store, &StoreConnection::attemptFailed, this, &StartUp::onAttemptFailed);
    connect(&store, &StoreConnection::failed, this, [this](const Error &why) { finish(why); });
    connect(&store, &StoreConnection::loading, this, [this] {
        if (m_started)
            m_deadline.start(kStartDeadline); // as long as its data need
    });
}

// The ports first: whoever connects now waits in the backlog, and a port in use is told at once.
void StartUp::begin(int workers, Started done)
{
    m_started = std::move(done);
    m_deadline.start(kStartDeadline);
    if (const auto opened = openPorts(workers); !opened)
        return finish(opened.error());
    m_store.open();
}

Result<Done> StartUp::openPorts(int workers)
{
    for (const config::ListenAddress &address : m_config.listen) {
        Result<http::ListenGroup> group =
            http::openListenGroup(address, workers, http::takesIpv4(address, m_config.listen));
        if (!group)
            return withOwner(group.error(), address, "--listen");
        m_ports.data.push_back(std::move(group).value());
    }
    return openAdminPort();
}

Result<Done> StartUp::openAdminPort()
{
    const config::AdminPort &admin = m_config.admin;
    if (!admin.isOn)
        return Done{};
    Result<http::ListenGroup> group = http::openListenGroup(admin.address, 1);
    if (group) {
        m_ports.admin.push_back(std::move(group).value());
        return Done{};
    }
    const Error error = withOwner(group.error(), admin.address, "--admin");
    if (admin.isSaid)
        return error;
    qCWarning(lcService, "%s. This Weir has no admin port", error.detail.c_str());
    return Done{};
}

void StartUp::onStoreReady()
{
    if (!m_started)
        return;
    m_inForce.apply(*m_store.store(), m_config, limit::TokenMode::Keep, [this](const Result<Done> &applied) {
        if (applied)
            return finish(std::move(m_ports));
        const Error &why = applied.error();
        finish(Error{why.code, why.code == Error::Code::Invalid ? why.detail : m_store.explain(why), false});
    });
}

// A server that is still loading its data comes up by itself, and so does a private one.
void StartUp::onAttemptFailed(const Error &why)
{
    const bool isLoading = why.detail.find("LOADING") != std::string::npos;
    if (!m_started || isLoading || m_store.isPrivate())
        return;
    if (canWait(why))
        startWithout(why);
    else
        finish(
            Error{why.code,
                  "--redis: " + why.detail + "; start it, correct the URL, or leave --redis out for a private server",
                  false});
}

bool StartUp::canWait(const Error &why) const
{
    const bool isAway = why.code == Error::Code::Unavailable || why.code == Error::Code::Timeout;
    return m_config.waitForRedis && !m_store.isPrivate() && isAway;
}

void StartUp::startWithout(const Error &why)
{
    qCWarning(lcService,
              "--redis: %s; starting without it and going on trying: until it answers, limits decide as their "
              "on_store_failure says",
              why.detail.c_str());
    m_inForce.assume(m_config);
    finish(std::move(m_ports));
}

void StartUp::onDeadline()
{
    if (m_store.store() && canWait(m_store.store()->link().lastError()))
        return startWithout(m_store.store()->link().lastError());
    finish(m_store.store() ? m_store.store()->link().lastError()
                           : Error{Error::Code::Timeout, "the private redis-server does not start", true});
}

void StartUp::giveUp()
{
    m_deadline.stop();
    m_started = nullptr;
    m_ports = {};
}

void StartUp::finish(Result<Ports> result)
{
    m_deadline.stop();
    if (const Started started = std::exchange(m_started, nullptr))
        started(std::move(result));
}

} // namespace weir::app
