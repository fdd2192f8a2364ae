// SPDX-License-Identifier: GPL-3.0-only
// The folder that keeps Weir's data: private to the user, used by one Weir at a time.
#pragma once

#include <memory>
#include <utility>

#include <QByteArray>
#include <QString>

#include "core/base/result.h"

namespace weir::app {

/// Held as long as the folder is in use; the end of the process ends it as well, however it comes.
class DataDir {
public:
    /// Makes the folder (0700) and locks it. Io: it cannot be written; Taken: another Weir uses it.
    [[nodiscard]] static Result<DataDir> open(const QString &path);

private:
    /// flock(2), which goes with the process; what the file says is for people alone. It is closed on exec, as a child
    /// would keep it. Not a lock of fcntl(2), which any close() of the file in this process ends; one of an open file
    /// description (F_OFD_SETLK) would do the same as this one and is known to fewer systems. On overlayfs it is the
    /// overlay's own file that is locked: two containers see each other through a volume, and share nothing without one.
    /// NFS makes it a lock at the server (Linux 2.6.12), which outlives a dead client for as long as its lease.
    struct Lock {
        int file{-1};
        QByteArray path;
        bool isHeld{false};

        Lock(int openFile, QByteArray lockFile) : file{openFile}, path{std::move(lockFile)} {}
        ~Lock();
        Lock(const Lock &) = delete;
        Lock &operator=(const Lock &) = delete;
    };
    static Result<std::unique_ptr<Lock>> lock(const QString &folder);

    explicit DataDir(std::unique_ptr<Lock> lock) : m_lock{std::move(lock)} {}
    std::unique_ptr<Lock> m_lock;
};

} // namespace weir::app
