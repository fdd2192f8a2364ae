// SPDX-License-Identifier: GPL-3.0-only
#include "app/history_feed.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <QDateTime>

#include "app/service_log.h"
#include "core/engine/port/history_bins.h"

namespace weir::app {
namespace {

using telemetry::DecidedBy;
using telemetry::SecondBin;

constexpr std::int64_t kHourS = 3600;

history::Row rowOf(const SecondBin &bin, Micros p99)
{
    history::Row row{{}, bin.second, {}};
    row.counts.admitted = bin.letThrough();
    row.counts.refused = bin.refused;
    row.counts.undecided = bin.rejected();
    row.counts.withoutStore = bin.decided(DecidedBy::Local) + bin.decided(DecidedBy::Allow);
    row.counts.other = bin.blocked + bin.turnedAway();
    row.counts.awayS = bin.isAway ? 1 : 0;
    row.counts.p99Us = p99 > Micros{0} ? p99.count() : -1;
    return row;
}

} // namespace

HistoryFeed::HistoryFeed(const QString &path, QObject *parent) : QObject{parent}, m_keeper{path}
{
    connect(&m_keeper, &HistoryKeeper::opened, this, [this](const history::Lifetime &before) {
        m_before = before;
        Q_EMIT opened();
    });
    connect(&m_keeper, &HistoryKeeper::problemChanged, this, [this](const QString &problem) {
        m_problem = problem.toStdString();
        if (!problem.isEmpty())
            qCWarning(lcService, "%s", qUtf8Printable(problem));
    });
    connect(&m_keeper, &HistoryKeeper::told, this,
            [](const QString &sentence) { qCWarning(lcService, "%s", qUtf8Printable(sentence)); });
}

void HistoryFeed::add(const SecondBin &bin, Micros p99, const std::vector<engine::LimitCounts> &limits)
{
    std::vector<history::Row> rows;
    if (history::Row row = rowOf(bin, p99); !row.counts.isEmpty())
        rows.push_back(std::move(row));
    std::map<std::string, Seen> seen;
    for (const engine::LimitCounts &limit : limits) {
        const Seen now{limit.admitted, limit.refused, limit.tokens.value_or(-1)};
        const auto found = m_seen.find(limit.limit);
        const Seen before = found == m_seen.end() ? Seen{} : found->second;
        history::Row row{limit.limit, bin.second, {}};
        row.counts.admitted = std::max<std::int64_t>(0, now.admitted - before.admitted);
        row.counts.refused = std::max<std::int64_t>(0, now.refused - before.refused);
        row.counts.tokens = row.counts.fewestTokens = now.tokens;
        if (!row.counts.isEmpty() || now.tokens != before.tokens)
            rows.push_back(std::move(row));
        seen.emplace(limit.limit, now);
    }
    m_seen = std::move(seen);
    if (!rows.empty() || !m_marks.empty())
        m_keeper.add(std::move(rows), std::exchange(m_marks, {}));
}

void HistoryFeed::note(history::Mark::Kind kind, const std::string &who, const std::string &sentence)
{
    m_marks.push_back({QDateTime::currentMSecsSinceEpoch(), kind, who, sentence});
}

void HistoryFeed::askLastHour(const std::string &limit, std::function<void(std::vector<SecondBin>)> done)
{
    const std::int64_t now = QDateTime::currentSecsSinceEpoch();
    const auto ask = [this, now](const std::string &whose, std::function<void(std::vector<history::Row>)> then) {
        m_keeper.ask({whose, now - kHourS, now, kHourS}, [this,
                                                          then = std::move(then)](Result<history::Answer> answer) {
            QMetaObject::invokeMethod(
                this,
                [then, rows = answer ? std::move(answer).value().rows : std::vector<history::Row>{}] { then(rows); },
                Qt::QueuedConnection);
        });
    };
    ask({}, [ask, limit, now, done = std::move(done)](const std::vector<history::Row> &process) {
        ask(limit, [process, now, done](const std::vector<history::Row> &levels) {
            done(engine::binsOf(process, levels, now));
        });
    });
}

} // namespace weir::app
