// SPDX-License-Identifier: GPL-3.0-only
#include "ui/failures/policy_panel.h"

#include <QBoxLayout>
#include <QButtonGroup>
#include <QRadioButton>
#include <QStyle>

#include "ui/look/scale.h"
#include "ui/words/failure_words.h"
#include "ui/words/format.h"
#include "ui/words/panel_words.h"
#include "ui/words/visible_text.h"
#include "ui/failures/bar_strip.h"
#include "ui/controls/legend_item.h"
#include "ui/controls/plain_tool_tip.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {
namespace {

using config::StoreFailurePolicy;

// Less wide than this, the figures need the room of a word, and the legend that of the limit's name.
constexpr int kNarrow = 560;

void setStanding(TabularLabel *label, bool isInForce, bool isNarrow)
{
    const char *role = isInForce ? "good" : "dim";
    const QString text = isNarrow ? PolicyPanel::tr("in force") : PolicyPanel::tr("in force · measured");
    label->setText(isInForce ? text : QString());
    if (label->property("role").toString() == QLatin1String(role))
        return;
    setRole(label, role);
    label->style()->unpolish(label);
    label->style()->polish(label);
}

} // namespace

PolicyPanel::PolicyPanel(QWidget *parent) : Panel(tr("If Redis fails"), parent)
{
    m_choices = new QButtonGroup(this);
    addLegend();
    body()->setSpacing(3);
    addRow(StoreFailurePolicy::Local, tr("Go on locally"),
           tr("Decide by the last known level; settle with Redis when it is back"));
    addRow(StoreFailurePolicy::Reject, tr("Reject"), tr("Answer 503; nothing is spent"));
    addRow(StoreFailurePolicy::Allow, tr("Allow"), tr("Answer as if admitted; nothing is limited"));
    auto *times = new QHBoxLayout;
    for (TabularLabel **label : {&m_begin, &m_scale, &m_end}) {
        *label = new TabularLabel(this);
        setRole(*label, "dim");
        times->addWidget(*label, label == &m_scale ? 1 : 0);
    }
    m_scale->setAlignment(Qt::AlignHCenter);
    body()->addSpacing(2);
    body()->addLayout(times);
    connect(m_choices, &QButtonGroup::idClicked, this, [this](int id) {
        const auto policy = static_cast<StoreFailurePolicy>(id);
        m_inForce.ask(policy);
        setInForce(policy);
        Q_EMIT policyChosen(policy);
    });
}

void PolicyPanel::addLegend()
{
    header()->setSpacing(12);
    header()->addWidget(new LegendItem(LegendItem::Sign::Admitted, tr("admitted"), this));
    header()->addWidget(new LegendItem(LegendItem::Sign::Refused, tr("refused 429"), this));
    header()->addWidget(new LegendItem(LegendItem::Sign::Undecided, tr("rejected 503"), this));
}

void PolicyPanel::addRow(StoreFailurePolicy policy, const QString &name, const QString &toolTip)
{
    Row &row = m_rows[static_cast<std::size_t>(policy)];
    row.choice = new QRadioButton(name, this);
    row.choice->setObjectName(QStringLiteral("policy-%1").arg(static_cast<int>(policy)));
    row.choice->setAccessibleName(tr("If Redis fails: %1").arg(name));
    row.meaning = toolTip;
    row.choice->setAccessibleDescription(toolTip);
    row.choice->setToolTip(toolTip);
    m_choices->addButton(row.choice, static_cast<int>(policy));
    row.standing = new TabularLabel(this);
    row.figures = new TabularLabel(this);
    row.figures->setAlignment(Qt::AlignRight);
    setRole(row.figures, "dim");
    row.strip = new BarStrip(this);
    row.strip->setAccessibleName(tr("Requests of the last minute: %1").arg(name));
    auto *line = new QHBoxLayout;
    line->setSpacing(10);
    line->addWidget(row.choice);
    line->addWidget(row.standing);
    line->addWidget(row.figures, 1);
    body()->addLayout(line);
    body()->addWidget(row.strip, 1);
    body()->addSpacing(7);
    setStanding(row.standing, false, false);
}

void PolicyPanel::setInForce(StoreFailurePolicy policy)
{
    const StoreFailurePolicy shown = m_inForce.shown(policy);
    if (shown == m_shown)
        return;
    m_shown = shown;
    row(shown).choice->setChecked(true); // unless a click has
    for (std::size_t i = 0; i < kPolicies; ++i) {
        const bool isInForce = i == static_cast<std::size_t>(shown);
        setStanding(m_rows[i].standing, isInForce, width() < px(kNarrow));
        // Tab stops at the chosen one; the arrow keys go on from there.
        m_rows[i].choice->setFocusPolicy(isInForce ? Qt::StrongFocus : Qt::ClickFocus);
    }
}

void PolicyPanel::setLimit(const QString &name)
{
    if (name == m_limit)
        return;
    m_limit = name;
    showTitle();
    for (const Row &row : m_rows) {
        const QString toolTip = row.meaning + u'\n' + policyScope(name);
        setPlainToolTip(row.choice, toolTip);
    }
}

void PolicyPanel::showTitle()
{
    const QString name = visibleText(m_limit.toStdString());
    setTitle(width() < px(kNarrow) || name.isEmpty() ? tr("If Redis fails") : tr("If Redis fails · %1").arg(name));
}

void PolicyPanel::resizeEvent(QResizeEvent *event)
{
    Panel::resizeEvent(event);
    showTitle();
    for (const Row &row : m_rows)
        setStanding(row.standing, m_shown && &row == &this->row(*m_shown), width() < px(kNarrow));
}

void PolicyPanel::showComparison(const FailureComparison &comparison)
{
    for (std::size_t i = 0; i < kPolicies; ++i) {
        const QString figures = lineFigures(comparison, static_cast<StoreFailurePolicy>(i));
        const Row &row = m_rows[i];
        row.figures->setText(figures);
        row.figures->setToolTip(figures);
        row.strip->setAccessibleDescription(figures);
        row.strip->showLine(comparison.lines[i], comparison.away, comparison.begin, comparison.peak);
    }
    m_begin->setText(format::clock(comparison.begin));
    const QString peak = format::perSecond(static_cast<double>(comparison.peak));
    m_scale->setText(comparison.peak == 0 ? tr("no requests in the last minute")
                     : comparison.wasAway ? tr("a bar a second, at most %1 · shaded: Redis away").arg(peak)
                                          : tr("a bar a second, at most %1").arg(peak));
    m_end->setText(format::clock(comparison.begin + kComparedSeconds));
}

const PolicyPanel::Row &PolicyPanel::row(StoreFailurePolicy policy) const
{
    return m_rows[static_cast<std::size_t>(policy)];
}

QRadioButton *PolicyPanel::choice(StoreFailurePolicy policy) const
{
    return row(policy).choice;
}

BarStrip *PolicyPanel::strip(StoreFailurePolicy policy) const
{
    return row(policy).strip;
}

QString PolicyPanel::standing(StoreFailurePolicy policy) const
{
    return row(policy).standing->text();
}

QString PolicyPanel::figures(StoreFailurePolicy policy) const
{
    return row(policy).figures->text();
}

} // namespace weir::ui
