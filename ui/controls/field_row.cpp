// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/field_row.h"

#include <QBoxLayout>
#include <QLabel>
#include <QStyle>
#include <QVariant>

#include "ui/look/scale.h"
#include "ui/controls/panel.h"

namespace weir::ui {

FieldRow::FieldRow(const QString &name, QWidget *parent) : QWidget(parent)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    auto *line = new QHBoxLayout;
    line->setSpacing(8);
    m_name = new QLabel(name, this);
    setScaledWidth(m_name, kNameWidth);
    setScaledMinimum(m_name, 0, 28);
    m_name->setAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    setRole(m_name, "field");
    m_fields = new QHBoxLayout;
    m_fields->setSpacing(8);
    line->addWidget(m_name, 0, Qt::AlignTop);
    line->addLayout(m_fields, 1);
    layout->addLayout(line);
    m_issue = new QLabel(this);
    m_issue->setTextFormat(Qt::PlainText);
    m_issue->setWordWrap(true);
    setRole(m_issue, "bad");
    m_issue->hide();
    auto *below = new QHBoxLayout; // the fields, not their name
    below->setContentsMargins(kNameWidth + line->spacing(), 0, 0, 0);
    below->addWidget(m_issue);
    layout->addLayout(below);
}

void FieldRow::setName(const QString &name)
{
    m_name->setText(name);
}

void FieldRow::add(QWidget *field, int stretch)
{
    if (!m_name->buddy())
        m_name->setBuddy(field);
    m_fields->addWidget(field, stretch, Qt::AlignVCenter);
}

QLabel *FieldRow::addWord(const QString &text)
{
    auto *word = new QLabel(text, this);
    word->setTextFormat(Qt::PlainText);
    setRole(word, "field");
    m_fields->addWidget(word, 0, Qt::AlignVCenter);
    return word;
}

void FieldRow::addStretch()
{
    m_fields->addStretch(1);
}

void FieldRow::setIssue(const QString &sentences)
{
    if (m_issue->text() == sentences)
        return;
    m_issue->setText(sentences);
    m_issue->setVisible(!sentences.isEmpty());
}

QString FieldRow::issue() const
{
    return m_issue->text();
}

void setFieldWrong(QWidget *field, bool isWrong, const QString &issue)
{
    field->setAccessibleDescription(issue.isEmpty() ? field->toolTip() : issue);
    if (field->property("wrong").toBool() == isWrong)
        return;
    field->setProperty("wrong", isWrong);
    field->style()->unpolish(field);
    field->style()->polish(field);
}

} // namespace weir::ui
