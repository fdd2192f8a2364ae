// SPDX-License-Identifier: GPL-3.0-only
// The table of answered requests, with a filter line, and buttons that send some.
#pragma once

#include "ui/live/request_filter.h"
#include "ui/controls/panel.h"

class QPushButton;
class QSettings;
class QTableView;

namespace weir::ui {

class CalmButton;
class FilterMenu;
class QueryLine;
class RequestColumns;
class RequestModel;
class TabularLabel;

class RequestTable : public Panel {
    Q_OBJECT
public:
    explicit RequestTable(RequestModel &model, QWidget *parent = nullptr);

    void setSending(bool isSending);          ///< disables the buttons until the answers are there
    void showReport(const QString &sentence); ///< the answers to sent requests; plain text
    void setAddress(const QString &url);      ///< for the hint of the empty table
    void setLimitNames(const QStringList &names);
    /// Read saved filters and the columns that were shown, and write them there from now on; `settings` outlives this.
    void keepIn(QSettings &settings);
    [[nodiscard]] QTableView *view() const { return m_view; }
    [[nodiscard]] RequestFilter *filter() const { return m_filter; }
    [[nodiscard]] RequestColumns *columns() const { return m_columns; }
    void copySelectedRows() const;
    void refreshTitle() { refresh(); }

Q_SIGNALS:
    void sendRequested(int count);
    void inspectRequested(const telemetry::RequestRecord &record);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void buildHeader();
    void buildView();
    void buildActions();
    void applyLine(const QString &line);
    void inspectCurrent();
    void saveRows(bool isJson);
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
    FilterMenu *m_filters{nullptr};
    QueryLine *m_line{nullptr};
    TabularLabel *m_fault{nullptr}; ///< what is wrong with the line
    RequestColumns *m_columns{nullptr};
    CalmButton *m_sendOne{nullptr};
    CalmButton *m_sendTen{nullptr};
    QString m_url;
};

} // namespace weir::ui
