// SPDX-License-Identifier: GPL-3.0-only
// The Lua scripts that Weir sends, with their digests.
#pragma once

#include <QByteArray>

#include "core/limit/limit.h"

namespace weir::redis {

struct Script {
    QByteArray source;
    QByteArray sha1; ///< hexadecimal, as EVALSHA wants it
};

// As they were when the program was built.
[[nodiscard]] const Script &tokenBucketScript(); ///< lua/token_bucket.lua
[[nodiscard]] const Script &takeAllScript();     ///< lua/take_all.lua behind the algorithms and buckets.lua
[[nodiscard]] const Script &settleAllScript();   ///< lua/settle_all.lua, likewise

/// As the scripts call it.
[[nodiscard]] QByteArrayView modeWord(limit::TokenMode mode);

} // namespace weir::redis
