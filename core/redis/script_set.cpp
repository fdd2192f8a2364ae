// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/script_set.h"

#include <QCryptographicHash>

#include "token_bucket_lua.h"

namespace weir::redis {

const Script &tokenBucketScript()
{
    static const Script script = [] {
        const QByteArray source{embedded::token_bucket_lua.data(),
                                static_cast<qsizetype>(embedded::token_bucket_lua.size())};
        return Script{source, QCryptographicHash::hash(source, QCryptographicHash::Sha1).toHex()};
    }();
    return script;
}

} // namespace weir::redis
