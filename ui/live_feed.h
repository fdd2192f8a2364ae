// SPDX-License-Identifier: GPL-3.0-only
// The one place that asks the service: 20 times a second while somebody looks, twice while nobody does.
#pragma once

#include <QObject>
#include <QTimer>
#include <memory>
#include <vector>

#include "core/engine/service_port.h"

namespace weir::ui {

class LiveFeed : public QObject {
    Q_OBJECT
public:
    explicit LiveFeed(engine::ServicePort &service, QObject *parent = nullptr);

    /// Hidden: requests are still fetched, so that the ring does not overflow, but nothing has to be painted.
    void setShown(bool isShown);
    void pullNow();

Q_SIGNALS:
    void statusPulled(const weir::engine::Status &status);
    void requestsPulled(const std::vector<weir::telemetry::RequestRecord> &records); ///< never empty
    void historyPulled(const std::shared_ptr<const weir::telemetry::History> &history); ///< a new one

private:
    engine::ServicePort &m_service;
    QTimer m_timer;
    std::shared_ptr<const telemetry::History> m_history;
};

} // namespace weir::ui
