// SPDX-License-Identifier: GPL-3.0-only
// The log category of the service thread, "weir.service".
#pragma once

#include <QLoggingCategory>

namespace weir::app {

Q_DECLARE_LOGGING_CATEGORY(lcService)

} // namespace weir::app
