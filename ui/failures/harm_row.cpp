// SPDX-License-Identifier: GPL-3.0-only
#include "ui/failures/harm_row.h"

#include <QBoxLayout>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>

#include "ui/look/icons.h"
#include "ui/look/scale.h"
#include "ui/controls/panel.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {
namespace {

/// The picture of what is done once, in the place of the switch; it follows the theme.
class OnceSign : public QWidget {
public:
    explicit OnceSign(QWidget *parent) : QWidget(parent)
    {
        onScale(this, [this] { setFixedSize(Toggle(QString()).sizeHint()); });
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        icon(Icon::Failures).paint(&painter, QRect((width() - px(16)) / 2, (height() - px(16)) / 2, px(16), px(16)));
    }
};

} // namespace

HarmRow::HarmRow(const Words &words, Toggle::Tone tone, QWidget *parent) : QFrame(parent)
{
    m_toggle = new Toggle(words.name, tone, this);
    m_toggle->setAccessibleDescription(words.explanation);
    layOut(words, m_toggle);
    connect(m_toggle, &QAbstractButton::clicked, this, &HarmRow::switched);
}

HarmRow::HarmRow(const Words &words, QWidget *parent) : QFrame(parent)
{
    layOut(words, new OnceSign(this));
}

void HarmRow::layOut(const Words &words, QWidget *sign)
{
    setRole(this, "row");
    m_explanation = words.explanation;
    m_layout = new QHBoxLayout(this);
    m_layout->setContentsMargins(0, 4, 0, 5);
    m_layout->setSpacing(9);
    m_layout->addWidget(sign, 0, Qt::AlignVCenter);
    auto *texts = new QVBoxLayout;
    texts->setSpacing(1);
    m_name = new QLabel(words.name, this);
    setRole(m_name, "strong");
    m_text = new TabularLabel(words.explanation, this);
    setRole(m_text, "dim");
    texts->addStretch(1);
    texts->addWidget(m_name);
    texts->addWidget(m_text);
    texts->addStretch(1);
    m_layout->addLayout(texts, 1);
    setToolTip(words.explanation);
}

void HarmRow::addControl(QWidget *control)
{
    m_control = control;
    if (control->accessibleName().isEmpty())
        control->setAccessibleName(m_name->text());
    control->setAccessibleDescription(m_explanation);
    m_layout->addWidget(control, 0, Qt::AlignVCenter);
}

void HarmRow::setLive(const QString &text, const QString &more)
{
    const QString shown = text.isEmpty() ? m_explanation : text;
    if (m_text->text() != shown)
        m_text->setText(shown);
    const QString toolTip = text.isEmpty() ? m_explanation : m_explanation + u'\n' + more;
    if (this->toolTip() != toolTip)
        setToolTip(toolTip);
}

void HarmRow::setBlocked(const QString &why)
{
    const QString toolTip = why.isEmpty() ? m_explanation : why;
    if (toolTip == this->toolTip())
        return;
    setToolTip(toolTip);
    m_name->setEnabled(why.isEmpty());
    for (QWidget *part : {static_cast<QWidget *>(m_toggle), m_control}) {
        if (!part)
            continue;
        part->setEnabled(why.isEmpty());
        part->setToolTip(why);
        part->setAccessibleDescription(toolTip);
    }
}

// The words are part of the switch, as they are of a check box.
void HarmRow::mouseReleaseEvent(QMouseEvent *event)
{
    QFrame::mouseReleaseEvent(event);
    const bool isOnWords = !m_control || event->position().x() < m_control->x();
    if (m_toggle && m_toggle->isEnabled() && event->button() == Qt::LeftButton && rect().contains(event->pos())
        && isOnWords)
        m_toggle->click();
}

} // namespace weir::ui
