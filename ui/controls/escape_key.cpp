// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/escape_key.h"

#include <QEvent>
#include <QKeyEvent>
#include <QLineEdit>

namespace weir::ui {
namespace {

class EscapeKey : public QObject {
public:
    EscapeKey(QLineEdit *line, bool reverts) : QObject(line), m_line{line}, m_reverts{reverts}
    {
        line->installEventFilter(this);
    }

    bool eventFilter(QObject *, QEvent *event) override
    {
        if (event->type() == QEvent::FocusIn && m_reverts)
            m_before = m_line->text();
        const bool isKey = event->type() == QEvent::KeyPress || event->type() == QEvent::ShortcutOverride;
        if (!isKey || static_cast<QKeyEvent *>(event)->key() != Qt::Key_Escape || m_line->text() == m_before)
            return false;
        event->accept(); // no shortcut's
        if (event->type() == QEvent::ShortcutOverride)
            return true;
        m_line->setText(m_before);
        Q_EMIT m_line->textEdited(m_before);
        return true;
    }

private:
    QLineEdit *m_line;
    bool m_reverts;
    QString m_before;
};

} // namespace

void clearOnEscape(QLineEdit *line)
{
    new EscapeKey(line, false);
}

void revertOnEscape(QLineEdit *line)
{
    new EscapeKey(line, true);
}

} // namespace weir::ui
