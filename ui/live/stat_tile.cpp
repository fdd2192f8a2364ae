// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/stat_tile.h"

#include <QBoxLayout>
#include <QEvent>

#include "ui/look/scale.h"
#include "ui/look/theme.h"
#include "ui/controls/panel.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {
namespace {

constexpr int kMargin = 14;

} // namespace

StatTile::StatTile(const QString &title, const QString &shortTitle, Tone tone, QWidget *parent)
    : QFrame(parent), m_tone{tone}, m_longTitle{title}, m_shortTitle{shortTitle}, m_text{QStringLiteral("–")}
{
    setRole(this, "panel");
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(kMargin, 9, kMargin, 9);
    layout->setSpacing(1);
    m_title = new TabularLabel(title, this);
    m_value = new TabularLabel(m_text, this);
    m_remark = new TabularLabel(this);
    setRole(m_title, "dim");
    setRole(m_remark, "dim");
    layout->addWidget(m_title);
    layout->addWidget(m_value);
    layout->addWidget(m_remark);
    paintTone();
}

void StatTile::setTitle(const QString &title, const QString &shortTitle)
{
    m_longTitle = title;
    m_shortTitle = shortTitle;
}

void StatTile::setTexts(const QString &value, const QString &remark, const QString &shortValue)
{
    const QString name = QStringLiteral("%1: %2, %3").arg(m_longTitle, value, remark);
    if (accessibleName() == name)
        return;
    m_text = value;
    m_shortText = shortValue;
    m_remark->setText(remark);
    fit();
    setAccessibleName(name);
}

QString StatTile::shownValue() const
{
    return m_value->text();
}

void StatTile::fit()
{
    const int room = contentsRect().width() - 2 * px(kMargin);
    m_title->setText(tabularWidth(m_title->font(), m_longTitle) > room ? m_shortTitle : m_longTitle);
    const bool isTooLong = !m_shortText.isEmpty() && tabularWidth(m_value->font(), m_text) > room;
    m_value->setText(isTooLong ? m_shortText : m_text);
    m_value->setAccessibleName(m_text);
}

QString StatTile::remark() const
{
    return m_remark->text();
}

void StatTile::paintTone()
{
    const Colors &c = colors();
    const QColor color = m_tone == Tone::Good ? c.ok : m_tone == Tone::Bad ? c.bad : c.text;
    const QString sheet = QStringLiteral("font-size: %1px; font-weight: 650; color: %2;").arg(px(24)).arg(color.name());
    if (m_value->styleSheet() != sheet)
        m_value->setStyleSheet(sheet);
}

void StatTile::changeEvent(QEvent *event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::StyleChange && m_value)
        paintTone();
}

void StatTile::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    fit();
}

} // namespace weir::ui
