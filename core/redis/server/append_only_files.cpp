// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/server/append_only_files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <QDir>
#include <QFile>

#include <fcntl.h>

namespace weir::redis {
namespace {

using namespace Qt::StringLiterals;

constexpr int kMostNames = 100; // in one second

// Names of redis.conf: appenddirname (7.0), and the single file of 6.x.
QString filesIn(const QString &folder)
{
    const QString files = folder + u"/appendonlydir"_s;
    const QString single = folder + u"/appendonly.aof"_s;
    return !QFileInfo::exists(files) && QFileInfo::exists(single) ? single : files;
}

} // namespace

bool lacksManifest(const QString &folder)
{
    const QDir files{filesIn(folder)};
    return !files.entryList({u"*.aof"_s, u"*.rdb"_s}, QDir::Files).isEmpty()
           && !files.exists(u"appendonly.aof.manifest"_s);
}

Result<QString> moveAside(const QString &folder, const QDateTime &now)
{
    const QString files = filesIn(folder);
    const QString first = files + u".broken-"_s + now.toString(u"yyyyMMdd-HHmmss"_s);
    for (int i = 1; i <= kMostNames; ++i) {
        const QString aside = i == 1 ? first : first + u"-%1"_s.arg(i);
        // Not QDir::rename: a folder may take the place of an empty one.
        if (::renameat2(AT_FDCWD, QFile::encodeName(files).constData(), AT_FDCWD, QFile::encodeName(aside).constData(),
                        RENAME_NOREPLACE)
            == 0)
            return aside;
        if (errno != EEXIST)
            break;
    }
    return Error{
        Error::Code::Io,
        u"%1 cannot be moved aside (%2)"_s.arg(files, QString::fromLocal8Bit(std::strerror(errno))).toStdString(),
        false};
}

} // namespace weir::redis
