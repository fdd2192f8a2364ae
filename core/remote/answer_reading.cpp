// SPDX-License-Identifier: GPL-3.0-only
#include "core/remote/answer_reading.h"

#include <algorithm>

#include "core/remote/status_reading.h"

namespace weir::remote {
namespace {

using namespace Qt::StringLiterals;

std::int64_t numberOr(const QJsonValue &value, std::int64_t otherwise)
{
    return value.toInteger(otherwise); // null and what is no whole number: otherwise
}

// What was cut there is as long as there is room for; one character more says so here.
template<std::size_t N>
telemetry::ShortText<N> shortOf(const QJsonValue &text, bool isCut = false)
{
    std::string whole = textOf(text);
    if (isCut && whole.size() >= N)
        whole += ' ';
    return telemetry::ShortText<N>{whole};
}

telemetry::RequestRecord recordOf(const QJsonValue &said)
{
    const bool isCut = said[u"is_cut"].toBool();
    telemetry::RequestRecord record;
    record.atUs = microsOf(said[u"at_ms"]).count();
    record.client = shortOf<46>(said[u"client"], isCut);
    record.method = shortOf<16>(said[u"method"], isCut);
    record.target = shortOf<120>(said[u"target"], isCut);
    record.status = static_cast<std::uint16_t>(std::clamp(said[u"status"].toInt(), 0, 999));
    record.tokensLeft = numberOr(said[u"tokens_left"], -1);
    record.retryAfterS = numberOr(said[u"retry_after_seconds"], -1);
    record.tookUs =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(microsOf(said[u"took_ms"]).count(), 0, 4'000'000'000));
    record.decidedBy = decidedBy(said[u"decided_by"]);
    record.isRefused = !said[u"refused_by"].toString().isEmpty();
    record.cost =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(numberOr(said[u"cost_tokens"], 0), 0, UINT32_MAX));
    record.limit = shortOf<32>(said[u"limit"]);
    record.key = shortOf<48>(said[u"key"], isCut);
    record.id = static_cast<std::uint64_t>(std::max<std::int64_t>(0, said[u"id"].toInteger()));
    return record;
}

history::Counts countsOf(const QJsonValue &said)
{
    history::Counts counts;
    counts.admitted = said[u"admitted"].toInteger();
    counts.refused = said[u"refused"].toInteger();
    counts.undecided = said[u"undecided"].toInteger();
    counts.withoutStore = said[u"without_store"].toInteger();
    counts.other = said[u"other"].toInteger();
    counts.awayS = said[u"away_seconds"].toInteger();
    counts.p99Us = said[u"p99_ms"].isDouble() ? microsOf(said[u"p99_ms"]).count() : -1;
    counts.tokens = numberOr(said[u"tokens"], -1);
    counts.fewestTokens = numberOr(said[u"fewest_tokens"], -1);
    return counts;
}

history::Mark markOf(const QJsonValue &said)
{
    using Kind = history::Mark::Kind;
    const QString kind = said[u"kind"].toString();
    return {said[u"at_ms"].toInteger(),
            kind == u"start"     ? Kind::Start
            : kind == u"failure" ? Kind::Failure
                                 : Kind::Change,
            textOf(said[u"who"]), textOf(said[u"sentence"])};
}

} // namespace

std::vector<telemetry::RequestRecord> requestsOf(const QJsonArray &said)
{
    std::vector<telemetry::RequestRecord> records;
    records.reserve(static_cast<std::size_t>(said.size()));
    for (const QJsonValue &one : said)
        records.push_back(recordOf(one));
    return records;
}

engine::BucketList bucketsOf(const QJsonObject &said)
{
    engine::BucketList list;
    list.limit = textOf(said.value(u"limit"_s));
    list.live = said.value(u"live_buckets"_s).toInteger();
    for (const QJsonValue &one : said.value(u"buckets"_s).toArray())
        if (list.rows.size() < engine::kMostBucketRows)
            list.rows.push_back({textOf(one[u"key"]), numberOr(one[u"tokens"], -1), one[u"admitted_total"].toInteger(),
                                 one[u"refused_total"].toInteger(), one[u"uncertain_total"].toInteger(),
                                 one[u"last_seen_ms"].toInteger()});
    return list;
}

engine::BucketPeek peekOf(const QJsonObject &said, const config::LimitSet &set)
{
    engine::BucketPeek peek;
    for (const config::LimitEntry &limit : set.limits)
        if (limit.name == textOf(said.value(u"limit"_s)))
            peek.spec = limit.spec;
    peek.tokens = said.value(u"tokens"_s).toInteger();
    peek.nextRefill = microsOf(said.value(u"next_refill_ms"_s));
    peek.untilFull = microsOf(said.value(u"until_full_ms"_s));
    const QJsonValue wait = said.value(u"wait_ms"_s);
    peek.wait = wait.isDouble() ? std::optional{microsOf(wait)} : std::nullopt;
    peek.by = decidedBy(said.value(u"decided_by"_s));
    return peek;
}

history::Answer historyOf(const QJsonObject &said, const history::Question &asked)
{
    history::Answer answer;
    answer.stepS = std::clamp<std::int64_t>(said.value(u"step_seconds"_s).toInteger(1), 1, 31 * 86'400);
    for (const QJsonValue &row : said.value(u"rows"_s).toArray()) {
        const std::int64_t at = row[u"at_s"].toInteger();
        if (at > asked.fromS - answer.stepS && at < asked.toS)
            answer.rows.push_back({asked.limit, at, countsOf(row)});
    }
    for (const QJsonValue &mark : said.value(u"marks"_s).toArray())
        answer.marks.push_back(markOf(mark));
    return answer;
}

} // namespace weir::remote
