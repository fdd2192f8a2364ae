// SPDX-License-Identifier: GPL-3.0-only
// The side of the history that waits for the disk.
#pragma once

#include <memory>
#include <vector>

#include <QObject>
#include <QString>
#include <QTimer>

#include "core/history/history_file.h"

namespace weir::app {

/// Thread: that of the history.
class HistoryWriter : public QObject {
    Q_OBJECT
public:
    explicit HistoryWriter(QString path);

    void open();
    void add(std::vector<history::Row> seconds, std::vector<history::Mark> marks);
    [[nodiscard]] Result<history::Answer> answer(const history::Question &question);

Q_SIGNALS:
    // As of HistoryKeeper.
    void opened(const weir::history::Lifetime &before);
    void problemChanged(const QString &problem);
    void told(const QString &sentence);

private:
    void write();
    void prune();
    void setProblem(const QString &problem);
    /// Takes care of what went wrong with the file: a damaged one is moved aside, any other is tried again.
    void onFault(const Error &why);

    const QString m_path;
    std::unique_ptr<history::HistoryFile> m_file; ///< null: it cannot be used
    std::vector<history::Row> m_seconds;          ///< to be written
    std::vector<history::Mark> m_marks;
    QTimer m_retry;
    QTimer m_prune;
    QString m_problem;
    bool m_wasOpened{false};
};

} // namespace weir::app
