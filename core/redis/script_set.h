// SPDX-License-Identifier: GPL-3.0-only
// The Lua scripts that Weir sends, with their digests.
#pragma once

#include <QByteArray>

namespace weir::redis {

struct Script {
    QByteArray source;
    QByteArray sha1; ///< hexadecimal, as EVALSHA wants it
};

/// lua/token_bucket.lua as it was when the program was built.
[[nodiscard]] const Script &tokenBucketScript();

} // namespace weir::redis
