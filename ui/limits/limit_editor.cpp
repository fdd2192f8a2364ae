// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/limit_editor.h"

#include <QBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <algorithm>

#include "ui/look/scale.h"
#include "ui/words/format.h"
#include "ui/limits/limit_list_model.h"
#include "ui/words/limit_words.h"
#include "ui/words/visible_text.h"
#include "ui/limits/access_form.h"
#include "ui/limits/change_bar.h"
#include "ui/limits/change_view.h"
#include "ui/limits/limit_form.h"

namespace weir::ui {
namespace {

enum Page { LimitEditPage, AccessPage, ChangePage };
constexpr qsizetype kLongestTitle = 40;

QString titleOf(const QString &name)
{
    const QString shown = visibleText(name.left(kLongestTitle).toStdString(), name.size() > kLongestTitle);
    return shown.isEmpty() ? LimitEditor::tr("Without a name") : shown;
}

} // namespace

LimitEditor::LimitEditor(LimitListModel &model, QWidget *parent) : Panel(QString(), parent), m_model{model}
{
    makeTitleLarge();
    buildHeader();
    buildForms();
    m_meaningBox = new QFrame(this);
    setRole(m_meaningBox, "meaning");
    auto *box = new QVBoxLayout(m_meaningBox);
    box->setContentsMargins(12, 7, 12, 7);
    m_meaning = new QLabel(m_meaningBox);
    m_meaning->setObjectName(QStringLiteral("meaning"));
    m_meaning->setTextFormat(Qt::PlainText);
    m_meaning->setWordWrap(true);
    m_meaning->setTextInteractionFlags(Qt::TextSelectableByMouse);
    box->addWidget(m_meaning);
    body()->addWidget(m_meaningBox);
    m_bar = new ChangeBar(this);
    body()->addWidget(m_bar);
    connect(m_bar, &ChangeBar::reviewToggled, this, &LimitEditor::refresh);
}

void LimitEditor::buildHeader()
{
    m_duplicate = new QPushButton(tr("D&uplicate"), this);
    m_duplicate->setObjectName(QStringLiteral("duplicateLimit"));
    m_duplicate->setToolTip(tr("A copy of it, right behind it"));
    m_remove = new QPushButton(tr("Dele&te"), this);
    m_remove->setObjectName(QStringLiteral("removeLimit"));
    m_remove->setToolTip(tr("Take it out of the list; Ctrl+Z brings it back"));
    for (QPushButton *button : {m_duplicate, m_remove}) {
        setRole(button, "plain");
        setScaledHeight(button, 28);
        header()->addWidget(button);
    }
    connect(m_duplicate, &QPushButton::clicked, this, &LimitEditor::duplicateWished);
    connect(m_remove, &QPushButton::clicked, this, &LimitEditor::removeWished);
}

void LimitEditor::buildForms()
{
    m_stack = new QStackedWidget(this);
    m_form = new LimitForm;
    m_access = new AccessForm;
    m_changes = new ChangeView(this);
    m_stack->insertWidget(LimitEditPage, scrolled(m_form));
    m_stack->insertWidget(AccessPage, scrolled(m_access));
    m_stack->insertWidget(ChangePage, m_changes);
    setScaledMinimum(m_stack, 0, 80);
    body()->addWidget(m_stack, 1);
    connect(m_form, &LimitForm::edited, this, [this] { m_model.setText(m_row, m_form->text()); });
    connect(m_access, &AccessForm::edited, this, [this] { m_model.setAccess(m_access->text()); });
    connect(m_changes, &ChangeView::rowChosen, this, [this](int row) {
        m_bar->setReviewing(false);
        Q_EMIT rowWished(row);
    });
}

QScrollArea *LimitEditor::scrolled(QWidget *form)
{
    auto *area = new QScrollArea(this);
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    setRole(form, "clear");
    area->setWidget(form);
    return area;
}

void LimitEditor::showRow(int row)
{
    m_row = row;
    refresh();
}

void LimitEditor::refresh()
{
    const bool isLimit = m_model.isLimit(m_row);
    const LimitDraft::Reading &reading = m_model.reading();
    m_id = isLimit ? m_id : -1;
    if (isLimit) {
        const LimitDraft::Entry &entry = m_model.draft().entries()[static_cast<std::size_t>(m_row)];
        m_form->showLimit(entry.text, entry.id != m_id);
        m_id = entry.id;
        m_form->setIpv6Prefix(reading.set.keys.ipv6Prefix);
        m_form->setIssues(reading.ofLimits[static_cast<std::size_t>(m_row)]);
    }
    m_access->showAccess(m_model.draft().access());
    m_access->setIssues(reading.ofAccess);
    refreshBar();
    refreshMeaning();
    showPage();
}

void LimitEditor::showPage()
{
    const bool isLimit = m_model.isLimit(m_row);
    const bool isReview = m_bar->isReviewing();
    m_stack->setCurrentIndex(isReview ? ChangePage : isLimit ? LimitEditPage : AccessPage);
    setTitle(isReview  ? tr("What Apply changes")
             : isLimit ? titleOf(m_form->text()[LimitField::Name])
                       : tr("Everybody"));
    for (QWidget *part :
         {static_cast<QWidget *>(m_duplicate), static_cast<QWidget *>(m_remove), static_cast<QWidget *>(m_meaningBox)})
        part->setVisible(isLimit && !isReview);
}

void LimitEditor::refreshMeaning()
{
    if (!m_model.isLimit(m_row))
        return;
    const auto &issues = m_model.reading().ofLimits[static_cast<std::size_t>(m_row)];
    const config::LimitEntry &entry = m_model.reading().set.limits[static_cast<std::size_t>(m_row)];
    QString text =
        issues.empty() ? entryMeaning(entry) : tr("What it means shows as soon as the red fields are right.");
    const engine::LimitCounts *counts = m_model.countsOf(m_row);
    if (issues.empty() && counts && counts->admitted + counts->refused > 0) {
        const qint64 all = counts->admitted + (entry.isShadow ? 0 : counts->refused);
        text += u' '
                + (entry.isShadow ? tr("So far it would have refused %1 of %2.") : tr("So far it refused %1 of %2."))
                      .arg(format::share(counts->refused, std::max<qint64>(all, counts->refused)), format::count(all));
    }
    if (m_meaning->text() != text)
        m_meaning->setText(text);
}

void LimitEditor::refreshBar()
{
    const LimitDraft::Reading &reading = m_model.reading();
    if (!reading.isUsable()) {
        m_bar->showState(ChangeBar::State::Wrong, wrongWords(), false);
        m_changes->showChange({}, m_model.accessRow());
        return;
    }
    const SetChange change = m_model.changes();
    m_bar->showState(change.isEmpty() ? ChangeBar::State::Same : ChangeBar::State::Edited, summaryOf(change),
                     change.needsTokenMode());
    if (m_bar->isReviewing())
        m_changes->showChange(change, m_model.accessRow());
}

// "Not usable yet: per-client (2 problems), Everybody (1 problem)"
QString LimitEditor::wrongWords() const
{
    const LimitDraft::Reading &reading = m_model.reading();
    QStringList parts;
    const auto add = [&parts](const QString &name, std::size_t problems) {
        if (problems > 0)
            parts << (problems == 1 ? tr("%1 (1 problem)").arg(name) : tr("%1 (%2 problems)").arg(name).arg(problems));
    };
    for (std::size_t i = 0; i < reading.ofLimits.size(); ++i)
        add(titleOf(m_model.draft().entries()[i].text[LimitField::Name]), reading.ofLimits[i].size());
    add(tr("Everybody"), reading.ofAccess.size());
    parts << reading.ofSet;
    return tr("Not usable yet: %1").arg(parts.join(QStringLiteral(", ")));
}

void LimitEditor::focusName()
{
    m_form->focusName();
}

QString LimitEditor::meaning() const
{
    return m_meaning->text();
}

} // namespace weir::ui
