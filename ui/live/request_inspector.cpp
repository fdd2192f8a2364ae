// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/request_inspector.h"

#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QDateTime>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>
#include <algorithm>

#include "ui/controls/calm_button.h"
#include "ui/controls/panel.h"
#include "ui/controls/plain_tool_tip.h"
#include "ui/controls/tabular_text.h"
#include "ui/live/curl_command.h"
#include "ui/live/request_words.h"
#include "ui/look/icons.h"
#include "ui/look/scale.h"
#include "ui/words/format.h"
#include "ui/words/limit_words.h"
#include "ui/words/panel_words.h"

namespace weir::ui {
namespace {

using telemetry::RequestRecord;

constexpr std::int64_t kSecond = 1'000'000;
constexpr int kTickMs = 200;
constexpr QSize kUsual{620, 520};

std::int64_t nowUs()
{
    return QDateTime::currentMSecsSinceEpoch() * 1000;
}

const config::LimitEntry *limitOf(const config::LimitSet &set, const RequestRecord &record)
{
    const auto found = std::find_if(set.limits.begin(), set.limits.end(), [&](const config::LimitEntry &entry) {
        return !record.limit.isCut() && entry.name == record.limit.view();
    });
    return found == set.limits.end() ? nullptr : &*found;
}

/// The very bucket that decided; nothing when its key is too long to be in the record.
std::optional<policy::Charge> decidingCharge(const config::LimitSet &set, std::size_t place,
                                             const RequestRecord &record)
{
    const config::LimitEntry &entry = set.limits[place];
    const bool isKeyKnown = entry.key.empty() == record.key.view().empty() && !record.key.isCut();
    if (!hasVerdict(record) || limitOf(set, record) != &entry || !isKeyKnown || !entry.isOn)
        return std::nullopt;
    return policy::Charge{place, record.cost, entry.isShadow, std::string{record.key.view()}};
}

QString answerOf(const engine::BucketPeek &peek)
{
    const QString held =
        RequestInspector::tr("%1 of %2").arg(format::count(peek.tokens), format::tokens(peek.spec.capacity));
    if (!peek.wait)
        return RequestInspector::tr("Never: more than it holds (%1)").arg(held);
    if (*peek.wait > Micros{0})
        return RequestInspector::tr("No, for %1 (%2)").arg(format::countdown(*peek.wait), held);
    return RequestInspector::tr("Yes (%1)").arg(held);
}

} // namespace

RequestInspector::RequestInspector(engine::ServicePort &service, QWidget *parent) : QDialog(parent), m_service{service}
{
    setObjectName(QStringLiteral("requestInspector"));
    setWindowTitle(tr("Why?"));
    setModal(false);
    resize(px(kUsual));
    m_clock.setInterval(kTickMs);
    connect(&m_clock, &QTimer::timeout, this, &RequestInspector::showWait);
    connect(this, &QDialog::finished, &m_clock, &QTimer::stop);
    build();
}

QLabel *RequestInspector::addFact(QFormLayout &form, const QString &name, const char *objectName)
{
    auto *value = new QLabel(this);
    value->setObjectName(QLatin1String(objectName));
    value->setTextFormat(Qt::PlainText);
    value->setWordWrap(true);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    value->setAccessibleName(name);
    auto *title = new QLabel(name, this);
    setRole(title, "field");
    form.addRow(title, value);
    return value;
}

void RequestInspector::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    layout->setSpacing(10);
    m_request = new TabularLabel(this);
    setRole(m_request, "name");
    layout->addWidget(m_request);
    m_reason = new QLabel(this);
    m_reason->setObjectName(QStringLiteral("why"));
    m_reason->setTextFormat(Qt::PlainText);
    m_reason->setWordWrap(true);
    layout->addWidget(m_reason);

    auto *form = new QFormLayout;
    form->setHorizontalSpacing(14);
    form->setVerticalSpacing(5);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_answer = addFact(*form, tr("Answer"), "factAnswer");
    m_client = addFact(*form, tr("Client"), "factClient");
    m_limit = addFact(*form, tr("Limit"), "factLimit");
    m_key = addFact(*form, tr("Key"), "factKey");
    m_tokens = addFact(*form, tr("Tokens"), "factTokens");
    m_wait = addFact(*form, tr("Retry"), "factWait");
    m_by = addFact(*form, tr("Decided by"), "factBy");
    layout->addLayout(form);

    auto *title = new QLabel(tr("The same request now"), this);
    setRole(title, "strong");
    layout->addWidget(title);
    m_now = new QTreeWidget(this);
    m_now->setObjectName(QStringLiteral("limitsNow"));
    m_now->setAccessibleName(tr("What each limit would say to the same request now"));
    m_now->setHeaderLabels({tr("Limit"), tr("Lets it through"), tr("Because")});
    m_now->setRootIsDecorated(false);
    m_now->setUniformRowHeights(true);
    m_now->header()->setSectionsMovable(false);
    setScaledMinimum(m_now, 0, 96);
    layout->addWidget(m_now, 1);
    m_report = new QLabel(this);
    m_report->setObjectName(QStringLiteral("inspectorReport"));
    m_report->setTextFormat(Qt::PlainText);
    m_report->setWordWrap(true);
    setRole(m_report, "dim");
    layout->addWidget(m_report);

    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    m_copy = new QPushButton(icon(Icon::Copy), tr("&Copy as curl"), this);
    m_copy->setObjectName(QStringLiteral("copyCurl"));
    connect(m_copy, &QPushButton::clicked, this, &RequestInspector::copyCurl);
    m_send = new CalmButton(icon(Icon::Send), tr("&Send again"), this);
    m_send->setObjectName(QStringLiteral("sendAgain"));
    connect(m_send, &QPushButton::clicked, this, &RequestInspector::sendAgain);
    auto *again = new QPushButton(tr("&Ask again"), this);
    again->setToolTip(tr("Look at the buckets once more; nothing is taken"));
    connect(again, &QPushButton::clicked, this, &RequestInspector::ask);
    auto *close = new QPushButton(tr("C&lose"), this);
    close->setToolTip(tr("Close (Escape)"));
    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    for (QPushButton *button : std::initializer_list<QPushButton *>{m_copy, m_send, again, close}) {
        setRole(button, "plain");
        setScaledIcon(button, kIconBesideText);
        setScaledHeight(button, 28);
        button->setAutoDefault(false);
        if (button == close)
            buttons->addStretch(1);
        buttons->addWidget(button);
    }
    layout->addLayout(buttons);
}

void RequestInspector::inspect(const RequestRecord &record)
{
    m_record = record;
    m_report->clear();
    showFacts();
    showWait();
    ask();
    show();
    raise();
    activateWindow();
}

void RequestInspector::showFacts()
{
    const RequestRecord &record = m_record;
    const auto set = m_service.limits();
    const config::LimitEntry *limit = limitOf(*set, record);
    const auto orDash = [](const QString &text) { return text.isEmpty() ? QStringLiteral("–") : text; };
    m_request->setText(requestText(record));
    m_reason->setText(statusReason(record));
    m_answer->setText(isTurnedAway(record)
                          ? tr("%1 at %2").arg(record.status).arg(format::clockMillis(record.atUs))
                          : tr("%1 at %2, after %3")
                                .arg(record.status)
                                .arg(format::clockMillis(record.atUs), format::took(Micros{record.tookUs})));
    m_client->setText(visibleText(record.client));
    QString name = visibleText(record.limit);
    if (limit)
        name += QStringLiteral(" · ") + numberWords(limit->spec);
    else if (!name.isEmpty() && !record.limit.isCut())
        name = tr("%1, which is gone").arg(name);
    m_limit->setText(orDash(name));
    const QString key = visibleText(record.key);
    m_key->setText(key.isEmpty() && hasVerdict(record) ? tr("none: all requests share the bucket") : orDash(key));
    m_tokens->setText(
        hasVerdict(record)
            ? tr("it costs %1; %2 left afterwards").arg(format::tokens(record.cost), format::count(record.tokensLeft))
            : orDash({}));
    m_by->setText(deciderSentence(record.decidedBy));
    const bool canCopy = !curlCommand(record, QStringLiteral("http://localhost")).isEmpty();
    m_copy->setEnabled(canCopy);
    m_send->setUsable(canCopy);
    const QString notKept = tr("It was not kept whole.");
    setPlainToolTip(
        m_copy, canCopy
                    ? tr("A command for a shell that sends this method and target, byte by byte. Fields and body are "
                         "not kept, and hidden values stand as ***.")
                    : notKept);
    setPlainToolTip(
        m_send, canCopy
                    ? tr("Send this method and target to this Weir, from this machine. Fields and body are not kept.")
                    : notKept);
}

void RequestInspector::showWait()
{
    if (m_record.retryAfterS < 0) {
        m_clock.stop();
        return m_wait->setText(QStringLiteral("–"));
    }
    const std::int64_t at = m_record.atUs + m_record.retryAfterS * kSecond;
    const std::int64_t left = at - nowUs();
    const QString clock = format::clock(at / kSecond);
    if (left > 0)
        m_clock.start();
    else
        m_clock.stop();
    m_wait->setText(left > 0 ? tr("in %1, at %2").arg(format::countdown(Micros{left}), clock)
                             : tr("may pass since %1, unless others took the tokens").arg(clock));
}

void RequestInspector::ask()
{
    const std::uint64_t number = ++m_asked;
    m_now->clear();
    if (isTurnedAway(m_record) || m_record.target.isCut() || m_record.method.isCut()) {
        new QTreeWidgetItem(m_now, {tr("all"), tr("not asked"), tr("the request was not kept whole")});
        return;
    }
    const auto address = parseIpAddress(std::string{m_record.client.view()});
    auto question = std::make_shared<policy::Question>(
        policy::questionOf(m_service.limits(), {.method = std::string{m_record.method.view()},
                                                .target = std::string{m_record.target.view()},
                                                .client = address.value_or(IpAddress{})}));
    std::vector<engine::BucketQuestion> buckets;
    std::vector<std::size_t> asked;
    bool isEarlierUnsure = false;
    for (std::size_t i = 0; i < question->parts.size(); ++i) {
        policy::Question::Part &part = question->parts[i];
        const config::LimitEntry &entry = question->set->limits[i];
        const bool isUnsure = policy::looksAtHead(entry) || (entry.isOtherwise && isEarlierUnsure);
        isEarlierUnsure = isEarlierUnsure || policy::looksAtHead(entry);
        if (auto charge = decidingCharge(*question->set, i, m_record);
            charge && question->access == policy::Access::Limited)
            part = {std::move(charge), "it decided the request"};
        else if (isUnsure && entry.isOn && question->access == policy::Access::Limited)
            part = {{}, "it looks at fields of the head, which are not kept"};
        if (!part.charge)
            continue;
        buckets.push_back({entry.name, part.charge->subject, part.charge->cost});
        asked.push_back(i);
    }
    if (buckets.empty())
        return showNow(*question, {}, std::vector<engine::BucketPeek>{});
    m_service.peekBuckets(buckets, this, [this, number, question, asked](const auto &peeks) {
        if (number == m_asked)
            showNow(*question, asked, peeks);
    });
}

void RequestInspector::showNow(const policy::Question &question, const std::vector<std::size_t> &asked,
                               const Result<std::vector<engine::BucketPeek>> &peeks)
{
    if (question.access != policy::Access::Limited)
        m_report->setText(QString::fromStdString(question.why));
    for (std::size_t i = 0; i < question.parts.size(); ++i) {
        const config::LimitEntry &entry = question.set->limits[i];
        const auto place = std::find(asked.begin(), asked.end(), i);
        QString says = tr("is not asked");
        if (place != asked.end() && peeks)
            says = answerOf(peeks.value()[static_cast<std::size_t>(place - asked.begin())]);
        else if (place != asked.end())
            says = tr("not known");
        if (place != asked.end() && entry.isShadow)
            says += tr(", as a shadow");
        auto *item = new QTreeWidgetItem(
            m_now, {QString::fromStdString(entry.name), says, QString::fromStdString(question.parts[i].why)});
        for (int column = 0; column < m_now->columnCount(); ++column)
            item->setToolTip(column, plainToolTip(item->text(column)));
    }
    if (!peeks)
        m_report->setText(tr("The buckets cannot be looked at: %1.").arg(QString::fromStdString(peeks.error().detail)));
    for (int column = 0; column + 1 < m_now->columnCount(); ++column)
        m_now->resizeColumnToContents(column);
}

void RequestInspector::copyCurl()
{
    const engine::Status status = m_service.status();
    const QString url =
        status.urls.empty() ? QStringLiteral("http://127.0.0.1:8000") : QString::fromStdString(status.urls.front());
    QApplication::clipboard()->setText(curlCommand(m_record, url));
    m_report->setText(tr("The command is copied."));
}

void RequestInspector::sendAgain()
{
    m_send->setUsable(false);
    m_report->setText(tr("Sending …"));
    m_service.sendAgain(std::string{m_record.method.view()}, std::string{m_record.target.view()}, this,
                        [this](const engine::SendReport &report) {
                            m_send->setUsable(true);
                            m_report->setText(sendReportText(report));
                            ask();
                        });
}

} // namespace weir::ui
