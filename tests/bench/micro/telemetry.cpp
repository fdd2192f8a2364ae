// SPDX-License-Identifier: GPL-3.0-only
// What a request leaves behind for the panel: core/telemetry.
#include <memory>

#include "core/telemetry/worker_telemetry.h"
#include "tests/bench/micro/operation.h"

namespace weir::micro {

using telemetry::WorkerTelemetry;

void addTelemetry(Operations &operations)
{
    const auto board = std::make_shared<WorkerTelemetry>();
    operations.add("telemetry/two counts", [board] {
        board->admitted.add();
        board->countDecided(telemetry::DecidedBy::Store);
        return board->admitted.read();
    });
    operations.add("telemetry/latency", [board, took = std::int64_t{0}]() mutable {
        took = (took + 37) % 5000;
        board->decisions.record(Micros{took});
        return took;
    });
    telemetry::RequestRecord record;
    record.client = std::string_view{"203.0.113.77"};
    record.method = std::string_view{"GET"};
    record.target = std::string_view{"/api/orders"};
    operations.add("telemetry/64 records through the ring",
                   [board, record, drained = std::vector<telemetry::RequestRecord>{}]() mutable {
                       drained.clear();
                       for (int i = 0; i < 64 && board->requests.hasRoom(); ++i)
                           board->requests.push(record);
                       board->requests.drainTo(drained);
                       return drained.size();
                   });
    operations.add("telemetry/totals and latencies read", [board] {
        return board->totals().requests() + static_cast<std::int64_t>(board->decisions.read().total());
    });
}

} // namespace weir::micro
