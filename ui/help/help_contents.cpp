// SPDX-License-Identifier: GPL-3.0-only
#include "ui/help/help_contents.h"

#include <QMouseEvent>
#include <QScopedValueRollback>
#include <QStyledItemDelegate>

#include "ui/look/scale.h"
#include "ui/words/format.h"

namespace weir::ui {
namespace {

constexpr int kPageRole = Qt::UserRole;
constexpr int kAnchorRole = Qt::UserRole + 1;
constexpr int kTitleRole = Qt::UserRole + 2;
constexpr int kLeastWidth = 188;
constexpr int kMostWidth = 236;

/// Parts stand further in. An indentation of the list would be marked by itself, apart from what is chosen.
class PartsDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        if (index.parent().isValid())
            option->text.prepend(QChar(0x2003)); // as wide as the letters are high
    }
};

} // namespace

HelpContents::HelpContents(QWidget *parent) : QTreeWidget(parent)
{
    setObjectName(QStringLiteral("helpContents"));
    setAccessibleName(tr("Contents"));
    setScaledMinimum(this, kLeastWidth, 0);
    onScale(this, [this] { setMaximumWidth(px(kMostWidth)); });
    setHeaderHidden(true);
    setRootIsDecorated(false);
    setItemsExpandable(false);
    setIndentation(0);
    setItemDelegate(new PartsDelegate(this));
    setTextElideMode(Qt::ElideRight);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setEditTriggers(NoEditTriggers);
    setUniformRowHeights(true);
    setTabKeyNavigation(false); // Tab leaves the list
    for (const QString &page : helpPages()) {
        const QString title = helpTitle(page);
        auto *item = new QTreeWidgetItem(this, {title});
        item->setData(0, kPageRole, page);
        item->setData(0, kTitleRole, title);
        item->setToolTip(0, title.toHtmlEscaped());
    }
    connect(this, &QTreeWidget::currentItemChanged, this, &HelpContents::choose);
}

void HelpContents::choose(const QTreeWidgetItem *item)
{
    if (item && m_isTold)
        Q_EMIT placeChosen({item->data(0, kPageRole).toString(), item->data(0, kAnchorRole).toString()});
}

// What is clicked opens when the key is let go: the list then has other rows, which a press would take for its own.
void HelpContents::mousePressEvent(QMouseEvent *event)
{
    const QScopedValueRollback quiet(m_isTold, false);
    QTreeWidget::mousePressEvent(event);
}

void HelpContents::mouseMoveEvent(QMouseEvent *event)
{
    if (event->buttons() == Qt::NoButton) // else it would choose what it comes over
        QTreeWidget::mouseMoveEvent(event);
}

void HelpContents::mouseReleaseEvent(QMouseEvent *event)
{
    QTreeWidget::mouseReleaseEvent(event);
    if (event->button() == Qt::LeftButton)
        choose(currentItem()); // also what is chosen already: back to its begin
}

void HelpContents::setPage(const QString &page, const QStringList &headings)
{
    const QScopedValueRollback quiet(m_isTold, false);
    for (int i = 0; i < topLevelItemCount(); ++i) {
        QTreeWidgetItem *item = topLevelItem(i);
        const bool isIt = item->data(0, kPageRole).toString() == page;
        if (!isIt) {
            qDeleteAll(item->takeChildren());
            continue;
        }
        if (item->childCount() == 0) {
            for (const QString &heading : headings) {
                auto *part = new QTreeWidgetItem(item, {heading});
                part->setData(0, kPageRole, page);
                part->setData(0, kAnchorRole, headingAnchor(heading));
                part->setToolTip(0, heading.toHtmlEscaped());
            }
        }
        item->setExpanded(true);
        if (!currentItem() || currentItem()->data(0, kPageRole).toString() != page)
            setCurrentItem(item);
        scrollToItem(currentItem());
    }
}

void HelpContents::showCounts(const HelpSearch &search)
{
    const QScopedValueRollback quiet(m_isTold, false);
    for (int i = 0; i < topLevelItemCount(); ++i) {
        QTreeWidgetItem *item = topLevelItem(i);
        const int count = search.countOn(item->data(0, kPageRole).toString());
        const QString title = item->data(0, kTitleRole).toString();
        item->setText(0, count > 0 ? tr("%1 (%2)").arg(title, format::count(count)) : title);
    }
}

} // namespace weir::ui
