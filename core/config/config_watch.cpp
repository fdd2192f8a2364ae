// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/config_watch.h"

#include <QDir>
#include <QFileInfo>

#include "core/config/config_file.h"

namespace weir::config {
namespace {

constexpr int kMostLinks = 40; // as Linux follows (path_resolution(7))

// The nearest folder that is there: where a missing one will appear.
QString existingFolder(QString folder)
{
    while (!QFileInfo{folder}.isDir() && folder != QLatin1String{"/"})
        folder = QFileInfo{folder}.path();
    return folder;
}

// The first part of `path` that is a link; empty when none is.
QString firstLink(const QString &path)
{
    QString part;
    for (const QString &name : path.split(QLatin1Char{'/'}, Qt::SkipEmptyParts)) {
        part += QLatin1Char{'/'} + name;
        if (QFileInfo{part}.isSymLink())
            return part;
    }
    return {};
}

// The file, and the folder of everything whose change can make it another one: of the file and of each link on the way.
QStringList watchedPaths(QString path)
{
    QStringList paths;
    for (int links = 0; links <= kMostLinks; ++links) {
        const QString link = firstLink(path);
        paths += existingFolder(QFileInfo{link.isEmpty() ? path : link}.path());
        if (link.isEmpty())
            break;
        // The target as it is written, so that links in it are seen as well.
        const QString target = QDir{QFileInfo{link}.path()}.absoluteFilePath(QFile::symLinkTarget(link));
        path = QDir::cleanPath(target + path.mid(link.size()));
    }
    if (QFileInfo::exists(path))
        paths += path;
    paths.removeDuplicates();
    return paths;
}

} // namespace

ConfigWatch::ConfigWatch(const QString &path, const QByteArray &known, QObject *parent)
    : QObject{parent}, m_path{QDir::cleanPath(QDir::current().absoluteFilePath(path))}, m_told{known, {}}
{
    m_settling.setSingleShot(true);
    m_settling.setInterval(kSettling);
    connect(&m_settling, &QTimer::timeout, this, &ConfigWatch::look);
    const auto onChange = [this] {
        rearm();
        if (!m_settling.isActive()) // a folder where something happens all the time must not put it off for ever
            m_settling.start();
    };
    connect(&m_watcher, &QFileSystemWatcher::fileChanged, this, onChange);
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, this, onChange);
    rearm();
    m_settling.start(); // it may have changed since it was read
}

// All anew: a path may be another file or folder by now, and its watch still on the old one. What happens before this is
// seen by the look after it, what happens later is told.
void ConfigWatch::rearm()
{
    if (const QStringList watched = m_watcher.files() + m_watcher.directories(); !watched.isEmpty())
        m_watcher.removePaths(watched);
    m_watcher.addPaths(watchedPaths(m_path));
}

ConfigWatch::Content ConfigWatch::read() const
{
    const auto text = readConfigFile(m_path.toStdString());
    return text ? Content{QByteArray::fromStdString(text.value()), {}}
                : Content{{}, QString::fromStdString(text.error().detail)};
}

void ConfigWatch::look()
{
    rearm(); // what appeared between a change and the last look at the paths
    const Content now = read();
    if (now == m_told) {
        m_seen.reset();
    } else if (m_seen == now) {
        m_seen.reset();
        m_told = now;
        tell();
    } else {
        m_seen = now;
        m_settling.start();
    }
}

void ConfigWatch::readNow()
{
    m_settling.stop();
    m_seen.reset();
    rearm();
    m_told = read();
    tell();
}

void ConfigWatch::tell()
{
    if (m_told.whyNot.isEmpty())
        Q_EMIT textChanged(m_told.text);
    else
        Q_EMIT readFailed(m_told.whyNot);
}

} // namespace weir::config
