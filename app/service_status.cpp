// SPDX-License-Identifier: GPL-3.0-only
#include "app/service_status.h"

#include <chrono>
#include <utility>

#include <QDateTime>

#include "app/failure_reading.h"
#include "app/level_reading.h"
#include "app/service_log.h"

namespace weir::app {
namespace {

std::string describe(const limit::LimitSpec &spec)
{
    std::string words = std::string{limit::nameOf(spec.algorithm)} + ", capacity " + std::to_string(spec.capacity);
    if (!limit::isWindow(spec.algorithm))
        words += ", refill " + std::to_string(spec.refill);
    words += " every " + printDurationSpaced(spec.interval);
    return spec.start == limit::StartLevel::Full ? words : words + ", starts empty";
}

// "host:4711", of the name of an instance.
std::string whoIs(const std::string &instance)
{
    const std::size_t host = instance.find(':');
    const std::string name = host == std::string::npos ? instance : instance.substr(0, instance.find(':', host + 1));
    return name.empty() ? "another Weir" : name;
}

std::vector<std::string> newNumbers(const engine::Policies &before, const engine::Policies &now)
{
    std::vector<std::string> sentences;
    for (const limit::Limit &limit : now.limits)
        for (const limit::Limit &old : before.limits)
            if (old.name == limit.name && old.spec != limit.spec)
                sentences.push_back("the limit" + (now.limits.size() == 1 ? "" : " " + limit.name)
                                    + " is now: " + describe(limit.spec));
    return sentences;
}

} // namespace

ServiceStatus::ServiceStatus(const Told &told, const Boards &boards, std::atomic<StatePtr> &published, QObject *parent)
    : QObject{parent},
      m_parts{told.parts},
      m_inForce{told.inForce},
      m_file{told.file},
      m_store{told.store},
      m_boards{boards},
      m_published{published},
      m_peeker{m_parts, m_inForce, m_store},
      m_log{m_parts, [this] { return lastFailure(); }},
      m_sampler{[this] { return readSample(); }},
      m_levelWatch{[this] { m_parts.refiller()->look(); }, [this] { return readLevel(m_boards).tokens; }}
{
    connect(&m_sampler, &Sampler::sampled, this, &ServiceStatus::onSampled);
    connect(&m_inForce, &LimitsInForce::changed, this, &ServiceStatus::onLimitsChanged);
    connect(&m_store, &StoreConnection::changed, this, [this] {
        m_state.store = m_store.status();
        publish();
    });
    connect(&m_file, &LimitsFile::changed, this, [this] {
        readLimits();
        publish();
    });
    connect(&m_parts, &LimitParts::tookOver, this,
            [this](const limit::Limit &before, const limit::Limit &after, const std::string &other) {
                noteTakeover("the limit " + after.name + " was " + describe(before.spec) + ", as " + whoIs(other)
                             + " has made it; this Weir makes it " + describe(after.spec) + " for all");
            });
    connect(&m_parts, &LimitParts::wasOverruled, this,
            [this](const limit::Limit &before, const limit::Limit &after, const std::string &other) {
                noteTakeover(whoIs(other) + " has made the limit " + after.name + ' ' + describe(after.spec)
                             + " for all; it was " + describe(before.spec) + " here");
            });
    connect(&m_parts, &LimitParts::instancesChanged, this, &ServiceStatus::publish);
    connect(&m_parts, &LimitParts::settled, this, &ServiceStatus::publish);
    connect(&m_parts.table(), &engine::BucketTable::begun, this, &ServiceStatus::publish);
    connect(&m_parts.table(), &engine::BucketTable::breakerChanged, this, [this] {
        if (m_state.failure.breaker != m_parts.table().worstBreaker())
            publish();
    });
}

void ServiceStatus::start(std::vector<std::string> urls, std::string adminUrl)
{
    m_state.urls = std::move(urls);
    m_state.adminUrl = std::move(adminUrl);
    connect(m_parts.refiller(), &engine::Refiller::ticked, this, [this] {
        if (m_state.refill.isRunning != m_parts.refiller()->pulse().isRunning)
            publish();
    });
    m_sampler.start();
    publish();
}

void ServiceStatus::stop()
{
    m_sampler.stop();
    m_levelWatch.stop();
}

void ServiceStatus::onSampled()
{
    m_store.look();
    m_log.tellLosses();
    tellUndecided();
    tellFront();
    m_state.store = m_store.status();
    readLimits();
    showHistory();
    m_state.decisionP50 = m_sampler.decisionQuantile(0.5);
    m_state.decisionP99 = m_sampler.decisionQuantile(0.99);
    publish();
    feedHistory();
}

void ServiceStatus::watchHistory(HistoryFeed *feed)
{
    m_feed = feed;
    if (!feed)
        return;
    mark(history::Mark::Kind::Start, {}, "Weir was started");
    connect(feed, &HistoryFeed::opened, this, [this] {
        m_feed->askLastHour(m_state.subject.empty() ? m_state.limit.name : std::string{},
                            [this](const std::vector<telemetry::SecondBin> &bins) {
                                m_sampler.restore(bins);
                                showHistory();
                                publish();
                            });
    });
}

void ServiceStatus::feedRest()
{
    if (!m_feed)
        return;
    readLimits();
    m_feed->add(m_sampler.takeRest(), Micros{0}, m_state.limits);
}

void ServiceStatus::mark(history::Mark::Kind kind, const std::string &who, const std::string &sentence)
{
    if (m_feed)
        m_feed->note(kind, who, sentence);
}

void ServiceStatus::feedHistory()
{
    if (!m_feed)
        return;
    if (std::exchange(m_wasDegraded, m_state.failure.isDegraded) != m_state.failure.isDegraded)
        mark(history::Mark::Kind::Failure, {},
             m_wasDegraded ? "the store does not decide: " + lastFailure() : "the store decides again");
    m_feed->add(m_sampler.lastSecond(), m_sampler.quantileOfSecond(0.99), m_state.limits);
    m_state.before = m_feed->before();
    m_state.historyProblem = m_feed->problem();
}

void ServiceStatus::onLimitsChanged(const engine::PoliciesPtr &before)
{
    const engine::Policies &now = *m_inForce.policies();
    if (before)
        for (const std::string &sentence : newNumbers(*before, now)) {
            qCInfo(lcService, "%s", sentence.c_str());
            mark(history::Mark::Kind::Change, {}, sentence);
        }
    const bool isSameBucket =
        before && before->limit.name == now.limit.name && before->shownSubject == now.shownSubject;
    if (isSameBucket && before->limit.spec != now.limit.spec)
        noteNumbers(before->limit.spec, now.limit.spec);
    m_state.limit = now.limit;
    m_state.subject = now.shownSubject;
    m_state.onStoreFailure = now.onStoreFailure;
    m_state.lease = now.lease;
    m_state.limitSet = std::make_shared<const config::LimitSet>(m_inForce.limitSet());
    readLimits();
    publish();
}

void ServiceStatus::noteTakeover(const std::string &sentence)
{
    qCInfo(lcService, "%s", sentence.c_str());
    m_state.notice = {sentence, QDateTime::currentMSecsSinceEpoch()};
    publish();
}

// Into the history of the bucket that is shown.
void ServiceStatus::noteNumbers(const limit::LimitSpec &before, const limit::LimitSpec &after)
{
    m_sampler.addChange({QDateTime::currentMSecsSinceEpoch(), before, after});
    showHistory();
}

void ServiceStatus::noteLevelSet(const std::string &limit, const std::string &subject)
{
    if (limit == m_state.limit.name && subject == m_state.subject)
        noteNumbers(m_state.limit.spec, m_state.limit.spec);
    m_parts.refiller()->lookAt(limit, subject);
}

void ServiceStatus::noteDeed(const store::Deed &deed)
{
    const std::string sentence = whoIs(deed.author) + ' ' + deed.sentence;
    qCInfo(lcService, "%s", sentence.c_str());
    mark(history::Mark::Kind::Change, whoIs(deed.author), deed.sentence);
    m_state.deeds.push_back({sentence, QDateTime::currentMSecsSinceEpoch()});
    if (m_state.deeds.size() > engine::kMostDeeds)
        m_state.deeds.erase(m_state.deeds.begin());
    if (!deed.limit.empty())
        noteLevelSet(deed.limit, deed.subject);
    publish();
}

void ServiceStatus::watchBuckets(const std::string &limit, const std::string &search)
{
    m_watchedBuckets = {limit, search};
    readLimits();
    publish();
}

Result<engine::BucketList> ServiceStatus::listBuckets(const std::string &limit, const std::string &search) const
{
    const engine::PoliciesPtr &policies = m_inForce.policies();
    if (policies)
        for (const limit::Limit &one : policies->limits)
            if (one.name == limit)
                return m_parts.table().list(one, search, std::chrono::steady_clock::now());
    return Error{Error::Code::Invalid, "there is no limit of that name any more", false};
}

// What the panel shows of the limits.
void ServiceStatus::readLimits()
{
    m_state.config = m_file.status();
    const engine::PoliciesPtr &policies = m_inForce.policies();
    if (!policies || !policies->book)
        return;
    const auto now = std::chrono::steady_clock::now();
    m_state.limits = m_parts.table().counts(policies->limits, now);
    for (const limit::Limit &limit : policies->limits)
        if (limit.name == m_watchedBuckets.first)
            m_state.buckets =
                std::make_shared<const engine::BucketList>(m_parts.table().list(limit, m_watchedBuckets.second, now));
}

void ServiceStatus::setWatched(bool isWatched)
{
    m_isWatched = isWatched;
    showHistory();
    publish();
    if (!isWatched)
        m_levelWatch.stop();
    else if (m_parts.refiller())
        m_levelWatch.start();
}

// An hour is 200 KB, copied every second: only for somebody who looks.
void ServiceStatus::showHistory()
{
    if (m_isWatched)
        m_state.history = m_sampler.history();
    else if (!m_state.history->bins.empty())
        m_state.history = std::make_shared<const telemetry::History>();
}

Sample ServiceStatus::readSample() const
{
    Sample sample;
    // The level first: what it has lost must be among the counts of the same second or an earlier one.
    if (const auto level = readLevel(m_boards); level.nowUs != 0)
        sample.tokens = level.tokens;
    for (const auto &board : m_boards) {
        sample.totals.add(board->telemetry.totals());
        sample.decisions.add(board->telemetry.decisions.read());
    }
    sample.isAway = m_state.store.state != engine::StoreStatus::State::Ready || m_state.failure.isDegraded;
    return sample;
}

// Of all workers.
std::string ServiceStatus::lastFailure() const
{
    telemetry::LastFailure::Note last;
    for (const auto &board : m_boards)
        if (auto note = board->telemetry.lastFailure.read(); note.atNs > last.atNs)
            last = std::move(note);
    return last.why;
}

void ServiceStatus::tellUndecided()
{
    const telemetry::Totals totals = readSample().totals;
    const std::string why = lastFailure();
    const auto now = std::chrono::steady_clock::now();
    for (UndecidedWatch *watch : {&m_rejected, &m_allowed})
        if (const std::string line = watch->look(totals, why, now); !line.empty())
            qCInfo(lcService, "%s", line.c_str());
}

void ServiceStatus::tellFront()
{
    if (!m_front)
        return;
    for (const std::string &line : m_frontWatch.look(*m_front, *m_state.limitSet, std::chrono::steady_clock::now()))
        qCWarning(lcService, "%s", line.c_str());
    m_state.proxyWarning = m_frontWatch.proxyWarning();
}

void ServiceStatus::publish()
{
    if (m_parts.refiller()) {
        m_state.refill = readRefill(m_parts.refiller()->pulse(), *m_inForce.policies());
        m_state.failure = readFailure(m_state.failure, m_parts.table(), *m_parts.instances(), *m_inForce.policies(),
                                      m_store.whyNot());
        m_state.failure.undecidedWhy = m_rejected.isOn() ? m_rejected.why() : std::string{};
        m_state.failure.isAllUndecided = m_rejected.isAll();
        m_state.failure.undecidedSince = m_rejected.since();
    }
    m_state.harm = m_store.harm().harm();
    ++m_state.version;
    m_published.store(std::make_shared<const ServiceState>(m_state));
}

} // namespace weir::app
