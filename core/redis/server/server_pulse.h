// SPDX-License-Identifier: GPL-3.0-only
// Asks a redis-server at intervals whether it answers; busy or loading is an answer.
#pragma once

#include <chrono>

#include <QLocalSocket>
#include <QObject>
#include <QTimer>

namespace weir::redis {

/// Thread: lives in one thread. Has a connection of its own, so that the question waits behind nothing.
class ServerPulse : public QObject {
    Q_OBJECT
public:
    enum class Answer { Well, Loading, CannotWrite, Other }; ///< Other: a busy script and the like
    Q_ENUM(Answer)
    struct Pace {
        std::chrono::milliseconds every;
        std::chrono::milliseconds deadline;
    };

    explicit ServerPulse(QObject *parent = nullptr);

    /// Ask `socketPath` now and every `pace.every`; begins anew when already running.
    void start(const QString &socketPath, Pace pace);
    void stop();

Q_SIGNALS:
    void answered(weir::redis::ServerPulse::Answer answer, const QString &line);
    /// No answer for `pace.deadline`, connections refused included. Goes on asking.
    void fellSilent();

private:
    using Clock = std::chrono::steady_clock;

    void beat();
    void readAnswer();
    void onDeadline();

    QString m_socketPath;
    Pace m_pace{};
    QLocalSocket m_socket;
    QTimer m_beatTimer;
    QTimer m_deadlineTimer;
    Clock::time_point m_deadline;
    bool m_isAsked{false};
};

} // namespace weir::redis
