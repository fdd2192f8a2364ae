// SPDX-License-Identifier: GPL-3.0-only
// The table of answered requests, with a filter, and buttons that send some.
#pragma once

#include "ui/live/request_filter.h"
#include "ui/controls/panel.h"

class QLineEdit;
class QPushButton;
class QStackedLayout;
class QTableView;

namespace weir::ui {

class CalmButton;
class MenuButton;
class RequestModel;
class TabularLabel;

class RequestTable : public Panel {
    Q_OBJECT
public:
    explicit RequestTable(RequestModel &model, QWidget *parent = nullptr);

    void setSending(bool isSending);          ///< disables the buttons until the answers are there
    void showReport(const QString &sentence); ///< the answers to sent requests; plain text
    void setAddress(const QString &url);      ///< for the hint of the empty table
    [[nodiscard]] QTableView *view() const { return m_view; }
    [[nodiscard]] RequestFilter *filter() const { return m_filter; }
    void copySelectedRows() const;
    void refreshTitle() { refresh(); }

Q_SIGNALS:
    void sendRequested(int count);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void buildHeader();
    void buildView();
    void buildStatusMenu();
    void sizeColumns();
    void keepPlace(int inserted);
    void showNewer(int newer);
    void refresh();

    RequestModel &m_model;
    RequestFilter *m_filter{nullptr};
    QTableView *m_view{nullptr};
    TabularLabel *m_hint{nullptr};
    QPushButton *m_newer{nullptr}; ///< while the table is scrolled down: how many have come above
    int m_newerCount{0};
    TabularLabel *m_report{nullptr};
    MenuButton *m_status{nullptr};
    QLineEdit *m_text{nullptr};
    CalmButton *m_sendOne{nullptr};
    CalmButton *m_sendTen{nullptr};
    QString m_url;
};

} // namespace weir::ui
