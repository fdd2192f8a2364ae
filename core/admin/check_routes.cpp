// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/check_routes.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>

#include <QJsonArray>

#include "core/admin/admin_answers.h"
#include "core/admin/question.h"
#include "core/admin/status_json.h"

namespace weir::admin {
namespace {

using namespace Qt::StringLiterals;
using config::StoreFailurePolicy;
using engine::BucketPeek;
using policy::Access;
using policy::Question;
using telemetry::DecidedBy;

const QJsonValue kNone{QJsonValue::Null};

struct Verdict {
    QString outcome; ///< admitted, refused, impossible, blocked, exempt, rejected, allowed
    int status{200};
    QString why;
    DecidedBy by{DecidedBy::Nobody};
    std::optional<Micros> retryAfter{};
};

/// The buckets that the limits of a question have, by the places of the limits; none for those that are not asked.
using Peeks = std::map<std::size_t, BucketPeek>;

qint64 wholeSecondsOf(Micros wait)
{
    return std::max<qint64>(1, std::chrono::ceil<std::chrono::seconds>(wait).count());
}

StoreFailurePolicy policyOf(const Question &question, std::size_t limit)
{
    return question.set->limits[limit].onStoreFailure;
}

bool isAsked(const Question &question, StoreFailurePolicy policy)
{
    for (const Question::Part &part : question.parts)
        if (part.charge && !part.charge->isShadow && policyOf(question, part.charge->limit) == policy)
            return true;
    return false;
}

// Each limit must admit; the one that takes longest says when to come again.
Verdict judge(const Question &question, const Peeks &peeks)
{
    Verdict verdict{u"admitted"_s, 200, {}, DecidedBy::Store, {}};
    std::vector<std::string> refusing;
    bool isImpossible = false;
    Micros longest{0};
    for (const auto &[limit, peek] : peeks) {
        if (peek.by == DecidedBy::Local)
            verdict.by = DecidedBy::Local;
        if (question.parts[limit].charge->isShadow || peek.wait == Micros{0})
            continue;
        refusing.push_back(question.set->limits[limit].name);
        isImpossible = isImpossible || !peek.wait;
        longest = std::max(longest, peek.wait.value_or(Micros{0}));
    }
    if (refusing.empty()) {
        verdict.why = u"Every limit that is for it has the tokens."_s;
        return verdict;
    }
    QString names;
    for (const std::string &name : refusing)
        names += (names.isEmpty() ? QString{} : u", "_s) + textOf(name);
    verdict.status = 429;
    verdict.outcome = isImpossible ? u"impossible"_s : u"refused"_s;
    verdict.why = isImpossible ? u"It costs more than a bucket of %1 can ever hold."_s.arg(names)
                               : u"The tokens of %1 do not suffice."_s.arg(names);
    if (!isImpossible)
        verdict.retryAfter = longest;
    return verdict;
}

Verdict rejected(const QString &why)
{
    return {u"rejected"_s, 503, why, DecidedBy::Reject, Micros{1'000'000}};
}

// While this process decides by itself, limits that do not want that have their own way.
Verdict verdictOf(const Question &question, Peeks peeks)
{
    const bool isLocal =
        std::any_of(peeks.begin(), peeks.end(), [](const auto &item) { return item.second.by == DecidedBy::Local; });
    if (!isLocal)
        return judge(question, peeks);
    if (isAsked(question, StoreFailurePolicy::Reject))
        return rejected(u"Redis is away, and a limit rejects what it cannot decide."_s);
    std::erase_if(peeks, [&](const auto &item) { return policyOf(question, item.first) != StoreFailurePolicy::Local; });
    if (peeks.empty())
        return {u"allowed"_s, 200, u"Redis is away, and its limits let it through."_s, DecidedBy::Allow, {}};
    return judge(question, peeks);
}

// The store was asked and cannot tell.
std::optional<Verdict> verdictWithout(const Question &question, Error::Code why)
{
    const bool isAway = why == Error::Code::Unavailable || why == Error::Code::Timeout || why == Error::Code::Protocol;
    if (why == Error::Code::Invalid || why == Error::Code::Overloaded)
        return std::nullopt;
    if (!isAway || isAsked(question, StoreFailurePolicy::Reject))
        return rejected(isAway ? u"Redis is away, and a limit rejects what it cannot decide."_s
                               : u"Redis cannot decide before somebody has mended what is wrong with it."_s);
    if (isAsked(question, StoreFailurePolicy::Local))
        return std::nullopt; // it is about to go on by itself, or just back
    return Verdict{u"allowed"_s, 200, u"Redis is away, and its limits let it through."_s, DecidedBy::Allow, {}};
}

QJsonObject partOf(const Question &question, std::size_t place, const Peeks &peeks)
{
    const Question::Part &part = question.parts[place];
    const auto found = peeks.find(place);
    const BucketPeek *peek = found == peeks.end() ? nullptr : &found->second;
    const auto milliseconds = [](Micros time) { return std::chrono::duration<double, std::milli>{time}.count(); };
    const bool waits = peek && peek->wait && *peek->wait > Micros{0};
    return {{u"limit"_s, textOf(question.set->limits[place].name)},
            {u"applies"_s, part.charge.has_value()},
            {u"why"_s, textOf(part.why)},
            {u"is_shadow"_s, question.set->limits[place].isShadow},
            {u"key"_s, part.charge ? QJsonValue{textOf(part.charge->subject)} : kNone},
            {u"cost_tokens"_s, part.charge ? QJsonValue{qint64{part.charge->cost}} : kNone},
            {u"tokens"_s, peek ? QJsonValue{qint64{peek->tokens}} : kNone},
            {u"capacity_tokens"_s, peek ? QJsonValue{qint64{peek->spec.capacity}} : kNone},
            {u"next_refill_ms"_s, peek ? QJsonValue{milliseconds(peek->nextRefill)} : kNone},
            {u"admits"_s, peek ? QJsonValue{peek->wait == Micros{0}} : kNone},
            {u"retry_after_seconds"_s, waits ? QJsonValue{wholeSecondsOf(*peek->wait)} : kNone}};
}

http::AdminAnswer answerOf(const Question &question, const Verdict &verdict, const Peeks &peeks)
{
    QJsonArray limits;
    for (std::size_t i = 0; i < question.parts.size(); ++i)
        limits.append(partOf(question, i, peeks));
    return json(
        {{u"outcome"_s, verdict.outcome},
         {u"status"_s, verdict.status},
         {u"why"_s, verdict.why},
         {u"decided_by"_s, wordOf(verdict.by)},
         {u"retry_after_seconds"_s, verdict.retryAfter ? QJsonValue{wholeSecondsOf(*verdict.retryAfter)} : kNone},
         {u"limits"_s, limits}});
}

void answerPeeked(const std::shared_ptr<const Question> &question, const std::vector<std::size_t> &places,
                  const Result<std::vector<BucketPeek>> &found, const Reply &reply)
{
    if (!found) {
        const auto verdict = verdictWithout(*question, found.error().code);
        if (verdict)
            return reply(answerOf(*question, *verdict, {}));
        return reply(found.error().code == Error::Code::Invalid
                         ? problem(503, "The limits have just been changed; ask again.")
                         : problemOf(found.error()));
    }
    Peeks peeks;
    for (std::size_t i = 0; i < places.size(); ++i)
        peeks.emplace(places[i], found.value()[i]);
    reply(answerOf(*question, verdictOf(*question, peeks), peeks));
}

void answer(engine::ServicePort &port, QObject &context, Call call)
{
    const auto question = std::make_shared<const Question>(readQuestion(call, port.limits()));
    if (!call.parameters.faults().empty())
        return call.reply(problem(400, call.parameters.faults()));
    std::vector<engine::BucketQuestion> buckets;
    std::vector<std::size_t> places;
    for (const Question::Part &part : question->parts)
        if (part.charge) {
            buckets.push_back(
                {question->set->limits[part.charge->limit].name, part.charge->subject, part.charge->cost});
            places.push_back(part.charge->limit);
        }
    if (buckets.empty()) {
        const bool isBlocked = question->access == Access::Blocked;
        const Verdict verdict{isBlocked ? u"blocked"_s : u"exempt"_s,
                              isBlocked ? 403 : 200,
                              textOf(question->why),
                              DecidedBy::Nobody,
                              {}};
        return call.reply(answerOf(*question, verdict, {}));
    }
    port.peekBuckets(buckets, &context, [question, places, reply = call.reply](const auto &found) {
        answerPeeked(question, places, found, reply);
    });
}

} // namespace

void addCheckRoutes(std::vector<Route> &routes, engine::ServicePort &port, QObject &context)
{
    routes.push_back({"GET", "/v1/check", "path method client header limit key", BodyRule::None,
                      [&port, &context](Call call) { answer(port, context, std::move(call)); }});
}

} // namespace weir::admin
