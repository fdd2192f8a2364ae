// SPDX-License-Identifier: GPL-3.0-only
// Brings what the configuration file says into force, and tries again until the store has answered.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include <QObject>
#include <QTimer>

#include "app/change_queue.h"
#include "app/limits_file.h"

namespace weir::app {

/// Only the newest wish counts: a newer text of the file, one that is broken too, and a change of the panel, which is
/// written into the file, end what was tried before. Thread: the service thread.
class FileReload : public QObject {
    Q_OBJECT
public:
    using Applied = std::function<void(const Result<Done> &)>;
    /// Brings the limits of a configuration into force; calls `applied` once, later.
    using Apply = std::function<void(const config::Config &found, const Applied &applied)>;

    /// Between two tries: a round trip that fails costs little, and nobody waits long for a Redis that is back.
    static constexpr std::chrono::milliseconds kFirstDelay{250}, kLastDelay{2000}; // it doubles from one to the other

    /// Nothing is taken from `file` before start(). All of them outlive this.
    FileReload(LimitsFile &file, ChangeQueue &changes, Apply apply, QObject *parent = nullptr);

    void start();
    void stop();
    /// Brings what the file says into force, now or as soon as the store answers.
    void wish();

    /// What the file says now is in force, or is not to be had.
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
