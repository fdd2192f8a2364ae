// SPDX-License-Identifier: GPL-3.0-only
// What is wrong when a running Weir has not done what it was asked, and what to do.
#pragma once

#include <QString>
#include <QUrl>

#include "app/commands/ask/admin_client.h"

namespace weir::app {

/// Return a line, and one more for each of the errors that the answer names, each with its line end. `source`: where the
/// token came from that was sent; empty: none was.
[[nodiscard]] QString problemText(const AdminReply &reply, const QUrl &url, const QString &source);

} // namespace weir::app
