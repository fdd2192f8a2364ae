// SPDX-License-Identifier: GPL-3.0-only
// The folder that keeps Weir's data: private to the user, used by one Weir at a time.
#pragma once

#include <memory>
#include <utility>

#include <QByteArray>
#include <QString>

#include "core/base/result.h"

namespace weir::app {

/// Holds the lock of the folder; any end of the process releases it.
class DataDir {
public:
    /// Make the folder (0700) if it is not there. Io: it cannot be written.
    [[nodiscard]] static Result<Done> make(const QString &path);
    /// Make the folder and lock it. Io: it cannot be written; Taken: another Weir uses it.
    [[nodiscard]] static Result<DataDir> open(const QString &path);

private:
    /// By flock(2), which ends with the process; the text in the file is only for people. Closed on exec, because a
    /// child would keep the lock. Not a lock of fcntl(2), which any close() of the file in this process ends; one of an
    /// open file description (F_OFD_SETLK) would do the same as this one and is known to fewer systems. On overlayfs it
    /// is the overlay's own file that is locked: two containers see each other through a volume, and share nothing
    /// without one. NFS makes it a lock at the server (Linux 2.6.12), which outlives a dead client for as long as its
    /// lease.
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
