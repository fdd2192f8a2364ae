// SPDX-License-Identifier: GPL-3.0-only
// The parts of a configuration file that say how a Weir runs: [server] and [redis]. A change of them needs a restart.
#pragma once

#include "core/config/table_reader.h"

namespace weir::config {

/// Each: what is said replaces what is in `config`; what is wrong is an issue and leaves it. Values are checked one by
/// one here, together by check(Config); URLs and PEM files by whoever can connect with them.
void readServerSection(TableReader &server, Config &config);
void readRedisSection(TableReader &redis, Config &config);

/// "Put it in [server]" for a key of another table or of none; empty for a key of nowhere.
[[nodiscard]] std::string homeOfServerKey(const std::string &key);

} // namespace weir::config
