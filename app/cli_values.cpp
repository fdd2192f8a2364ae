// SPDX-License-Identifier: GPL-3.0-only
#include "app/cli_values.h"

#include <algorithm>

#include <QCoreApplication>
#include <QDir>
#include <QRegularExpression>

#include "app/cli_options.h"
#include "core/config/settings.h"
#include "core/config/table_reader.h"
#include "core/redis/link/redis_url.h"
#include "core/redis/link/tls.h"

namespace weir::app {
namespace {

using config::Setting;

// Relative paths are meant from where Weir is started, and it may move.
std::string asPath(const std::string &text)
{
    return text.empty() ? text
                        : QDir::cleanPath(QDir::current().absoluteFilePath(QString::fromStdString(text))).toStdString();
}

config::Texts textsOf(const OptionReader &reader, const Setting &setting, const QString &name)
{
    config::Texts texts;
    if (setting.isList())
        for (const QString &text : reader.values(name))
            texts.push_back(text.toStdString());
    else if (setting.form == config::Form::Switch && setting.takes.empty() && reader.isFlagGiven(name))
        texts = {"true"};
    else if (const auto text = reader.value(name))
        texts = {setting.form == config::Form::Path ? asPath(text->toStdString()) : text->toStdString()};
    return texts;
}

// What flags and variables say of the settings, those above all tables of the file or all others.
void readSettings(OptionReader &reader, config::Config &config, bool isOfLimit)
{
    for (const Setting &setting : config::settings()) {
        if (setting.name.empty() || setting.table.empty() != isOfLimit)
            continue;
        const QString name = QString::fromStdString(setting.name);
        const config::Texts texts = textsOf(reader, setting, name);
        if (!texts.empty())
            for (const config::FieldFault &fault : setting.read(config, texts))
                reader.fail(name, QString::fromStdString(fault.problem), QString::fromStdString(fault.hint));
    }
}

// A file with limits of its own: options are about the one called global, as they are without a file.
void readGlobalAmong(OptionReader &reader, config::Config &config)
{
    auto &limits = config.limitSet.limits;
    const auto global = std::find_if(limits.begin(), limits.end(),
                                     [](const config::LimitEntry &entry) { return entry.name == "global"; });
    if (global == limits.end()) {
        for (const Setting &setting : config::settings())
            if (const QString name = QString::fromStdString(setting.name);
                !name.isEmpty() && setting.table.empty() && reader.isSaid(name))
                reader.fail(name,
                            QStringLiteral("it is for the limit global, and %1 has limits of its own without that one")
                                .arg(QString::fromStdString(reader.file().name)),
                            QString::fromStdString(setting.key) + QLatin1String{" in one of its [[limit]]"});
        return;
    }
    config::Config said;
    said.onStoreFailure = global->onStoreFailure;
    readSettings(reader, said, true);
    global->spec = said.limit.appliedTo(global->spec);
    global->onStoreFailure = said.onStoreFailure;
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

// The URL when it is one.
std::optional<redis::RedisUrl> readRedis(OptionReader &reader, const config::Config &config)
{
    const QString name = QStringLiteral("redis");
    if (config.redisUrl.empty() || reader.hasFailed(name))
        return std::nullopt;
    const auto url = redis::parseRedisUrl(QString::fromStdString(config.redisUrl));
    if (url)
        return url.value();
    reader.fail(name, QString::fromStdString(url.error().detail), {});
    return std::nullopt;
}

// While an application lives. Qt's TLS attaches itself to it when its plugin is loaded and prints a warning when there is none;
// which one the program makes depends on what is being read here.
std::vector<redis::TlsProblem> tlsProblems(const redis::TlsFiles &files)
{
    if (QCoreApplication::instance())
        return redis::loadTls(files).problems;
    static char name[] = "weir";
    char *arguments[] = {name, nullptr};
    int count = 1;
    const QCoreApplication application{count, arguments};
    return redis::loadTls(files).problems;
}

// The files are read here already, so that a wrong name is told like every other wrong value.
void checkRedisTls(OptionReader &reader, const std::optional<redis::RedisUrl> &url, config::Config &config)
{
    const bool isTls = url && url->transport == redis::RedisUrl::Transport::Tls;
    const QString redis = QStringLiteral("redis"),
                  names[] = {redis + QLatin1String{"-ca"}, redis + QLatin1String{"-cert"},
                             redis + QLatin1String{"-key"}};
    std::string *const paths[] = {&config.redisTls.ca, &config.redisTls.certificate, &config.redisTls.key};
    bool isEachRight = true;
    for (std::size_t i = 0; i < std::size(names); ++i) {
        const bool isSaid = reader.isSaid(names[i]);
        if (!isSaid && reader.isSaid(redis) && !isTls)
            paths[i]->clear(); // for the Redis of the file, which a flag or a variable replaces
        if (!paths[i]->empty() && !isTls && !reader.hasFailed(redis))
            reader.fail(names[i], QStringLiteral("it is for rediss:// only"),
                        isSaid ? QStringLiteral("--redis rediss://host:port/db with it")
                               : QStringLiteral("a url with rediss:// beside it"));
        isEachRight = isEachRight && !reader.hasFailed(names[i]);
    }
    const redis::TlsFiles files{QString::fromStdString(*paths[0]), QString::fromStdString(*paths[1]),
                                QString::fromStdString(*paths[2])};
    if (!isEachRight || files.isEmpty())
        return;
    for (const redis::TlsProblem &problem : tlsProblems(files))
        reader.fail(names[static_cast<std::size_t>(problem.file)], QString::fromStdString(problem.sentence), {});
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
    readSettings(reader, config, false);
    if (config.limitSet.limits.empty())
        readSettings(reader, config, true);
    else
        readGlobalAmong(reader, config);
    checkRedisTls(reader, readRedis(reader, config), config);
    if (config.dataDir.empty() && !reader.hasFailed(QStringLiteral("data-dir")))
        config.dataDir = defaultDataDir(reader.environment()).toStdString();
    return config;
}

QString readDataDir(OptionReader &reader)
{
    const QString name = QStringLiteral("data-dir");
    config::Config config = reader.file().file.config;
    const Setting *setting = config::settingOf(name.toStdString());
    const config::Texts texts = textsOf(reader, *setting, name);
    if (!texts.empty())
        for (const config::FieldFault &fault : setting->read(config, texts))
            reader.fail(name, QString::fromStdString(fault.problem), QString::fromStdString(fault.hint));
    return config.dataDir.empty() ? defaultDataDir(reader.environment()) : QString::fromStdString(config.dataDir);
}

void readLogFormat(OptionReader &reader, config::Config &config)
{
    const QString name = QStringLiteral("log-format");
    if (const auto word = reader.value(name))
        for (const config::FieldFault &fault :
             config::settingOf(name.toStdString())->read(config, {word->toStdString()}))
            reader.fail(name, QString::fromStdString(fault.problem), QString::fromStdString(fault.hint));
}

std::optional<Screenshot> readScreenshot(OptionReader &reader, bool isServe)
{
    const QString name = QStringLiteral("screenshot");
    const bool isWanted = reader.isFlagGiven(name);
    for (const OptionInfo &option : allOptions()) {
        const QString &other = option.name;
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
    screenshot.page = readWord(reader, QStringLiteral("page"), choicesOf("page"));
    readSize(reader, screenshot);
    screenshot.theme = readWord(reader, QStringLiteral("theme"), choicesOf("theme"));
    const auto after = readDuration(reader, QStringLiteral("after"), Micros{0}, std::chrono::hours{1});
    if (after)
        screenshot.after = std::chrono::duration_cast<std::chrono::milliseconds>(*after);
    return screenshot;
}

} // namespace weir::app
