// SPDX-License-Identifier: GPL-3.0-only
// Changes of the limits, one after the other: each begins with what the one before has made of them.
#pragma once

#include <deque>
#include <functional>

#include "core/admin/call.h"
#include "core/admin/limits_body.h"
#include "core/engine/port/service_port.h"

class QObject;

namespace weir::admin {

/// Two clients that change different limits at once would else take back what the other has done. Thread: that of the port.
class LimitEditor {
public:
    struct Change {
        std::function<ReadLimits(const config::LimitSet &present)> edit; ///< called when its turn has come
        limit::TokenMode mode{limit::TokenMode::Keep};
        std::function<http::AdminAnswer(bool isNew)> answer; ///< called once it is in force
        std::function<http::AdminAnswer(const Faults &faults)> refuse;
        Reply reply;
    };

    /// Both outlive this.
    LimitEditor(engine::ServicePort &port, QObject &context) : m_port{port}, m_context{context} {}

    void add(Change change);

private:
    void next();

    engine::ServicePort &m_port;
    QObject &m_context;
    std::deque<Change> m_waiting;
    bool m_isBusy{false};
};

} // namespace weir::admin
