// SPDX-License-Identifier: GPL-3.0-only
// Asks the store for the level while the panel is visible: other instances may take from the bucket.
#pragma once

#include <chrono>
#include <functional>

#include <QObject>
#include <QTimer>

#include "core/limit/limit.h"

namespace weir::app {

/// Four times a second while the level changes, once a second after some seconds without a change. Thread: lives in one
/// thread.
class LevelWatch : public QObject {
    Q_OBJECT
public:
    /// `look` asks the store; `level` returns the newest known level.
    LevelWatch(std::function<void()> look, std::function<limit::Tokens()> level, QObject *parent = nullptr);

    void start();
    /// Stop; `look` is not called until the next start().
    void stop() { m_timer.stop(); }

private:
    void beat();

    std::function<void()> m_look;
    std::function<limit::Tokens()> m_read;
    QTimer m_timer;
    limit::Tokens m_level{0};
    std::chrono::steady_clock::time_point m_movedAt{};
};

} // namespace weir::app
