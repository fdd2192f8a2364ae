// SPDX-License-Identifier: GPL-3.0-only
// The columns of the request table: which are shown, how wide, and by which one the rows are sorted.
#pragma once

#include <QList>
#include <QObject>

class QMenu;
class QSettings;
class QTableView;

namespace weir::ui {

class RequestFilter;

class RequestColumns : public QObject {
    Q_OBJECT
public:
    RequestColumns(QTableView &view, RequestFilter &filter);

    /// Read which were shown, and write there from now on; `settings` outlives this.
    void keepIn(QSettings &settings);

    /// Show or hide a column (RequestModel::Column); the request always is shown.
    void setShown(int column, bool isShown);
    [[nodiscard]] QList<int> shown() const; ///< from left to right
    void fit(bool isWide);                  ///< the request gets what the others leave

    /// Tell whether the newest are first, as they come.
    [[nodiscard]] bool isNewestFirst() const { return m_isNewestFirst; }

private:
    void openMenu(QPoint place);
    void sort(int column, Qt::SortOrder order);

    QTableView &m_view;
    RequestFilter &m_filter;
    QSettings *m_settings{nullptr};
    bool m_isNewestFirst{true};
    bool m_isWide{false};
};

} // namespace weir::ui
