// SPDX-License-Identifier: GPL-3.0-only
#include "app/store_watch.h"

#include "core/redis/store/store_advice.h"

namespace weir::app {

StoreWatch::StoreWatch(redis::Connection &link, const redis::KeyNames &names, bool isPrivate, QObject *parent)
    : QObject{parent}, m_link{link}, m_names{names}
{
    m_status.isPrivate = isPrivate;
    m_status.address = link.address().toStdString();
    connect(&link, &redis::Connection::readyChanged, this, [this](bool isReady) {
        if (isReady)
            onReady();
    });
    connect(&link, &redis::Connection::failed, this, [this] {
        noteDown(m_link.lastError().detail);
        Q_EMIT attemptFailed(m_link.lastError());
    });
}

void StoreWatch::onReady()
{
    m_status.state = engine::StoreStatus::State::Ready;
    m_status.problem.clear();
    m_status.address = m_link.address().toStdString(); // a master may have moved
    askVersion();
    measureRoundTrip();
    Q_EMIT changed();
    Q_EMIT becameReady();
    if (m_link.isReady()) // behind what somebody asked who waited for that
        askForAdvice();
}

void StoreWatch::noteDown(const std::string &why)
{
    m_status.state = engine::StoreStatus::State::Down;
    m_status.problem = why;
    Q_EMIT changed();
}

void StoreWatch::askVersion()
{
    m_link.call(redis::formatCommand({"INFO", "server"}), [this](const Result<redis::Reply> &reply) {
        if (!reply || reply.value().isError()) // a user who may not ask; nothing depends on it
            return;
        constexpr QByteArrayView kField = "redis_version:";
        const QByteArray &text = reply.value().text;
        const qsizetype at = text.indexOf(kField);
        if (at < 0)
            return;
        m_status.version = redis::plainWords(text.mid(at + kField.size(), text.indexOf('\r', at) - at - kField.size()));
        Q_EMIT changed();
    });
}

// Each time: somebody may have heeded it.
void StoreWatch::askForAdvice()
{
    redis::adviseOn(m_link, m_names, [this](std::vector<std::string> warnings) {
        if (warnings == m_status.warnings)
            return;
        m_status.warnings = std::move(warnings);
        Q_EMIT changed();
    });
}

void StoreWatch::measureRoundTrip()
{
    if (!m_link.isReady())
        return;
    const auto sentAt = std::chrono::steady_clock::now();
    m_link.call(redis::formatCommand({"PING"}), [this, sentAt](const Result<redis::Reply> &reply) {
        if (reply)
            m_status.roundTrip = std::chrono::duration_cast<Micros>(std::chrono::steady_clock::now() - sentAt);
    });
}

} // namespace weir::app
