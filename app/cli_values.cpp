// SPDX-License-Identifier: GPL-3.0-only
#include "app/cli_values.h"

#include <array>

#include <QDir>
#include <QRegularExpression>

#include "app/cli_options.h"
#include "core/redis/redis_url.h"

namespace weir::app {
namespace {

using config::StoreFailurePolicy;

QString quoted(const QString &text)
{
    constexpr int kMostShown = 80; // of a word somebody pasted by mistake
    return QLatin1Char{'"'} + (text.size() > kMostShown ? text.left(kMostShown) + QChar{0x2026} : text)
           + QLatin1Char{'"'};
}

QString variableOf(const QString &name)
{
    for (const OptionInfo &option : allOptions())
        if (name == QLatin1String{option.name})
            return QLatin1String{option.variable};
    return {};
}

std::optional<std::int64_t> readWhole(OptionReader &reader, const QString &name, std::int64_t low, std::int64_t high,
                                      const QString &hint)
{
    const auto text = reader.value(name);
    if (!text)
        return std::nullopt;
    static const QRegularExpression kWhole{QStringLiteral("^-?[0-9]+$")};
    if (!kWhole.match(*text).hasMatch()) {
        reader.fail(name, quoted(*text) + QLatin1String{" is not a whole number"}, hint);
        return std::nullopt;
    }
    bool isOk = false; // false here: longer than 64 bits
    const std::int64_t number = text->toLongLong(&isOk);
    if (isOk && number >= low && number <= high)
        return number;
    reader.fail(name, (text->size() > 20 ? quoted(*text) : *text) + QLatin1String{" is out of range"}, hint);
    return std::nullopt;
}

std::optional<Micros> readDuration(OptionReader &reader, const QString &name, Micros low, Micros high)
{
    const auto text = reader.value(name);
    if (!text)
        return std::nullopt;
    const QString range =
        QStringLiteral(", from %1 to %2")
            .arg(QString::fromStdString(printDuration(low)), QString::fromStdString(printDuration(high)));
    const auto duration = parseDuration(text->toStdString());
    if (!duration)
        reader.fail(name, quoted(*text) + QLatin1String{" is not a duration"},
                    QLatin1String{"a whole number and one of us ms s min h d, such as 500ms 10s 1min 1h 1d"} + range);
    else if (*duration < low || *duration > high)
        reader.fail(name, quoted(*text) + QLatin1String{" is out of range"}, QLatin1String{"a duration"} + range);
    else
        return duration;
    return std::nullopt;
}

// The index of the word that was said; nothing when it was none or another.
std::optional<qsizetype> readWord(OptionReader &reader, const QString &name, const QStringList &words)
{
    const auto text = reader.value(name);
    if (!text)
        return std::nullopt;
    const qsizetype index = words.indexOf(*text);
    if (index >= 0)
        return index;
    const QString last = words.size() > 1 ? QLatin1String{" or "} + words.back() : QString{};
    reader.fail(name, quoted(*text) + QLatin1String{" is not known"},
                words.mid(0, std::max<qsizetype>(1, words.size() - 1)).join(QLatin1String{", "}) + last);
    return std::nullopt;
}

std::vector<config::ListenAddress> readListen(OptionReader &reader)
{
    const QString name = QStringLiteral("listen");
    const QStringList texts = reader.values(name);
    std::vector<config::ListenAddress> addresses;
    for (const QString &text : texts) {
        if (const auto address = config::parseListenAddress(text.toStdString()))
            addresses.push_back(*address);
        else
            reader.fail(name, quoted(text) + QLatin1String{" is not an address and a port"},
                        QLatin1String{"an address and a port from 0 to 65535, such as 127.0.0.1:8000 or [::1]:8000"});
    }
    if (addresses.empty()) // nothing said, or nothing that can be checked further
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
    return word && *word % 2 == 1;
}

StoreFailurePolicy readPolicy(OptionReader &reader)
{
    const QString name = QStringLiteral("on-store-failure");
    constexpr std::array kPolicies{StoreFailurePolicy::Reject, StoreFailurePolicy::Allow, StoreFailurePolicy::Local};
    const auto word =
        readWord(reader, name, {QStringLiteral("reject"), QStringLiteral("allow"), QStringLiteral("local")});
    return word ? kPolicies[static_cast<std::size_t>(*word)] : config::Config{}.onStoreFailure;
}

config::LimitWish readLimit(OptionReader &reader)
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

std::string readDataDir(OptionReader &reader, const QString &fallback)
{
    const QString name = QStringLiteral("data-dir");
    const auto text = reader.value(name);
    if (!text)
        return fallback.toStdString();
    if (!text->isEmpty())
        return QDir::cleanPath(QDir::current().absoluteFilePath(*text)).toStdString();
    reader.fail(name, QStringLiteral("no folder is given"), QStringLiteral("a folder that can be written"));
    return {};
}

QString readRedis(OptionReader &reader)
{
    const QString name = QStringLiteral("redis");
    const auto text = reader.value(name);
    if (text && text->trimmed().isEmpty())
        reader.fail(name, QStringLiteral("the URL is empty"),
                    QStringLiteral("redis://host:port/db or unix:/path; without --redis it is a private one"));
    else if (text)
        if (const auto url = redis::parseRedisUrl(*text); !url)
            reader.fail(name, QString::fromStdString(url.error().detail), {});
    return text.value_or(QString{});
}

void readAdmin(OptionReader &reader)
{
    const auto text = reader.value(QStringLiteral("admin"));
    if (text && *text != QLatin1String{"off"})
        reader.fail(QStringLiteral("admin"), quoted(*text) + QLatin1String{": this version has no admin port"},
                    QStringLiteral("off"));
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

std::optional<QString> OptionReader::value(const QString &name) const
{
    if (m_parser.isSet(name)) {
        const QStringList given = m_parser.values(name);
        return given.isEmpty() ? std::nullopt : std::optional{given.back()};
    }
    const QString text = m_environment.value(variableOf(name));
    return text.isEmpty() ? std::nullopt : std::optional{text};
}

QStringList OptionReader::values(const QString &name) const
{
    if (m_parser.isSet(name))
        return m_parser.values(name);
    QStringList texts = m_environment.value(variableOf(name)).split(QLatin1Char{','}, Qt::SkipEmptyParts);
    for (QString &text : texts)
        text = text.trimmed();
    return texts;
}

std::string OptionReader::whereOf(const QString &name) const
{
    const QString variable = variableOf(name);
    if (!m_parser.isSet(name) && !variable.isEmpty() && !m_environment.value(variable).isEmpty())
        return variable.toStdString();
    return "--" + name.toStdString();
}

void OptionReader::fail(const QString &name, const QString &problem, const QString &hint)
{
    m_failed.insert(name);
    m_issues.push_back({whereOf(name), problem.toStdString(), hint.toStdString()});
}

config::Config readConfig(OptionReader &reader)
{
    config::Config config;
    config.listen = readListen(reader);
    config.isPublic = readPublic(reader);
    config.redisUrl = readRedis(reader).toStdString();
    config.limit = readLimit(reader);
    config.onStoreFailure = readPolicy(reader);
    config.threads = static_cast<int>(readWhole(reader, QStringLiteral("threads"), 1, config::kMaxThreads,
                                                QStringLiteral("a whole number from 1 to %1").arg(config::kMaxThreads))
                                          .value_or(0));
    config.dataDir = readDataDir(reader, defaultDataDir(reader.environment()));
    readAdmin(reader);
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
    const QStringList pages{QStringLiteral("live"), QStringLiteral("help")};
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
