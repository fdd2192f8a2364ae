// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/change_view.h"

#include <QBoxLayout>
#include <QLabel>
#include <QPushButton>

#include "ui/look/scale.h"
#include "ui/words/visible_text.h"
#include "ui/controls/panel.h"

namespace weir::ui {
namespace {

constexpr int kNameWidth = 132;

QString visible(const QString &text)
{
    return visibleText(text.toStdString());
}

} // namespace

ChangeView::ChangeView(QWidget *parent) : QScrollArea(parent)
{
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("What Apply changes"));
}

void ChangeView::showChange(const SetChange &change, int accessRow)
{
    m_lines.clear();
    auto *content = new QWidget;
    setRole(content, "clear");
    m_layout = new QVBoxLayout(content);
    m_layout->setContentsMargins(0, 4, 8, 4);
    m_layout->setSpacing(8);
    m_content = content;
    for (const LimitChange &limit : change.limits) {
        const QStringList words = changeWords(limit);
        switch (limit.kind) {
        case LimitChange::Kind::Added:
            addLine("added", QStringLiteral("+"), limit.name, limit.index, words);
            break;
        case LimitChange::Kind::Removed:
            addLine("removed", QStringLiteral("−"), limit.name, -1, words);
            break;
        case LimitChange::Kind::Changed:
            addLine("changed", limit.fields.empty() ? QStringLiteral("↕") : QStringLiteral("~"), limit.name,
                    limit.index, words);
            break;
        }
    }
    QStringList access;
    for (const FieldChange &field : change.access)
        access << changeWords(field);
    if (!access.isEmpty())
        addLine("changed", QStringLiteral("~"), tr("Everybody"), accessRow, access);
    if (m_lines.isEmpty()) {
        auto *none = new QLabel(tr("Nothing is changed."), content);
        setRole(none, "dim");
        m_layout->addWidget(none);
    }
    m_layout->addStretch(1);
    setWidget(content);
    setAccessibleDescription(m_lines.join(u'\n'));
}

void ChangeView::addLine(const char *role, const QString &sign, const QString &name, int row, const QStringList &words)
{
    auto *line = new QWidget(m_content);
    auto *layout = new QHBoxLayout(line);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    auto *mark = new QLabel(sign, line);
    setScaledWidth(mark, 14);
    setScaledMinimum(mark, 0, 24);
    setRole(mark, role);
    layout->addWidget(mark, 0, Qt::AlignTop);
    auto *button = new QPushButton(line);
    button->setText(button->fontMetrics()
                        .elidedText(visible(name), Qt::ElideRight, px(kNameWidth - 16))
                        .replace(u'&', QStringLiteral("&&")));
    setScaledWidth(button, kNameWidth);
    button->setEnabled(row >= 0);
    button->setToolTip(row >= 0 ? tr("Show it") : QString());
    setRole(button, "link");
    layout->addWidget(button, 0, Qt::AlignTop);
    connect(button, &QPushButton::clicked, this, [this, row] { Q_EMIT rowChosen(row); });
    QStringList shown;
    for (const QString &word : words)
        shown << visible(word);
    auto *text = new QLabel(shown.join(u'\n'), line);
    text->setTextFormat(Qt::PlainText);
    text->setWordWrap(true);
    setScaledMinimum(text, 0, 24);
    text->setAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    layout->addWidget(text, 1);
    m_layout->addWidget(line);
    m_lines << QStringLiteral("%1 %2: %3").arg(sign, name, words.join(QStringLiteral(", ")));
}

} // namespace weir::ui
