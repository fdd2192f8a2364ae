// SPDX-License-Identifier: GPL-3.0-only
// Sends requests to a data port over HTTP, as any client would.
#pragma once

#include <functional>
#include <string>

#include <QNetworkAccessManager>
#include <QObject>

#include "core/engine/port/service_port.h"

namespace weir::remote {

/// Thread: lives in one thread; nothing blocks.
class RequestSender : public QObject {
    Q_OBJECT
public:
    explicit RequestSender(QObject *parent = nullptr);

    /// Send `howMany` requests for `target` to the data port at `base`; `done` once, when all were answered or have failed,
    /// as all have at once when the target cannot be sent as it is written.
    void send(const std::string &base, const std::string &method, const std::string &target, int howMany,
              std::function<void(engine::SendReport)> done);

private:
    QNetworkAccessManager m_network;
};

} // namespace weir::remote
