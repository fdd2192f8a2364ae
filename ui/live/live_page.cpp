// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/live_page.h"

#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QGridLayout>
#include <QShortcut>
#include <algorithm>

#include "core/config/limit_set.h"
#include "ui/look/scale.h"
#include "ui/words/format.h"
#include "ui/words/limit_words.h"
#include "ui/words/panel_words.h"
#include "ui/window/live_feed.h"
#include "ui/live/request_model.h"
#include "ui/controls/banner.h"
#include "ui/controls/undo_bar.h"
#include "ui/live/bucket_panel.h"
#include "ui/live/chart_panel.h"
#include "ui/live/chip_row.h"
#include "ui/live/limit_switcher.h"
#include "ui/live/numbers_form.h"
#include "ui/live/request_inspector.h"
#include "ui/live/request_table.h"
#include "ui/live/tile_row.h"

namespace weir::ui {
namespace {

// "Now" is the mean of this many seconds: short enough to follow, long enough to read.
constexpr int kRateSeconds = 5;
constexpr int kGap = 12;
constexpr QSize kSmallest{780, 590}; // with a notice; below it, the page is scrolled

QString failureSentence(const Error &error)
{
    const QString detail = QString::fromStdString(error.detail);
    return detail.isEmpty() ? LivePage::tr("That failed; nothing was changed.") : detail;
}

} // namespace

LivePage::LivePage(engine::ServicePort &service, LiveFeed &feed, QWidget *parent) : QWidget(parent), m_service{service}
{
    m_model = new RequestModel(this);
    m_chips = new ChipRow(this);
    m_notice = new Banner(this);
    m_limits = new LimitSwitcher(this);
    m_bucket = new BucketPanel(this);
    m_chart = new ChartPanel(this);
    m_form = new NumbersForm(this);
    m_tiles = new TileRow(this);
    m_table = new RequestTable(*m_model, this);
    m_notice->setObjectName(QStringLiteral("noticeBanner"));
    m_notice->makeNotice();
    m_undo = new UndoBar(this);
    layOut();
    connectFeed(feed);
    connectControls();
}

void LivePage::layOut()
{
    auto *grid = new QGridLayout;
    grid->setSpacing(kGap);
    grid->addWidget(m_bucket, 0, 0);
    grid->addWidget(m_chart, 0, 1);
    grid->addWidget(m_tiles, 1, 0, 1, 2);
    grid->addWidget(m_form, 0, 2, 2, 1);
    grid->setColumnStretch(1, 1);
    setScaledWidth(m_form, 256);
    setScaledHeight(m_tiles, 86);
    for (QWidget *picture : {static_cast<QWidget *>(m_bucket), static_cast<QWidget *>(m_chart)})
        picture->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Ignored); // as high as the form leaves

    setScaledMinimum(this, kSmallest.width(), kSmallest.height());
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    layout->setSpacing(kGap);
    layout->addWidget(m_chips);
    layout->addWidget(m_notice);
    layout->addWidget(m_limits);
    layout->addLayout(grid);
    layout->addWidget(m_table, 1);
}

void LivePage::connectFeed(LiveFeed &feed)
{
    // Nothing under another page; when this one is opened, everything is pulled.
    connect(&feed, &LiveFeed::statusPulled, this, [this](const engine::Status &status) {
        if (isVisibleTo(window()))
            showStatus(status);
    });
    connect(&feed, &LiveFeed::numbersPulled, this, [this](const engine::Status &status) {
        if (isVisibleTo(window()))
            showNumbers(status);
    });
    connect(&feed, &LiveFeed::requestsPulled, m_model,
            [this](const std::vector<telemetry::RequestRecord> &records) { m_model->add(records); });
    connect(&feed, &LiveFeed::historyPulled, this, [this](const std::shared_ptr<const telemetry::History> &history) {
        m_rate = recentRate(*history, kRateSeconds);
        m_chart->setHistory(history);
    });
    connect(&feed, &LiveFeed::bucketsPulled, this,
            [this](const std::shared_ptr<const engine::BucketList> &list) { takeBucket(*list); });
    connect(m_chart, &ChartPanel::redrawn, this, [this] { m_tiles->showShare(m_chart->series(), m_chart->range()); });
}

void LivePage::connectControls()
{
    connect(m_chips, &ChipRow::openRequested, this, &LivePage::linkActivated);
    connect(m_chips, &ChipRow::policyChosen, this, [this](config::StoreFailurePolicy policy) {
        m_service.setStoreFailurePolicy(policy, this, [this](const Result<Done> &result) {
            if (!result)
                m_form->showOutcome(failureSentence(result.error()), true);
        });
    });
    connect(m_chips, &ChipRow::pauseToggled, this, [this](bool isPaused) {
        m_model->setPaused(isPaused);
        m_chart->setPaused(isPaused);
        m_table->refreshTitle();
    });
    connect(m_limits, &LimitSwitcher::limitChosen, this,
            [this](const QString &name) { m_service.showBucket(name.toStdString(), {}); });
    auto *undo = new QShortcut(QKeySequence::Undo, this);
    undo->setContext(Qt::WidgetWithChildrenShortcut);
    connect(undo, &QShortcut::activated, m_undo, &UndoBar::undo);
    m_form->setCheck([this](const std::string &name, const limit::LimitSpec &spec) { return check(name, spec); });
    connect(m_form, &NumbersForm::applyRequested, this, &LivePage::changeLimit);
    connect(m_form, &NumbersForm::levelRequested, this, &LivePage::setLevel);
    connect(m_table, &RequestTable::sendRequested, this, &LivePage::sendRequests);
    connect(m_table, &RequestTable::inspectRequested, this, &LivePage::inspect);
}

void LivePage::showStatus(const engine::Status &status)
{
    const QString notice = QString::fromStdString(status.store.notice);
    m_notice->setMessage(notice.isEmpty() ? QString()
                                          : tr("%1: %2").arg(format::clock(status.store.noticeAtMs / 1000), notice));
    m_bucket->showStatus(status);
    m_form->setInForce(status.limit, status.limits.size() > 1);
    seekBucket(status);
    m_chart->setBucket(status.limit.name, status.subject);
    m_chart->setCapacity(status.limit.spec.capacity);
    m_table->setAddress(status.urls.empty() ? QString() : QString::fromStdString(status.urls.front()));
    QStringList names;
    for (const engine::LimitCounts &limit : status.limits)
        names << QString::fromStdString(limit.limit);
    m_table->setLimitNames(names);
}

void LivePage::showNumbers(const engine::Status &status)
{
    m_chips->showStatus(status);
    m_form->setLevel(status.level.isKnown ? std::optional(status.level.tokens) : std::nullopt);
    m_limits->showStatus(status, *m_service.limits());
    m_tiles->showStatus(status, m_rate);
}

// A limit by key has many: the one that was refused most is shown, else the one that asks most, until another is chosen.
void LivePage::seekBucket(const engine::Status &status)
{
    const auto set = m_service.limits();
    const auto isShown = [&](const config::LimitEntry &limit) { return limit.name == status.limit.name; };
    const auto shown = std::find_if(set->limits.begin(), set->limits.end(), isShown);
    const bool isSought = shown != set->limits.end() && !shown->key.empty() && status.subject.empty();
    const std::string sought = isSought ? status.limit.name : std::string{};
    if (sought == m_soughtFor)
        return;
    m_soughtFor = sought;
    m_service.watchBuckets(sought, {});
}

void LivePage::takeBucket(const engine::BucketList &list)
{
    if (m_soughtFor.empty() || list.limit != m_soughtFor || list.rows.empty() || !isVisibleTo(window()))
        return;
    const auto most = std::max_element(list.rows.begin(), list.rows.end(),
                                       [](const auto &a, const auto &b) { return a.refused < b.refused; });
    m_service.showBucket(list.limit, most->subject);
}

void LivePage::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    m_soughtFor.clear(); // another page watches what it needs
}

// Of the whole limit: what a request costs must be had as well.
std::vector<config::ConfigIssue> LivePage::check(const std::string &name, const limit::LimitSpec &spec) const
{
    const auto inForce = m_service.limits();
    config::LimitSet alone;
    for (const config::LimitEntry &limit : inForce->limits) {
        if (limit.name == name)
            alone.limits = {limit};
    }
    if (alone.limits.empty())
        return config::check(spec);
    alone.limits.front().spec = spec;
    std::vector<config::ConfigIssue> issues;
    constexpr std::string_view kPath = "limit[1].";
    for (config::ConfigIssue &issue : config::check(alone)) {
        issue.where.erase(0, kPath.size());
        if (issue.where.starts_with("cost"))
            issue.where = "cost"; // whichever of them
        issues.push_back(std::move(issue));
    }
    return issues;
}

void LivePage::changeLimit(const limit::LimitSpec &spec, limit::TokenMode mode)
{
    const limit::Limit before = m_service.status().limit;
    m_form->showOutcome(tr("Applying …"), false);
    put(before.name, spec, mode, [this, before](const limit::Limit &inForce) {
        m_form->showOutcome(tr("In force: %1.").arg(sustainedRate(inForce.spec)), false);
        m_undo->offer(tr("In force: %1").arg(numberWords(inForce.spec)), [this, before] {
            put(before.name, before.spec, limit::TokenMode::Keep, [this](const limit::Limit &again) {
                m_form->showOutcome(tr("As before: %1.").arg(sustainedRate(again.spec)), false);
            });
        });
    });
}

/// The numbers of that limit alone: everything else stays as it is then.
void LivePage::put(const std::string &name, const limit::LimitSpec &spec, limit::TokenMode mode,
                   std::function<void(const limit::Limit &inForce)> done)
{
    m_form->setBusy(true);
    config::LimitSet next = *m_service.limits();
    for (config::LimitEntry &entry : next.limits)
        if (entry.name == name)
            entry.spec = spec;
    m_service.changeLimits(next, mode, this, [this, name, done = std::move(done)](const Result<Done> &result) {
        m_form->setBusy(false);
        if (!result)
            return m_form->showOutcome(failureSentence(result.error()), true);
        const limit::Limit inForce = m_service.status().limit;
        if (inForce.name == name) // else another one is shown meanwhile
            m_form->accept(inForce);
        done(inForce);
    });
}

void LivePage::setLevel(limit::StartLevel level)
{
    const engine::Status shown = m_service.status();
    const bool fills = level == limit::StartLevel::Full;
    putLevel(shown, fills ? limit::kMaxCapacity : 0, [this, shown, fills](limit::Tokens after) {
        m_form->showOutcome(tr("The bucket holds %1 now.").arg(format::tokens(after)), false);
        const limit::Tokens before = shown.level.tokens;
        if (!shown.level.isKnown || before == after)
            return m_undo->withdraw();
        m_undo->offer(fills ? tr("Filled up") : tr("Emptied"), [this, shown, fills, before] {
            const engine::Status now = m_service.status();
            const bool isSeen = now.level.isKnown && now.limit.name == shown.limit.name && now.subject == shown.subject;
            // What has been taken since is not given back with it.
            const limit::Tokens wanted = fills && isSeen ? std::min(before, now.level.tokens) : before;
            putLevel(shown, wanted, [this](limit::Tokens again) {
                m_form->showOutcome(tr("The bucket holds %1 again.").arg(format::tokens(again)), false);
            });
        });
    });
}

void LivePage::putLevel(const engine::Status &shown, limit::Tokens tokens,
                        std::function<void(limit::Tokens level)> done)
{
    m_form->setBusy(true);
    m_service.setBucketLevel(shown.limit.name, shown.subject, tokens, this,
                             [this, done = std::move(done)](const Result<limit::Tokens> &result) {
                                 m_form->setBusy(false);
                                 if (!result)
                                     return m_form->showOutcome(failureSentence(result.error()), true);
                                 done(result.value());
                             });
}

void LivePage::sendRequests(int count)
{
    m_table->setSending(true);
    m_table->showReport(count == 1 ? tr("Sending …") : tr("Sending %1 …").arg(count));
    m_service.sendRequests(count, this, [this](const engine::SendReport &report) {
        m_table->setSending(false);
        showReport(report);
    });
}

void LivePage::showReport(const engine::SendReport &report)
{
    m_table->showReport(sendReportText(report));
}

void LivePage::inspect(const telemetry::RequestRecord &record)
{
    if (!m_inspector)
        m_inspector = new RequestInspector(m_service, this);
    m_inspector->inspect(record);
}

void LivePage::showUnopened(const QString &url)
{
    QApplication::clipboard()->setText(url);
    m_table->showReport(tr("No browser could be opened. %1 is copied: paste it into one.").arg(url));
}

void LivePage::takeFocus()
{
    setFocus(); // nothing is marked before somebody uses the keyboard; Tab begins with the address
}

qint64 LivePage::skippedCount() const
{
    return m_model->skippedCount();
}

void LivePage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    // The table gets what is left; the form and the pictures never less than they need nor more than looks right.
    m_form->setFixedHeight(std::clamp(height() / 2, px(340), px(470)));
    m_bucket->setFixedWidth(std::clamp(width() / 5, px(196), px(240)));
}

} // namespace weir::ui
