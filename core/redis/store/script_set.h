// SPDX-License-Identifier: GPL-3.0-only
// The Lua scripts that Weir sends, with their digests.
#pragma once

#include <vector>

#include <QByteArray>

namespace weir::redis {

using Words = std::vector<QByteArray>;

struct Script {
    QByteArray source;
    QByteArray sha1; ///< hexadecimal, as EVALSHA wants it
};

// As they were when the program was built.
[[nodiscard]] const Script &takeScript();      ///< lua/take.lua and what lua/README.md says it stands on
[[nodiscard]] const Script &settleScript();    ///< lua/settle.lua, likewise
[[nodiscard]] const Script &instancesScript(); ///< lua/instances.lua

/// Return the bytes of the command: EVALSHA DIGEST, or EVAL SOURCE, then KEYS and ARGV.
[[nodiscard]] QByteArray scriptCommand(const Script &script, const Words &keys, const Words &argv, bool withSource);

} // namespace weir::redis
