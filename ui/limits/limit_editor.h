// SPDX-License-Identifier: GPL-3.0-only
// The editor of the chosen row of the list: its fields, their meaning, and what Apply would change in all limits.
#pragma once

#include "ui/controls/panel.h"

class QLabel;
class QPushButton;
class QScrollArea;
class QStackedWidget;

namespace weir::ui {

class AccessForm;
class ChangeBar;
class ChangeView;
class LimitListModel;
class LimitForm;

class LimitEditor : public Panel {
    Q_OBJECT
public:
    explicit LimitEditor(LimitListModel &model, QWidget *parent = nullptr);

    void showRow(int row); ///< of the list
    void refreshMeaning(); ///< the counts have changed
    void focusName();
    [[nodiscard]] ChangeBar *bar() const { return m_bar; }
    [[nodiscard]] LimitForm *form() const { return m_form; }
    [[nodiscard]] AccessForm *access() const { return m_access; }
    [[nodiscard]] QString meaning() const;

Q_SIGNALS:
    void duplicateWished();
    void removeWished();
    void rowWished(int row); ///< from the list of changes

private:
    void buildHeader();
    void buildForms();
    QScrollArea *scrolled(QWidget *form);
    void refresh();
    void showPage();
    void refreshBar();
    [[nodiscard]] QString wrongWords() const;

    LimitListModel &m_model;
    QPushButton *m_duplicate{nullptr};
    QPushButton *m_remove{nullptr};
    QStackedWidget *m_stack{nullptr};
    LimitForm *m_form{nullptr};
    AccessForm *m_access{nullptr};
    ChangeView *m_changes{nullptr};
    QFrame *m_meaningBox{nullptr};
    QLabel *m_meaning{nullptr};
    ChangeBar *m_bar{nullptr};
    int m_row{-1};
    int m_id{-1}; ///< of the entry in the form
};

} // namespace weir::ui
