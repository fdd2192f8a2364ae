// SPDX-License-Identifier: GPL-3.0-only
// What requests get when Redis fails: the three choices, each with the last minute as it was or would have been.
#pragma once

#include <array>
#include <optional>

#include "ui/failures/asked.h"
#include "ui/failures/failure_comparison.h"
#include "ui/controls/panel.h"

class QButtonGroup;
class QRadioButton;

namespace weir::ui {

class BarStrip;
class TabularLabel;

class PolicyPanel : public Panel {
    Q_OBJECT
public:
    explicit PolicyPanel(QWidget *parent = nullptr);

    void showComparison(const FailureComparison &comparison);
    void setInForce(config::StoreFailurePolicy policy);
    /// Set the name of the limit whose policy it is.
    void setLimit(const QString &name);

    [[nodiscard]] QRadioButton *choice(config::StoreFailurePolicy policy) const;
    [[nodiscard]] BarStrip *strip(config::StoreFailurePolicy policy) const;
    [[nodiscard]] QString standing(config::StoreFailurePolicy policy) const; ///< "in force ..."; empty: it is not
    [[nodiscard]] QString figures(config::StoreFailurePolicy policy) const;

Q_SIGNALS:
    void policyChosen(weir::config::StoreFailurePolicy policy); ///< by the user

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    struct Row {
        QRadioButton *choice{nullptr};
        QString meaning;
        TabularLabel *standing{nullptr};
        TabularLabel *figures{nullptr};
        BarStrip *strip{nullptr};
    };
    void addLegend();
    void showTitle();
    void addRow(config::StoreFailurePolicy policy, const QString &name, const QString &toolTip);
    [[nodiscard]] const Row &row(config::StoreFailurePolicy policy) const;

    QButtonGroup *m_choices{nullptr};
    std::array<Row, kPolicies> m_rows; ///< index: config::StoreFailurePolicy
    TabularLabel *m_begin{nullptr};
    TabularLabel *m_scale{nullptr};
    TabularLabel *m_end{nullptr};
    Asked<config::StoreFailurePolicy> m_inForce;
    std::optional<config::StoreFailurePolicy> m_shown;
    QString m_limit;
};

} // namespace weir::ui
