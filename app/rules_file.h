// SPDX-License-Identifier: GPL-3.0-only
// The limits in the configuration file: read again when it changes, written back when the panel changes them.
#pragma once

#include <memory>
#include <string>

#include <QObject>

#include "core/base/result.h"
#include "core/config/config_watch.h"
#include "core/config/limit_rule.h"
#include "core/engine/limit_status.h"

namespace weir::app {

/// Thread: the service thread. Reads and writes the disk there.
class RulesFile : public QObject {
    Q_OBJECT
public:
    /// `path` empty: there is none, and nothing happens. What it has now is in force already.
    explicit RulesFile(const std::string &path, QObject *parent = nullptr);

    [[nodiscard]] bool isThere() const { return !m_status.file.empty(); }
    [[nodiscard]] const engine::ConfigStatus &status() const { return m_status; }
    /// What was found could not be brought into force.
    void noteProblem(const std::string &why);

    /// Writes `wanted` into the file; comments stay. Invalid, State or Io with a sentence: the file stays as it is.
    [[nodiscard]] Result<Done> write(const config::LimitSet &wanted);
    /// As it was before the last write().
    void undo();
    /// Also when nothing has changed (SIGHUP).
    void readAgain();

Q_SIGNALS:
    /// The file has other limits now; usable ones.
    void rulesFound(const weir::config::LimitSet &rules);
    /// The status has changed.
    void changed();

private:
    void onText(const QByteArray &text);
    void noteRead();

    engine::ConfigStatus m_status;
    std::string m_text;   ///< the newest that is in force
    std::string m_before; ///< the last write()
    std::unique_ptr<config::ConfigWatch> m_watch;
};

} // namespace weir::app
