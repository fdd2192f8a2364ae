// SPDX-License-Identifier: GPL-3.0-only
// Asks again each second and prints what has come, until it is ended.
#pragma once

#include <QObject>
#include <QTimer>

#include "app/commands/ask/questions.h"

namespace weir::app {

/// Thread: that of the client. Emits ended() once.
class Watch : public QObject {
    Q_OBJECT
public:
    /// `isDrawn`: stdout is a terminal, on which each answer takes the place of the one before.
    Watch(Questions &questions, bool isDrawn, bool isJson, QObject *parent = nullptr);

    void start();

Q_SIGNALS:
    /// With 1: the first question has failed, so that there is nothing to watch, or nobody reads stdout any more.
    void ended(int code);

private:
    void ask();
    void take(const AskOutcome &outcome);
    bool print(const QByteArray &text);

    Questions &m_questions;
    QTimer m_timer;
    const bool m_isDrawn, m_isJson;
    bool m_isAsking{false}, m_wasHeard{false}, m_isLost{false};
};

/// Write all of `text` on stdout; false: it cannot be written.
bool writeOut(const QByteArray &text);

} // namespace weir::app
