// SPDX-License-Identifier: GPL-3.0-only
#include "tests/explore/timeline.h"

#include <QCoreApplication>
#include <QEvent>

#include <algorithm>

namespace weir::explore {
namespace {

constexpr SteadyInstant kBegin{std::chrono::hours{1000}};

Timeline *s_timeline = nullptr; // the clock is a plain function

SteadyInstant virtualNow()
{
    return s_timeline ? s_timeline->instant() : kBegin;
}

Micros virtualWall()
{
    return kFirstMoment + std::chrono::duration_cast<Micros>(virtualNow() - kBegin);
}

} // namespace

Timeline::Timeline() : m_now{kBegin}
{
    s_timeline = this;
    setClocks(&virtualNow, &virtualWall);
}

void Timeline::restart()
{
    m_due.clear();
    m_paused.clear();
    m_now = kBegin;
    m_asked = 0;
    m_owner = 0;
}

Nanos Timeline::sinceBegin() const
{
    return m_now - kBegin;
}

Timeline::Place Timeline::add(SteadyInstant at, Due due)
{
    const Place place{at, ++m_asked};
    m_due.emplace(place, std::move(due));
    return place;
}

void Timeline::afterAs(Owner owner, Nanos wait, std::function<void()> run)
{
    add(m_now + wait, {owner, std::move(run)});
}

void Timeline::runAs(Owner owner, const std::function<void()> &run)
{
    const Owner before = std::exchange(m_owner, owner);
    run();
    do { // each sends what had been posted when it began
        m_isWoken = false;
        QCoreApplication::sendPostedEvents();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    } while (m_isWoken);
    m_owner = before;
}

void Timeline::pass(Nanos span)
{
    const SteadyInstant until = m_now + span;
    while (!m_due.empty() && m_due.begin()->first.first <= until) {
        auto next = m_due.extract(m_due.begin());
        m_now = std::max(m_now, next.key().first);
        if (const auto paused = m_paused.find(next.mapped().owner); paused != m_paused.end())
            paused->second.due.insert(std::move(next));
        else
            runAs(next.mapped().owner, next.mapped().run);
    }
    m_now = until;
}

void Timeline::pause(Owner owner, Nanos span)
{
    const std::uint64_t number = ++m_pauses;
    m_paused[owner].number = number;
    afterAs(0, span, [this, owner, number] {
        if (const auto it = m_paused.find(owner); it != m_paused.end() && it->second.number == number)
            goOn(owner);
    });
}

void Timeline::goOn(Owner owner)
{
    const auto paused = m_paused.extract(owner);
    if (paused.empty())
        return;
    for (auto &[place, due] : paused.mapped().due) {
        const int timer = due.timer;
        const Place now = add(m_now, std::move(due));
        if (const auto it = m_timers.find(timer); it != m_timers.end())
            it->second.place = now;
    }
}

void Timeline::end(Owner owner)
{
    std::erase_if(m_due, [owner](const auto &item) { return item.second.owner == owner; });
    m_paused.erase(owner);
}

void Timeline::forget(const Timer &timer)
{
    m_due.erase(timer.place);
    for (auto &[owner, pause] : m_paused)
        pause.due.erase(timer.place);
}

void Timeline::arm(int id, Timer &timer)
{
    timer.place = add(m_now + std::chrono::milliseconds{timer.interval}, {m_owner, [this, id] { fire(id); }, id});
}

void Timeline::fire(int id)
{
    const auto it = m_timers.find(id);
    if (it == m_timers.end())
        return;
    arm(id, it->second); // a single shot ends itself
    QTimerEvent event{id};
    QCoreApplication::sendEvent(it->second.object, &event);
}

void Timeline::registerTimer(int id, qint64 interval, Qt::TimerType type, QObject *object)
{
    Timer &timer = m_timers[id];
    timer = {interval, type, object, {}};
    arm(id, timer);
}

bool Timeline::unregisterTimer(int id)
{
    const auto it = m_timers.find(id);
    if (it == m_timers.end())
        return false;
    forget(it->second);
    m_timers.erase(it);
    return true;
}

bool Timeline::unregisterTimers(QObject *object)
{
    return std::erase_if(m_timers,
                         [&](const auto &item) {
                             if (item.second.object != object)
                                 return false;
                             forget(item.second);
                             return true;
                         })
           > 0;
}

QList<Timeline::TimerInfo> Timeline::registeredTimers(QObject *object) const
{
    QList<TimerInfo> found;
    for (const auto &[id, timer] : m_timers)
        if (timer.object == object)
            found.append({id, static_cast<int>(timer.interval), timer.type});
    return found;
}

int Timeline::remainingTime(int id)
{
    const auto it = m_timers.find(id);
    if (it == m_timers.end())
        return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(it->second.place.first - m_now);
    return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

} // namespace weir::explore
