// SPDX-License-Identifier: GPL-3.0-only
// The hash of deeds: `n`, how many there were, and the last of them in a ring of fields.
#include <algorithm>
#include <string_view>
#include <utility>

#include <QDateTime>

#include "core/redis/store/redis_store.h"

namespace weir::redis {
namespace {

QByteArray oneLine(std::string_view text, std::size_t most)
{
    QByteArray line{text.data(), static_cast<qsizetype>(std::min(text.size(), most))};
    return line.replace('\n', ' ');
}

// Anybody may have written there.
std::string lineOf(const QList<QByteArray> &lines, qsizetype place)
{
    return lines.at(place).left(qsizetype{store::kMostDeedBytes}).toStdString();
}

struct Kept {
    qint64 number{0};
    store::Deed deed;
};

std::vector<Kept> readKept(const std::vector<Reply> &fields)
{
    std::vector<Kept> list;
    for (const Reply &field : fields) {
        const QList<QByteArray> lines = field.text.split('\n');
        if (lines.size() != 6)
            continue; // nothing yet
        Kept kept;
        kept.number = lines.at(0).toLongLong();
        // What is shown is without what a terminal would obey.
        kept.deed = {plainWords(lines.at(2)), lineOf(lines, 3), lineOf(lines, 4), plainWords(lines.at(5)),
                     (lines.at(0) + ' ' + lines.at(1) + ' ' + lines.at(2)).left(200).toStdString()};
        list.push_back(std::move(kept));
    }
    std::sort(list.begin(), list.end(), [](const Kept &a, const Kept &b) { return a.number < b.number; });
    return list;
}

} // namespace

void RedisStore::tellDeed(const store::Deed &deed)
{
    const QByteArray key = m_names.deeds();
    const QByteArray rest = '\n' + QByteArray::number(QDateTime::currentMSecsSinceEpoch()) + '\n'
                            + oneLine(deed.author, 64) + '\n' + oneLine(deed.limit, store::kMostDeedBytes) + '\n'
                            + oneLine(deed.subject, store::kMostDeedBytes) + '\n'
                            + oneLine(deed.sentence, store::kMostDeedBytes);
    m_link->call(key, formatCommand({"HINCRBY", key, "n", "1"}), [this, key, rest](const Result<Reply> &reply) {
        if (!reply || reply.value().type != Reply::Type::Integer)
            return;
        const qint64 number = reply.value().integer;
        const QByteArray place = QByteArray::number(number % store::kKeptDeeds);
        m_link->call(key, formatCommand({"HSET", key, place, QByteArray::number(number) + rest}),
                     [](const Result<Reply> &) {});
    });
}

void RedisStore::loadDeeds(store::DeedsDone done)
{
    const QByteArray key = m_names.deeds();
    std::vector<QByteArray> words{QByteArrayLiteral("HMGET"), key};
    for (int place = 0; place < store::kKeptDeeds; ++place)
        words.push_back(QByteArray::number(place));
    m_link->call(key, formatCommand({words.begin(), words.end()}),
                 [done = std::move(done)](const Result<Reply> &reply) {
                     if (!reply)
                         return done(reply.error());
                     if (reply.value().isError())
                         return done(errorOf(reply.value()));
                     std::vector<store::Deed> deeds;
                     for (Kept &kept : readKept(reply.value().items))
                         deeds.push_back(std::move(kept.deed));
                     done(std::move(deeds));
                 });
}

} // namespace weir::redis
