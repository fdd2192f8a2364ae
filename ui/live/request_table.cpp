// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/request_table.h"

#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QDateTime>
#include <QFileDialog>
#include <QHeaderView>
#include <QMessageBox>
#include <QPushButton>
#include <QSaveFile>
#include <QScrollBar>
#include <QShortcut>
#include <QTableView>

#include "ui/look/scale.h"
#include "ui/words/format.h"
#include "ui/look/icons.h"
#include "ui/live/filter_menu.h"
#include "ui/live/query_line.h"
#include "ui/live/request_columns.h"
#include "ui/live/request_export.h"
#include "ui/live/request_model.h"
#include "ui/controls/fixed_rows.h"
#include "ui/controls/calm_button.h"
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
    m_filter = new RequestFilter(m_model, this);
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
    m_filters = new FilterMenu(this);
    m_line = new QueryLine(this);
    m_line->setObjectName(QStringLiteral("textFilter"));
    setScaledMinimum(m_line, 150, 0);
    m_sendOne = new CalmButton(icon(Icon::Send), tr("&Send request"), this);
    m_sendTen = new CalmButton(tr("Send &10"), this);
    m_sendOne->setObjectName(QStringLiteral("sendOne"));
    m_sendTen->setObjectName(QStringLiteral("sendTen"));
    m_sendOne->setToolTip(tr("GET / over HTTP to this Weir, as any client would"));
    m_sendTen->setToolTip(tr("Ten times GET / over HTTP to this Weir"));
    header()->addWidget(m_report);
    for (QWidget *widget : std::initializer_list<QWidget *>{m_filters, m_line, m_sendOne, m_sendTen}) {
        setScaledHeight(widget, 28);
        header()->addWidget(widget, widget == m_line ? 2 : 0);
    }
    m_fault = new TabularLabel(this);
    m_fault->setObjectName(QStringLiteral("filterFault"));
    setRole(m_fault, "bad");
    m_fault->setAlignment(Qt::AlignRight);
    m_fault->hide();
    body()->addWidget(m_fault);
    for (QPushButton *button : {m_sendOne, m_sendTen}) {
        setRole(button, "plain");
        setScaledIcon(button, kIconBesideText);
    }
    connect(m_line, &QLineEdit::textChanged, this, &RequestTable::applyLine);
    connect(m_filters, &FilterMenu::lineChosen, m_line, &QLineEdit::setText);
    connect(m_sendOne, &QPushButton::clicked, this, [this] { Q_EMIT sendRequested(1); });
    connect(m_sendTen, &QPushButton::clicked, this, [this] { Q_EMIT sendRequested(kManySent); });
    auto *find = new QShortcut(QKeySequence::Find, this);
    connect(find, &QShortcut::activated, m_line, [this] { m_line->setFocus(Qt::ShortcutFocusReason); });
}

// A wrong line says what is wrong with it, and what was shown before stays.
void RequestTable::applyLine(const QString &line)
{
    const std::optional<QueryFault> fault = m_filter->setLine(line);
    const QString sentence = fault ? fault->sentence : QString();
    m_line->setFault(sentence);
    m_fault->setText(sentence);
    m_fault->setVisible(fault.has_value());
    m_filters->setLine(fault ? QString() : line);
    refresh();
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
    m_columns = new RequestColumns(*m_view, *m_filter);
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

    buildActions();
    connect(m_filter, &QAbstractItemModel::rowsInserted, this,
            [this](const QModelIndex &, int first, int last) { keepPlace(first == 0 ? last + 1 : 0); });
}

void RequestTable::buildActions()
{
    const auto add = [this](const QString &text, const QKeySequence &key) {
        auto *action = new QAction(text, m_view);
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetShortcut);
        m_view->addAction(action);
        return action;
    };
    connect(add(tr("Why?"), Qt::Key_Return), &QAction::triggered, this, &RequestTable::inspectCurrent);
    auto *copy = add(tr("Copy row"), QKeySequence::Copy);
    copy->setIcon(icon(Icon::Copy));
    connect(copy, &QAction::triggered, this, &RequestTable::copySelectedRows);
    connect(add(tr("Export what is shown (CSV)…"), {}), &QAction::triggered, this, [this] { saveRows(false); });
    connect(add(tr("Export what is shown (JSON)…"), {}), &QAction::triggered, this, [this] { saveRows(true); });
    auto *enter = new QShortcut(Qt::Key_Enter, m_view); // that of the number pad
    enter->setContext(Qt::WidgetShortcut);
    connect(enter, &QShortcut::activated, this, &RequestTable::inspectCurrent);
    connect(m_view, &QTableView::doubleClicked, this, &RequestTable::inspectCurrent);
    m_view->setContextMenuPolicy(Qt::ActionsContextMenu);
}

void RequestTable::inspectCurrent()
{
    const QModelIndex current = m_view->currentIndex();
    if (current.isValid())
        Q_EMIT inspectRequested(m_filter->record(current.row()));
}

void RequestTable::keepIn(QSettings &settings)
{
    m_filters->keepIn(settings);
    m_columns->keepIn(settings);
}

void RequestTable::setLimitNames(const QStringList &names)
{
    m_line->setLimitNames(names);
}

void RequestTable::saveRows(bool isJson)
{
    std::vector<telemetry::RequestRecord> records; // as shown now, not when the dialog is closed
    for (int row = 0; row < m_filter->rowCount(); ++row)
        records.push_back(m_filter->record(row));
    const QList<int> columns = m_columns->shown();
    const QByteArray text = isJson ? requestsAsJson(records, columns) : requestsAsCsv(records, columns);
    const QString name = QStringLiteral("weir-requests-%1.%2")
                             .arg(QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss")),
                                  isJson ? QStringLiteral("json") : QStringLiteral("csv"));
    const QString path = QFileDialog::getSaveFileName(this, tr("Export the requests"), name,
                                                      isJson ? tr("JSON (*.json)") : tr("CSV (*.csv)"));
    if (path.isEmpty())
        return;
    QSaveFile file{path};
    const bool isWritten = file.open(QIODevice::WriteOnly) && file.write(text) == text.size() && file.commit();
    if (!isWritten)
        QMessageBox::warning(this, tr("Export the requests"),
                             tr("%1 cannot be written: %2").arg(path, file.errorString()));
}

void RequestTable::resizeEvent(QResizeEvent *event)
{
    Panel::resizeEvent(event);
    m_columns->fit(width() >= px(kWide));
}

void RequestTable::keepPlace(int inserted)
{
    // Whoever has scrolled down reads: the rows under the eyes stay where they are.
    QScrollBar *bar = m_view->verticalScrollBar();
    if (bar->value() == 0 || inserted == 0 || !m_columns->isNewestFirst())
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
