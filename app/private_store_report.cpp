// SPDX-License-Identifier: GPL-3.0-only
#include "app/private_store_report.h"

#include <QDateTime>

#include "app/service_log.h"

namespace weir::app {

PrivateStoreReport::PrivateStoreReport(redis::PrivateServer &server, QObject *parent)
    : QObject{parent}, m_server{server}
{
    connect(&server, &redis::PrivateServer::died, this, &PrivateStoreReport::onDown);
    connect(&server, &redis::PrivateServer::gaveUp, this, &PrivateStoreReport::onDown);
    connect(&server, &redis::PrivateServer::restarted, this, &PrivateStoreReport::onRestarted);
    connect(&server, &redis::PrivateServer::noticed, this, &PrivateStoreReport::onNoticed);
    connect(&server, &redis::PrivateServer::writesFailed, this, &PrivateStoreReport::onWritesFailed);
    connect(&server, &redis::PrivateServer::writesAgain, this, &PrivateStoreReport::onWritesAgain);
}

void PrivateStoreReport::addTo(engine::StoreStatus &status) const
{
    status.restarts = m_server.restarts();
    status.notice = m_notice;
    status.noticeAtMs = m_noticeAtMs;
    const bool isDown = !m_downProblem.empty() && status.state != engine::StoreStatus::State::Ready;
    if (!isDown && m_writeProblem.empty())
        return;
    status.state = engine::StoreStatus::State::Down;
    status.problem = isDown ? m_downProblem : m_writeProblem;
}

void PrivateStoreReport::onDown(const QString &why)
{
    qCInfo(lcService, "%s", qUtf8Printable(why));
    m_downProblem = why.toStdString();
    m_writeProblem.clear();
    Q_EMIT changed();
}

void PrivateStoreReport::onRestarted()
{
    qCInfo(lcService, "the private redis-server runs again (restart %d)", m_server.restarts());
    Q_EMIT changed();
}

void PrivateStoreReport::onNoticed(const QString &sentence)
{
    qCInfo(lcService, "%s", qUtf8Printable(sentence));
    m_notice = sentence.toStdString();
    m_noticeAtMs = QDateTime::currentMSecsSinceEpoch();
    Q_EMIT changed();
}

void PrivateStoreReport::onWritesFailed(const QString &why)
{
    qCInfo(lcService, "%s", qUtf8Printable(why));
    m_writeProblem = why.toStdString();
    Q_EMIT changed();
}

void PrivateStoreReport::onWritesAgain()
{
    qCInfo(lcService, "the private redis-server writes again");
    m_writeProblem.clear();
    Q_EMIT changed();
}

} // namespace weir::app
