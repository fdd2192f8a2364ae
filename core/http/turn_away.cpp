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
    const std::string sentence = why.sentence();
    telemetry.requests.push({std::chrono::system_clock::now().time_since_epoch() / std::chrono::microseconds{1},
                             client,
                             std::string_view{"-"},
                             std::string_view{sentence},
                             static_cast<std::uint16_t>(why.status),
                             -1,
                             -1,
                             0,
                             telemetry::DecidedBy::Nobody,
                             {}});
}

} // namespace weir::http
