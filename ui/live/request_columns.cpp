// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/request_columns.h"

#include <QHeaderView>
#include <QMenu>
#include <QSettings>
#include <QTableView>

#include "ui/live/request_filter.h"
#include "ui/live/request_model.h"
#include "ui/look/scale.h"

namespace weir::ui {
namespace {

const QString kSettings = QStringLiteral("requests/columns"); // names of those that are shown

constexpr int kLeastRequest = 100; // of the request's width

struct ColumnRow {
    RequestModel::Column column;
    const char *name; ///< in the settings
    bool isUsual;
    int wide;
    int narrow;
};

// The request has what the others leave.
constexpr ColumnRow kColumns[] = {
    {RequestModel::Time, "time", true, 112, 94},       {RequestModel::Client, "client", true, 150, 112},
    {RequestModel::Request, "request", true, 0, 0},    {RequestModel::Status, "status", true, 70, 64},
    {RequestModel::Limit, "limit", true, 124, 92},     {RequestModel::Key, "key", false, 150, 112},
    {RequestModel::Cost, "cost", false, 62, 56},       {RequestModel::TokensLeft, "tokens", true, 108, 90},
    {RequestModel::RetryAfter, "retry", true, 96, 88}, {RequestModel::Took, "took", true, 84, 70},
    {RequestModel::DecidedBy, "by", false, 96, 88}};
static_assert(std::size(kColumns) == RequestModel::ColumnCount);

} // namespace

RequestColumns::RequestColumns(QTableView &view, RequestFilter &filter) : QObject(&view), m_view{view}, m_filter{filter}
{
    QHeaderView *header = view.horizontalHeader();
    header->setSectionResizeMode(QHeaderView::Interactive);
    header->setSectionsClickable(true);
    header->setSortIndicatorShown(true);
    header->setSortIndicator(RequestModel::Time, Qt::DescendingOrder);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    header->setToolTip(tr("Click to sort; right click chooses the columns"));
    connect(header, &QHeaderView::sortIndicatorChanged, this, &RequestColumns::sort);
    connect(header, &QWidget::customContextMenuRequested, this, &RequestColumns::openMenu);
    view.setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    for (const ColumnRow &row : kColumns)
        view.setColumnHidden(row.column, !row.isUsual);
    fit(false);
}

void RequestColumns::keepIn(QSettings &settings)
{
    m_settings = nullptr;
    if (settings.contains(kSettings)) {
        const QStringList names = settings.value(kSettings).toStringList();
        for (const ColumnRow &row : kColumns)
            setShown(row.column, names.contains(QLatin1String(row.name)));
    }
    m_settings = &settings;
}

void RequestColumns::setShown(int column, bool isShown)
{
    if (column == RequestModel::Request)
        return;
    m_view.setColumnHidden(column, !isShown);
    fit(m_isWide);
    if (!m_settings)
        return;
    QStringList names;
    for (const ColumnRow &row : kColumns)
        if (!m_view.isColumnHidden(row.column))
            names << QLatin1String(row.name);
    m_settings->setValue(kSettings, names);
}

QList<int> RequestColumns::shown() const
{
    QList<int> columns;
    for (int column = 0; column < RequestModel::ColumnCount; ++column)
        if (!m_view.isColumnHidden(column))
            columns << column;
    return columns;
}

// Who shows more columns than there is room for scrolls.
void RequestColumns::fit(bool isWide)
{
    m_isWide = isWide;
    int others = 0;
    for (const ColumnRow &row : kColumns) {
        if (row.column == RequestModel::Request)
            continue;
        m_view.setColumnWidth(row.column, px(isWide ? row.wide : row.narrow));
        others += m_view.columnWidth(row.column); // 0 of a hidden one
    }
    const bool hasRoom = m_view.viewport()->width() - others >= px(kLeastRequest);
    m_view.horizontalHeader()->setSectionResizeMode(RequestModel::Request,
                                                    hasRoom ? QHeaderView::Stretch : QHeaderView::Interactive);
    if (!hasRoom)
        m_view.setColumnWidth(RequestModel::Request, px(kLeastRequest));
}

void RequestColumns::openMenu(QPoint place)
{
    auto *menu = new QMenu(&m_view);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const ColumnRow &row : kColumns) {
        QAction *action = menu->addAction(m_filter.headerData(row.column, Qt::Horizontal).toString());
        action->setCheckable(true);
        action->setChecked(!m_view.isColumnHidden(row.column));
        action->setEnabled(row.column != RequestModel::Request);
        connect(action, &QAction::toggled, this, [this, &row](bool isOn) { setShown(row.column, isOn); });
    }
    menu->popup(m_view.horizontalHeader()->mapToGlobal(place));
}

// As they come is newest first: nothing is to be sorted then.
void RequestColumns::sort(int column, Qt::SortOrder order)
{
    m_isNewestFirst = column < 0 || (column == RequestModel::Time && order == Qt::DescendingOrder);
    m_filter.sort(m_isNewestFirst ? -1 : column, order);
    m_view.scrollToTop();
}

} // namespace weir::ui
