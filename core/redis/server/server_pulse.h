// SPDX-License-Identifier: GPL-3.0-only
// Asks a redis-server over and over whether it is there: busy or loading is an answer, silence is none.
#pragma once

#include <chrono>

#include <QLocalSocket>
#include <QObject>
#include <QTimer>

namespace weir::redis {

/// Thread: lives in one thread. A connection of its own, so that nothing waits before the question.
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

    /// Asks `socketPath` now and every `pace.every`; also when it asks already.
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
