// SPDX-License-Identifier: GPL-3.0-only
// The contents of the help: the pages, the parts of the one that is open, and how often the searched words are in each.
#pragma once

#include <QTreeWidget>

#include "ui/help/help_book.h"
#include "ui/help/help_search.h"

namespace weir::ui {

class HelpContents : public QTreeWidget {
    Q_OBJECT
public:
    explicit HelpContents(QWidget *parent = nullptr);

    /// Open and select a page with its parts; emits nothing.
    void setPage(const QString &page, const QStringList &headings);
    void showCounts(const HelpSearch &search);

Q_SIGNALS:
    void placeChosen(const weir::ui::HelpPlace &place); ///< by mouse or keyboard

protected:
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;

private:
    void choose(const QTreeWidgetItem *item);
    bool m_isTold{true}; ///< false while the program changes the list
};

} // namespace weir::ui
