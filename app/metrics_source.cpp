// SPDX-License-Identifier: GPL-3.0-only
#include "app/metrics_source.h"

#include <QtGlobal>

#include "build_facts.h"

namespace weir::app {

admin::MetricsSource readMetrics(engine::ServicePort &port, const Boards &boards)
{
    admin::MetricsSource source;
    source.status = port.status();
    source.limits = port.limits();
    for (const auto &board : boards) {
        source.decisions.add(board->telemetry.decisions.read());
        source.batchSizes.add(board->telemetry.batchSizes.read());
    }
    source.build = {build::kVersion, qVersion(), build::kCommit};
    return source;
}

} // namespace weir::app
