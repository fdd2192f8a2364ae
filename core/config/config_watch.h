// SPDX-License-Identifier: GPL-3.0-only
// Tells when the text of the configuration file changes.
#pragma once

#include <QByteArray>
#include <QFileSystemWatcher>
#include <QObject>
#include <QString>
#include <QTimer>

#include <chrono>
#include <optional>

namespace weir::config {

/// Notices a write in place, a file renamed over it, its removal and return, and a changed link, also one in its path,
/// by which whole folders are swapped. The file need not exist at first. Thread: that of its event loop; it reads the
/// file there, at most kMostFileBytes.
class ConfigWatch : public QObject {
    Q_OBJECT
public:
    /// A text counts when two looks, this far apart, find the same: editors and copies write in several steps.
    static constexpr std::chrono::milliseconds kSettling{100};

    /// Watch `path`. `known`: the text in force; nothing is told while the file has it.
    ConfigWatch(const QString &path, const QByteArray &known, QObject *parent = nullptr);

public Q_SLOTS:
    /// Tell what the file has now, changed or not (SIGHUP), without waiting until it settles.
    void readNow();

Q_SIGNALS:
    /// The file has this text: another one than was known or told before, or readNow() asked for it.
    void textChanged(const QByteArray &text);
    /// The file cannot be read any more; `why` is a sentence that does not name it. textChanged() tells when it can be
    /// again.
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
