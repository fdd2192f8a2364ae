// SPDX-License-Identifier: GPL-3.0-only
#include "app/file_reload.h"

#include <algorithm>
#include <utility>

namespace weir::app {

FileReload::FileReload(LimitsFile &file, ChangeQueue &changes, Apply apply, QObject *parent)
    : QObject{parent}, m_file{file}, m_changes{changes}, m_apply{std::move(apply)}, m_again{this}
{
    m_again.setSingleShot(true);
    connect(&m_again, &QTimer::timeout, this, &FileReload::tryNow);
}

void FileReload::start()
{
    connect(&m_file, &LimitsFile::limitsFound, this, &FileReload::wish);
    connect(&m_file, &LimitsFile::notUsable, this, &FileReload::dropWish);
    if (m_file.hasNews())
        wish();
}

void FileReload::stop()
{
    m_file.disconnect(this);
    dropWish();
}

void FileReload::wish()
{
    dropWish();
    m_delay = kFirstDelay;
    tryNow();
}

void FileReload::dropWish()
{
    ++m_number;
    m_again.stop();
}

// It waits for its turn, and by then it may be outdated.
void FileReload::tryNow()
{
    m_changes.add([this, number = m_number](const ChangeQueue::Finished &finished) {
        if (number != m_number)
            return finished();
        m_apply(m_file.found(), [this, number, finished](const Result<Done> &applied) {
            if (number == m_number)
                settle(applied);
            finished();
        });
    });
}

// What is wrong in the wish stays wrong; everything else is the store's, and may pass: a password as well, once somebody
// has corrected it.
void FileReload::settle(const Result<Done> &applied)
{
    if (applied) {
        dropWish();
        return m_file.noteInForce();
    }
    const bool isRetried = applied.error().code != Error::Code::Invalid;
    m_file.noteProblem(applied.error().detail, isRetried);
    if (!isRetried)
        return dropWish();
    m_again.start(std::exchange(m_delay, std::min(2 * m_delay, kLastDelay)));
}

} // namespace weir::app
