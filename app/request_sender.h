// SPDX-License-Identifier: GPL-3.0-only
// Sends requests to our own port over HTTP, as any client would.
#pragma once

#include <functional>

#include <QNetworkAccessManager>
#include <QObject>
#include <QUrl>

#include "core/engine/port/service_port.h"

namespace weir::app {

/// Thread: lives in one thread; nothing blocks.
class RequestSender : public QObject {
    Q_OBJECT
public:
    explicit RequestSender(QObject *parent = nullptr);

    /// Send `howMany` requests to `url`; `done` once, when all were answered or have failed.
    void send(const QUrl &url, const QByteArray &method, int howMany, std::function<void(engine::SendReport)> done);

private:
    QNetworkAccessManager m_network;
};

} // namespace weir::app
