// SPDX-License-Identifier: GPL-3.0-only
#include "ui/failures/failures_page.h"

#include <QBoxLayout>
#include <QDateTime>
#include <QLabel>
#include <algorithm>

#include "ui/look/scale.h"
#include "ui/words/panel_words.h"
#include "ui/window/live_feed.h"
#include "ui/controls/banner.h"
#include "ui/failures/explanation.h"
#include "ui/failures/harm_panel.h"
#include "ui/failures/policy_panel.h"
#include "ui/controls/status_chip.h"

namespace weir::ui {
namespace {

using namespace std::chrono_literals;

constexpr int kGap = 12;
constexpr QSize kSmallest{780, 570}; // below it, the page is scrolled
constexpr int kEdge = 14;
constexpr std::chrono::seconds kDeedShown{kComparedSeconds}; // as long as it is in the picture

/// When intervals begin by this machine's clock; the store's may be another one.
Micros phaseOf(const engine::Status &status)
{
    if (!status.level.isKnown)
        return Micros{0};
    const auto age = std::chrono::duration_cast<Micros>(std::chrono::steady_clock::now() - status.level.observedAt);
    const Micros next = Micros{QDateTime::currentMSecsSinceEpoch() * 1000} - age + status.level.nextRefill;
    return Micros{std::max<std::int64_t>(next.count(), 0) % status.limit.spec.interval.count()};
}

QString sentenceOf(const Error &error)
{
    QString text = QString::fromStdString(error.detail);
    if (text.isEmpty())
        return FailuresPage::tr("That failed; nothing was changed.");
    text[0] = text.at(0).toUpper();
    return text.endsWith(u'.') ? text : text + u'.';
}

} // namespace

void repairAll(engine::ServicePort &service)
{
    service.setHarm({});
    service.pauseRefiller(false);
    service.setRefillOnDemand(true);
}

FailuresPage::FailuresPage(engine::ServicePort &service, LiveFeed &feed, QWidget *parent)
    : QWidget(parent), m_service{service}
{
    m_history = std::make_shared<const telemetry::History>();
    m_harm = new HarmPanel(this);
    m_policies = new PolicyPanel(this);
    m_explanation = new Explanation(this);
    layOut();
    if (!service.canBreak())
        m_harm->forbid(
            tr("This Weir runs elsewhere: it is broken, and repaired, in a panel of its own machine alone. Its "
               "policies are chosen from here as well."));
    connect(&feed, &LiveFeed::statusPulled, this, [this](const engine::Status &status) {
        if (isVisibleTo(window())) // twenty times a second, also under another page
            showStatus(status);
    });
    connect(&feed, &LiveFeed::historyPulled, this, [this](const std::shared_ptr<const telemetry::History> &history) {
        m_history = history;
        m_isStale = true;
        compare();
    });
    connectControls();
}

void FailuresPage::layOut()
{
    m_calm = new QFrame(this);
    m_calm->setObjectName(QStringLiteral("calm"));
    setRole(m_calm, "calm");
    setScaledHeight(m_calm, Banner::kTwoLines);
    auto *line = new QHBoxLayout(m_calm);
    line->setContentsMargins(14, 0, 14, 0);
    line->setSpacing(10);
    auto *dot = new StatusDot(m_calm);
    dot->setState(StatusDot::State::Good);
    auto *words = new QLabel(tr("Redis decides every request, and nothing is broken."), m_calm);
    line->addWidget(dot);
    line->addWidget(words, 1);

    auto *right = new QVBoxLayout;
    right->setSpacing(kGap);
    right->addWidget(m_policies, 6);
    right->addWidget(m_explanation, 5);
    auto *row = new QHBoxLayout;
    row->setSpacing(kGap);
    row->addWidget(m_harm);
    row->addLayout(right, 1);
    setScaledMinimum(this, kSmallest.width(), kSmallest.height());
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, kEdge, 16, kEdge);
    layout->setSpacing(kEdge); // as the banner above has to the page
    layout->addWidget(m_calm);
    layout->addLayout(row, 1);
}

void FailuresPage::connectControls()
{
    connect(m_policies, &PolicyPanel::policyChosen, this, [this](config::StoreFailurePolicy policy) {
        m_service.setStoreFailurePolicy(policy, this, [this](const Result<Done> &result) {
            if (!result)
                m_harm->showOutcome(tr("The policy stays: %1").arg(sentenceOf(result.error())), true);
        });
    });
    connect(m_harm, &HarmPanel::pauseWished, this, [this](bool isPaused) {
        remember(Deed::None);
        m_service.pauseRefiller(isPaused);
    });
    connect(m_harm, &HarmPanel::onDemandWished, this, [this](bool isOn) {
        remember(Deed::None);
        m_service.setRefillOnDemand(isOn);
    });
    connect(m_harm, &HarmPanel::harmWished, this, [this](const engine::Harm &harm) {
        remember(Deed::None);
        m_service.setHarm(harm);
    });
    connect(m_harm, &HarmPanel::repairWished, this, [this] {
        remember(Deed::None);
        repairAll(m_service);
    });
    connect(m_harm, &HarmPanel::forgetWished, this, &FailuresPage::forget);
    connect(m_harm, &HarmPanel::killWished, this, &FailuresPage::kill);
    connect(m_harm, &HarmPanel::sendWished, this, &FailuresPage::send);
}

void FailuresPage::remember(Deed deed)
{
    m_deed = deed;
    m_deedAt = std::chrono::steady_clock::now();
    if (deed == Deed::None)
        m_harm->showOutcome({}, false);
    m_explanation->explain(situationOf(m_status, deed));
}

void FailuresPage::forget()
{
    m_harm->setForgetting(true);
    m_harm->showOutcome(tr("Making it forget …"), false);
    m_service.makeStoreForget(this, [this](const Result<Done> &result) {
        m_harm->setForgetting(false);
        if (!result)
            return m_harm->showOutcome(tr("Not forgotten: %1").arg(sentenceOf(result.error())), true);
        remember(Deed::Forgot);
        m_harm->showOutcome(tr("Redis has lost every bucket and limit."), false);
    });
}

void FailuresPage::kill()
{
    m_harm->setKilling(true);
    m_harm->showOutcome(tr("Killing it …"), false);
    m_service.killStore(this, [this](const Result<Done> &result) {
        m_harm->setKilling(false);
        if (!result)
            return m_harm->showOutcome(tr("Not killed: %1").arg(sentenceOf(result.error())), true);
        remember(Deed::Killed);
        m_harm->showOutcome(tr("Redis was killed; Weir starts it again."), false);
    });
}

void FailuresPage::send(int count)
{
    m_harm->setSending(true);
    m_service.sendRequests(count, this, [this](const engine::SendReport &report) {
        m_harm->setSending(false);
        m_harm->showOutcome(sendReportText(report), report.failed > 0);
    });
}

void FailuresPage::showStatus(const engine::Status &status)
{
    m_isStale =
        m_isStale || status.onStoreFailure != m_status.onStoreFailure || status.limit.spec != m_status.limit.spec;
    m_status = status;
    m_harm->showStatus(status);
    m_policies->setInForce(status.onStoreFailure);
    m_policies->setLimit(QString::fromStdString(status.limit.name));
    if (m_deed != Deed::None && std::chrono::steady_clock::now() - m_deedAt > kDeedShown)
        remember(Deed::None);
    m_explanation->explain(situationOf(status, m_deed));
    compare();
}

void FailuresPage::compare()
{
    if (!m_isStale || !isVisible())
        return;
    m_isStale = false;
    m_policies->showComparison(compareFailures(*m_history, m_status.onStoreFailure, m_status.limit.spec,
                                               phaseOf(m_status), QDateTime::currentSecsSinceEpoch()));
}

void FailuresPage::setBannerShown(bool isShown)
{
    m_calm->setVisible(!isShown);
}

void FailuresPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    compare();
}

void FailuresPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_harm->setFixedWidth(std::clamp(width() * 36 / 100, px(336), px(396)));
}

} // namespace weir::ui
