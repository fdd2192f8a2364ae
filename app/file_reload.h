// SPDX-License-Identifier: GPL-3.0-only
// Brings the configuration file into force, and tries again until the store answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include <QObject>
#include <QTimer>

#include "app/change_queue.h"
#include "app/limits_file.h"

namespace weir::app {

/// Only the newest text counts: a newer text of the file, even a broken one, and a change by the panel, which is
/// written into the file, end earlier attempts. Thread: the service thread.
class FileReload : public QObject {
    Q_OBJECT
public:
    using Applied = std::function<void(const Result<Done> &)>;
    /// Brings the limits of a configuration into force; calls `applied` once, later.
    using Apply = std::function<void(const config::Config &found, const Applied &applied)>;

    /// Time between attempts: a failed round trip costs little, and a Redis that is back is used soon.
    static constexpr std::chrono::milliseconds kFirstDelay{250}, kLastDelay{2000}; // it doubles from one to the other

    /// Follows `file` from start() on. All arguments outlive this.
    FileReload(LimitsFile &file, ChangeQueue &changes, Apply apply, QObject *parent = nullptr);

    void start();
    void stop();
    /// Bring what the file says into force, now or as soon as the store answers.
    void wish();

    /// Stop trying: what the file says is in force, or cannot be used.
    void dropWish();

private:
    void tryNow();
    void settle(const Result<Done> &applied);

    LimitsFile &m_file;
    ChangeQueue &m_changes;
    Apply m_apply;
    std::uint64_t m_number{0}; ///< of the newest wish
    std::chrono::milliseconds m_delay{kFirstDelay};
    QTimer m_again;
};

} // namespace weir::app
