// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/link/server_words.h"

#include <array>

#include <QRegularExpression>

namespace weir::redis {
namespace {

using namespace Qt::StringLiterals;

// Each of them is followed by exit(1), whichever file it is about.
constexpr std::array<const char *, 7> kBroken{"Bad file format reading the append only file",
                                              "Unexpected end of file reading the append only file",
                                              "Unknown command '",
                                              "Internal error in RDB reading offset",
                                              "FATAL AOF MANIFEST FILE ERROR",
                                              "Found an empty AOF manifest",
                                              "length. stat: No such file or directory"};

struct Obstacle {
    QLatin1String words; // strerror(3): redis-server leaves LC_MESSAGES alone
    QLatin1String hint;
};

constexpr std::array<Obstacle, 7> kObstacles{{{"No space left on device"_L1, "free space there"_L1},
                                              {"Disk quota exceeded"_L1, "free space there"_L1},
                                              {"File too large"_L1, "allow larger files there"_L1},
                                              {"Permission denied"_L1, "let this user write there"_L1},
                                              {"Operation not permitted"_L1, "let this user write there"_L1},
                                              {"Read-only file system"_L1, "make it writable"_L1},
                                              {"Input/output error"_L1, "check the disk"_L1}}};

QString withoutHead(const QByteArray &line)
{
    static const QRegularExpression kHead{u"^\\d+:[A-Z] \\d+ \\w+ \\d+ [\\d:.]+ [#*.-] "_s};
    return QString::fromUtf8(line.trimmed()).remove(kHead);
}

// The advice is for people who run redis-server by hand.
QString withoutAdvice(QString line)
{
    for (const QLatin1String advice : {": make a backup"_L1, ". You can:"_L1})
        if (const qsizetype at = line.indexOf(advice); at >= 0)
            line.truncate(at);
    return line;
}

} // namespace

QString lastWords(const QByteArray &log)
{
    const QByteArrayList lines = log.trimmed().split('\n');
    return lines.last().isEmpty() ? u"it said nothing"_s : withoutHead(lines.last());
}

QString brokenDataWords(const QByteArray &log)
{
    for (const QByteArray &line : log.split('\n'))
        for (const char *words : kBroken)
            if (line.contains(words))
                return line.startsWith('*') ? lastWords(log) : withoutAdvice(withoutHead(line));
    return {};
}

QString newerFormat(const QByteArray &log)
{
    constexpr QByteArrayView kWords = "Can't handle RDB format version ";
    const qsizetype at = log.indexOf(kWords);
    if (at < 0)
        return {};
    qsizetype end = at + kWords.size();
    while (end < log.size() && log[end] >= '0' && log[end] <= '9')
        ++end;
    return QString::fromLatin1(log.sliced(at + kWords.size(), end - at - kWords.size()));
}

bool isTailCut(const QByteArray &log)
{
    return log.contains("loaded anyway because aof-load-truncated is enabled");
}

QString fileObstacle(const QString &text)
{
    for (const Obstacle &obstacle : kObstacles)
        if (text.contains(obstacle.words))
            return obstacle.words;
    return {};
}

QString hintAgainst(const QString &obstacle)
{
    for (const Obstacle &each : kObstacles)
        if (obstacle == each.words)
            return each.hint;
    return {};
}

} // namespace weir::redis
