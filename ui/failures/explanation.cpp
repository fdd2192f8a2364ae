// SPDX-License-Identifier: GPL-3.0-only
#include "ui/failures/explanation.h"

#include <QBoxLayout>
#include <QEvent>
#include <QTextDocument>
#include <QTextEdit>

#include "ui/look/scale.h"
#include "ui/help/help_text.h"

namespace weir::ui {

QString headingOf(Situation situation)
{
    switch (situation) {
    case Situation::Healthy:
        break;
    case Situation::Hung:
        return QStringLiteral("Redis hangs");
    case Situation::Cut:
        return QStringLiteral("The connection is cut");
    case Situation::Killed:
        return QStringLiteral("Redis was killed");
    case Situation::Forgot:
        return QStringLiteral("Redis has forgotten the buckets");
    case Situation::Slow:
        return QStringLiteral("Redis is slow");
    case Situation::ClockStepped:
        return QStringLiteral("The clock was stepped");
    case Situation::Starving:
        return QStringLiteral("The bucket starves");
    case Situation::Paused:
        return QStringLiteral("The refiller is paused, and nothing changes");
    case Situation::TimerOnly:
        return QStringLiteral("Only the timer refills");
    case Situation::Away:
        return QStringLiteral("Redis is away");
    }
    return QStringLiteral("Nothing is broken");
}

Explanation::Explanation(QWidget *parent) : Panel(tr("What you are seeing"), parent)
{
    m_text = new QTextEdit(this);
    m_text->setObjectName(QStringLiteral("explanation"));
    m_text->setAccessibleName(tr("What you are seeing"));
    m_text->setReadOnly(true);
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_text->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setRole(m_text, "words");
    body()->setSpacing(2);
    body()->addWidget(m_text, 1);
    setScaledMinimum(this, 0, 96);
    explain(Situation::Healthy);
}

void Explanation::explain(Situation situation)
{
    if (situation == m_situation)
        return;
    m_situation = situation;
    load();
}

void Explanation::load()
{
    const QString heading = headingOf(*m_situation);
    const QString section = helpSection(helpFile(QStringLiteral("failures")), heading);
    setHelpText(*m_text->document(), QStringLiteral("### %1\n\n%2\n").arg(heading, section), m_text->font());
    m_text->document()->setDocumentMargin(1);
    m_text->moveCursor(QTextCursor::Start);
}

QString Explanation::plainText() const
{
    return m_text->toPlainText();
}

void Explanation::changeEvent(QEvent *event)
{
    Panel::changeEvent(event);
    if (event->type() == QEvent::StyleChange && m_situation)
        load(); // the colours are in the document
}

} // namespace weir::ui
