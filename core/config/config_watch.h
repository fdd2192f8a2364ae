// SPDX-License-Identifier: GPL-3.0-only
// Tells when the configuration file has another text, however it came there.
#pragma once

#include <QByteArray>
#include <QFileSystemWatcher>
#include <QObject>
#include <QString>
#include <QTimer>

#include <chrono>
#include <optional>

namespace weir::config {

/// Sees a write in place, a file renamed over it, its removal and return, and a link that leads elsewhere, also one in the
/// middle of its path as it is used to swap whole folders. The file need not be there at first. Thread: that of its event
/// loop; it reads the file there, at most kMostFileBytes.
class ConfigWatch : public QObject {
    Q_OBJECT
public:
    /// A text counts when two looks, this far apart, find the same: editors and copies write in several steps.
    static constexpr std::chrono::milliseconds kSettling{100};

    /// `known`: the text that is in force already; nothing is told while the file has just that.
    ConfigWatch(const QString &path, const QByteArray &known, QObject *parent = nullptr);

public Q_SLOTS:
    /// Tells what the file has now, whether it has changed or not (SIGHUP). At once, without settling.
    void readNow();

Q_SIGNALS:
    /// The file has this text, which is not the one that was known or told before, or was asked for by readNow().
    void textChanged(const QByteArray &text);
    /// It cannot be read any more, a sentence that does not name it; when it can be read again textChanged() tells.
    void readFailed(const QString &why);

private:
    void rearm();
    void look();
    void tell();

    QString m_path;
    QFileSystemWatcher m_watcher;
    QTimer m_settling;
    struct Content {
        QByteArray text;
        QString whyNot; // empty: it could be read
        friend bool operator==(const Content &, const Content &) = default;
    };
    [[nodiscard]] Content read() const;
    Content m_told;
    std::optional<Content> m_seen; // by the last look, since something happened
};

} // namespace weir::config
