// SPDX-License-Identifier: GPL-3.0-only
// The list of limits: choose, switch, reorder, add, copy, remove, restore.
#pragma once

#include <QTimer>

#include "ui/controls/panel.h"

class QListView;

namespace weir::ui {

class LimitListModel;
class TabularLabel;

class LimitList : public Panel {
    Q_OBJECT
public:
    explicit LimitList(LimitListModel &model, QWidget *parent = nullptr);

    [[nodiscard]] QListView *view() const { return m_view; }
    [[nodiscard]] int currentRow() const;
    void setCurrentRow(int row);
    void add();
    void duplicateCurrent();
    void removeCurrent();
    void restore(); ///< what was removed last; nothing when nothing was

Q_SIGNALS:
    void currentChanged(int row); ///< -1: none
    void added(int row);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void buildView();
    void buildActions();
    void buildUndo();
    void moveCurrent(int by);
    void toggleCurrent();
    void showUndo();
    void keepCurrent();

    LimitListModel &m_model;
    QListView *m_view{nullptr};
    QFrame *m_undo{nullptr};
    TabularLabel *m_undoText{nullptr};
    QTimer m_undoEnd;
    int m_currentId{0}; ///< of the chosen entry; 0: the row of access, or none yet
    int m_lastRow{0};
};

} // namespace weir::ui
