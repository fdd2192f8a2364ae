// SPDX-License-Identifier: GPL-3.0-only
#include "core/history/history_file.h"

#include <algorithm>
#include <array>
#include <atomic>

#include <QDateTime>
#include <QFile>
#include <QFileInfo>
#include <QSqlError>
#include <QSqlQuery>
#include <QVariant>

namespace weir::history {
namespace {

using namespace Qt::StringLiterals;

constexpr int kVersion = 1;

struct Step {
    std::int64_t seconds;
    std::int64_t keptS;
};
// Every second is added to a bin of each length, so that no picture has to be put together of more than some thousands.
constexpr std::array<Step, 6> kSteps{{{1, kSecondsKeptS},
                                      {10, kSecondsKeptS},
                                      {60, kMinutesKeptS},
                                      {600, kMinutesKeptS},
                                      {3600, kHoursKeptS},
                                      {21'600, kHoursKeptS}}};
// A larger file is not read as a whole at each start; what is damaged in it is found when it is used.
constexpr qint64 kCheckedBytes = 4'000'000;

// The counts in the order of the columns.
const QString kColumns = u"admitted, refused, undecided, without_store, other, away_s, p99_us, tokens, fewest_tokens"_s;

Error errorOf(const QSqlError &error)
{
    const std::string text = error.databaseText().toStdString();
    const QString code = error.nativeErrorCode();
    constexpr int kPrimary = 0xff; // the rest is the extended code
    switch (code.toInt() & kPrimary) {
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
        return {Error::Code::Taken, "another process uses it", true};
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
        return {Error::Code::State, "it is damaged (" + text + ")", false};
    case 13: // SQLITE_FULL
        return {Error::Code::Io, "the disk is full", true};
    default:
        return {Error::Code::Io, text.empty() ? "it cannot be used" : text, true};
    }
}

Result<Done> run(QSqlQuery &query, const QString &statement)
{
    if (query.exec(statement))
        return Done{};
    return errorOf(query.lastError());
}

Result<Done> run(QSqlQuery &query)
{
    if (query.exec())
        return Done{};
    return errorOf(query.lastError());
}

std::int64_t alignedDown(std::int64_t at, std::int64_t step)
{
    return at - ((at % step) + step) % step;
}

QVariant orNull(std::int64_t value)
{
    return value < 0 ? QVariant{} : QVariant{static_cast<qlonglong>(value)};
}

Counts readCounts(const QSqlQuery &query, int from)
{
    const auto number = [&](int column, std::int64_t nothing) {
        const QVariant value = query.value(from + column);
        return value.isNull() ? nothing : static_cast<std::int64_t>(value.toLongLong());
    };
    return {number(0, 0), number(1, 0),  number(2, 0),  number(3, 0), number(4, 0),
            number(5, 0), number(6, -1), number(7, -1), number(8, -1)};
}

} // namespace

QString HistoryFile::moveAside(const QString &path)
{
    const QString stamp = QDateTime::currentDateTimeUtc().toString(u"yyyyMMdd-HHmmss-zzz"_s);
    const QString aside = path + u".damaged-"_s + stamp;
    QFile::rename(path, aside);
    for (const QString &beside : {u"-wal"_s, u"-shm"_s, u"-journal"_s}) // they belong to it
        if (QFileInfo::exists(path + beside))
            QFile::rename(path + beside, aside + beside);
    return aside;
}

Result<std::unique_ptr<HistoryFile>> HistoryFile::open(const QString &path, std::string &notice)
{
    static std::atomic<int> s_connections{0};
    const bool wasLeftOpen = QFileInfo::exists(path + u"-wal"_s); // by a process that was killed
    for (const bool isFirst : {true, false}) {
        std::unique_ptr<HistoryFile> file{
            new HistoryFile{QSqlDatabase::addDatabase(u"QSQLITE"_s, u"weir-history-%1"_s.arg(++s_connections))}};
        if (!file->m_database.isValid())
            return Error{Error::Code::Configuration, "Qt has no SQLite driver; install libqt6sql6-sqlite", false};
        file->m_database.setDatabaseName(path);
        file->m_database.setConnectOptions(u"QSQLITE_BUSY_TIMEOUT=0"_s);
        if (!file->m_database.open())
            return errorOf(file->m_database.lastError());
        QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner); // its marks may name clients
        const Result<Done> made = file->makeTables(wasLeftOpen);
        if (made)
            return file;
        if (made.error().code != Error::Code::State || !isFirst)
            return made.error();
        file.reset();
        const QString aside = moveAside(path);
        notice = "the history in " + path.toStdString() + " is damaged; it was moved to " + aside.toStdString()
                 + ", and a new one was begun";
    }
    return Error{Error::Code::State, "it is damaged", false};
}

HistoryFile::~HistoryFile()
{
    const QString name = m_database.connectionName();
    m_database.close();
    m_database = QSqlDatabase{};
    QSqlDatabase::removeDatabase(name);
}

Result<Done> HistoryFile::makeTables(bool wasLeftOpen)
{
    QSqlQuery query{m_database};
    // Alone, so that no second Weir adds its counts to ours; what is written survives the process, not the machine.
    for (const QString &pragma : {u"PRAGMA locking_mode = EXCLUSIVE"_s, u"PRAGMA journal_mode = WAL"_s,
                                  u"PRAGMA synchronous = NORMAL"_s, u"PRAGMA journal_size_limit = 4194304"_s})
        if (const auto done = run(query, pragma); !done)
            return done;
    if (const auto done = run(query, u"PRAGMA user_version"_s); !done)
        return done;
    const int version = query.next() ? query.value(0).toInt() : 0;
    query.finish();
    if (version > kVersion)
        return Error{Error::Code::Configuration, "a newer Weir has made it", false};
    const QFileInfo file{m_database.databaseName()};
    if (wasLeftOpen || file.size() <= kCheckedBytes) {
        if (const auto done = run(query, u"PRAGMA quick_check(1)"_s); !done)
            return done;
        if (query.next() && query.value(0).toString() != u"ok"_s)
            return Error{Error::Code::State, "it is damaged (" + query.value(0).toString().toStdString() + ")", false};
        query.finish();
    }
    for (const QString &statement :
         {u"CREATE TABLE IF NOT EXISTS limit_name(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)"_s,
          u"CREATE TABLE IF NOT EXISTS bin(step INTEGER NOT NULL, id INTEGER NOT NULL, at INTEGER NOT NULL, "
          "admitted INTEGER NOT NULL, refused INTEGER NOT NULL, undecided INTEGER NOT NULL, "
          "without_store INTEGER NOT NULL, other INTEGER NOT NULL, away_s INTEGER NOT NULL, p99_us INTEGER, "
          "tokens INTEGER, fewest_tokens INTEGER, PRIMARY KEY(step, id, at)) WITHOUT ROWID"_s,
          u"CREATE TABLE IF NOT EXISTS mark(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind INTEGER NOT NULL, "
          "who TEXT NOT NULL, sentence TEXT NOT NULL)"_s,
          u"CREATE INDEX IF NOT EXISTS mark_at ON mark(at_ms)"_s, u"INSERT OR IGNORE INTO limit_name VALUES(0, '')"_s,
          u"PRAGMA user_version = %1"_s.arg(kVersion)})
        if (const auto done = run(query, statement); !done)
            return done;
    return Done{};
}

Result<std::int64_t> HistoryFile::idOf(const std::string &limit)
{
    QSqlQuery query{m_database};
    query.prepare(u"SELECT id FROM limit_name WHERE name = ?"_s);
    query.addBindValue(QString::fromStdString(limit));
    if (const auto done = run(query); !done)
        return done.error();
    if (query.next())
        return static_cast<std::int64_t>(query.value(0).toLongLong());
    query.prepare(u"INSERT INTO limit_name(name) VALUES(?)"_s);
    query.addBindValue(QString::fromStdString(limit));
    if (const auto done = run(query); !done)
        return done.error();
    return static_cast<std::int64_t>(query.lastInsertId().toLongLong());
}

Result<Done> HistoryFile::add(const std::vector<Row> &seconds, const std::vector<Mark> &marks)
{
    if (!m_database.transaction())
        return errorOf(m_database.lastError());
    const auto failed = [this](const Error &error) {
        m_database.rollback();
        return error;
    };
    QSqlQuery bins{m_database};
    bins.prepare(
        u"INSERT INTO bin(step, id, at, "_s + kColumns
        + u") VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(step, id, at) DO UPDATE SET "
          "admitted = admitted + excluded.admitted, refused = refused + excluded.refused, "
          "undecided = undecided + excluded.undecided, without_store = without_store + excluded.without_store, "
          "other = other + excluded.other, away_s = away_s + excluded.away_s, "
          "p99_us = max(coalesce(p99_us, excluded.p99_us), coalesce(excluded.p99_us, p99_us)), "
          "tokens = coalesce(excluded.tokens, tokens), fewest_tokens = min(coalesce(fewest_tokens, "
          "excluded.fewest_tokens), coalesce(excluded.fewest_tokens, fewest_tokens))"_s);
    for (const Row &row : seconds) {
        const auto id = idOf(row.limit);
        if (!id)
            return failed(id.error());
        const Counts &c = row.counts;
        for (const Step &step : kSteps) {
            for (const std::int64_t value : {step.seconds, id.value(), alignedDown(row.atS, step.seconds), c.admitted,
                                             c.refused, c.undecided, c.withoutStore, c.other, c.awayS})
                bins.addBindValue(static_cast<qlonglong>(value));
            for (const std::int64_t value : {c.p99Us, c.tokens, c.fewestTokens})
                bins.addBindValue(orNull(value));
            if (const auto done = run(bins); !done)
                return failed(done.error());
        }
    }
    QSqlQuery told{m_database};
    told.prepare(u"INSERT INTO mark(at_ms, kind, who, sentence) VALUES(?, ?, ?, ?)"_s);
    for (const Mark &mark : marks) {
        told.addBindValue(static_cast<qlonglong>(mark.atMs));
        told.addBindValue(static_cast<int>(mark.kind));
        told.addBindValue(QString::fromStdString(mark.who));
        told.addBindValue(QString::fromStdString(mark.sentence));
        if (const auto done = run(told); !done)
            return failed(done.error());
    }
    if (!m_database.commit())
        return failed(errorOf(m_database.lastError()));
    return Done{};
}

Result<Done> HistoryFile::prune(std::int64_t nowS)
{
    QSqlQuery query{m_database};
    for (const Step &step : kSteps) {
        // By limit, for the key begins with it.
        query.prepare(u"DELETE FROM bin WHERE step = ? AND id IN (SELECT id FROM limit_name) AND at < ?"_s);
        query.addBindValue(static_cast<qlonglong>(step.seconds));
        query.addBindValue(static_cast<qlonglong>(alignedDown(nowS - step.keptS, step.seconds)));
        if (const auto done = run(query); !done)
            return done;
    }
    for (const QString &statement :
         {u"DELETE FROM limit_name WHERE id <> 0 AND NOT EXISTS (SELECT 1 FROM bin WHERE step = 3600 AND "
          "bin.id = limit_name.id)"_s,
          u"DELETE FROM mark WHERE id <= (SELECT max(id) FROM mark) - %1 OR at_ms < %2"_s.arg(kMostMarks)
              .arg((nowS - kHoursKeptS) * 1000)})
        if (const auto done = run(query, statement); !done)
            return done;
    return Done{};
}

Result<Answer> HistoryFile::read(const Question &question, std::int64_t nowS) const
{
    const std::int64_t length = std::max<std::int64_t>(1, question.toS - question.fromS);
    const std::int64_t most = std::max<std::int64_t>(1, question.mostRows);
    // The longest that is short enough for so many rows, of those that reach back far enough; else the shortest that does.
    const auto reaches = [&](const Step &each) { return question.fromS >= nowS - each.keptS; };
    const Step *step = std::find_if(kSteps.begin(), kSteps.end(), reaches);
    if (step == kSteps.end())
        step = &kSteps[kSteps.size() - 2];
    for (const Step &each : kSteps)
        if (reaches(each) && each.seconds <= length / most)
            step = &each;
    const std::int64_t atOnce = std::max<std::int64_t>(1, (length + most * step->seconds - 1) / (most * step->seconds));
    Answer answer;
    answer.stepS = atOnce * step->seconds;
    QSqlQuery query{m_database};
    query.setForwardOnly(true);
    // The level at the end is that of the last bin of each stretch.
    query.prepare(
        u"WITH stretch AS (SELECT at - at % ? AS begin, sum(admitted) AS a, sum(refused) AS r, sum(undecided) "
        "AS u, sum(without_store) AS w, sum(other) AS o, sum(away_s) AS s, max(p99_us) AS p, "
        "min(fewest_tokens) AS f, max(at) AS last, step, id FROM bin WHERE step = ? AND "
        "id = (SELECT id FROM limit_name WHERE name = ?) AND at >= ? AND at < ? GROUP BY begin) "
        "SELECT begin, a, r, u, w, o, s, p, bin.tokens, f FROM stretch JOIN bin ON bin.step = stretch.step AND "
        "bin.id = stretch.id AND bin.at = last ORDER BY begin"_s);
    query.addBindValue(static_cast<qlonglong>(answer.stepS));
    query.addBindValue(static_cast<qlonglong>(step->seconds));
    query.addBindValue(QString::fromStdString(question.limit));
    query.addBindValue(static_cast<qlonglong>(alignedDown(question.fromS, answer.stepS)));
    query.addBindValue(static_cast<qlonglong>(question.toS));
    if (const auto done = run(query); !done)
        return done.error();
    while (query.next())
        answer.rows.push_back({question.limit, query.value(0).toLongLong(), readCounts(query, 1)});
    query.finish();
    query.prepare(u"SELECT at_ms, kind, who, sentence FROM mark WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms, id"_s);
    query.addBindValue(static_cast<qlonglong>(question.fromS * 1000));
    query.addBindValue(static_cast<qlonglong>(question.toS * 1000));
    if (const auto done = run(query); !done)
        return done.error();
    while (query.next())
        answer.marks.push_back({query.value(0).toLongLong(), static_cast<Mark::Kind>(query.value(1).toInt()),
                                query.value(2).toString().toStdString(), query.value(3).toString().toStdString()});
    return answer;
}

Result<Lifetime> HistoryFile::lifetime() const
{
    QSqlQuery query{m_database};
    if (const auto done =
            run(query, u"SELECT min(at), sum(admitted), sum(refused), sum(undecided), sum(without_store), sum(other), "
                       "sum(away_s), max(p99_us), NULL, NULL FROM bin WHERE step = 3600 AND id = 0"_s);
        !done)
        return done.error();
    if (!query.next() || query.value(0).isNull())
        return Lifetime{};
    return Lifetime{query.value(0).toLongLong(), readCounts(query, 1)};
}

} // namespace weir::history
