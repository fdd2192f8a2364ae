// SPDX-License-Identifier: GPL-3.0-only
#include "ui/words/failure_words.h"

#include <QCoreApplication>
#include <QStringList>

#include "ui/words/format.h"
#include "ui/words/visible_text.h"

namespace weir::ui {
namespace {

using engine::CircuitBreaker;
using telemetry::DecidedBy;

QString translated(const char *text)
{
    return QCoreApplication::translate("failure_words", text);
}

DecidedBy decider(const engine::Status &status)
{
    if (status.failure.isDegraded)
        return status.failure.by;
    switch (status.onStoreFailure) { // the store is down, and nobody has asked since
    case config::StoreFailurePolicy::Allow:
        return DecidedBy::Allow;
    case config::StoreFailurePolicy::Local:
        return DecidedBy::Local;
    case config::StoreFailurePolicy::Reject:
        break;
    }
    return DecidedBy::Reject;
}

QString whatFails(const engine::Status &status)
{
    if (status.harm.isServerHung)
        return translated("Redis hangs");
    if (status.harm.isLinkCut)
        return translated("The connection to Redis is cut");
    if (status.harm.linkDelay.count() > 0)
        return translated("Redis is too slow");
    if (status.store.state == engine::StoreStatus::State::Down)
        return status.store.isAwaited ? translated("Redis has not answered yet") : translated("Redis is down");
    return translated("Redis does not answer");
}

QString localDetail(const engine::FailureStatus &failure)
{
    if (failure.isUnheard)
        return translated("Decided locally, each bucket from its start level: nothing is known of them yet; %1 to "
                          "settle. What "
                          "others have taken is found then: an excess is possible.")
            .arg(format::tokens(failure.spentLocally));
    QString text = failure.shareOf > 1
                       ? translated("Decided locally with 1/%1 of the last known level").arg(failure.shareOf)
                       : translated("Decided locally from the last known level");
    text += translated("; %1 to settle.").arg(format::tokens(failure.spentLocally));
    text += failure.liveInstances > 1
                ? translated(" Of %1 instances: an excess is possible.").arg(failure.liveInstances)
                : translated(" Nothing over the limit is admitted.");
    return text;
}

QString whoDecides(const engine::Status &status)
{
    switch (decider(status)) {
    case DecidedBy::Local:
        return localDetail(status.failure);
    case DecidedBy::Allow:
        return translated("All requests are let through without a limit; what is too much is spent for good.");
    default:
        return translated("All requests are rejected with 503; nothing is spent.");
    }
}

QString failureFigures(const engine::FailureStatus &failure)
{
    QStringList lines;
    const auto add = [&lines](std::int64_t count, const char *text) {
        if (count > 0)
            lines << translated(text).arg(format::count(count));
    };
    add(failure.outages, QT_TRANSLATE_NOOP("failure_words", "Outages so far: %1"));
    add(failure.exactReturns, QT_TRANSLATE_NOOP("failure_words", "of them without loss or excess: %1"));
    add(failure.excess, QT_TRANSLATE_NOOP("failure_words", "Possible excess, all instances: %1 tokens"));
    add(failure.tokensInDoubt, QT_TRANSLATE_NOOP("failure_words", "Tokens in doubt (asked for, no answer): %1"));
    add(failure.foundTaken, QT_TRANSLATE_NOOP("failure_words", "of them taken after all: %1"));
    add(failure.statesLost, QT_TRANSLATE_NOOP("failure_words", "Times Redis had lost the bucket: %1"));
    return lines.join(u'\n');
}

QString clockStepText(std::chrono::seconds step)
{
    const QString size = format::duration(std::chrono::abs(std::chrono::duration_cast<Micros>(step)));
    return step.count() < 0 ? translated("−%1").arg(size) : translated("+%1").arg(size);
}

QStringList harmsOf(const engine::Status &status)
{
    QStringList harms;
    if (status.harm.isServerHung)
        harms << translated("Redis hangs");
    if (status.harm.isLinkCut)
        harms << translated("the connection is cut");
    if (status.harm.linkDelay.count() > 0)
        harms << translated("every answer of Redis comes %1 later").arg(format::duration(status.harm.linkDelay));
    if (status.harm.clockStep.count() != 0)
        harms << translated("the clock is stepped by %1").arg(clockStepText(status.harm.clockStep));
    if (status.refill.isPaused)
        harms << translated("the refiller is paused");
    if (!status.refill.isOnDemand)
        harms << translated("refill on demand is off");
    return harms;
}

QString sentence(QString text)
{
    text[0] = text.at(0).toUpper();
    return text + u'.';
}

FailureMessage harmMessage(const engine::Status &status)
{
    const QStringList harms = harmsOf(status);
    return {translated("Broken on purpose."),
            sentence(harms.join(QStringLiteral("; "))) + translated(" Redis still decides every request."),
            {}};
}

// Redis is there and says something that no request can be decided by.
FailureMessage undecidedMessage(const engine::FailureStatus &failure, SteadyNow now, qint64 wallSecond)
{
    const auto age = std::chrono::floor<std::chrono::seconds>(now - failure.undecidedSince);
    const QString headline = failure.isAllUndecided ? translated("Every request is answered 503 since %1 (%2): %3.")
                                                    : translated("Some requests are answered 503 since %1 (%2): %3.");
    QString why = QString::fromStdString(failure.undecidedWhy);
    if (why.endsWith(u'.'))
        why.chop(1);
    return {headline.arg(format::clock(wallSecond - age.count()), format::countdown(age), why),
            translated("Redis is there but cannot decide them, so a person has to look; nothing is spent."),
            failureFigures(failure)};
}

// What will go wrong some day is shown while nothing does.
FailureMessage warningMessage(const std::vector<std::string> &warnings)
{
    if (warnings.empty())
        return {};
    QStringList sentences;
    for (const std::string &warning : warnings)
        sentences << sentence(QString::fromStdString(warning));
    return {translated("This Redis is not set up to keep a limit."), sentences.join(u' '), sentences.join(u'\n')};
}

// Of the two that are shown while nothing fails the one by which limits do not hold.
FailureMessage adviceMessage(const engine::Status &status)
{
    if (!status.store.warnings.empty() || status.proxyWarning.empty())
        return warningMessage(status.store.warnings);
    const QString text = sentence(QString::fromStdString(status.proxyWarning));
    return {translated("All clients of a proxy count as one."), text, text};
}

} // namespace

bool isDegraded(const engine::Status &status)
{
    return status.failure.isDegraded || status.store.state == engine::StoreStatus::State::Down || isUndecided(status);
}

bool isUndecided(const engine::Status &status)
{
    return !status.failure.undecidedWhy.empty() && !status.failure.isDegraded
           && status.store.state == engine::StoreStatus::State::Ready;
}

bool isHarmed(const engine::Status &status)
{
    return status.harm != engine::Harm{} || status.refill.isPaused || !status.refill.isOnDemand;
}

Situation situationOf(const engine::Status &status, Deed deed)
{
    if (status.harm.isServerHung)
        return Situation::Hung;
    if (status.harm.isLinkCut)
        return Situation::Cut;
    if (deed != Deed::None)
        return deed == Deed::Killed ? Situation::Killed : Situation::Forgot;
    if (status.harm.linkDelay.count() > 0)
        return Situation::Slow;
    if (isDegraded(status))
        return Situation::Away;
    if (status.harm.clockStep.count() != 0)
        return Situation::ClockStepped;
    if (status.refill.isPaused)
        return status.refill.isOnDemand ? Situation::Paused : Situation::Starving;
    return status.refill.isOnDemand ? Situation::Healthy : Situation::TimerOnly;
}

QString failureAge(const engine::Status &status, SteadyNow now)
{
    if (!status.noContact.empty())
        return {};
    if (isUndecided(status))
        return format::countdown(std::chrono::floor<std::chrono::seconds>(now - status.failure.undecidedSince));
    if (!status.failure.isDegraded)
        return {};
    return format::countdown(std::chrono::floor<std::chrono::seconds>(now - status.failure.since));
}

FailureMessage failureMessage(const engine::Status &status, SteadyNow now, qint64 wallSecond)
{
    if (!status.noContact.empty())
        return {visibleText(status.noContact),
                translated("Requests are decided there as before, but what is shown here is as it was then."),
                {}};
    if (!isDegraded(status))
        return isHarmed(status) ? harmMessage(status) : adviceMessage(status);
    if (isUndecided(status))
        return undecidedMessage(status.failure, now, wallSecond);
    FailureMessage message;
    message.headline = whatFails(status);
    if (status.failure.isDegraded) {
        const auto age = std::chrono::floor<std::chrono::seconds>(now - status.failure.since).count();
        message.headline = translated("%1 since %2 (%3)")
                               .arg(message.headline, format::clock(wallSecond - age), failureAge(status, now));
    }
    // What we did ourselves needs no reason.
    const QString problem = QString::fromStdString(status.store.problem);
    if (status.harm == engine::Harm{} && !problem.isEmpty())
        message.headline += QStringLiteral(": ") + problem;
    if (!message.headline.endsWith(u'.'))
        message.headline += u'.';
    message.detail = whoDecides(status);
    message.figures = failureFigures(status.failure);
    return message;
}

QString failureChip(const engine::Status &status)
{
    if (!status.noContact.empty())
        return translated("No contact");
    if (!isDegraded(status))
        return isHarmed(status) ? translated("Harmed") : QString();
    if (isUndecided(status))
        return status.failure.isAllUndecided ? translated("All 503") : translated("Some 503");
    switch (decider(status)) {
    case DecidedBy::Local:
        return translated("Local");
    case DecidedBy::Allow:
        return translated("All allowed");
    default:
        return translated("All rejected");
    }
}

QString breakerText(CircuitBreaker::State state)
{
    switch (state) {
    case CircuitBreaker::State::Closed:
        return translated("Breaker closed");
    case CircuitBreaker::State::HalfOpen:
        return translated("Breaker half-open · probing");
    case CircuitBreaker::State::Open:
        break;
    }
    return translated("Breaker open · a probe every %1").arg(format::duration(CircuitBreaker::kProbeEvery));
}

QString beatText(const engine::RefillStatus &refill)
{
    if (refill.tickedAtMs <= 0)
        return {};
    const QString beat = translated("Last beat %1").arg(format::clock(refill.tickedAtMs / 1000));
    if (refill.lateness.count() <= 0) // it has added no interval yet
        return beat;
    return translated("%1, %2 late").arg(beat, format::took(refill.lateness));
}

QString refillerText(const engine::RefillStatus &refill)
{
    if (refill.lastBy.empty())
        return {};
    return refill.lastBy == "-" ? translated("by a request")
                                : translated("by %1").arg(QString::fromStdString(refill.lastBy));
}

QString refillFigures(const engine::RefillStatus &refill)
{
    QStringList lines;
    if (const QString beat = beatText(refill); !beat.isEmpty()) {
        lines << beat;
        lines << translated("At worst %1 late; %2 beats more than 100 ms")
                     .arg(format::took(refill.worstLateness), format::count(refill.lateTicks));
    }
    if (const QString who = refillerText(refill); !who.isEmpty())
        lines << translated("Last interval added %1").arg(who);
    return lines.join(u'\n');
}

QString lineFigures(const FailureComparison &comparison, config::StoreFailurePolicy policy)
{
    const PolicyLine &line = comparison.lines[static_cast<std::size_t>(policy)];
    if (line.bars.empty())
        return translated("cannot be worked out: the level before is not known");
    const QString admitted = format::count(line.sum.admitted);
    const QString rejected = translated("%1 rejected").arg(format::count(line.sum.rejected));
    if (policy == comparison.inForce) {
        QString text = line.allowed
                           ? translated("admitted %1 of %2 allowed").arg(admitted, format::count(*line.allowed))
                           : translated("admitted %1").arg(admitted);
        if (line.sum.rejected > 0)
            text += QStringLiteral(" · ") + rejected;
        return line.allowed ? translated("%1 · %2 over").arg(text, format::count(line.over)) : text;
    }
    if (!comparison.wasAway)
        return translated("would be the same: Redis decided");
    QString text = translated("would admit %1").arg(admitted);
    if (line.sum.rejected > 0)
        text += QStringLiteral(" · ") + rejected + translated(" in %1 s").arg(line.rejectedSeconds);
    if (policy != config::StoreFailurePolicy::Reject)
        text += QStringLiteral(" · ") + translated("%1 over the limit").arg(format::count(line.over));
    return text;
}

} // namespace weir::ui
