// SPDX-License-Identifier: GPL-3.0-only
#include "app/cli_values.h"

#include <algorithm>
#include <array>

#include <QDir>
#include <QRegularExpression>

#include "app/cli_http_values.h"
#include "app/cli_options.h"
#include "core/config/table_reader.h"
#include "core/redis/link/redis_url.h"
#include "core/redis/link/tls.h"

namespace weir::app {
namespace {

using config::StoreFailurePolicy;

std::vector<config::ListenAddress> readListen(OptionReader &reader)
{
    const QString name = QStringLiteral("listen");
    const QStringList texts = reader.values(name);
    if (texts.isEmpty())
        return reader.file().file.config.listen;
    std::vector<config::ListenAddress> addresses;
    for (const QString &text : texts) {
        if (const auto address = config::parseListenAddress(text.toStdString()))
            addresses.push_back(*address);
        else
            reader.fail(name, quoted(text) + QLatin1String{" is not an address and a port"},
                        QLatin1String{"an address and a port from 0 to 65535, such as 127.0.0.1:8000 or [::1]:8000"});
    }
    if (addresses.empty()) // nothing that can be checked further
        addresses.emplace_back();
    return addresses;
}

bool readPublic(OptionReader &reader)
{
    const QString name = QStringLiteral("public");
    if (reader.isFlagGiven(name))
        return true;
    const auto word = readWord(reader, name,
                               {QStringLiteral("0"), QStringLiteral("1"), QStringLiteral("false"),
                                QStringLiteral("true"), QStringLiteral("no"), QStringLiteral("yes")});
    return word ? *word % 2 == 1 : reader.file().file.config.isPublic;
}

StoreFailurePolicy readPolicy(OptionReader &reader, StoreFailurePolicy fallback)
{
    const QString name = QStringLiteral("on-store-failure");
    constexpr std::array kPolicies{StoreFailurePolicy::Reject, StoreFailurePolicy::Allow, StoreFailurePolicy::Local};
    const auto word =
        readWord(reader, name, {QStringLiteral("reject"), QStringLiteral("allow"), QStringLiteral("local")});
    return word ? kPolicies[static_cast<std::size_t>(*word)] : fallback;
}

// What flags and variables say.
config::LimitWish readWish(OptionReader &reader)
{
    config::LimitWish wish;
    const QString capacityHint = QStringLiteral("a whole number from 1 to %1").arg(limit::kMaxCapacity);
    wish.capacity =
        readWhole(reader, QStringLiteral("capacity"), limit::kMinCapacity, limit::kMaxCapacity, capacityHint);
    wish.refill = readWhole(reader, QStringLiteral("refill"), 1, limit::kMaxCapacity,
                            QStringLiteral("a whole number from 1 to the capacity"));
    wish.interval = readDuration(reader, QStringLiteral("every"), limit::kMinInterval, limit::kMaxInterval);
    if (const auto word = readWord(reader, QStringLiteral("start"), {QStringLiteral("full"), QStringLiteral("empty")}))
        wish.start = *word == 0 ? limit::StartLevel::Full : limit::StartLevel::Empty;
    return wish;
}

// The one limit `global`: of the file's numbers, where nobody says better.
void readGlobal(OptionReader &reader, config::Config &config)
{
    const config::LimitWish ofFile = config.limit;
    config.limit = readWish(reader);
    config.limit.capacity = config.limit.capacity ? config.limit.capacity : ofFile.capacity;
    config.limit.refill = config.limit.refill ? config.limit.refill : ofFile.refill;
    config.limit.interval = config.limit.interval ? config.limit.interval : ofFile.interval;
    config.limit.start = config.limit.start ? config.limit.start : ofFile.start;
    config.onStoreFailure = readPolicy(reader, config.onStoreFailure);
}

const QString kGlobalOptions[] = {QStringLiteral("capacity"), QStringLiteral("refill"), QStringLiteral("every"),
                                  QStringLiteral("start"), QStringLiteral("on-store-failure")};

// A file with limits of its own: options are about the one called global, as they are without a file.
void readGlobalAmong(OptionReader &reader, config::Config &config)
{
    auto &limits = config.limitSet.limits;
    const auto global = std::find_if(limits.begin(), limits.end(),
                                     [](const config::LimitEntry &entry) { return entry.name == "global"; });
    if (global == limits.end()) {
        for (const QString &name : kGlobalOptions)
            if (reader.isSaid(name))
                reader.fail(name,
                            QStringLiteral("it is for the limit global, and %1 has limits of its own without that one")
                                .arg(QString::fromStdString(reader.file().name)),
                            QString::fromStdString(config::canonicalKey(name.toStdString()))
                                + QLatin1String{" in one of its [[limit]]"});
        return;
    }
    global->spec = readWish(reader).appliedTo(global->spec);
    global->onStoreFailure = readPolicy(reader, global->onStoreFailure);
    const bool isWindow = limit::isWindow(global->spec.algorithm);
    if (isWindow && reader.isSaid(QStringLiteral("refill")))
        reader.fail(QStringLiteral("refill"),
                    QLatin1String{"the limit global is a "}
                        + QString::fromStdString(std::string{nameOf(global->spec.algorithm)})
                        + QLatin1String{" and has no refill of its own"},
                    QStringLiteral("--capacity and --every alone"));
    if (isWindow)
        global->spec.refill = global->spec.capacity;
    for (const config::ConfigIssue &issue : config::check(global->spec))
        if (const QString name = QString::fromStdString(issue.where); !reader.hasFailed(name))
            reader.fail(name, QString::fromStdString(issue.problem), QString::fromStdString(issue.hint));
}

std::string readDataDir(OptionReader &reader, const QString &fallback)
{
    const QString name = QStringLiteral("data-dir");
    const auto text = reader.value(name);
    if (!text) {
        const std::string &ofFile = reader.file().file.config.dataDir;
        return ofFile.empty() ? fallback.toStdString() : ofFile;
    }
    if (!text->isEmpty())
        return QDir::cleanPath(QDir::current().absoluteFilePath(*text)).toStdString();
    reader.fail(name, QStringLiteral("no folder is given"), QStringLiteral("a folder that can be written"));
    return {};
}

// The URL when it is one.
std::optional<redis::RedisUrl> readRedis(OptionReader &reader, config::Config &config)
{
    const QString name = QStringLiteral("redis");
    auto text = reader.value(name);
    if (!text && !config.redisUrl.empty()) // the file's
        text = QString::fromStdString(config.redisUrl);
    if (!text)
        return std::nullopt;
    if (text->trimmed().isEmpty()) {
        reader.fail(name, QStringLiteral("the URL is empty"),
                    QStringLiteral("redis://host:port/db or unix:/path; without --redis it is a private one"));
        return std::nullopt;
    }
    config.redisUrl = text->toStdString();
    const auto url = redis::parseRedisUrl(*text);
    if (url)
        return url.value();
    reader.fail(name, QString::fromStdString(url.error().detail), {});
    return std::nullopt;
}

const QString kTlsOptions[] = {QStringLiteral("redis-ca"), QStringLiteral("redis-cert"), QStringLiteral("redis-key")};

// The file's word for a PEM file; nothing when a flag or a variable asks for a Redis without TLS instead of the file's.
std::optional<QString> tlsFileOfFile(const OptionReader &reader, const std::optional<redis::RedisUrl> &url,
                                     const std::string &path)
{
    const bool isTls = url && url->transport == redis::RedisUrl::Transport::Tls;
    if (path.empty() || (reader.isSaid(QStringLiteral("redis")) && !isTls))
        return std::nullopt;
    return QString::fromStdString(path);
}

// The files are read here already, so that a wrong name is told like every other wrong value.
void readRedisTls(OptionReader &reader, const std::optional<redis::RedisUrl> &url, config::Config &config)
{
    redis::TlsFiles files;
    QString *targets[] = {&files.ca, &files.certificate, &files.key};
    const std::string ofFile[] = {config.redisTls.ca, config.redisTls.certificate, config.redisTls.key};
    config.redisTls = {};
    bool isEachNamed = true;
    for (std::size_t i = 0; i < std::size(kTlsOptions); ++i) {
        auto text = reader.value(kTlsOptions[i]);
        if (!text)
            text = tlsFileOfFile(reader, url, ofFile[i]);
        *targets[i] = text.value_or(QString{});
        if (!text)
            continue;
        if (text->isEmpty()) {
            reader.fail(kTlsOptions[i], QStringLiteral("no file is given"), QStringLiteral("a PEM file"));
            isEachNamed = false;
        } else if (!reader.hasFailed(QStringLiteral("redis"))
                   && (!url || url->transport != redis::RedisUrl::Transport::Tls)) {
            reader.fail(kTlsOptions[i], QStringLiteral("it is for rediss:// only"),
                        reader.isSaid(kTlsOptions[i]) ? QStringLiteral("--redis rediss://host:port/db with it")
                                                      : QStringLiteral("a url with rediss:// beside it"));
            isEachNamed = false;
        }
    }
    if (!isEachNamed || files.isEmpty())
        return;
    for (const redis::TlsProblem &problem : redis::loadTls(files).problems)
        reader.fail(kTlsOptions[static_cast<std::size_t>(problem.file)], QString::fromStdString(problem.sentence), {});
    config.redisTls = {files.ca.toStdString(), files.certificate.toStdString(), files.key.toStdString()};
}

void readAdmin(OptionReader &reader)
{
    const auto text = reader.value(QStringLiteral("admin"));
    if (text && *text != QLatin1String{"off"})
        reader.fail(QStringLiteral("admin"), quoted(*text) + QLatin1String{": this version has no admin port"},
                    QStringLiteral("off"));
}

config::LogFormat readLogFormat(OptionReader &reader)
{
    QStringList names;
    for (const char *name : config::kLogFormats)
        names += QLatin1String{name};
    const auto word = readWord(reader, QStringLiteral("log-format"), names);
    return word ? static_cast<config::LogFormat>(*word) : reader.file().file.config.logFormat;
}

void readSize(OptionReader &reader, Screenshot &screenshot)
{
    const auto text = reader.value(QStringLiteral("size"));
    if (!text)
        return;
    static const QRegularExpression kSize{QStringLiteral("^([0-9]{1,5})x([0-9]{1,5})$")};
    const auto match = kSize.match(*text);
    const int width = match.captured(1).toInt(), height = match.captured(2).toInt();
    constexpr int kSmallest = 200, kLargest = 8192;
    if (std::min(width, height) < kSmallest || std::max(width, height) > kLargest) {
        reader.fail(QStringLiteral("size"), quoted(*text) + QLatin1String{" is not a size"},
                    QStringLiteral("width x height in pixels, each from 200 to 8192, such as 1280x820"));
        return;
    }
    screenshot.width = width;
    screenshot.height = height;
}

// XDG Base Directory Specification: a relative XDG_STATE_HOME is to be ignored.
QString defaultDataDir(const QProcessEnvironment &environment)
{
    const QString state = environment.value(QStringLiteral("XDG_STATE_HOME"));
    if (QDir::isAbsolutePath(state))
        return QDir::cleanPath(state + QLatin1String{"/weir"});
    const QString home = environment.value(QStringLiteral("HOME"));
    return QDir::isAbsolutePath(home) ? QDir::cleanPath(home + QLatin1String{"/.local/state/weir"}) : QString{};
}

} // namespace

config::Config readConfig(OptionReader &reader)
{
    config::Config config = reader.file().file.config;
    config.listen = readListen(reader);
    config.isPublic = readPublic(reader);
    const std::optional<redis::RedisUrl> url = readRedis(reader, config);
    readRedisTls(reader, url, config);
    if (config.limitSet.limits.empty())
        readGlobal(reader, config);
    else
        readGlobalAmong(reader, config);
    const auto threads = readWhole(reader, QStringLiteral("threads"), 1, config::kMaxThreads,
                                   QStringLiteral("a whole number from 1 to %1").arg(config::kMaxThreads));
    config.threads = threads ? static_cast<int>(*threads) : config.threads;
    config.lease = readWhole(reader, QStringLiteral("lease"), 0, config::kMaxLease,
                             QStringLiteral("a whole number from 0 to %1").arg(config::kMaxLease))
                       .value_or(config.lease);
    config.http = readHttpLimits(reader);
    config.trustedProxies = readTrustedProxies(reader);
    config.clientHeader = readClientHeader(reader);
    config.dataDir = readDataDir(reader, defaultDataDir(reader.environment()));
    readAdmin(reader);
    config.logFormat = readLogFormat(reader);
    return config;
}

std::optional<Screenshot> readScreenshot(OptionReader &reader, bool isServe)
{
    const QString name = QStringLiteral("screenshot");
    const bool isWanted = reader.isFlagGiven(name);
    for (const OptionInfo &option : allOptions()) {
        const QString other = QLatin1String{option.name};
        if (option.scope != OptionInfo::Scope::PanelOnly || !reader.isFlagGiven(other))
            continue;
        if (isServe)
            reader.fail(other, QStringLiteral("serve has no window"), QStringLiteral("weir without serve"));
        else if (!isWanted)
            reader.fail(other, QStringLiteral("there is no picture to take"),
                        QStringLiteral("--screenshot FILE with it"));
    }
    if (!isWanted || isServe)
        return std::nullopt;
    Screenshot screenshot;
    const auto file = reader.value(name);
    screenshot.file = file.value_or(QString{});
    if (file && file->isEmpty())
        reader.fail(name, QStringLiteral("no file is given"), QStringLiteral("a PNG file to write"));
    const QStringList pages{QStringLiteral("live"), QStringLiteral("limits"), QStringLiteral("failures"),
                            QStringLiteral("help"), QStringLiteral("algorithms")};
    screenshot.page = pages.value(readWord(reader, QStringLiteral("page"), pages).value_or(0));
    readSize(reader, screenshot);
    const QStringList themes{QStringLiteral("system"), QStringLiteral("light"), QStringLiteral("dark")};
    screenshot.theme = themes.value(readWord(reader, QStringLiteral("theme"), themes).value_or(0));
    const auto after = readDuration(reader, QStringLiteral("after"), Micros{0}, std::chrono::hours{1});
    if (after)
        screenshot.after = std::chrono::duration_cast<std::chrono::milliseconds>(*after);
    return screenshot;
}

} // namespace weir::app
