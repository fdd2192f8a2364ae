// SPDX-License-Identifier: GPL-3.0-only
#include "app/commands/ask/watch.h"

#include <cstdio>

namespace weir::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kPeriod = 1s;
constexpr const char *kFromTheTop = "\x1b[H\x1b[2J"; // ECMA-48: CUP, ED

} // namespace

Watch::Watch(Questions &questions, bool isDrawn, bool isJson, QObject *parent)
    : QObject{parent}, m_questions{questions}, m_isDrawn{isDrawn && !isJson}, m_isJson{isJson}
{
    m_timer.setTimerType(Qt::PreciseTimer);
    m_timer.setInterval(kPeriod);
    connect(&m_timer, &QTimer::timeout, this, &Watch::ask);
}

void Watch::start()
{
    m_timer.start();
    ask();
}

// One question at a time: an answer that takes longer than a second is waited for.
void Watch::ask()
{
    if (m_isAsking)
        return;
    m_isAsking = true;
    m_questions.ask([this](const AskOutcome &outcome) {
        m_isAsking = false;
        take(outcome);
    });
}

void Watch::take(const AskOutcome &outcome)
{
    const bool isLost = !outcome.problem.isEmpty();
    bool isWritten = true;
    if (isLost && m_isDrawn && m_wasHeard)
        isWritten = print(outcome.problem.toUtf8() + "Asking again each second.\n");
    else if (isLost && !m_isLost)
        std::fputs(qPrintable(outcome.problem), stderr);
    else if (!isLost && m_isLost && !m_isDrawn)
        std::fputs("weir: it answers again.\n", stderr);
    if (!isLost)
        isWritten = print(outcome.output);
    m_wasHeard = m_wasHeard || !isLost;
    m_isLost = isLost;
    if (m_wasHeard && isWritten)
        return;
    m_timer.stop();
    Q_EMIT ended(1);
}

bool Watch::print(const QByteArray &text)
{
    if (m_isDrawn)
        return writeOut(kFromTheTop + text);
    return writeOut(m_isJson ? text : text + '\n');
}

bool writeOut(const QByteArray &text)
{
    const auto size = static_cast<std::size_t>(text.size());
    return std::fwrite(text.constData(), 1, size, stdout) == size && std::fflush(stdout) == 0;
}

} // namespace weir::app
