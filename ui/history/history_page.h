// SPDX-License-Identifier: GPL-3.0-only
// The History page: what was counted and what happened in any stretch of time.
#pragma once

#include <QTimer>
#include <QWidget>

#include <optional>

#include "core/engine/port/service_port.h"
#include "ui/history/history_span.h"

class QAction;
class QButtonGroup;
class QDateTimeEdit;
class QTreeWidget;

namespace weir::ui {

class HistoryChart;
class LegendItem;
class LiveFeed;
class MenuButton;
class Panel;
class TabularLabel;
class Toggle;

class HistoryPage : public QWidget {
    Q_OBJECT
public:
    HistoryPage(engine::ServicePort &service, LiveFeed &feed, QWidget *parent = nullptr);

    /// Show this stretch; later ones follow the present no more until a button of the last ones is pressed.
    void setSpan(const HistorySpan &span);
    [[nodiscard]] HistorySpan span() const { return m_span; }

protected:
    void showEvent(QShowEvent *event) override;

private:
    void layOut();
    void follow(std::int64_t length);
    void ask();
    void takeAnswer(std::uint64_t number, bool isBefore, const Result<history::Answer> &answer);
    void showAnswer();
    void showMarks();
    void setLimits(const config::LimitSet &limits);
    void chooseLimit(const QString &name);
    void save(const QString &filter, const QString &suffix);

    engine::ServicePort &m_service;
    QButtonGroup *m_lengths{nullptr};
    QDateTimeEdit *m_from{nullptr};
    QDateTimeEdit *m_to{nullptr};
    MenuButton *m_limit{nullptr};
    Toggle *m_compare{nullptr};
    MenuButton *m_export{nullptr};
    Panel *m_card{nullptr};
    TabularLabel *m_sums{nullptr};
    HistoryChart *m_chart{nullptr};
    QTreeWidget *m_marks{nullptr};
    LegendItem *m_beforeSign{nullptr};
    QTimer m_refresh; ///< while the page is visible and follows the present
    QTimer m_delay;   ///< so that a wheel that turns asks once

    HistorySpan m_span;
    bool m_follows{true};
    std::string m_name; ///< of the limit; empty: the whole process
    QStringList m_names;
    std::uint64_t m_asked{0}; ///< number of the last question; older answers are dropped
    std::optional<history::Answer> m_answer;
    std::optional<history::Answer> m_before;
    bool m_isBeforeAwaited{false};
    std::vector<history::Mark> m_listed;
};

} // namespace weir::ui
