// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/link/redis_url.h"

#include <algorithm>
#include <optional>

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

Result<RedisUrl> parseTcp(const QUrl &url, quint16 defaultPort)
{
    RedisUrl result;
    result.host = url.host();
    if (result.host.isEmpty())
        return invalid("a host is missing, for example redis://127.0.0.1:6379/0");
    const int port = url.port(defaultPort);
    if (port < 1)
        return invalid("the port must be from 1 to 65535");
    result.port = static_cast<quint16>(port);
    result.database = databaseOf(url.path());
    result.user = url.userName(QUrl::FullyDecoded).toUtf8();
    result.password = url.password(QUrl::FullyDecoded).toUtf8();
    return result;
}

// "user:password@h1:1,h2,h3": what QUrl does not know. Each host is read as a URL with one host.
Result<RedisUrl> parseHosts(const QString &authority, const QString &database, quint16 defaultPort)
{
    const qsizetype secretsEnd = authority.lastIndexOf(u'@') + 1;
    RedisUrl result;
    for (const QString &host : authority.mid(secretsEnd).split(u',')) {
        const QUrl url{u"redis://"_s + authority.left(secretsEnd) + host + u'/' + database, QUrl::StrictMode};
        if (!url.isValid())
            return invalid("the hosts must be written as h1:1,h2:2,h3:3 (escape special characters of the password "
                           "as %40)");
        Result<RedisUrl> one = parseTcp(url, defaultPort);
        if (!one)
            return one;
        result.user = one.value().user;
        result.password = one.value().password;
        result.database = one.value().database;
        result.seeds.push_back({one.value().host, one.value().port});
    }
    return result;
}

constexpr quint16 kRedisPort = 6379;
constexpr quint16 kSentinelPort = 26379;

Result<RedisUrl> parseSentinel(const QString &authority, const QString &path)
{
    Result<RedisUrl> result = parseHosts(authority, path.section(u'/', 1), kSentinelPort);
    if (!result)
        return result;
    const QByteArray name = QByteArray::fromPercentEncoding(path.section(u'/', 0, 0).toUtf8());
    result.value().kind = RedisUrl::Kind::Sentinel;
    result.value().masterName = QString::fromUtf8(name);
    if (name.isEmpty())
        return invalid("the name of the master is missing, for example sentinel://h1:26379,h2:26379/mymaster");
    return result;
}

Result<RedisUrl> parseCluster(const QString &authority, const QString &path)
{
    Result<RedisUrl> result = parseHosts(authority, path, kRedisPort);
    if (!result)
        return result;
    result.value().kind = RedisUrl::Kind::Cluster;
    if (result.value().database > 0)
        return invalid("a cluster has only database 0, for example cluster://h1:6379,h2:6379");
    return result;
}

// An @ behind the first character that ends the part with the password is one of that part. QUrl would read half of it.
bool isSecretCut(const QString &text)
{
    const QString rest = text.section(u"://"_s, 1);
    const auto *const end =
        std::find_if(rest.begin(), rest.end(), [](QChar c) { return c == u'/' || c == u'?' || c == u'#'; });
    return std::find(end, rest.end(), u'@') != rest.end() || std::count(rest.begin(), end, u'@') > 1;
}

// What no part of a connection comes from: told, not left unread.
std::optional<Error> unreadPart(const QUrl &url, bool isUnix)
{
    if (url.hasFragment())
        return invalid("there is a # in it, which means nothing here (in a password it is %23)");
    const QUrlQuery query{url};
    for (const auto &[name, value] : query.queryItems())
        if (!isUnix || name != u"db")
            return Error{Error::Code::Invalid,
                         "\"" + name.left(40).toStdString() + "\" behind the ? means nothing here"
                             + (isUnix ? "; only db does, for example unix:/run/redis.sock?db=1" : ""),
                         false};
    return std::nullopt;
}

Result<RedisUrl> parseByScheme(const QString &scheme, const QString &text)
{
    if (scheme == u"sentinel" || scheme == u"cluster") {
        const QString rest = text.section(u"://"_s, 1);
        const QString authority = rest.section(u'/', 0, 0), path = rest.section(u'/', 1);
        return scheme == u"cluster" ? parseCluster(authority, path) : parseSentinel(authority, path);
    }
    const QUrl url{text, QUrl::StrictMode};
    if (!url.isValid())
        return invalid(
            "this is not a URL, for example redis://user:password@127.0.0.1:6379/0 (escape special characters as %40)");
    if (const auto unread = unreadPart(url, scheme == u"unix"))
        return *unread;
    if (scheme == u"unix")
        return parseUnix(url);
    Result<RedisUrl> result = parseTcp(url, kRedisPort);
    if (result && scheme == u"rediss")
        result.value().transport = RedisUrl::Transport::Tls;
    return result;
}

QString printAll(const std::vector<HostPort> &places)
{
    QStringList texts;
    for (const HostPort &place : places)
        texts.append(place.print());
    return texts.join(u',');
}

} // namespace

QString HostPort::print() const
{
    return (host.contains(u':') ? u"[%1]:%2"_s : u"%1:%2"_s).arg(host).arg(port);
}

QString RedisUrl::display() const
{
    const QString suffix = database == 0 ? QString{} : u"/%1"_s.arg(database);
    if (kind == Kind::Sentinel)
        return u"sentinel://"_s + printAll(seeds) + u'/' + masterName + suffix;
    if (kind == Kind::Cluster)
        return u"cluster://"_s + printAll(seeds);
    if (transport == Transport::Unix)
        return u"unix:"_s + path + (database == 0 ? QString{} : u"?db=%1"_s.arg(database));
    return (transport == Transport::Tls ? u"rediss://"_s : u"redis://"_s) + HostPort{host, port}.print() + suffix;
}

RedisUrl RedisUrl::serverAt(const HostPort &place) const
{
    RedisUrl server = *this;
    server.kind = Kind::Server;
    server.host = place.host;
    server.port = place.port;
    server.seeds.clear();
    server.masterName.clear();
    return server;
}

Result<RedisUrl> parseRedisUrl(const QString &text)
{
    const QString scheme = text.section(u':', 0, 0).toLower();
    if (scheme != u"redis" && scheme != u"rediss" && scheme != u"unix" && scheme != u"sentinel" && scheme != u"cluster")
        return invalid("the URL must begin with redis:// or unix: (or rediss://, sentinel://, cluster://), for example "
                       "redis://127.0.0.1:6379/0 or unix:/run/redis/redis.sock");
    if (scheme != u"unix" && isSecretCut(text))
        return invalid(
            "the user or the password has a character that must be percent-encoded: @ is %40, / is %2F, : is "
            "%3A, ? is %3F, # is %23, % is %25");
    Result<RedisUrl> result = parseByScheme(scheme, text);
    if (result && result.value().database < 0)
        return invalid("the database must be a whole number, for example redis://127.0.0.1:6379/0");
    return result;
}

} // namespace weir::redis
