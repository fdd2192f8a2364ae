// SPDX-License-Identifier: GPL-3.0-only
// Records requests and connections that were turned away before any decision.
#pragma once

#include "core/http/request_grammar.h"
#include "core/telemetry/worker_telemetry.h"

namespace weir::http {

/// Count it by its reason and put it among the requests that the panel shows. Thread: the worker's.
void noteTurnedAway(telemetry::WorkerTelemetry &telemetry, const telemetry::ShortText<46> &client,
                    const Rejection &why);

} // namespace weir::http
