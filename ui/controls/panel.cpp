// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/panel.h"

#include <QBoxLayout>
#include <QVariant>

#include "ui/look/scale.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {

void setRole(QWidget *widget, const char *role)
{
    widget->setProperty("role", QString::fromLatin1(role));
}

Panel::Panel(const QString &title, QWidget *parent) : QFrame(parent)
{
    setRole(this, "panel");
    m_body = new QVBoxLayout(this);
    m_body->setContentsMargins(14, 10, 14, 12);
    m_body->setSpacing(8);
    m_header = new QHBoxLayout;
    m_header->setSpacing(8);
    m_title = new TabularLabel(this);
    setScaledMinimum(m_title, 0, 24);
    setRole(m_title, "title");
    m_header->addWidget(m_title);
    m_header->addStretch(1);
    m_body->addLayout(m_header);
    setTitle(title);
}

void Panel::makeTitleLarge()
{
    setRole(m_title, "name");
    setScaledMinimum(m_title, 0, 28); // as a button beside it, also without one
}

void Panel::setTitle(const QString &title)
{
    m_title->setText(title);
    setAccessibleName(title);
}

} // namespace weir::ui
