// SPDX-License-Identifier: GPL-3.0-only
// Where the token comes from that goes to a running Weir.
#pragma once

#include <QByteArray>
#include <QProcessEnvironment>
#include <QString>

#include "app/cli_ask.h"
#include "core/base/result.h"

namespace weir::app {

struct FoundToken {
    QByteArray token; ///< empty: none is sent
    QString source;   ///< "WEIR_TOKEN" or "the file PATH"; empty without one
};

/// Return the token of WEIR_TOKEN, else of --token-file. Without both, that of the data folder, when `isNeeded` and the
/// Weir is on this machine: another machine is never sent it. An Error says what to do; no token is in it.
[[nodiscard]] Result<FoundToken> tokenFor(const AskLine &line, const QProcessEnvironment &environment, bool isNeeded);

/// Return whether the host is this machine's own.
[[nodiscard]] bool isLoopback(const QUrl &url);

} // namespace weir::app
