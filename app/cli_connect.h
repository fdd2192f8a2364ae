// SPDX-License-Identifier: GPL-3.0-only
// Reads from the command line which Weir elsewhere the panel is for.
#pragma once

#include <optional>
#include <string>

#include <QString>
#include <QUrl>

namespace weir::app {

class OptionReader;

struct Connect {
    std::string url;   ///< of its admin port: scheme, host and port
    std::string token; ///< empty: none
};

/// Read where the admin port is, `otherwise` if nobody says; what is wrong goes to `reader`.
[[nodiscard]] QUrl readAdminUrl(OptionReader &reader, const QString &otherwise = {});

/// Return where --connect or WEIR_CONNECT leads; nothing: the panel has a server of its own. What is wrong with it, and every
/// option that would be of no effect beside it, goes to `reader`.
[[nodiscard]] std::optional<Connect> readConnect(OptionReader &reader, bool isServe);

} // namespace weir::app
