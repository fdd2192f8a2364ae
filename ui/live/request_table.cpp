// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/request_table.h"

#include <QActionGroup>
#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QShortcut>
#include <QTableView>

#include "ui/look/scale.h"
#include "ui/words/format.h"
#include "ui/look/icons.h"
#include "ui/live/request_model.h"
#include "ui/controls/fixed_rows.h"
#include "ui/controls/calm_button.h"
#include "ui/controls/escape_key.h"
#include "ui/controls/menu_button.h"
#include "ui/controls/plain_tool_tip.h"
#include "ui/live/request_delegate.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {
namespace {

constexpr int kRowHeight = 26;
constexpr int kManySent = 10;
constexpr int kWide = 1000;

} // namespace

RequestTable::RequestTable(RequestModel &model, QWidget *parent) : Panel(tr("Requests"), parent), m_model{model}
{
    m_filter = new RequestFilter(this);
    m_filter->setSourceModel(&m_model);
    buildHeader();
    buildView();
    connect(&m_model, &RequestModel::waitingChanged, this, &RequestTable::refresh);
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(m_filter, signal, this, &RequestTable::refresh);
    connect(m_filter, &QAbstractItemModel::modelReset, this, &RequestTable::refresh);
    refresh();
}

void RequestTable::buildHeader()
{
    m_report = new TabularLabel(this);
    m_report->setObjectName(QStringLiteral("sendReport"));
    setRole(m_report, "dim");
    m_report->setAlignment(Qt::AlignRight);
    m_status = new MenuButton(QString(), "plain", this);
    m_status->setObjectName(QStringLiteral("statusFilter"));
    m_text = new QLineEdit(this);
    m_text->setObjectName(QStringLiteral("textFilter"));
    m_text->setPlaceholderText(tr("Client, request, limit"));
    m_text->setAccessibleName(tr("Filter by client, request or limit"));
    m_text->setToolTip(tr("Show only requests with this text (Ctrl+F)"));
    m_text->setClearButtonEnabled(true);
    clearOnEscape(m_text);
    m_text->addAction(icon(Icon::Search), QLineEdit::LeadingPosition);
    setScaledWidth(m_text, 190);
    m_sendOne = new CalmButton(icon(Icon::Send), tr("&Send request"), this);
    m_sendTen = new CalmButton(tr("Send &10"), this);
    m_sendOne->setObjectName(QStringLiteral("sendOne"));
    m_sendTen->setObjectName(QStringLiteral("sendTen"));
    m_sendOne->setToolTip(tr("GET / over HTTP to this Weir, as any client would"));
    m_sendTen->setToolTip(tr("Ten times GET / over HTTP to this Weir"));
    buildStatusMenu();
    header()->addWidget(m_report);
    for (QWidget *widget : std::initializer_list<QWidget *>{m_status, m_text, m_sendOne, m_sendTen}) {
        setScaledHeight(widget, 28);
        header()->addWidget(widget);
    }
    for (QPushButton *button : {m_sendOne, m_sendTen}) {
        setRole(button, "plain");
        setScaledIcon(button, kIconBesideText);
    }
    connect(m_text, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_filter->setText(text);
        refresh();
    });
    connect(m_sendOne, &QPushButton::clicked, this, [this] { Q_EMIT sendRequested(1); });
    connect(m_sendTen, &QPushButton::clicked, this, [this] { Q_EMIT sendRequested(kManySent); });
    auto *find = new QShortcut(QKeySequence::Find, this);
    connect(find, &QShortcut::activated, m_text, [this] { m_text->setFocus(Qt::ShortcutFocusReason); });
}

void RequestTable::buildStatusMenu()
{
    using Choice = RequestFilter::StatusChoice;
    auto *menu = new QMenu(m_status);
    auto *group = new QActionGroup(menu);
    const auto add = [&](Choice choice, const QString &text, const QString &shortText) {
        QAction *action = menu->addAction(text);
        action->setCheckable(true);
        action->setChecked(choice == Choice::All);
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, choice, shortText] {
            m_status->setText(shortText);
            m_filter->setStatus(choice);
            refresh();
        });
    };
    m_status->setText(tr("All statuses"));
    m_status->setAccessibleName(tr("Filter by status"));
    add(Choice::All, tr("All statuses"), tr("All statuses"));
    add(Choice::Ok, tr("200 admitted"), tr("Only 200"));
    add(Choice::NotFound, tr("404 admitted, other path"), tr("Only 404"));
    add(Choice::TooMany, tr("429 refused"), tr("Only 429"));
    add(Choice::Unavailable, tr("503 no decision"), tr("Only 503"));
    add(Choice::TurnedAway, tr("Turned away"), tr("Turned away"));
    add(Choice::Other, tr("Others"), tr("Others"));
    m_status->setMenu(menu);
}

void RequestTable::buildView()
{
    m_view = new QTableView(this);
    m_view->setObjectName(QStringLiteral("requests"));
    m_view->setModel(m_filter);
    m_view->setItemDelegate(new RequestDelegate(m_view));
    m_view->setAccessibleName(tr("Requests"));
    setFixedRows(m_view, kRowHeight);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    QHeaderView *columns = m_view->horizontalHeader();
    columns->setSectionResizeMode(QHeaderView::Interactive);
    columns->setSectionResizeMode(RequestModel::Request, QHeaderView::Stretch);
    sizeColumns();
    body()->addWidget(m_view, 1);

    m_hint = new TabularLabel(m_view);
    setRole(m_hint, "dim");
    m_hint->setAlignment(Qt::AlignHCenter);
    m_hint->setAttribute(Qt::WA_TransparentForMouseEvents);
    auto *over = new QVBoxLayout(m_view);
    over->setContentsMargins(8, kRowHeight, 8, 0);
    over->addWidget(m_hint, 0, Qt::AlignVCenter);

    m_newer = new QPushButton(m_view);
    m_newer->setObjectName(QStringLiteral("newerRequests"));
    m_newer->setAccessibleName(tr("To the newest"));
    m_newer->setToolTip(tr("To the newest"));
    setScaledHeight(m_newer, 26);
    setRole(m_newer, "primary");
    m_newer->hide();
    connect(m_newer, &QPushButton::clicked, m_view, &QTableView::scrollToTop);
    connect(m_view->verticalScrollBar(), &QScrollBar::valueChanged, this, [this](int value) {
        if (value == 0)
            showNewer(0);
    });

    auto *copy = new QAction(icon(Icon::Copy), tr("Copy row"), m_view);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &RequestTable::copySelectedRows);
    m_view->addAction(copy);
    m_view->setContextMenuPolicy(Qt::ActionsContextMenu);
    connect(m_filter, &QAbstractItemModel::rowsInserted, this,
            [this](const QModelIndex &, int first, int last) { keepPlace(first == 0 ? last + 1 : 0); });
}

// The request gets what the others leave: they are as narrow as they can be while room is short.
void RequestTable::sizeColumns()
{
    struct Width {
        RequestModel::Column column;
        int wide;
        int narrow;
    };
    static constexpr Width kWidths[] = {{RequestModel::Time, 112, 94},       {RequestModel::Client, 150, 112},
                                        {RequestModel::Status, 66, 58},      {RequestModel::Limit, 124, 92},
                                        {RequestModel::TokensLeft, 104, 84}, {RequestModel::RetryAfter, 92, 82},
                                        {RequestModel::Took, 84, 70}};
    for (const Width &width : kWidths)
        m_view->setColumnWidth(width.column, px(this->width() >= px(kWide) ? width.wide : width.narrow));
}

void RequestTable::resizeEvent(QResizeEvent *event)
{
    Panel::resizeEvent(event);
    sizeColumns();
}

void RequestTable::keepPlace(int inserted)
{
    // Whoever has scrolled down reads: the rows under the eyes stay where they are.
    QScrollBar *bar = m_view->verticalScrollBar();
    if (bar->value() == 0 || inserted == 0)
        return;
    const int step =
        m_view->verticalScrollMode() == QAbstractItemView::ScrollPerItem ? inserted : inserted * px(kRowHeight);
    showNewer(m_newerCount + inserted);
    const int wanted = bar->value() + step;
    QMetaObject::invokeMethod(
        bar, [bar, wanted] { bar->setValue(wanted); }, Qt::QueuedConnection);
}

void RequestTable::showNewer(int newer)
{
    m_newerCount = newer;
    m_newer->setVisible(newer > 0);
    if (newer == 0)
        return;
    m_newer->setText(QStringLiteral("▲  ") + tr("%1 newer").arg(format::count(newer)));
    m_newer->setAccessibleName(tr("%1 newer requests above").arg(format::count(newer)));
    m_newer->resize(m_newer->sizeHint().width(), m_newer->height());
    m_newer->move((m_view->width() - m_newer->width()) / 2, px(kRowHeight + 6));
}

void RequestTable::copySelectedRows() const
{
    QModelIndexList rows = m_view->selectionModel()->selectedRows();
    if (rows.isEmpty())
        return;
    std::sort(rows.begin(), rows.end());
    QStringList lines;
    for (const QModelIndex &row : rows)
        lines << m_model.rowText(m_filter->mapToSource(row).row());
    QApplication::clipboard()->setText(lines.join(u'\n'));
}

void RequestTable::setSending(bool isSending)
{
    m_sendOne->setUsable(!isSending);
    m_sendTen->setUsable(!isSending);
}

void RequestTable::showReport(const QString &sentence)
{
    m_report->setText(sentence);
    setPlainToolTip(m_report, sentence);
}

void RequestTable::setAddress(const QString &url)
{
    if (url == m_url)
        return;
    m_url = url;
    refresh();
}

void RequestTable::refresh()
{
    if (m_model.isPaused())
        setTitle(m_model.waitingCount() == 0
                     ? tr("Requests · paused")
                     : tr("Requests · paused, %1 newer wait").arg(format::count(m_model.waitingCount())));
    else
        setTitle(m_filter->isActive()
                     ? tr("Requests · %1 of %2 match").arg(m_filter->rowCount()).arg(m_model.rowCount())
                     : tr("Requests"));
    m_hint->setVisible(m_filter->rowCount() == 0);
    m_hint->setText(m_model.rowCount() > 0 ? tr("No request matches the filter.")
                    : m_url.isEmpty()      ? tr("No requests yet.")
                                           : tr("No requests yet. Send one here, or open %1 in a browser.").arg(m_url));
}

} // namespace weir::ui
