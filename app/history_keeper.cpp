// SPDX-License-Identifier: GPL-3.0-only
#include "app/history_keeper.h"

#include <utility>

#include "app/history_writer.h"

namespace weir::app {

HistoryKeeper::HistoryKeeper(const QString &path, QObject *parent)
    : QObject{parent}, m_writer{std::make_unique<HistoryWriter>(path)}
{
    qRegisterMetaType<weir::history::Lifetime>();
    m_writer->moveToThread(&m_thread);
    connect(m_writer.get(), &HistoryWriter::opened, this, &HistoryKeeper::opened);
    connect(m_writer.get(), &HistoryWriter::problemChanged, this, &HistoryKeeper::problemChanged);
    connect(m_writer.get(), &HistoryWriter::told, this, &HistoryKeeper::told);
    m_thread.setObjectName(QStringLiteral("weir-history"));
    m_thread.start();
    QMetaObject::invokeMethod(m_writer.get(), &HistoryWriter::open, Qt::QueuedConnection);
}

// Messages that were sent before are handled before.
HistoryKeeper::~HistoryKeeper()
{
    HistoryWriter *writer = m_writer.release();
    QMetaObject::invokeMethod(
        writer,
        [this, writer] {
            delete writer;
            m_thread.quit();
        },
        Qt::QueuedConnection);
    m_thread.join();
}

void HistoryKeeper::add(std::vector<history::Row> seconds, std::vector<history::Mark> marks)
{
    QMetaObject::invokeMethod(
        m_writer.get(),
        [writer = m_writer.get(), seconds = std::move(seconds), marks = std::move(marks)]() mutable {
            writer->add(std::move(seconds), std::move(marks));
        },
        Qt::QueuedConnection);
}

void HistoryKeeper::ask(const history::Question &question, std::function<void(Result<history::Answer>)> done)
{
    QMetaObject::invokeMethod(
        m_writer.get(), [writer = m_writer.get(), question, done = std::move(done)] { done(writer->answer(question)); },
        Qt::QueuedConnection);
}

} // namespace weir::app
