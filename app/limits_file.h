// SPDX-License-Identifier: GPL-3.0-only
// The limits in the configuration file: read again when it changes, written back when the panel changes them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <QObject>

#include "core/base/result.h"
#include "core/config/config.h"
#include "core/config/config_watch.h"
#include "core/engine/port/limit_status.h"

namespace weir::app {

/// Thread: the service thread. Reads and writes the disk there.
class LimitsFile : public QObject {
    Q_OBJECT
public:
    /// `started.file` empty: there is none, and nothing happens. Else what it has now is in force already, except where
    /// flags and variables override it, which they do as long as Weir runs.
    explicit LimitsFile(const config::Config &started, QObject *parent = nullptr);

    /// Tell whether there is no file but one can be made.
    [[nodiscard]] bool canBeMade() const { return !m_toMake.empty(); }
    [[nodiscard]] bool isThere() const { return !m_status.file.empty(); }
    [[nodiscard]] const engine::ConfigStatus &status() const { return m_status; }
    /// Return the newest usable text that was read or written, with flags and variables applied; without a file the
    /// configuration of the start.
    [[nodiscard]] config::Config found() const;
    /// Tell whether the file was read again since the start: limitsFound() may have had no listener then.
    [[nodiscard]] bool hasNews() const { return m_hasNews; }
    /// Note why found() could not be brought into force; `isRetried`: it is tried again.
    void noteProblem(const std::string &why, bool isRetried);
    /// Note that found() is in force.
    void noteInForce();

    /// Write `wanted` into the file, which is made where Config::fileToMake says if there is none; comments stay.
    /// Invalid, State or Io with a sentence: the file stays as it is.
    [[nodiscard]] Result<Done> write(const config::LimitSet &wanted);
    /// Write the failure policy of one limit alone: other changes in the file that are not in force yet stay. It
    /// overrides an earlier flag.
    [[nodiscard]] Result<Done> writePolicy(const std::string &limit, config::StoreFailurePolicy policy);
    /// Restore the file as it was before the last write(). A failure is logged, and the file then counts as changed.
    void undo();
    /// Read the file again even if it has not changed (SIGHUP); without a file this is logged.
    void readAgain();

Q_SIGNALS:
    /// The file has other limits now, usable ones: found().
    void limitsFound();
    /// What the file has now cannot be used, or it is gone.
    void notUsable();
    /// The status has changed.
    void changed();

private:
    void watch();
    void onText(const QByteArray &text);
    void noteRead();
    void noteWaiting(const config::Config &config);
    void refuse(const std::string &why);

    config::Config m_inFile; ///< at the start
    config::Config m_started;
    config::LimitWish m_saidLimit; ///< by flags or variables, of the one limit
    std::optional<config::StoreFailurePolicy> m_saidPolicy;
    engine::ConfigStatus m_status;
    std::string m_toMake; ///< empty once it is made
    std::string m_text;   ///< the newest that is usable
    std::string m_before; ///< the last write()
    bool m_hasNews{false};
    bool m_isBroken{false}; ///< what is there now cannot be used, and must not be overwritten
    std::unique_ptr<config::ConfigWatch> m_watch;
};

} // namespace weir::app
