// SPDX-License-Identifier: GPL-3.0-only
// What is written down of a request or a connection that was turned away before any decision.
#pragma once

#include "core/http/request_grammar.h"
#include "core/telemetry/worker_telemetry.h"

namespace weir::http {

/// Counts it by its reason and puts it among the requests that the panel shows. Thread: the worker's.
void noteTurnedAway(telemetry::WorkerTelemetry &telemetry, const telemetry::ShortText<46> &client,
                    const Rejection &why);

} // namespace weir::http
