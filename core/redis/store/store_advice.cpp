// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/store/store_advice.h"

#include <memory>

#include <QList>

namespace weir::redis {
namespace {

// The key is only asked about. acl_check_cmd is there since Redis 7.0; a command that was renamed away is an error to it.
constexpr QByteArrayView kPermissionScript = R"(
if not redis.acl_check_cmd then return {} end
local missing = {}
local function check(...)
  local is_there, may = pcall(redis.acl_check_cmd, ...)
  if not (is_there and may) then missing[#missing + 1] = string.lower((...)) end
end
check('EVALSHA', '0', '1', KEYS[1])
check('HGET', KEYS[1], 'f')
check('HMGET', KEYS[1], 'f')
check('HSET', KEYS[1], 'f', 'v')
check('HINCRBY', KEYS[1], 'f', '1')
check('PEXPIRE', KEYS[1], '1')
check('TIME')
return missing)";
using Findings = std::shared_ptr<std::vector<std::string>>;
using Done = std::function<void(std::vector<std::string>)>;

void judgeEviction(const QByteArray &policy, const QByteArray &maxmemory, std::vector<std::string> &findings)
{
    if (policy.isEmpty() || policy == "noeviction")
        return;
    findings.push_back("Redis deletes keys when its memory is full (maxmemory-policy " + plainWords(policy)
                       + "), and a deleted bucket comes back full; set maxmemory-policy noeviction"
                       + (maxmemory == "0" ? " (no maxmemory is set at present, so nothing is deleted yet)" : ""));
}

// "field:value\r\n" of INFO.
QByteArray infoField(const QByteArray &text, QByteArrayView name)
{
    for (const QByteArray &line : text.split('\n'))
        if (line.startsWith(name) && line.mid(name.size(), 1) == ":")
            return line.mid(name.size() + 1).trimmed();
    return {};
}

void askMemoryByInfo(Connection &connection, Findings findings, Done done)
{
    connection.call(formatCommand({"INFO", "memory"}),
                    [findings = std::move(findings), done = std::move(done)](const Result<Reply> &result) {
                        if (result && !result.value().isError()) {
                            const QByteArray &text = result.value().text;
                            judgeEviction(infoField(text, "maxmemory_policy"), infoField(text, "maxmemory"), *findings);
                        }
                        done(std::move(*findings));
                    });
}

void askMemory(Connection &connection, Findings findings, Done done)
{
    connection.call(formatCommand({"CONFIG", "GET", "maxmemory*"}),
                    [&connection, findings = std::move(findings), done = std::move(done)](const Result<Reply> &result) {
                        if (!result)
                            return done(std::move(*findings));
                        if (result.value().isError())
                            return askMemoryByInfo(connection, findings, done);
                        const std::vector<Reply> &items = result.value().items;
                        QByteArray policy, maxmemory;
                        for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
                            if (items[i].text == "maxmemory-policy")
                                policy = items[i + 1].text;
                            if (items[i].text == "maxmemory")
                                maxmemory = items[i + 1].text;
                        }
                        judgeEviction(policy, maxmemory, *findings);
                        done(std::move(*findings));
                    });
}

void judgePermissions(const Reply &reply, const KeyNames &names, std::vector<std::string> &findings)
{
    constexpr auto kRemedy = "; lua/README.md names what the user needs";
    if (reply.isError("NOPERM"))
        findings.push_back("the Redis user may not run eval on the keys " + names.all() + kRemedy);
    QByteArrayList missing;
    for (const Reply &item : reply.items)
        missing.append(item.text);
    if (!missing.isEmpty())
        findings.push_back("the Redis user may not run these commands on the keys " + names.all()
                           + ", or they are taken away there: " + plainWords(missing.join(", ")) + kRemedy);
}

} // namespace

void adviseOn(Connection &connection, const KeyNames &names, Done done)
{
    const QByteArray key = names.permissions();
    const auto findings = std::make_shared<std::vector<std::string>>();
    connection.call(key, formatCommand({"EVAL", kPermissionScript, "1", key}),
                    [&connection, names, findings, done = std::move(done)](const Result<Reply> &result) {
                        if (!result)
                            return done({});
                        judgePermissions(result.value(), names, *findings);
                        askMemory(connection, findings, done);
                    });
}

} // namespace weir::redis
