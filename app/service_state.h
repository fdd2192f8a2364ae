// SPDX-License-Identifier: GPL-3.0-only
// What the service thread publishes: immutable, replaced as a whole.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/engine/port/service_port.h"

namespace weir::app {

struct ServiceState {
    std::uint64_t version{0}; ///< of what is published; another each time
    std::vector<std::string> urls;
    std::string adminUrl;
    limit::Limit limit;
    std::string subject; ///< of the bucket that is shown
    config::StoreFailurePolicy onStoreFailure{};
    limit::Tokens lease{0}; ///< engine::LeaseStatus::most
    engine::StoreStatus store;
    engine::RefillStatus refill; ///< without the last refill, which the boards tell
    engine::FailureStatus failure;
    engine::Harm harm;
    std::shared_ptr<const config::LimitSet> limitSet{std::make_shared<const config::LimitSet>()};
    std::vector<engine::LimitCounts> limits;
    std::shared_ptr<const engine::BucketList> buckets{std::make_shared<const engine::BucketList>()};
    engine::ConfigStatus config;
    engine::LimitNotice notice;
    std::string proxyWarning;
    std::vector<engine::LimitNotice> deeds;
    history::Lifetime before;
    std::string historyProblem;
    Micros decisionP50{0};
    Micros decisionP99{0};
    std::shared_ptr<const telemetry::History> history{std::make_shared<telemetry::History>()};
};

} // namespace weir::app
