// SPDX-License-Identifier: GPL-3.0-only
// The history in an SQLite file: by second for two hours, by minute for two weeks, by hour for 25 months.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <QSqlDatabase>
#include <QString>

#include "core/base/result.h"
#include "core/history/history_rows.h"

namespace weir::history {

/// Thread: made, used and deleted in one thread, which waits for the disk.
class HistoryFile {
public:
    /// Open or make the file and hold it alone. A file that is damaged is moved aside first, and `notice` says so.
    /// Taken: another process has it. Configuration: a newer Weir has made it, or Qt has no SQLite. Io: it cannot be
    /// written.
    [[nodiscard]] static Result<std::unique_ptr<HistoryFile>> open(const QString &path, std::string &notice);
    ~HistoryFile();
    HistoryFile(const HistoryFile &) = delete;
    HistoryFile &operator=(const HistoryFile &) = delete;

    /// Add the rows of whole seconds and the marks, all or nothing; what is added is there after the end of the process,
    /// however that comes. State: the file is damaged; Io: it cannot be written.
    [[nodiscard]] Result<Done> add(const std::vector<Row> &seconds, const std::vector<Mark> &marks);
    /// Remove what is older at `nowS` than it is to be kept.
    [[nodiscard]] Result<Done> prune(std::int64_t nowS);
    /// Answer by stretches that are still kept for all of the time asked for, put together so that there are at most as many
    /// rows as asked for, or one more.
    [[nodiscard]] Result<Answer> read(const Question &question, std::int64_t nowS) const;
    [[nodiscard]] Result<Lifetime> lifetime() const;

    /// Move the file of this path aside, as open() does; the new name.
    static QString moveAside(const QString &path);

private:
    explicit HistoryFile(QSqlDatabase database) : m_database{std::move(database)} {}
    [[nodiscard]] Result<Done> makeTables(bool wasLeftOpen);
    [[nodiscard]] Result<std::int64_t> idOf(const std::string &limit);

    QSqlDatabase m_database;
};

} // namespace weir::history
