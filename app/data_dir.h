// SPDX-License-Identifier: GPL-3.0-only
// The folder that keeps Weir's data: private to the user, used by one Weir at a time.
#pragma once

#include <memory>

#include <QLockFile>
#include <QString>

#include "core/base/result.h"

namespace weir::app {

/// Held as long as the folder is in use.
class DataDir {
public:
    /// Makes the folder (0700) and locks it. Io: it cannot be written; Taken: another Weir uses it.
    [[nodiscard]] static Result<DataDir> open(const QString &path);

private:
    explicit DataDir(std::unique_ptr<QLockFile> lock) : m_lock{std::move(lock)} {}
    std::unique_ptr<QLockFile> m_lock;
};

} // namespace weir::app
