// SPDX-License-Identifier: GPL-3.0-only
// Keeps the history in its file, in a thread of its own, which waits for the disk.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QObject>
#include <QString>

#include "core/base/result.h"
#include "core/history/history_rows.h"
#include "core/http/joined_thread.h"

namespace weir::app {

class HistoryWriter;

/// Thread: one; signals come there.
class HistoryKeeper : public QObject {
    Q_OBJECT
public:
    /// Open `path`; a file that cannot be used is tried again each minute.
    explicit HistoryKeeper(const QString &path, QObject *parent = nullptr);
    /// Write what is still to be written, and end the thread.
    ~HistoryKeeper() override;

    /// Add the counts of whole seconds and what happened. Never waits.
    void add(std::vector<history::Row> seconds, std::vector<history::Mark> marks);
    /// Answer `question`; `done` once, in another thread.
    void ask(const history::Question &question, std::function<void(Result<history::Answer>)> done);

Q_SIGNALS:
    /// The file is open for the first time; `before` is what it held.
    void opened(const weir::history::Lifetime &before);
    /// Why nothing is kept just now, a sentence; empty: it is again.
    void problemChanged(const QString &problem);
    /// What else is to be said, a sentence.
    void told(const QString &sentence);

private:
    http::JoinedThread m_thread;
    std::unique_ptr<HistoryWriter> m_writer; ///< lives in m_thread
};

} // namespace weir::app
