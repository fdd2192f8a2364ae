// SPDX-License-Identifier: GPL-3.0-only
// What a panel wishes of a Weir elsewhere: its start, single questions, and changes.
#include <algorithm>
#include <chrono>

#include "core/admin/history_routes.h"
#include "core/admin/limits_body.h"
#include "core/admin/limits_json.h"
#include "core/config/value_words.h"
#include "core/engine/port/history_bins.h"
#include "core/remote/answer_reading.h"
#include "core/remote/remote_service.h"
#include "core/remote/request_sender.h"
#include "core/remote/status_reading.h"

namespace weir::remote {
namespace {

using namespace Qt::StringLiterals;

constexpr std::chrono::milliseconds kLongestStart{10'000};
constexpr std::int64_t kHourS = 3600;
const std::vector<std::string> kTokenWords{"keep", "proportional", "refill"}; // index: TokenMode

std::string limitPath(const std::string &name)
{
    return "/v1/limits/" + name;
}

// In a later turn, as every answer.
template<class Value>
void answerLater(QObject *context, std::function<void(Value)> done, Value value)
{
    QMetaObject::invokeMethod(
        context, [done = std::move(done), value = std::move(value)] { done(value); }, Qt::QueuedConnection);
}

/// What comes home when its receiver has died is dropped.
template<class Value>
std::function<void(Value)> whileLiving(QObject *context, std::function<void(Value)> done)
{
    return [context = QPointer<QObject>{context}, done = std::move(done)](Value value) {
        if (context)
            done(std::move(value));
    };
}

Error notFromAfar()
{
    return {Error::Code::Invalid, "it can be broken where it runs, not from elsewhere"};
}

AdminClient::Parameters parametersOf(const history::Question &question)
{
    AdminClient::Parameters parameters{
        {"from", std::to_string(question.fromS)},
        {"to", std::to_string(question.toS)},
        {"rows", std::to_string(std::clamp<std::int64_t>(question.mostRows, 1, admin::kMostHistoryRows))}};
    if (!question.limit.empty())
        parameters.emplace_back("limit", question.limit);
    return parameters;
}

bool isLoopback(const QUrl &url)
{
    const QString host = url.host();
    return host == u"localhost" || host == u"::1" || host.startsWith(u"127.");
}

} // namespace

RemoteService::RemoteService(Elsewhere where, QObject *parent)
    : QObject{parent},
      m_client{std::move(where)},
      m_history{std::make_shared<const telemetry::History>()},
      m_buckets{std::make_shared<const engine::BucketList>()}
{
    connect(&m_timer, &QTimer::timeout, this, &RemoteService::beat);
}

RemoteService::~RemoteService() = default;

Result<Done> RemoteService::start()
{
    QTimer::singleShot(kLongestStart, &m_starting, [this] {
        if (!m_hasStarted && !m_startFailure)
            lose({Error::Code::Timeout, "no answer within 10 seconds", true});
    });
    askStatus();
    m_starting.exec();
    if (m_startFailure)
        return Error{m_startFailure->code,
                     m_startFailure->detail.empty()
                         ? std::string{}
                         : "the Weir at " + m_client.address() + " cannot be shown: " + m_startFailure->detail};
    m_hasStarted = true;
    setPeriod();
    beat();
    return Done{};
}

void RemoteService::giveUpStart()
{
    if (!m_hasStarted)
        lose({Error::Code::Unavailable, {}});
}

void RemoteService::askChart()
{
    const std::int64_t now = m_toldAtMs / 1000;
    const history::Question ofProcess{{}, now - kHourS, now, kHourS}, ofLimit{shown().first, now - kHourS, now, kHourS};
    ask(m_chartPoll, "/v1/history", parametersOf(ofProcess), [this, ofProcess, ofLimit](const auto &process) {
        if (!process) // it keeps none, or is gone, and then this is asked again
            return static_cast<void>(m_isChartWhole = true);
        ask(m_chartPoll, "/v1/history", parametersOf(ofLimit), [this, ofProcess, ofLimit, process](const auto &levels) {
            m_isChartWhole = true;
            if (!levels)
                return;
            const history::Answer counts = historyOf(process.value(), ofProcess);
            const history::Answer limit = historyOf(levels.value(), ofLimit);
            if (counts.stepS == 1 && limit.stepS == 1)
                m_chart.restore(engine::binsOf(counts.rows, limit.rows, ofLimit.toS));
            if (m_isWatched)
                m_history = m_chart.snapshot();
        });
    });
}

void RemoteService::askHistory(const history::Question &question, QObject *context,
                               std::function<void(Result<history::Answer>)> done)
{
    m_client.get("/v1/history", parametersOf(question),
                 [question, answer = whileLiving(context, std::move(done))](const Result<QJsonObject> &heard) {
                     answer(heard ? Result{historyOf(heard.value(), question)} : heard.error());
                 });
}

void RemoteService::changeLimits(const config::LimitSet &next, limit::TokenMode mode, QObject *context,
                                 std::function<void(Result<Done>)> done)
{
    const auto place = static_cast<std::size_t>(mode);
    if (place >= kTokenWords.size())
        return answerLater<Result<Done>>(
            context, std::move(done),
            Error{Error::Code::Invalid, "buckets cannot be emptied by a change from elsewhere"});
    const QJsonObject body = admin::jsonOf(next);
    m_client.send("PUT", "/v1/limits", {{"tokens", kTokenWords[place]}}, body,
                  [this, next, body, answer = whileLiving(context, std::move(done))](const Result<QJsonObject> &heard) {
                      if (!heard)
                          return answer(heard.error());
                      ++m_changes;
                      answer(takeLimits(heard.value(), heard.value() == body ? &next : nullptr));
                      askLevel();
                  });
}

void RemoteService::setStoreFailurePolicy(config::StoreFailurePolicy policy, QObject *context,
                                          std::function<void(Result<Done>)> done)
{
    const std::string name = shown().first;
    const QString word = QString::fromStdString(config::kPolicyWords[static_cast<std::size_t>(policy)]);
    m_client.send(
        "PUT", limitPath(name), {}, {{u"on_store_failure"_s, word}},
        [this, name, policy, answer = whileLiving(context, std::move(done))](const Result<QJsonObject> &heard) {
            if (!heard)
                return answer(heard.error());
            ++m_changes;
            config::LimitSet next = *m_limits;
            for (config::LimitEntry &limit : next.limits)
                if (limit.name == name)
                    limit.onStoreFailure = policy;
            m_limitsSaid = {}; // to be read anew
            noteLimits(std::make_shared<const config::LimitSet>(std::move(next)));
            answer(Done{});
        });
}

void RemoteService::setBucketLevel(const std::string &limit, const std::string &subject, limit::Tokens tokens,
                                   QObject *context, std::function<void(Result<limit::Tokens>)> done)
{
    QJsonObject body{{u"tokens"_s, qint64{std::clamp(tokens, limit::Tokens{0}, limit::kMaxCapacity)}}};
    if (!subject.empty())
        body.insert(u"key"_s, QString::fromStdString(subject));
    m_client.send("POST", limitPath(limit) + "/level", {}, body,
                  [this, bucket = Bucket{limit, subject},
                   answer = whileLiving(context, std::move(done))](const Result<QJsonObject> &heard) {
                      if (!heard)
                          return answer(heard.error());
                      const limit::Tokens level = heard.value().value(u"tokens"_s).toInteger();
                      ++m_changes;
                      if (bucket == shown()) {
                          engine::LevelApprox now = status().level;
                          now.isKnown = true;
                          now.tokens = level;
                          now.observedAt = std::chrono::steady_clock::now();
                          m_level = now;
                          ++m_published;
                          if (const config::LimitEntry *entry = entryOf(bucket.first))
                              m_chart.add({m_toldAtMs, entry->spec, entry->spec});
                      }
                      answer(level);
                      askLevel();
                  });
}

void RemoteService::listBuckets(const std::string &limit, const std::string &search, QObject *context,
                                std::function<void(Result<engine::BucketList>)> done)
{
    m_client.get(limitPath(limit) + "/top", {{"search", search}},
                 [answer = whileLiving(context, std::move(done))](const Result<QJsonObject> &heard) {
                     answer(heard ? Result{bucketsOf(heard.value())} : heard.error());
                 });
}

void RemoteService::peekBuckets(const std::vector<engine::BucketQuestion> &questions, QObject *context,
                                std::function<void(Result<std::vector<engine::BucketPeek>>)> done)
{
    using Peeks = Result<std::vector<engine::BucketPeek>>;
    if (questions.empty())
        return answerLater<Peeks>(context, std::move(done), std::vector<engine::BucketPeek>{});
    struct Round {
        std::vector<engine::BucketPeek> peeks;
        std::size_t missing{0};
        std::optional<Error> failure;
        std::function<void(Peeks)> answer;
    };
    const auto round = std::make_shared<Round>();
    round->peeks.resize(questions.size());
    round->missing = questions.size();
    round->answer = whileLiving(context, std::move(done));
    for (std::size_t i = 0; i < questions.size(); ++i) {
        AdminClient::Parameters parameters{{"cost", std::to_string(questions[i].cost)}};
        if (!questions[i].subject.empty())
            parameters.emplace_back("key", questions[i].subject);
        m_client.get(limitPath(questions[i].limit) + "/bucket", parameters,
                     [this, round, i](const Result<QJsonObject> &heard) {
                         if (heard)
                             round->peeks[i] = peekOf(heard.value(), *m_limits);
                         else if (!round->failure)
                             round->failure = heard.error();
                         if (--round->missing == 0)
                             round->answer(round->failure ? Peeks{*round->failure} : Peeks{round->peeks});
                     });
    }
}

void RemoteService::makeStoreForget(QObject *context, std::function<void(Result<Done>)> done)
{
    answerLater<Result<Done>>(context, std::move(done), notFromAfar());
}

void RemoteService::killStore(QObject *context, std::function<void(Result<Done>)> done)
{
    answerLater<Result<Done>>(context, std::move(done), notFromAfar());
}

// To its data port, as any client of this machine would; one on its own loopback is no port of this machine.
void RemoteService::sendRequests(int count, QObject *context, std::function<void(engine::SendReport)> done)
{
    send("GET", "/", count, context, std::move(done));
}

void RemoteService::sendAgain(const std::string &method, const std::string &target, QObject *context,
                              std::function<void(engine::SendReport)> done)
{
    send(method, target, 1, context, std::move(done));
}

void RemoteService::send(const std::string &method, const std::string &target, int count, QObject *context,
                         std::function<void(engine::SendReport)> done)
{
    const QUrl data{m_told.urls.empty() ? QString{} : QString::fromStdString(m_told.urls.front())};
    const QUrl own{QString::fromStdString(m_client.address())};
    if (data.isEmpty() || !data.isValid() || (isLoopback(data) && !isLoopback(own)))
        return answerLater<engine::SendReport>(context, std::move(done),
                                               {0, 0, 0, count,
                                                "its data port "
                                                    + (m_told.urls.empty() ? std::string{} : m_told.urls.front())
                                                    + " is for clients of its own machine alone"});
    if (!m_sender)
        m_sender = std::make_unique<RequestSender>();
    m_sender->send(m_told.urls.front(), method, target, count, whileLiving(context, std::move(done)));
}

} // namespace weir::remote
