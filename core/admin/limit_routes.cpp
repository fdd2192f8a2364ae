// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/limit_routes.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <QJsonArray>

#include "core/admin/limit_editor.h"
#include "core/admin/limits_body.h"
#include "core/admin/limits_json.h"
#include "core/admin/status_json.h"
#include "core/base/nearest_word.h"
#include "core/config/shown_text.h"
#include "core/policy/subject_key.h"

namespace weir::admin {
namespace {

using namespace Qt::StringLiterals;

// What becomes of tokens; index: limit::TokenMode.
const std::vector<std::string> kTokenWords{"keep", "proportional", "refill"};

// As SubjectKey writes one: nothing else names a bucket.
bool isSubject(std::string_view text)
{
    const auto isOfSubject = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
               || std::string_view{"-._~@:/=+%,()#"}.find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= policy::kMaxSubjectBytes
           && std::all_of(text.begin(), text.end(), isOfSubject);
}

class LimitRoutes {
public:
    LimitRoutes(engine::ServicePort &port, QObject &context)
        : m_port{port}, m_context{context}, m_editor{std::make_shared<LimitEditor>(port, context)}
    {
    }

    void all(const Call &call) const { call.reply(json(jsonOf(*m_port.limits()))); }

    void one(const Call &call) const
    {
        const auto set = m_port.limits();
        const config::LimitEntry *limit = findLimit(*set, call.name);
        call.reply(limit ? json(jsonOf(*limit)) : noSuchLimit(*set, call.name));
    }

    void putAll(Call call) const
    {
        const auto mode = modeOf(call);
        if (!call.parameters.faults().empty())
            return call.reply(problem(400, call.parameters.faults()));
        m_editor->add({[body = call.body](const config::LimitSet &present) { return withAll(present, body); }, mode,
                       [this](bool) { return json(jsonOf(*m_port.limits())); }, invalid, call.reply});
    }

    void putOne(Call call) const
    {
        const auto mode = modeOf(call);
        if (!call.parameters.faults().empty())
            return call.reply(problem(400, call.parameters.faults()));
        m_editor->add({[name = call.name, body = call.body](const config::LimitSet &present) {
                           return withLimit(present, name, body);
                       },
                       mode, [this, name = call.name](bool isNew) { return answerTo(name, isNew); }, invalid,
                       call.reply});
    }

    void remove(const Call &call) const
    {
        m_editor->add({[name = call.name](const config::LimitSet &present) { return without(present, name); },
                       limit::TokenMode::Keep,
                       [](bool) {
                           return http::AdminAnswer{204, {}, {}};
                       },
                       [this, name = call.name](const Faults &) {
                           const auto set = m_port.limits();
                           return findLimit(*set, name)
                                      ? problem(409, "It is the only limit, and there must be one; to let all requests "
                                                     "through, PUT \"enabled\": false.")
                                      : noSuchLimit(*set, name);
                       },
                       call.reply});
    }

    // Without `tokens` the body says how many.
    void setLevel(const Call &call, std::optional<limit::Tokens> tokens) const
    {
        const auto set = m_port.limits();
        const config::LimitEntry *limit = findLimit(*set, call.name);
        if (!limit)
            return call.reply(noSuchLimit(*set, call.name));
        Faults faults;
        QJsonObject body = call.body;
        if (!tokens)
            tokens = tokensOf(body.take(u"tokens"_s), faults);
        const std::string subject = subjectOf(*limit, keyOf(body, faults), faults);
        if (!faults.empty())
            return call.reply(problem(422, faults));
        m_port.setBucketLevel(call.name, subject, *tokens, &m_context,
                              [reply = call.reply, name = call.name, subject](const Result<limit::Tokens> &level) {
                                  reply(level ? json({{u"limit"_s, textOf(name)},
                                                      {u"key"_s, textOf(subject)},
                                                      {u"tokens"_s, qint64{level.value()}}})
                                              : noBucket(level.error()));
                              });
    }

    void top(Call call) const
    {
        const auto set = m_port.limits();
        const config::LimitEntry *limit = findLimit(*set, call.name);
        if (!limit)
            return call.reply(noSuchLimit(*set, call.name));
        const std::string search = call.parameters.text("search").value_or(std::string{});
        if (!call.parameters.faults().empty())
            return call.reply(problem(400, call.parameters.faults()));
        m_port.listBuckets(call.name, search, &m_context, [reply = call.reply](const Result<engine::BucketList> &list) {
            reply(list ? json(jsonOf(list.value())) : noBucket(list.error()));
        });
    }

    void peek(Call call) const
    {
        const auto set = m_port.limits();
        const config::LimitEntry *limit = findLimit(*set, call.name);
        if (!limit)
            return call.reply(noSuchLimit(*set, call.name));
        const auto cost = call.parameters.whole("cost", {0, limit::kMaxCapacity}).value_or(limit->cost.cost);
        Faults faults;
        const std::string subject = subjectOf(*limit, call.parameters.text("key"), faults);
        for (config::ConfigIssue &fault : faults)
            call.parameters.fail(fault.where, std::move(fault.problem), std::move(fault.hint));
        if (!call.parameters.faults().empty())
            return call.reply(problem(400, call.parameters.faults()));
        m_port.peekBuckets(
            {{call.name, subject, cost}}, &m_context,
            [reply = call.reply, name = call.name, subject](const Result<std::vector<engine::BucketPeek>> &found) {
                reply(found ? json(peekOf(name, subject, found.value().front())) : noBucket(found.error()));
            });
    }

private:
    static double milliseconds(Micros time) { return std::chrono::duration<double, std::milli>{time}.count(); }
    static QJsonObject peekOf(const std::string &name, const std::string &subject, const engine::BucketPeek &peek)
    {
        return {{u"limit"_s, textOf(name)},
                {u"key"_s, textOf(subject)},
                {u"capacity_tokens"_s, qint64{peek.spec.capacity}},
                {u"tokens"_s, qint64{peek.tokens}},
                {u"next_refill_ms"_s, milliseconds(peek.nextRefill)},
                {u"until_full_ms"_s, milliseconds(peek.untilFull)},
                {u"wait_ms"_s, peek.wait ? QJsonValue{milliseconds(*peek.wait)} : QJsonValue::Null},
                {u"decided_by"_s, wordOf(peek.by)}};
    }

    // The limit was there a moment ago.
    static http::AdminAnswer noBucket(const Error &error)
    {
        return error.code == Error::Code::Invalid ? problem(404, "There is no limit of that name any more.")
                                                  : problemOf(error);
    }

    static QJsonObject jsonOf(const engine::BucketList &list)
    {
        QJsonArray buckets;
        for (const engine::BucketRow &row : list.rows)
            buckets.append(QJsonObject{
                {u"key"_s, textOf(row.subject)},
                {u"tokens"_s, row.tokens < 0 ? QJsonValue{QJsonValue::Null} : QJsonValue{qint64{row.tokens}}},
                {u"admitted_total"_s, qint64{row.admitted}},
                {u"refused_total"_s, qint64{row.refused}},
                {u"uncertain_total"_s, qint64{row.uncertainty}},
                {u"last_seen_ms"_s,
                 row.lastSeenMs == 0 ? QJsonValue{QJsonValue::Null} : QJsonValue{qint64{row.lastSeenMs}}}});
        return {{u"limit"_s, textOf(list.limit)}, {u"live_buckets"_s, qint64{list.live}}, {u"buckets"_s, buckets}};
    }
    static QJsonObject jsonOf(const config::LimitSet &set) { return admin::jsonOf(set); }
    static QJsonObject jsonOf(const config::LimitEntry &limit) { return admin::jsonOf(limit); }

    static limit::TokenMode modeOf(Call &call)
    {
        return static_cast<limit::TokenMode>(call.parameters.word("tokens", kTokenWords).value_or(0));
    }

    // The body {"key": "SUBJECT"}, or none.
    static std::optional<std::string> keyOf(const QJsonObject &body, Faults &faults)
    {
        for (const QString &field : body.keys())
            if (field != u"key"_s)
                faults.push_back({config::shown(field.toStdString()), "there is no such field", "key"});
        const QJsonValue key = body.value(u"key"_s);
        if (key.isUndefined() || key.isNull())
            return std::nullopt;
        if (!key.isString())
            faults.push_back({"key", "it is no text", "a key as GET top lists them"});
        return key.toString().toStdString();
    }

    static limit::Tokens tokensOf(const QJsonValue &value, Faults &faults)
    {
        const qint64 tokens = value.toInteger(-1); // no whole number: -1
        if (tokens < 0 || tokens > limit::kMaxCapacity)
            faults.push_back({"tokens", value.isUndefined() ? "it is not said" : "it cannot be a level",
                              "a whole number from 0 to " + std::to_string(limit::kMaxCapacity)});
        return tokens;
    }

    static http::AdminAnswer invalid(const Faults &faults) { return problem(422, faults); }

    [[nodiscard]] http::AdminAnswer answerTo(const std::string &name, bool isNew) const
    {
        const auto set = m_port.limits();
        const config::LimitEntry *limit = findLimit(*set, name);
        if (!limit)
            return problem(409, "The limit was set, and removed again by somebody else.");
        http::AdminAnswer answer = json(jsonOf(*limit), isNew ? 201 : 200);
        if (isNew)
            answer.fields += "Location: /v1/limits/" + name + "\r\n";
        return answer;
    }

    engine::ServicePort &m_port;
    QObject &m_context;
    std::shared_ptr<LimitEditor> m_editor;
};

} // namespace

void addLimitRoutes(std::vector<Route> &routes, engine::ServicePort &port, QObject &context)
{
    const LimitRoutes limits{port, context};
    const auto add = [&](const char *method, const char *pattern, const char *parameters, BodyRule body,
                         std::function<void(Call)> answer) {
        routes.push_back({method, pattern, parameters, body, std::move(answer)});
    };
    static constexpr limit::Tokens kFull = limit::kMaxCapacity;
    using Rule = BodyRule;
    add("GET", "/v1/limits", "", Rule::None, [limits](const Call &call) { limits.all(call); });
    add("PUT", "/v1/limits", "tokens", Rule::Required, [limits](Call call) { limits.putAll(std::move(call)); });
    add("GET", "/v1/limits/{name}", "", Rule::None, [limits](const Call &call) { limits.one(call); });
    add("PUT", "/v1/limits/{name}", "tokens", Rule::Required, [limits](Call call) { limits.putOne(std::move(call)); });
    add("DELETE", "/v1/limits/{name}", "", Rule::None, [limits](const Call &call) { limits.remove(call); });
    add("POST", "/v1/limits/{name}/fill", "", Rule::Optional,
        [limits](const Call &call) { limits.setLevel(call, kFull); });
    add("POST", "/v1/limits/{name}/empty", "", Rule::Optional,
        [limits](const Call &call) { limits.setLevel(call, 0); });
    add("POST", "/v1/limits/{name}/level", "", Rule::Required,
        [limits](const Call &call) { limits.setLevel(call, std::nullopt); });
    add("GET", "/v1/limits/{name}/bucket", "key cost", Rule::None,
        [limits](Call call) { limits.peek(std::move(call)); });
    add("GET", "/v1/limits/{name}/top", "search", Rule::None, [limits](Call call) { limits.top(std::move(call)); });
}

const config::LimitEntry *findLimit(const config::LimitSet &set, const std::string &name)
{
    const auto found = std::find_if(set.limits.begin(), set.limits.end(),
                                    [&](const config::LimitEntry &limit) { return limit.name == name; });
    return found == set.limits.end() ? nullptr : &*found;
}

http::AdminAnswer noSuchLimit(const config::LimitSet &set, const std::string &name)
{
    std::vector<std::string> names;
    for (const config::LimitEntry &limit : set.limits)
        names.push_back(limit.name);
    const std::string nearest = nearestWord(name, names);
    return problem(404, "There is no limit of that name" + (nearest.empty() ? "." : "; there is " + nearest + "."));
}

std::string subjectOf(const config::LimitEntry &limit, const std::optional<std::string> &key, Faults &faults)
{
    if (limit.key.empty() && key && !key->empty())
        faults.push_back({"key", "all requests share the bucket of this limit", "none"});
    else if (!limit.key.empty() && (!key || key->empty()))
        faults.push_back({"key", "this limit has a bucket for each key", "the key of one, as GET top lists them"});
    else if (!limit.key.empty() && !isSubject(*key))
        faults.push_back({"key", "it cannot be a key", "the key of a bucket, as GET top lists them"});
    else if (key)
        return *key;
    return {};
}

} // namespace weir::admin
