// SPDX-License-Identifier: GPL-3.0-only
// Buttons of all limits: one is chosen, and the one that refuses most is marked. Hidden while there is only one.
#pragma once

#include <QScrollArea>
#include <chrono>
#include <deque>
#include <vector>

#include "core/engine/port/service_port.h"

class QHBoxLayout;
class QPushButton;

namespace weir::ui {

class LimitSwitcher : public QScrollArea {
    Q_OBJECT
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds kSpan{60}; ///< how far back "refuses most" looks

    explicit LimitSwitcher(QWidget *parent = nullptr);

    void showStatus(const engine::Status &status, const config::LimitSet &set, Clock::time_point now = Clock::now());
    [[nodiscard]] QString worst() const
    {
        return m_worst;
    } ///< the name of the limit that refuses most; empty: none does
    [[nodiscard]] QList<QPushButton *> buttons() const { return m_buttons; }

Q_SIGNALS:
    void limitChosen(const QString &name);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Sample {
        Clock::time_point at;
        std::vector<engine::LimitCounts> counts;
    };
    void note(const std::vector<engine::LimitCounts> &counts, Clock::time_point now);
    void makeButtons(const config::LimitSet &set);
    void fitHeight();
    [[nodiscard]] std::int64_t refusedLately(std::size_t place) const;

    QHBoxLayout *m_row{nullptr};
    QList<QPushButton *> m_buttons;
    QStringList m_names;
    std::deque<Sample> m_samples; ///< oldest first, a second or more apart
    QString m_worst;
    QString m_shown;
};

} // namespace weir::ui
