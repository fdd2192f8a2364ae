// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/limit_list.h"

#include <QAction>
#include <QBoxLayout>
#include <QListView>
#include <QPushButton>
#include <algorithm>

#include "ui/look/scale.h"
#include "ui/look/icons.h"
#include "ui/limits/limit_list_model.h"
#include "ui/words/visible_text.h"
#include "ui/limits/limit_card_delegate.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {
namespace {

constexpr std::chrono::seconds kUndoShown{8};
constexpr int kWide = 350; // room for the whole title

} // namespace

LimitList::LimitList(LimitListModel &model, QWidget *parent) : Panel(tr("Limits, in order"), parent), m_model{model}
{
    auto *add = new QPushButton(iconOnAccent(Icon::Add), tr("A&dd"), this);
    add->setObjectName(QStringLiteral("addLimit"));
    add->setToolTip(tr("A new limit at the end of the list"));
    setScaledIcon(add, kIconBesideText);
    setScaledHeight(add, 28);
    setRole(add, "primary");
    header()->addWidget(add);
    connect(add, &QPushButton::clicked, this, &LimitList::add);
    buildView();
    buildActions();
    buildUndo();
    keepCurrent();
}

void LimitList::buildView()
{
    m_view = new QListView(this);
    m_view->setObjectName(QStringLiteral("limits"));
    m_view->setAccessibleName(tr("Limits"));
    m_view->setAccessibleDescription(
        tr("Alt+Up and Alt+Down reorder, Space switches on or off, Delete removes, Ctrl+Z brings back"));
    m_view->setModel(&m_model);
    auto *delegate = new LimitCardDelegate(m_view);
    m_view->setItemDelegate(delegate);
    m_view->setMouseTracking(true);
    m_view->setUniformItemSizes(true);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setDragDropMode(QAbstractItemView::InternalMove);
    m_view->setDefaultDropAction(Qt::MoveAction);
    m_view->setDropIndicatorShown(true);
    body()->addWidget(m_view, 1);
    connect(delegate, &LimitCardDelegate::toggled, &m_model, &LimitListModel::setOn);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex &current) {
        m_lastRow = current.row();
        m_currentId =
            m_model.isLimit(current.row()) ? m_model.draft().entries()[static_cast<std::size_t>(current.row())].id : 0;
        Q_EMIT currentChanged(current.row());
    });
    connect(&m_model, &QAbstractItemModel::modelReset, this, &LimitList::keepCurrent);
    connect(&m_model, &LimitListModel::draftChanged, this, [this] {
        // Applied or reverted: what the bar says is no longer so.
        if (!m_model.draft().canRestore() || !m_model.draft().isEdited())
            m_undo->hide();
    });
}

void LimitList::buildActions()
{
    const auto addAction = [this](const QString &text, const QKeySequence &key, auto &&done) {
        auto *action = new QAction(text, m_view);
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetShortcut);
        connect(action, &QAction::triggered, this, std::forward<decltype(done)>(done));
        m_view->addAction(action);
    };
    addAction(tr("Move up"), QKeySequence(Qt::ALT | Qt::Key_Up), [this] { moveCurrent(-1); });
    addAction(tr("Move down"), QKeySequence(Qt::ALT | Qt::Key_Down), [this] { moveCurrent(1); });
    addAction(tr("Switch on or off"), QKeySequence(Qt::Key_Space), [this] { toggleCurrent(); });
    addAction(tr("Duplicate"), QKeySequence(Qt::CTRL | Qt::Key_D), [this] { duplicateCurrent(); });
    addAction(tr("Delete"), QKeySequence(Qt::Key_Delete), [this] { removeCurrent(); });
    m_view->setContextMenuPolicy(Qt::ActionsContextMenu);
}

void LimitList::buildUndo()
{
    m_undo = new QFrame(this);
    m_undo->setObjectName(QStringLiteral("undoBar"));
    setRole(m_undo, "notice");
    auto *layout = new QHBoxLayout(m_undo);
    layout->setContentsMargins(11, 2, 3, 2);
    m_undoText = new TabularLabel(m_undo);
    auto *undo = new QPushButton(tr("Undo"), m_undo);
    undo->setObjectName(QStringLiteral("undo"));
    undo->setToolTip(tr("Bring it back (Ctrl+Z)"));
    setRole(undo, "flat");
    layout->addWidget(m_undoText, 1);
    layout->addWidget(undo);
    m_undo->hide();
    body()->addWidget(m_undo);
    m_undoEnd.setSingleShot(true);
    connect(&m_undoEnd, &QTimer::timeout, m_undo, &QWidget::hide);
    connect(undo, &QPushButton::clicked, this, &LimitList::restore);
}

int LimitList::currentRow() const
{
    return m_view->currentIndex().row();
}

void LimitList::setCurrentRow(int row)
{
    m_view->setCurrentIndex(m_model.index(row));
    m_view->scrollTo(m_model.index(row));
}

// After a reset: the same limit wherever it is now, else the one in its place.
void LimitList::keepCurrent()
{
    const bool isAccess = m_currentId == 0 && m_lastRow > 0;
    const int row = m_model.rowOf(m_currentId);
    setCurrentRow(row >= 0 ? row : isAccess ? m_model.accessRow() : std::clamp(m_lastRow, 0, m_model.accessRow()));
}

void LimitList::add()
{
    const int row = m_model.add();
    setCurrentRow(row);
    Q_EMIT added(row);
}

void LimitList::duplicateCurrent()
{
    if (!m_model.isLimit(currentRow()))
        return;
    const int row = m_model.duplicate(currentRow());
    setCurrentRow(row);
    Q_EMIT added(row);
}

void LimitList::removeCurrent()
{
    if (!m_model.isLimit(currentRow()))
        return;
    m_model.remove(currentRow());
    showUndo();
}

void LimitList::restore()
{
    const int row = m_model.restore();
    if (row >= 0)
        setCurrentRow(row);
    m_undo->hide();
}

void LimitList::showUndo()
{
    const QString name = visibleText(m_model.draft().removedName().toStdString());
    m_undoText->setText(m_model.draft().isRemovedInForce() ? tr("“%1” is removed with the next Apply").arg(name)
                                                           : tr("“%1” is removed; it was never in force").arg(name));
    m_undo->show();
    m_undoEnd.start(kUndoShown);
}

void LimitList::resizeEvent(QResizeEvent *event)
{
    Panel::resizeEvent(event);
    setTitle(width() >= px(kWide) ? tr("Limits, in order: all that match must admit") : tr("Limits, in order"));
}

void LimitList::moveCurrent(int by)
{
    if (m_model.move(currentRow(), currentRow() + by))
        m_view->scrollTo(m_view->currentIndex());
    m_lastRow = currentRow();
}

void LimitList::toggleCurrent()
{
    const QModelIndex index = m_view->currentIndex();
    if (m_model.isLimit(index.row()))
        m_model.setOn(index.row(), !index.data(LimitListModel::IsOnRole).toBool());
}

} // namespace weir::ui
