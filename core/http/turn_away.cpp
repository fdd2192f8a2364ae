// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/turn_away.h"

#include <chrono>
#include <string>

namespace weir::http {

void noteTurnedAway(telemetry::WorkerTelemetry &telemetry, const telemetry::ShortText<46> &client, const Rejection &why)
{
    telemetry.countTurnedAway(telemetry::reasonOfStatus(why.status));
    if (!telemetry.requests.hasRoom())
        return;
    telemetry::RequestRecord row;
    row.atUs = std::chrono::system_clock::now().time_since_epoch() / std::chrono::microseconds{1};
    row.client = client;
    row.method = std::string_view{"-"};
    row.target = std::string_view{why.sentence()};
    row.status = static_cast<std::uint16_t>(why.status);
    telemetry.requests.push(row);
}

} // namespace weir::http
