// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/store/script_set.h"

#include <initializer_list>
#include <string_view>

#include <QCryptographicHash>

#include "algorithm_token_bucket_lua.h"
#include "buckets_lua.h"
#include "call_lua.h"
#include "common_lua.h"
#include "core/redis/link/reply.h"
#include "even_flow_lua.h"
#include "fixed_window_lua.h"
#include "front_lua.h"
#include "gcra_lua.h"
#include "instances_lua.h"
#include "leaky_bucket_lua.h"
#include "settle_lua.h"
#include "sliding_counter_lua.h"
#include "sliding_log_lua.h"
#include "take_lua.h"
#include "token_bucket_smooth_lua.h"

namespace weir::redis {
namespace {

Script scriptOf(std::initializer_list<std::string_view> fragments)
{
    QByteArray source;
    for (const std::string_view fragment : fragments)
        source.append(fragment.data(), static_cast<qsizetype>(fragment.size()));
    return {source, QCryptographicHash::hash(source, QCryptographicHash::Sha1).toHex()};
}

/// `front` may answer before all else is made; it may be empty.
Script groupScript(std::string_view front, std::string_view driver)
{
    using namespace embedded;
    return scriptOf({front, common_lua, call_lua, algorithm_token_bucket_lua, even_flow_lua, token_bucket_smooth_lua,
                     gcra_lua, leaky_bucket_lua, fixed_window_lua, sliding_log_lua, sliding_counter_lua, buckets_lua,
                     driver});
}

} // namespace

const Script &takeScript()
{
    static const Script script = groupScript(embedded::front_lua, embedded::take_lua);
    return script;
}

const Script &settleScript()
{
    static const Script script = groupScript({}, embedded::settle_lua);
    return script;
}

const Script &instancesScript()
{
    static const Script script = scriptOf({embedded::instances_lua});
    return script;
}

QByteArray scriptCommand(const Script &script, const Words &keys, const Words &argv, bool withSource)
{
    const QByteArray count = QByteArray::number(keys.size());
    std::vector<QByteArrayView> arguments{withSource ? "EVAL" : "EVALSHA", withSource ? script.source : script.sha1,
                                          count};
    arguments.reserve(arguments.size() + keys.size() + argv.size());
    arguments.insert(arguments.end(), keys.begin(), keys.end());
    arguments.insert(arguments.end(), argv.begin(), argv.end());
    return formatCommand(arguments);
}

} // namespace weir::redis
