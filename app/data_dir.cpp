// SPDX-License-Identifier: GPL-3.0-only
#include "app/data_dir.h"

#include <cerrno>
#include <cstring>

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace weir::app {
namespace {

using namespace Qt::StringLiterals;

Error cannotWrite(const QString &path, const QString &why)
{
    return {Error::Code::Io,
            u"--data-dir: the folder %1 cannot be written (%2); choose another one with --data-dir DIR"_s.arg(path, why)
                .toStdString(),
            false};
}

bool isFull(const QByteArray &path)
{
    struct statvfs disk {};
    return ::statvfs(path.constData(), &disk) == 0 && (disk.f_bavail == 0 || (disk.f_files > 0 && disk.f_favail == 0));
}

} // namespace

Result<DataDir> DataDir::open(const QString &path)
{
    const bool existed = QFileInfo::exists(path);
    if (existed && !QFileInfo{path}.isDir())
        return cannotWrite(path, u"it is not a folder"_s);
    if (!existed && !QDir{}.mkpath(path))
        return cannotWrite(path, u"it cannot be made"_s);
    const QByteArray name = QFile::encodeName(path);
    if (!existed)
        ::chmod(name.constData(), 0700);
    if (::access(name.constData(), W_OK | X_OK) != 0)
        return cannotWrite(path, QString::fromLocal8Bit(std::strerror(errno)));

    auto lock = std::make_unique<QLockFile>(path + u"/weir.lock"_s);
    lock->setStaleLockTime(0); // a lock is stale when its process is gone, never by age
    if (lock->tryLock(0))
        return DataDir{std::move(lock)};
    if (lock->error() != QLockFile::LockFailedError)
        return cannotWrite(path, isFull(name) ? u"no space is left there"_s : u"the lock file cannot be written"_s);
    qint64 pid = 0;
    lock->getLockInfo(&pid, nullptr, nullptr);
    return Error{
        Error::Code::Taken,
        u"--data-dir: another Weir (process %1) uses the folder %2; stop it, or give this one its own with --data-dir DIR"_s
            .arg(pid)
            .arg(path)
            .toStdString(),
        false};
}

} // namespace weir::app
