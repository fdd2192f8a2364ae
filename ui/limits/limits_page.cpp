// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/limits_page.h"

#include <QBoxLayout>
#include <QDateTime>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <algorithm>

#include "ui/look/scale.h"
#include "ui/words/format.h"
#include "ui/words/panel_words.h"
#include "ui/window/live_feed.h"
#include "ui/limits/limit_list_model.h"
#include "ui/controls/banner.h"
#include "ui/controls/undo_bar.h"
#include "ui/limits/bucket_browser.h"
#include "ui/limits/change_bar.h"
#include "ui/limits/limit_editor.h"
#include "ui/limits/limit_list.h"
#include "ui/limits/limit_form.h"

namespace weir::ui {
namespace {

constexpr int kGap = 12;
constexpr QSize kSmallest{860, 560}; // below it, the page is scrolled
constexpr int kUpperHeight = 460;    // what all fields but the rare ones need
constexpr int kFewBuckets = 172;     // and what a few rows do
constexpr std::chrono::seconds kLateLimits{2};

QString sentenceOf(const Error &error)
{
    QString text = QString::fromStdString(error.detail);
    if (text.isEmpty())
        return LimitsPage::tr("That failed; nothing was changed.");
    text[0] = text.at(0).toUpper();
    return text.endsWith(u'.') ? text : text + u'.';
}

} // namespace

LimitsPage::LimitsPage(engine::ServicePort &service, LiveFeed &feed, QWidget *parent)
    : QWidget(parent), m_service{service}
{
    m_model = new LimitListModel(this);
    m_configBanner = new Banner(this);
    m_configBanner->setObjectName(QStringLiteral("configBanner"));
    m_configBanner->setTone(Banner::Tone::Warning);
    m_notice = new Banner(this);
    m_notice->setObjectName(QStringLiteral("limitsNotice"));
    m_notice->makeNotice();
    m_notice->findChild<QPushButton *>()->setObjectName(QStringLiteral("dismissLimitsNotice"));
    m_list = new LimitList(*m_model, this);
    m_editor = new LimitEditor(*m_model, this);
    m_buckets = new BucketBrowser(this);
    m_undo = new UndoBar(this);
    layOut();
    connectFeed(feed);
    connectControls();
    showCurrent();
}

void LimitsPage::layOut()
{
    auto *upper = new QWidget(this);
    auto *row = new QHBoxLayout(upper);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGap);
    row->addWidget(m_list);
    row->addWidget(m_editor, 1);
    m_split = new QSplitter(Qt::Vertical, this);
    m_split->setObjectName(QStringLiteral("limitsSplit"));
    m_split->setChildrenCollapsible(false);
    onScale(m_split, [this] { m_split->setHandleWidth(px(kGap)); });
    m_split->addWidget(upper);
    m_split->addWidget(m_buckets);
    m_split->handle(1)->setToolTip(tr("Drag: more room for the editor, or for the buckets"));
    setScaledMinimum(m_buckets, 0, kFewBuckets);
    setScaledMinimum(this, kSmallest.width(), kSmallest.height());
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    layout->setSpacing(kGap);
    layout->addWidget(m_configBanner);
    layout->addWidget(m_notice);
    layout->addWidget(m_split, 1);
    for (QWidget *panel : {static_cast<QWidget *>(m_list), static_cast<QWidget *>(m_editor)})
        panel->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Ignored);
}

void LimitsPage::connectFeed(LiveFeed &feed)
{
    connect(&feed, &LiveFeed::limitsPulled, this, &LimitsPage::follow);
    connect(&feed, &LiveFeed::statusPulled, this, [this](const engine::Status &status) {
        showConfig(status.config);
        if (m_late)
            follow(m_late); // still the newest: it was no late answer
    });
    connect(&feed, &LiveFeed::numbersPulled, this, &LimitsPage::showStatus);
    connect(&feed, &LiveFeed::bucketsPulled, this, [this](const std::shared_ptr<const engine::BucketList> &list) {
        m_newest = list;
        m_buckets->showBuckets(*list);
    });
}

void LimitsPage::connectControls()
{
    connect(m_list, &LimitList::currentChanged, this, &LimitsPage::showCurrent);
    connect(m_list, &LimitList::added, m_editor, &LimitEditor::focusName);
    connect(m_model, &LimitListModel::draftChanged, this, &LimitsPage::showCurrent);
    connect(m_editor, &LimitEditor::duplicateWished, m_list, &LimitList::duplicateCurrent);
    connect(m_editor, &LimitEditor::removeWished, m_list, &LimitList::removeCurrent);
    connect(m_editor, &LimitEditor::rowWished, m_list, &LimitList::setCurrentRow);
    connect(m_editor->form(), &LimitForm::algorithmHelpWished, this, &LimitsPage::algorithmHelpWished);
    connect(m_editor->form(), &LimitForm::moreToggled, this, &LimitsPage::divide);
    connect(m_editor->form(), &LimitForm::applyWished, this, &LimitsPage::apply);
    connect(m_split, &QSplitter::splitterMoved, this, [this] { m_isSplitChosen = true; });
    connect(m_editor->bar(), &ChangeBar::applyWished, this, &LimitsPage::apply);
    connect(m_editor->bar(), &ChangeBar::revertWished, this, [this] {
        m_notice->setMessage({});
        m_editor->bar()->setReviewing(false);
        m_editor->bar()->showOutcome({}, false);
        m_model->revert();
    });
    connect(m_buckets, &BucketBrowser::searchChanged, this, &LimitsPage::watch);
    connect(m_buckets, &BucketBrowser::levelWished, this, &LimitsPage::setLevel);
    connect(m_buckets, &BucketBrowser::blockWished, this, &LimitsPage::block);
    connect(m_buckets, &BucketBrowser::showWished, this, [this](const QString &subject) {
        m_service.showBucket(m_buckets->limit().toStdString(), subject.toStdString());
        Q_EMIT liveWished();
    });
    auto *undo = new QShortcut(QKeySequence::Undo, this);
    undo->setContext(Qt::WidgetWithChildrenShortcut);
    connect(undo, &QShortcut::activated, this, &LimitsPage::undo);
}

void LimitsPage::follow(Limits limits) // a copy: it may be m_late
{
    // What was read before our own change was confirmed may arrive after it.
    const bool isLate =
        m_overtaken && *limits == *m_overtaken && std::chrono::steady_clock::now() - m_acceptedAt < kLateLimits;
    m_late = isLate ? limits : nullptr;
    if (isLate || (m_isKnown && *limits == m_model->draft().inForce()))
        return;
    const bool wasEdited = m_isKnown && m_model->draft().isEdited();
    m_isKnown = true;
    const QStringList conflicts = m_model->follow(std::move(limits));
    if (!wasEdited || m_isBusy)
        return;
    m_notice->setMessage(
        conflicts.isEmpty()
            ? tr("The limits were changed elsewhere meanwhile; your edits stay beside that.")
            : tr("Changed elsewhere meanwhile, and edited here: %1. Your edits stay; Revert shows theirs.")
                  .arg(conflicts.join(QStringLiteral(", "))));
}

void LimitsPage::accept(const config::LimitSet &applied)
{
    m_overtaken = std::make_shared<const config::LimitSet>(m_model->draft().inForce());
    m_acceptedAt = std::chrono::steady_clock::now();
    m_model->follow(std::make_shared<const config::LimitSet>(applied));
}

void LimitsPage::showStatus(const engine::Status &status)
{
    m_model->setCounts(status.limits);
    m_editor->refreshMeaning();
    m_buckets->showCounts(m_model->countsOf(m_list->currentRow()));
}

void LimitsPage::showConfig(const engine::ConfigStatus &config)
{
    const QString problem = configProblem(config);
    if (problem.isEmpty())
        return m_configBanner->setMessage({});
    const QString path = QString::fromStdString(config.file);
    const QString file = path.section(u'/', -1);
    m_configBanner->setMessage(config.problem.empty() ? tr("A part of %1 needs a restart").arg(file)
                               : file.isEmpty()       ? tr("The newest configuration is not in force")
                                                      : tr("The newest %1 is not in force").arg(file),
                               problem);
    m_configBanner->setMore(path);
}

const config::LimitEntry *LimitsPage::currentInForce() const
{
    const int row = m_list->currentRow();
    const int origin = m_model->isLimit(row) ? m_model->draft().originOf(row) : -1;
    return origin < 0 ? nullptr : &m_model->draft().inForce().limits[static_cast<std::size_t>(origin)];
}

void LimitsPage::showCurrent()
{
    const int row = m_list->currentRow();
    m_editor->showRow(row);
    const config::LimitEntry *limit = currentInForce();
    const QString hint = limit                   ? QString()
                         : m_model->isLimit(row) ? tr("It has no buckets before it is applied.")
                                                 : tr("Choose a limit to see its buckets.");
    m_buckets->setLimit(limit ? QString::fromStdString(limit->name) : QString(), limit ? limit->spec.capacity : 1,
                        hint);
    if (m_newest)
        m_buckets->showBuckets(*m_newest);
    QString hindrance;
    if (limit && limit->key.size() != 1)
        hindrance = std::get<QString>(blockEntryOf(limit->key, "-"));
    m_buckets->setBlockHindrance(hindrance);
    m_buckets->showCounts(m_model->countsOf(row));
    watch();
}

void LimitsPage::watch()
{
    const config::LimitEntry *limit = isVisible() ? currentInForce() : nullptr;
    std::pair<std::string, std::string> wanted;
    if (limit)
        wanted = {limit->name, m_buckets->search().toStdString()};
    if (wanted == m_watched)
        return;
    m_watched = std::move(wanted);
    m_service.watchBuckets(m_watched.first, m_watched.second);
}

void LimitsPage::apply()
{
    const LimitDraft::Reading &reading = m_model->reading();
    if (!reading.isUsable() || !m_model->draft().isEdited() || m_isBusy)
        return;
    ChangeBar *bar = m_editor->bar();
    m_isBusy = true;
    bar->setBusy(true);
    bar->showOutcome(tr("Applying …"), false);
    const config::LimitSet before = m_model->draft().inForce();
    m_service.changeLimits(
        reading.set, bar->mode(), this, [this, bar, before, set = reading.set](const Result<Done> &result) {
            m_isBusy = false;
            bar->setBusy(false);
            if (!result)
                return bar->showOutcome(sentenceOf(result.error()), true);
            bar->setReviewing(false);
            m_notice->setMessage({});
            accept(set);
            bar->resetMode();
            bar->showOutcome(tr("In force since %1.").arg(format::clock(QDateTime::currentSecsSinceEpoch())), false);
            offerBack(tr("The changes are in force"), before, set);
        });
}

void LimitsPage::setLevel(const QString &subject, limit::StartLevel level)
{
    const config::LimitEntry *entry = currentInForce();
    if (!entry)
        return;
    const bool fills = level == limit::StartLevel::Full;
    const auto before = levelOf(entry->name, subject.toStdString());
    putLevel(entry->name, subject.toStdString(), fills ? limit::kMaxCapacity : 0,
             [this, limit = entry->name, subject = subject.toStdString(), fills, before](limit::Tokens after) {
                 const QString name = subjectText(subject);
                 m_buckets->showOutcome(tr("%1 holds %2 now.").arg(name, format::tokens(after)), false);
                 if (!before || *before == after)
                     return m_undo->withdraw();
                 m_undo->offer(fills ? tr("%1 is filled up").arg(name) : tr("%1 is emptied").arg(name),
                               [this, limit, subject, fills, before = *before, name] {
                                   // What has been taken since is not given back with it.
                                   const limit::Tokens now = levelOf(limit, subject).value_or(before);
                                   putLevel(limit, subject, fills ? std::min(before, now) : before,
                                            [this, name](limit::Tokens again) {
                                                m_buckets->showOutcome(
                                                    tr("%1 holds %2 again.").arg(name, format::tokens(again)), false);
                                            });
                               });
             });
}

void LimitsPage::putLevel(const std::string &limit, const std::string &subject, limit::Tokens tokens,
                          std::function<void(limit::Tokens level)> done)
{
    m_service.setBucketLevel(limit, subject, tokens, this,
                             [this, done = std::move(done)](const Result<limit::Tokens> &result) {
                                 if (!result)
                                     return m_buckets->showOutcome(sentenceOf(result.error()), true);
                                 done(result.value());
                             });
}

std::optional<limit::Tokens> LimitsPage::levelOf(const std::string &limit, const std::string &subject) const
{
    if (!m_newest || m_newest->limit != limit)
        return std::nullopt;
    for (const engine::BucketRow &row : m_newest->rows)
        if (row.subject == subject && row.tokens >= 0)
            return row.tokens;
    return std::nullopt;
}

// At once, beside whatever is being edited: of what is in force, with one entry more.
void LimitsPage::block(const QString &subject)
{
    const config::LimitEntry *limit = currentInForce();
    if (!limit)
        return;
    const BlockEntry entry = blockEntryOf(limit->key, subject.toStdString());
    if (const auto *why = std::get_if<QString>(&entry))
        return m_buckets->showOutcome(*why + u'.', true);
    const config::LimitSet before = m_model->draft().inForce();
    const config::LimitSet next = withBlocked(before, entry);
    m_service.changeLimits(next, limit::TokenMode::Keep, this,
                           [this, before, next, name = blockEntryText(entry)](const Result<Done> &result) {
                               if (!result)
                                   return m_buckets->showOutcome(sentenceOf(result.error()), true);
                               accept(next);
                               m_buckets->showOutcome(tr("%1 is turned away; see Everybody.").arg(name), false);
                               offerBack(tr("%1 is turned away").arg(name), before, next);
                           });
}

void LimitsPage::offerBack(const QString &done, const config::LimitSet &before, const config::LimitSet &applied)
{
    m_undo->offer(done, [this, before, applied] { putBack(before, applied); });
}

// Only what we made of it: what somebody else has changed since is not undone with it.
void LimitsPage::putBack(const config::LimitSet &before, const config::LimitSet &applied)
{
    ChangeBar *bar = m_editor->bar();
    if (*m_service.limits() != applied)
        return bar->showOutcome(tr("The limits were changed elsewhere since; nothing was undone."), true);
    m_service.changeLimits(before, limit::TokenMode::Keep, this, [this, bar, before](const Result<Done> &result) {
        if (!result)
            return bar->showOutcome(sentenceOf(result.error()), true);
        accept(before);
        if (!m_model->draft().isEdited())
            m_model->revert(); // what was removed is back
        bar->showOutcome(tr("As before; the tokens stay."), false);
        m_buckets->showOutcome({}, false);
    });
}

// The last thing that was done: an edit that took a limit out of the list, or a change that is in force.
void LimitsPage::undo()
{
    const LimitDraft &draft = m_model->draft();
    if ((draft.canRestore() && draft.isEdited()) || !m_undo->undo())
        m_list->restore();
}

void LimitsPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    watch();
}

void LimitsPage::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    watch();
}

void LimitsPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_list->setFixedWidth(std::clamp(width() * 35 / 100, px(276), px(396)));
    divide();
}

// The editor gets what it needs first, the buckets at least a few rows; unless somebody has said otherwise.
void LimitsPage::divide()
{
    if (m_isSplitChosen)
        return;
    layout()->activate();
    const int room = m_split->height() - px(kGap);
    const int wanted = m_editor->form()->isMoreShown() ? room : px(kUpperHeight);
    const int buckets = std::max(px(kFewBuckets), std::min(room - wanted, room * 45 / 100));
    m_split->setSizes({room - buckets, buckets});
}

QByteArray LimitsPage::split() const
{
    return m_isSplitChosen ? m_split->saveState() : QByteArray();
}

void LimitsPage::setSplit(const QByteArray &split)
{
    m_isSplitChosen = !split.isEmpty() && m_split->restoreState(split);
}

} // namespace weir::ui
