// SPDX-License-Identifier: GPL-3.0-only
// The admin port's answers, without its sockets: who may ask, what can be asked, and what a running Weir says to it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <QObject>

#include "core/admin/admin_rules.h"
#include "core/admin/call.h"
#include "core/engine/port/service_port.h"

namespace weir::admin {

/// What resources/openapi.json describes. Thread: that of the port, the main (GUI) thread, of which an event loop must run for
/// the answers. Nothing blocks; requests are answered in any order, and what is asked when this dies is not answered.
class AdminApi : public QObject {
    Q_OBJECT
public:
    /// `port` outlives this. `metricsText`: makes the text of GET /metrics; none: it is 404.
    AdminApi(engine::ServicePort &port, AdminRules rules, std::function<std::string()> metricsText = {},
             QObject *parent = nullptr);

    /// Answer `request`; `reply` runs in this thread, once, now or later. The answer to HEAD has the body of GET's.
    void handle(const http::AdminRequest &request, Reply reply);

private:
    void answer(const http::AdminRequest &request, const Reply &reply);
    void call(const Route &route, const http::AdminRequest &request, const RequestTarget &target, const Reply &reply);
    void addHealth();
    void addTexts();
    [[nodiscard]] QJsonObject status();

    engine::ServicePort &m_port;
    AdminRules m_rules;
    std::function<std::string()> m_metricsText;
    std::vector<Route> m_routes;
    const std::int64_t m_beganAtMs;                   ///< since 1970
    std::shared_ptr<const config::LimitSet> m_limits; ///< of the last status
    std::int64_t m_limitsVersion{0};
};

} // namespace weir::admin
