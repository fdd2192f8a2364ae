// SPDX-License-Identifier: GPL-3.0-only
// Virtual time: a queue of what happens when, and the timers of Qt in it. Nothing waits, and one seed makes one history.
#pragma once

#include <QAbstractEventDispatcher>

#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>

#include "core/base/clock.h"

namespace weir::explore {

/// Of all clocks that nobody has stepped, when a history begins.
inline constexpr Micros kFirstMoment{1'800'000'000'000'000};

using Nanos = std::chrono::nanoseconds;

/// Everything runs in the name of an owner: the world is 0, each process another number. A process that is paused does
/// nothing until it goes on, and then all that was due; of one that has ended nothing happens any more.
///
/// One for the process, in the main thread; it is the steady clock of the process and the event dispatcher of the thread.
class Timeline final : public QAbstractEventDispatcher {
    Q_OBJECT
public:
    using Owner = int;

    Timeline();
    /// Forgets all that is due, and begins again at the same moment as always.
    void restart();

    [[nodiscard]] SteadyInstant instant() const { return m_now; }
    [[nodiscard]] Nanos sinceBegin() const;
    void after(Nanos wait, std::function<void()> run) { afterAs(m_owner, wait, std::move(run)); }
    void afterAs(Owner owner, Nanos wait, std::function<void()> run);
    [[nodiscard]] Owner owner() const { return m_owner; }
    /// Now, in the name of another; what it has posted is done as well when this returns. Not from inside another one.
    void runAs(Owner owner, const std::function<void()> &run);
    /// Lets everything happen that is due within `span`.
    void pass(Nanos span);

    /// It does nothing for so long, or until goOn().
    void pause(Owner owner, Nanos span);
    void goOn(Owner owner);
    [[nodiscard]] bool isPaused(Owner owner) const { return m_paused.contains(owner); }
    void end(Owner owner);

    // As an event dispatcher of Qt.
    bool processEvents(QEventLoop::ProcessEventsFlags) override { return false; }
    void registerSocketNotifier(QSocketNotifier *) override {}
    void unregisterSocketNotifier(QSocketNotifier *) override {}
    void registerTimer(int id, qint64 interval, Qt::TimerType type, QObject *object) override;
    bool unregisterTimer(int id) override;
    bool unregisterTimers(QObject *object) override;
    QList<TimerInfo> registeredTimers(QObject *object) const override;
    int remainingTime(int id) override;
    void wakeUp() override { m_isWoken = true; } ///< something has been posted
    void interrupt() override {}

private:
    using Place = std::pair<SteadyInstant, std::uint64_t>; ///< when, and in the order of asking
    struct Due {
        Owner owner{0};
        std::function<void()> run;
        int timer{0}; ///< its id; 0: none
    };
    using Queue = std::map<Place, Due>;
    struct Pause {
        std::uint64_t number{0};
        Queue due; ///< meanwhile
    };
    struct Timer {
        qint64 interval;
        Qt::TimerType type;
        QObject *object;
        Place place;
    };
    Place add(SteadyInstant at, Due due);
    void forget(const Timer &timer);
    void arm(int id, Timer &timer);
    void fire(int id);

    SteadyInstant m_now;
    std::uint64_t m_asked{0}, m_pauses{0};
    Owner m_owner{0};
    bool m_isWoken{false};
    Queue m_due;
    std::unordered_map<int, Timer> m_timers;
    std::unordered_map<Owner, Pause> m_paused;
};

} // namespace weir::explore
