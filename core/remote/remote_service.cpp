// SPDX-License-Identifier: GPL-3.0-only
#include "core/remote/remote_service.h"

#include <algorithm>
#include <chrono>

#include <QDateTime>

#include "core/admin/limits_body.h"
#include "core/remote/answer_reading.h"
#include "core/remote/status_reading.h"

namespace weir::remote {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kWatchedPeriod{250}, kCalmPeriod{1000};
constexpr qint64 kBucketsEveryMs = 950; // a little less than a second: the beat is 250 ms
constexpr std::uint64_t kPage = 250;    // requests of an answer: 80 kB
constexpr std::uint64_t kFarBehind = 2 * kPage;
constexpr std::chrono::seconds kJitter{2};

std::string limitPath(const std::string &name)
{
    return "/v1/limits/" + name;
}

} // namespace

bool RemoteService::isToldBucket() const
{
    return shown() == Bucket{m_told.limit.name, m_told.subject};
}

void RemoteService::beat()
{
    askStatus();
    if (!m_noContact.empty() || !m_limits)
        return;
    askLevel();
    askRequests();
    if (!m_bucketsAsked.isValid() || m_bucketsAsked.elapsed() >= kBucketsEveryMs)
        askBuckets();
    if (!m_isChartWhole)
        askChart();
}

void RemoteService::setPeriod()
{
    m_timer.start(m_isWatched && m_noContact.empty() ? kWatchedPeriod : kCalmPeriod);
}

void RemoteService::ask(Poll &poll, const std::string &path, const AdminClient::Parameters &parameters,
                        std::function<void(const Result<QJsonObject> &)> heard)
{
    if (std::exchange(poll.isOut, true))
        return;
    m_client.get(path, parameters, [&poll, heard = std::move(heard)](const Result<QJsonObject> &answer) {
        poll.isOut = false;
        heard(answer);
    });
}

void RemoteService::askStatus()
{
    ask(m_statusPoll, "/v1/status", {}, [this](const Result<QJsonObject> &heard) { hearStatus(heard); });
}

void RemoteService::hearStatus(const Result<QJsonObject> &heard)
{
    if (!heard && heard.error().code == Error::Code::Invalid) // it knows no such question
        return lose({Error::Code::Protocol, "what answers there is no admin port of a Weir"});
    if (!heard)
        return lose(heard.error());
    const QJsonObject &said = heard.value();
    const std::int64_t began = said.value(u"began_at_ms"_s).toInteger();
    if (began <= 0)
        return lose({Error::Code::Protocol, "what answers there is no Weir that a panel can show", false});
    const bool isBack = !m_noContact.empty();
    if (isBack || began != m_beganAtMs)
        beginAnew(began);
    const auto startedAt = m_told.startedAt;
    m_told = statusOf(said, std::chrono::steady_clock::now());
    if (std::chrono::abs(m_told.startedAt - startedAt) < kJitter) // that the answer took longer changes nothing
        m_told.startedAt = startedAt;
    m_toldAtMs = said.value(u"at_ms"_s).toInteger();
    ++m_published;
    if (isBack)
        setPeriod();
    if (const std::int64_t version = said.value(u"limits_version"_s).toInteger(); version != m_limitsVersion)
        askLimits(version);
    if (m_chart.follow(status(), m_toldAtMs) && m_isWatched)
        m_history = m_chart.snapshot();
}

void RemoteService::beginAnew(std::int64_t beganAtMs)
{
    m_noContact.clear();
    if (beganAtMs != m_beganAtMs)
        m_level.reset();
    m_beganAtMs = beganAtMs;
    m_limitsVersion = -1;
    m_chart.breakOff();
    m_isChartWhole = false;
}

void RemoteService::lose(const Error &why)
{
    if (!m_hasStarted) {
        m_startFailure = why;
        return m_starting.quit();
    }
    if (!m_noContact.empty())
        return;
    const std::string since = QDateTime::currentDateTime().toString(u"HH:mm"_s).toStdString();
    const bool isUnheard = why.code != Error::Code::Configuration && why.code != Error::Code::Invalid;
    m_noContact = (isUnheard ? "No connection to " + m_client.address() : m_client.address() + " turns this panel away")
                  + " since " + since + "; trying again (" + why.detail + ").";
    ++m_published;
    setPeriod();
}

void RemoteService::askLimits(std::int64_t version)
{
    ask(m_limitsPoll, "/v1/limits", {}, [this, version, changes = m_changes](const Result<QJsonObject> &heard) {
        if (changes != m_changes)
            return askLimits(version);
        if (!heard)
            return m_hasStarted ? static_cast<void>(0) : lose(heard.error());
        if (const Result<Done> taken = takeLimits(heard.value(), nullptr); !taken)
            return lose(taken.error());
        m_limitsVersion = version;
        if (!m_hasStarted)
            m_starting.quit();
    });
}

// What was sent is what is in force when it is said back, whatever spelling its values have there.
Result<Done> RemoteService::takeLimits(const QJsonObject &said, const config::LimitSet *expected)
{
    if (m_limits && said == m_limitsSaid && !expected)
        return Done{};
    admin::ReadLimits read = expected ? admin::ReadLimits{*expected} : admin::withAll({}, said);
    if (!read.faults.empty())
        return Error{Error::Code::Protocol,
                     "its limits cannot be read here: " + config::printIssue(read.faults.front())};
    m_limitsSaid = said;
    noteLimits(std::make_shared<const config::LimitSet>(std::move(read.set)));
    return Done{};
}

void RemoteService::noteLimits(std::shared_ptr<const config::LimitSet> next)
{
    const auto before = std::exchange(m_limits, std::move(next));
    ++m_published;
    const std::string name = shown().first;
    const config::LimitEntry *now = entryOf(name);
    if (!before || !now)
        return;
    for (const config::LimitEntry &old : before->limits)
        if (old.name == name && old.spec != now->spec)
            m_chart.add({m_toldAtMs, old.spec, now->spec});
}

const config::LimitEntry *RemoteService::entryOf(const std::string &name) const
{
    if (m_limits)
        for (const config::LimitEntry &limit : m_limits->limits)
            if (limit.name == name)
                return &limit;
    return nullptr;
}

RemoteService::Bucket RemoteService::shown() const
{
    return m_shown && entryOf(m_shown->first) ? *m_shown : Bucket{m_told.limit.name, m_told.subject};
}

// Looked at, because without a panel and without requests that Weir itself hears nothing of its bucket.
void RemoteService::askLevel()
{
    const Bucket bucket = shown();
    const config::LimitEntry *limit = entryOf(bucket.first);
    if (!limit || limit->key.empty() != bucket.second.empty())
        return;
    AdminClient::Parameters parameters{{"cost", "0"}};
    if (!bucket.second.empty())
        parameters.emplace_back("key", bucket.second);
    ask(m_levelPoll, limitPath(bucket.first) + "/bucket", parameters,
        [this, bucket, changes = m_changes](const Result<QJsonObject> &heard) {
            if (bucket != shown() || changes != m_changes)
                return askLevel();
            ++m_published;
            m_level.reset();
            if (!heard)
                return; // as the status says it
            const engine::BucketPeek peek = peekOf(heard.value(), *m_limits);
            m_level = engine::LevelApprox{true, peek.tokens, peek.nextRefill, std::chrono::steady_clock::now(), 0, 0};
        });
}

void RemoteService::askRequests()
{
    AdminClient::Parameters parameters{{"limit", std::to_string(kPage)}};
    if (m_cursor && !m_isFarBehind)
        parameters.emplace_back("after", std::to_string(*m_cursor));
    ask(m_requestsPoll, "/v1/requests", parameters, [this](const Result<QJsonObject> &heard) {
        if (heard)
            hearRequests(heard.value());
    });
}

void RemoteService::hearRequests(const QJsonObject &said)
{
    const std::int64_t began = said.value(u"began_at_ms"_s).toInteger();
    const std::int64_t before = std::exchange(m_requestsBeganAtMs, began);
    if (before != 0 && before != began) { // the cursor is of a process that is gone
        m_cursor = 0;
        m_isFarBehind = false;
        return askRequests();
    }
    std::vector<telemetry::RequestRecord> records = requestsOf(said.value(u"requests"_s).toArray());
    std::erase_if(records, [this](const auto &record) { return m_cursor && record.id <= *m_cursor; });
    const auto newest = static_cast<std::uint64_t>(std::max<std::int64_t>(0, said.value(u"newest_id"_s).toInteger()));
    const bool isMore = !records.empty() && newest > records.back().id;
    m_isFarBehind = isMore && newest - records.back().id > kFarBehind;
    if (records.empty()) {
        if (!m_cursor)
            m_cursor = newest;
        return;
    }
    if (m_cursor)
        m_missed += records.front().id - *m_cursor - 1;
    m_cursor = records.back().id;
    m_requests.add(std::move(records));
    ++m_published;
    if (isMore && !m_isFarBehind)
        askRequests();
}

void RemoteService::askBuckets()
{
    if (m_watched.first.empty() || !entryOf(m_watched.first))
        return;
    m_bucketsAsked.start();
    ask(m_bucketsPoll, limitPath(m_watched.first) + "/top", {{"search", m_watched.second}},
        [this, watched = m_watched](const Result<QJsonObject> &heard) {
            if (watched != m_watched)
                return askBuckets();
            if (!heard)
                return;
            m_buckets = std::make_shared<const engine::BucketList>(bucketsOf(heard.value()));
            ++m_published;
        });
}

engine::Status RemoteService::status()
{
    engine::Status status = m_told;
    status.elsewhere = m_client.address();
    status.noContact = m_noContact;
    status.requestsNotShown += m_missed;
    const Bucket bucket = shown();
    const bool isTold = isToldBucket();
    status.limit.name = bucket.first;
    status.subject = bucket.second;
    if (const config::LimitEntry *limit = entryOf(bucket.first)) {
        status.limit.spec = limit->spec;
        status.onStoreFailure = limit->onStoreFailure;
    }
    if (!isTold) { // what is told is of another bucket
        status.level = {};
        status.refill.lastAtMs = 0;
        status.refill.lastTokens = status.refill.lastLevel = 0;
        status.refill.lastBy.clear();
    }
    if (m_level) {
        const auto admitted = status.level.admittedLifetime, refused = status.level.refusedLifetime;
        status.level = *m_level;
        status.level.admittedLifetime = admitted;
        status.level.refusedLifetime = refused;
    }
    return status;
}

engine::News RemoteService::news()
{
    engine::News news;
    news.published = m_published;
    news.requests = m_told.totals.answers();
    news.turnedAway = m_told.totals.turnedAway();
    news.connections = m_told.totals.connections;
    news.leaseHeld = m_told.totals.leaseHeld;
    news.tokens = m_level ? m_level->tokens : m_told.level.tokens;
    news.areWaiting = m_requests.newest() > m_taken;
    return news;
}

std::vector<telemetry::RequestRecord> RemoteService::takeRequests()
{
    telemetry::RequestPage page = m_requests.page(m_taken, telemetry::LatestRequests::kMost);
    m_taken = page.newest;
    m_missed += page.dropped;
    return std::move(page.records);
}

telemetry::RequestPage RemoteService::requestsAfter(std::uint64_t after, std::size_t most)
{
    return m_requests.page(after, most);
}

std::shared_ptr<const telemetry::History> RemoteService::history()
{
    return m_history;
}

std::shared_ptr<const config::LimitSet> RemoteService::limits()
{
    return m_limits;
}

std::shared_ptr<const engine::BucketList> RemoteService::buckets()
{
    return m_buckets;
}

void RemoteService::setWatched(bool isWatched)
{
    m_isWatched = isWatched;
    m_history = isWatched ? m_chart.snapshot() : std::make_shared<const telemetry::History>();
    setPeriod();
    if (isWatched && m_noContact.empty())
        beat();
}

void RemoteService::showBucket(const std::string &limit, const std::string &subject)
{
    if (Bucket bucket{limit, subject}; m_shown != bucket) {
        m_shown = std::move(bucket);
        m_level.reset();
        ++m_published;
        if (m_noContact.empty())
            askLevel();
    }
}

void RemoteService::watchBuckets(const std::string &limit, const std::string &search)
{
    if (Bucket watched{limit, search}; watched != m_watched) {
        m_watched = std::move(watched);
        m_buckets = std::make_shared<const engine::BucketList>();
        ++m_published;
        if (m_noContact.empty())
            askBuckets();
    }
}

} // namespace weir::remote
