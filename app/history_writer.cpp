// SPDX-License-Identifier: GPL-3.0-only
#include "app/history_writer.h"

#include <chrono>
#include <utility>

#include <QDateTime>

namespace weir::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kRetry = 60s;
constexpr auto kPrune = 60s;
// While the file cannot be used: two minutes of twenty limits.
constexpr std::size_t kMostWaiting = 2520;
constexpr std::size_t kMostMarksWaiting = 1000;

} // namespace

HistoryWriter::HistoryWriter(QString path) : m_path{std::move(path)}, m_retry{this}, m_prune{this}
{
    connect(&m_retry, &QTimer::timeout, this, &HistoryWriter::open);
    connect(&m_prune, &QTimer::timeout, this, &HistoryWriter::prune);
}

void HistoryWriter::open()
{
    std::string notice;
    auto file = history::HistoryFile::open(m_path, notice);
    if (!notice.empty())
        Q_EMIT told(QString::fromStdString(notice));
    if (!file) {
        m_retry.start(kRetry);
        return setProblem(
            QStringLiteral("no history is kept: %1: %2").arg(m_path, QString::fromStdString(file.error().detail)));
    }
    m_retry.stop();
    m_file = std::move(file).value();
    setProblem({});
    m_prune.start(kPrune);
    prune();
    if (m_file && !std::exchange(m_wasOpened, true)) {
        const auto before = m_file->lifetime();
        Q_EMIT opened(before ? before.value() : history::Lifetime{});
    }
    write();
}

void HistoryWriter::add(std::vector<history::Row> seconds, std::vector<history::Mark> marks)
{
    std::move(seconds.begin(), seconds.end(), std::back_inserter(m_seconds));
    std::move(marks.begin(), marks.end(), std::back_inserter(m_marks));
    write();
}

void HistoryWriter::write()
{
    if (m_file && (!m_seconds.empty() || !m_marks.empty())) {
        const Result<Done> written = m_file->add(m_seconds, m_marks);
        if (written) {
            m_seconds.clear();
            m_marks.clear();
            return setProblem({});
        }
        onFault(written.error());
    }
    // The oldest goes first.
    if (m_seconds.size() > kMostWaiting)
        m_seconds.erase(m_seconds.begin(), m_seconds.end() - kMostWaiting);
    if (m_marks.size() > kMostMarksWaiting)
        m_marks.erase(m_marks.begin(), m_marks.end() - kMostMarksWaiting);
}

void HistoryWriter::prune()
{
    if (!m_file)
        return;
    if (const Result<Done> pruned = m_file->prune(QDateTime::currentSecsSinceEpoch()); !pruned)
        onFault(pruned.error());
}

Result<history::Answer> HistoryWriter::answer(const history::Question &question)
{
    if (!m_file)
        return Error{Error::Code::Unavailable, m_problem.toStdString(), true};
    auto answer = m_file->read(question, QDateTime::currentSecsSinceEpoch());
    if (!answer)
        onFault(answer.error());
    return answer;
}

void HistoryWriter::onFault(const Error &why)
{
    if (why.code == Error::Code::State) {
        m_file.reset();
        const QString aside = history::HistoryFile::moveAside(m_path);
        Q_EMIT told(QStringLiteral("the history in %1 is damaged; it was moved to %2, and a new one was begun")
                        .arg(m_path, aside));
        std::string notice;
        if (auto file = history::HistoryFile::open(m_path, notice))
            m_file = std::move(file).value();
    }
    if (!m_file)
        m_retry.start(kRetry);
    setProblem(
        QStringLiteral("the history in %1 cannot be written: %2").arg(m_path, QString::fromStdString(why.detail)));
}

void HistoryWriter::setProblem(const QString &problem)
{
    if (std::exchange(m_problem, problem) != problem)
        Q_EMIT problemChanged(problem);
}

} // namespace weir::app
