// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/redis_url.h"

#include <QFile>
#include <QUrl>
#include <QUrlQuery>

namespace weir::redis {
namespace {

using namespace Qt::StringLiterals;

Error invalid(const char *sentence)
{
    return {Error::Code::Invalid, sentence, false};
}

// "" and "/" are database 0; -1 when it is not a whole number from 0 to 9999.
int databaseOf(QString text)
{
    if (text.startsWith(u'/'))
        text.remove(0, 1);
    if (text.isEmpty())
        return 0;
    bool isNumber = false;
    const int number = text.toInt(&isNumber);
    return isNumber && number >= 0 && number <= 9999 ? number : -1;
}

Result<RedisUrl> parseUnix(const QUrl &url)
{
    RedisUrl result;
    result.transport = RedisUrl::Transport::Unix;
    result.path = url.path(QUrl::FullyDecoded);
    if (!url.host().isEmpty() || !result.path.startsWith(u'/'))
        return invalid("a Unix socket needs an absolute path, for example unix:/run/redis/redis.sock");
    if (QFile::encodeName(result.path).size() > kMaxSocketPath)
        return invalid("the path of the Unix socket is longer than 107 bytes");
    result.database = databaseOf(QUrlQuery{url}.queryItemValue(u"db"_s));
    result.user = url.userName(QUrl::FullyDecoded).toUtf8();
    result.password = url.password(QUrl::FullyDecoded).toUtf8();
    return result;
}

Result<RedisUrl> parseTcp(const QUrl &url)
{
    RedisUrl result;
    result.host = url.host();
    if (result.host.isEmpty())
        return invalid("a host is missing, for example redis://127.0.0.1:6379/0");
    if (url.port(6379) < 1)
        return invalid("the port must be from 1 to 65535");
    result.port = static_cast<quint16>(url.port(6379));
    result.database = databaseOf(url.path());
    result.user = url.userName(QUrl::FullyDecoded).toUtf8();
    result.password = url.password(QUrl::FullyDecoded).toUtf8();
    return result;
}

} // namespace

QString RedisUrl::display() const
{
    const QString suffix = database == 0 ? QString{} : u"/%1"_s.arg(database);
    if (transport == Transport::Unix)
        return u"unix:"_s + path + (database == 0 ? QString{} : u"?db=%1"_s.arg(database));
    return (host.contains(u':') ? u"redis://[%1]:%2"_s : u"redis://%1:%2"_s).arg(host).arg(port) + suffix;
}

Result<RedisUrl> parseRedisUrl(const QString &text)
{
    const QUrl url{text, QUrl::StrictMode};
    const QString scheme = text.section(u':', 0, 0).toLower();
    if (scheme == u"rediss" || scheme == u"sentinel" || scheme == u"cluster")
        return invalid(
            "rediss://, sentinel:// and cluster:// are not available in this version; use redis:// or unix:");
    if (scheme != u"redis" && scheme != u"unix")
        return invalid("the URL must begin with redis:// or unix:, for example redis://127.0.0.1:6379/0 or "
                       "unix:/run/redis/redis.sock");
    if (!url.isValid())
        return invalid(
            "this is not a URL, for example redis://user:password@127.0.0.1:6379/0 (escape special characters as %40)");
    Result<RedisUrl> result = scheme == u"unix" ? parseUnix(url) : parseTcp(url);
    if (result && result.value().database < 0)
        return invalid("the database must be a whole number, for example redis://127.0.0.1:6379/0");
    return result;
}

} // namespace weir::redis
