// SPDX-License-Identifier: GPL-3.0-only
// The numbers of a limit. A field that is being edited is never overwritten; the others follow the limit in force,
// which another instance may have changed.
#pragma once

#include <QTimer>
#include <chrono>
#include <functional>
#include <optional>

#include "core/config/config.h"
#include "core/limit/limit.h"
#include "ui/controls/panel.h"

class QLabel;
class QPushButton;

namespace weir::ui {

class CalmButton;
class NumberField;
class ModePicker;

class NumbersForm : public Panel {
    Q_OBJECT
public:
    explicit NumbersForm(QWidget *parent = nullptr);

    /// Returns every reason why the limit of that name cannot have these numbers; `where` as of config::check() of a
    /// spec, or anything else, which is about the capacity.
    using Check = std::function<std::vector<config::ConfigIssue>(const std::string &name, const limit::LimitSpec &)>;
    void setCheck(Check check);

    /// Set the limit in force. `isOneOfSeveral`: its name is shown.
    void setInForce(const limit::Limit &limit, bool isOneOfSeveral = false);
    void setLevel(std::optional<limit::Tokens> level);

    /// Disable the buttons while a change is under way.
    void setBusy(bool isBusy);
    /// Note that the change was confirmed.
    void accept(const limit::Limit &limit);
    /// Show the outcome of the last button; plain text.
    void showOutcome(const QString &sentence, bool isBad);

    [[nodiscard]] bool isEdited() const { return m_isEdited; }
    /// Return the limit in force with the numbers of the fields; a window has no refill of its own. A capacity below
    /// the refill lowers the refill, as on the command line. Nothing while one of them is no number.
    [[nodiscard]] std::optional<limit::LimitSpec> spec() const;
    [[nodiscard]] QString sentence() const;     ///< the meaning, or what is wrong
    [[nodiscard]] QString refillRemark() const; ///< that it was lowered
    [[nodiscard]] ModePicker *modePicker() const { return m_mode; }

Q_SIGNALS:
    void applyRequested(const weir::limit::LimitSpec &spec, weir::limit::TokenMode mode);
    void levelRequested(weir::limit::StartLevel level);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void buildPresets();
    void nameFields();
    void buildFields();
    void buildButtons();
    void capacityEdited();
    void refillEdited();
    void fieldEdited();
    void revert();
    void apply();
    void choose(const limit::LimitSpec &preset);
    void showFields(const limit::LimitSpec &spec);
    void followFields(const limit::LimitSpec &before, const limit::LimitSpec &now);
    [[nodiscard]] bool isWindow() const { return limit::isWindow(m_inForce.spec.algorithm); }
    void refresh();
    void refreshPreview();
    [[nodiscard]] QStringList problems(const std::vector<config::ConfigIssue> &issues) const;

    Check m_check;
    NumberField *m_capacity{nullptr};
    NumberField *m_refill{nullptr};
    NumberField *m_interval{nullptr};
    ModePicker *m_mode{nullptr};
    QLabel *m_sentence{nullptr};
    QPushButton *m_presets{nullptr};
    CalmButton *m_apply{nullptr};
    CalmButton *m_revert{nullptr};
    CalmButton *m_fill{nullptr};
    CalmButton *m_empty{nullptr};

    limit::Limit m_inForce;
    std::optional<limit::Algorithm> m_namedFor; ///< the fields' names
    std::chrono::steady_clock::time_point m_acceptedAt{};
    std::optional<limit::Tokens> m_level;
    limit::Tokens m_refillMeant{1}; ///< what the refill was before a smaller capacity lowered it
    QString m_outcome;
    QTimer m_outcomeEnd;
    bool m_isOutcomeBad{false};
    bool m_isKnown{false}; ///< a limit in force was seen
    bool m_isEdited{false};
    bool m_isUsable{false}; ///< what the fields say
    bool m_isBusy{false};
};

} // namespace weir::ui
