// SPDX-License-Identifier: GPL-3.0-only
#include "app/limits_file.h"

#include <algorithm>
#include <utility>

#include <QDateTime>
#include <QFileInfo>
#include <QLoggingCategory>

#include "core/config/config_file.h"
#include "core/config/settings.h"
#include "core/config/toml_editor.h"
#include "core/config/toml_reader.h"

namespace weir::app {
namespace {

Q_LOGGING_CATEGORY(lcConfig, "weir.config")

std::string firstOf(const std::vector<config::FileIssue> &issues)
{
    std::size_t errors = 0;
    std::string first;
    for (const config::FileIssue &issue : issues) {
        if (issue.isWarning)
            continue;
        if (++errors == 1)
            first = "line " + std::to_string(issue.line) + ": " + config::printIssue(issue.issue);
    }
    return errors > 1 ? first + " (and " + std::to_string(errors - 1) + " more)" : first;
}

// What holds although the file does not say it.
template<class Value>
std::optional<Value> otherThan(const std::optional<Value> &inFile, const std::optional<Value> &holds)
{
    return holds == inFile ? std::nullopt : holds;
}

} // namespace

LimitsFile::LimitsFile(const config::Config &started, QObject *parent) : QObject{parent}, m_started{started}
{
    m_status.file = started.file;
    m_toMake = started.file.empty() ? started.fileToMake : std::string{};
    if (started.file.empty())
        return;
    if (const QFileInfo info{QString::fromStdString(started.file)}; info.exists() && !info.isFile()) {
        qCInfo(lcConfig, "%s is a pipe or a device: it has been read once, and is not followed", started.file.c_str());
        m_status.file.clear();
        return;
    }
    if (const auto text = config::readConfigFile(started.file)) {
        noteRead();
        if (config::readConfigText(text.value()).isUsable())
            m_text = text.value();
        else
            m_isBroken = true; // started without it; what it says is told when it is looked at
    }
    m_inFile = config::readConfigText(m_text).config;
    m_saidLimit = {otherThan(m_inFile.limit.capacity, started.limit.capacity),
                   otherThan(m_inFile.limit.refill, started.limit.refill),
                   otherThan(m_inFile.limit.interval, started.limit.interval),
                   otherThan(m_inFile.limit.start, started.limit.start)};
    if (started.onStoreFailure != m_inFile.onStoreFailure)
        m_saidPolicy = started.onStoreFailure;
    watch();
}

void LimitsFile::watch()
{
    m_watch =
        std::make_unique<config::ConfigWatch>(QString::fromStdString(m_status.file), QByteArray::fromStdString(m_text));
    connect(m_watch.get(), &config::ConfigWatch::textChanged, this, &LimitsFile::onText);
    connect(m_watch.get(), &config::ConfigWatch::readFailed, this,
            [this](const QString &why) { refuse(why.toStdString()); });
}

void LimitsFile::noteRead()
{
    m_status.readAtMs = QDateTime::currentMSecsSinceEpoch();
}

// Said once, not for every try.
void LimitsFile::noteProblem(const std::string &why, bool isRetried)
{
    if (!isRetried || why != m_status.problem)
        qCWarning(lcConfig, "%s: %s; the limits stay as they were%s", isThere() ? m_status.file.c_str() : "the limits",
                  why.c_str(), isRetried ? ", and it is tried again" : "");
    m_status.problem = why;
    m_status.isRetried = isRetried;
    Q_EMIT changed();
}

void LimitsFile::noteInForce()
{
    if (std::exchange(m_status.isRetried, false))
        qCInfo(lcConfig, "%s in force now", isThere() ? (m_status.file + " is").c_str() : "the limits are");
    m_status.problem.clear();
    Q_EMIT changed();
}

void LimitsFile::refuse(const std::string &why)
{
    m_isBroken = true;
    noteProblem(why, false);
    Q_EMIT notUsable();
}

void LimitsFile::noteWaiting(const config::Config &config)
{
    const auto before = std::exchange(m_status.waitsForRestart, config::changedForRestart(m_inFile, config));
    for (const std::string &path : m_status.waitsForRestart)
        if (std::find(before.begin(), before.end(), path) == before.end())
            qCWarning(lcConfig, "%s: %s has changed, which needs a restart", m_status.file.c_str(), path.c_str());
}

void LimitsFile::onText(const QByteArray &bytes)
{
    const std::string text = bytes.toStdString();
    if (text == m_text && m_status.problem.empty())
        return; // our own words
    const config::ConfigFile file = config::readConfigText(text);
    if (!file.isUsable())
        return refuse(firstOf(file.issues));
    for (const config::FileIssue &issue : file.issues)
        qCWarning(lcConfig, "%s", config::printIssue(config::inFile(m_status.file, issue)).c_str());
    noteWaiting(file.config);
    m_text = text;
    m_isBroken = false;
    m_hasNews = true;
    noteRead();
    qCInfo(lcConfig, "%s was read again", m_status.file.c_str());
    Q_EMIT limitsFound();
    Q_EMIT changed();
}

config::Config LimitsFile::found() const
{
    if (!isThere())
        return m_started;
    config::Config said = config::readConfigText(m_text).config;
    config::LimitWish &limit = said.limit;
    limit.capacity = m_saidLimit.capacity ? m_saidLimit.capacity : limit.capacity;
    limit.refill = m_saidLimit.refill ? m_saidLimit.refill : limit.refill;
    limit.interval = m_saidLimit.interval ? m_saidLimit.interval : limit.interval;
    limit.start = m_saidLimit.start ? m_saidLimit.start : limit.start;
    said.onStoreFailure = m_saidPolicy.value_or(said.onStoreFailure);
    return said;
}

Result<Done> LimitsFile::write(const config::LimitSet &wanted)
{
    if (m_isBroken)
        return Error{Error::Code::State,
                     "the configuration file cannot be used as it is, so nothing was written; correct it first", false};
    auto edited = config::editLimits(m_text, wanted);
    if (!edited)
        return edited.error();
    const std::string &path = isThere() ? m_status.file : m_toMake;
    const auto written = config::replaceConfigFile(path, m_text, edited.value());
    if (!written)
        return written.error();
    m_before = std::exchange(m_text, std::move(edited).value());
    if (!isThere()) {
        m_status.file = std::exchange(m_toMake, {});
        watch();
    }
    noteRead();
    Q_EMIT changed();
    return Done{};
}

Result<Done> LimitsFile::writePolicy(const std::string &limit, config::StoreFailurePolicy policy)
{
    config::LimitSet wanted = config::limitsOf(config::readConfigText(m_text).config);
    for (config::LimitEntry &entry : wanted.limits) {
        if (entry.name != limit)
            continue;
        entry.onStoreFailure = policy;
        auto written = write(wanted);
        if (written)
            m_saidPolicy.reset();
        return written;
    }
    return Error{Error::Code::State, "the configuration file has no limit of that name any more", false};
}

void LimitsFile::undo()
{
    const auto undone = config::replaceConfigFile(m_status.file, m_text, m_before);
    if (undone)
        m_text = m_before;
    else
        noteProblem("it has a change that is not in force and cannot be taken back (" + undone.error().detail + ")",
                    false);
}

void LimitsFile::readAgain()
{
    if (m_watch)
        m_watch->readNow();
    else
        qCInfo(lcConfig, "asked to read the configuration file again, and there is none; nothing has changed");
}

} // namespace weir::app
