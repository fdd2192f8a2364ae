// SPDX-License-Identifier: GPL-3.0-only
// What the service thread says to the log: "weir.service".
#pragma once

#include <QLoggingCategory>

namespace weir::app {

Q_DECLARE_LOGGING_CATEGORY(lcService)

} // namespace weir::app
