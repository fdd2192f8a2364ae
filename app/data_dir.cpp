// SPDX-License-Identifier: GPL-3.0-only
#include "app/data_dir.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QSysInfo>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace weir::app {
namespace {

using namespace Qt::StringLiterals;

constexpr int kMostTries = 100;

Error ioError(const QString &sentence)
{
    return {Error::Code::Io, sentence.toStdString(), false};
}

Error cannotWrite(const QString &path, const QString &why)
{
    return ioError(
        u"--data-dir: the folder %1 cannot be written (%2); choose another one with --data-dir DIR"_s.arg(path, why));
}

Error cannotUse(const QString &lockFile, const QString &why)
{
    return ioError(
        u"--data-dir: the lock file %1 cannot be used (%2); remove it, or choose another folder with --data-dir DIR"_s
            .arg(lockFile, why));
}

Error cannotLock(const QString &path, const QString &why)
{
    return ioError(u"--data-dir: the folder %1 cannot be locked (%2); choose one on another file system with "
                   "--data-dir DIR"_s.arg(path, why));
}

QString reasonOf(int number)
{
    return QString::fromLocal8Bit(std::strerror(number));
}

QString fullOr(const QByteArray &path, int number)
{
    struct statvfs disk {};
    const bool isFull =
        ::statvfs(path.constData(), &disk) == 0 && (disk.f_bavail == 0 || (disk.f_files > 0 && disk.f_favail == 0));
    return isFull ? u"no space is left there"_s : reasonOf(number);
}

// Never waits, not for a pipe either, and never leaves the folder by a link. What may only be read can be locked as well.
int openLockFile(const QByteArray &path)
{
    constexpr int kFlags = O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    const int file = ::open(path.constData(), kFlags | O_RDWR, 0600);
    return file < 0 && errno == EACCES ? ::open(path.constData(), kFlags | O_RDONLY, 0600) : file;
}

// The one who had it removes it at its end, and so may a person: what is locked must be what others find.
bool isStillAt(const QByteArray &path, int file)
{
    struct stat opened {};
    struct stat found {};
    return ::fstat(file, &opened) == 0 && ::lstat(path.constData(), &found) == 0 && opened.st_dev == found.st_dev
           && opened.st_ino == found.st_ino;
}

// As QLockFile writes it, which is what a Weir of before this believes. False: it cannot be written, as errno says.
bool writeOwner(int file)
{
    if ((::fcntl(file, F_GETFL) & O_ACCMODE) == O_RDONLY)
        return true;
    const QByteArray text =
        QByteArray::number(qint64{::getpid()}) + "\nweir\n" + QSysInfo::machineHostName().toUtf8() + '\n';
    return ::ftruncate(file, 0) == 0
           && ::pwrite(file, text.constData(), static_cast<std::size_t>(text.size()), 0) == text.size();
}

// " (process 12 on web-1)", or less: anything may be written there.
QString ownerIn(int file)
{
    std::array<char, 512> text{};
    const ssize_t size = ::pread(file, text.data(), text.size(), 0);
    if (size <= 0)
        return {};
    static const QRegularExpression kOwner{u"^([1-9][0-9]{0,9})(?![0-9])(?:\\n[^\\n]*\\n([A-Za-z0-9._-]{1,64})\\n)?"_s};
    const auto match = kOwner.match(QString::fromLatin1(text.data(), size));
    if (!match.hasMatch())
        return {};
    const QString host = match.captured(2);
    return u" (process %1%2)"_s.arg(match.captured(1), host.isEmpty() ? QString{} : u" on "_s + host);
}

} // namespace

DataDir::Lock::~Lock()
{
    if (isHeld && isStillAt(path, file))
        ::unlink(path.constData());
    if (file >= 0)
        ::close(file);
}

Result<std::unique_ptr<DataDir::Lock>> DataDir::lock(const QString &folder)
{
    const QString shown = folder + u"/weir.lock"_s;
    const QByteArray path = QFile::encodeName(shown);
    for (int i = 0; i < kMostTries; ++i) {
        auto lock = std::make_unique<Lock>(openLockFile(path), path);
        const int whyNot = errno;
        struct stat found {};
        const bool isThere = ::lstat(path.constData(), &found) == 0;
        if (isThere && !S_ISREG(found.st_mode))
            return cannotUse(shown, u"it is no plain file"_s);
        if (lock->file < 0)
            return isThere ? cannotUse(shown, reasonOf(whyNot))
                           : cannotWrite(folder, fullOr(QFile::encodeName(folder), whyNot));
        if (::flock(lock->file, LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK)
                return cannotLock(folder, reasonOf(errno));
            return Error{Error::Code::Taken,
                         u"--data-dir: another Weir%1 uses the folder %2 and holds its lock file %3; stop it, or give "
                         "this one its own with --data-dir DIR"_s.arg(ownerIn(lock->file), folder, shown)
                             .toStdString(),
                         false};
        }
        if (!isStillAt(path, lock->file))
            continue;
        lock->isHeld = true;
        if (!writeOwner(lock->file))
            return cannotWrite(folder, fullOr(QFile::encodeName(folder), errno));
        return lock;
    }
    return cannotUse(shown, u"it is removed again and again"_s);
}

Result<Done> DataDir::make(const QString &path)
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
        return cannotWrite(path, reasonOf(errno));
    return Done{};
}

Result<DataDir> DataDir::open(const QString &path)
{
    if (const Result<Done> made = make(path); !made)
        return made.error();
    Result<std::unique_ptr<Lock>> lock = DataDir::lock(path);
    if (!lock)
        return lock.error();
    return DataDir{std::move(lock).value()};
}

} // namespace weir::app
