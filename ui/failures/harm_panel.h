// SPDX-License-Identifier: GPL-3.0-only
// The controls of everything that can be broken on purpose. Only emits signals; its owner calls the service.
#pragma once

#include "core/engine/port/service_port.h"
#include "ui/failures/asked.h"
#include "ui/controls/panel.h"

class QLabel;

namespace weir::ui {

class CalmButton;
class HarmRow;
class MenuButton;
class ValueEdit;

class HarmPanel : public Panel {
    Q_OBJECT
public:
    explicit HarmPanel(QWidget *parent = nullptr);

    void showStatus(const engine::Status &status);
    /// Switch off, for good, all that breaks or repairs, and say why; requests can still be sent.
    void forbid(const QString &why);
    /// Show the outcome of a button, one sentence, below the switches.
    void showOutcome(const QString &sentence, bool isBad);
    void setForgetting(bool isForgetting); ///< busy: its button cannot be pressed
    void setKilling(bool isKilling);
    void setSending(bool isSending);

Q_SIGNALS:
    void pauseWished(bool isPaused);
    void onDemandWished(bool isOn);
    void harmWished(const weir::engine::Harm &harm); ///< all of it, the unchanged parts too
    void forgetWished();
    void killWished();
    void repairWished();
    void sendWished(int count);

private:
    void buildRefill();
    void buildSwitches();
    void buildDelay();
    void buildClock();
    void buildDeeds();
    void buildSending();
    HarmRow *addRow(HarmRow *row);
    void setClockStep(std::chrono::seconds step);
    void wish(engine::Harm harm);
    void onDelayEdited();
    [[nodiscard]] std::chrono::milliseconds delay() const; ///< as written; zero when it is not one
    void blockForeign(const engine::StoreStatus &store);

    HarmRow *m_pause{nullptr};
    HarmRow *m_onDemand{nullptr};
    HarmRow *m_hang{nullptr};
    HarmRow *m_cut{nullptr};
    HarmRow *m_slow{nullptr};
    HarmRow *m_clock{nullptr};
    HarmRow *m_forgetRow{nullptr};
    HarmRow *m_killRow{nullptr};
    ValueEdit *m_delay{nullptr};
    MenuButton *m_step{nullptr};
    CalmButton *m_forget{nullptr};
    CalmButton *m_kill{nullptr};
    CalmButton *m_repair{nullptr};
    CalmButton *m_sendOne{nullptr};
    CalmButton *m_sendTen{nullptr};
    QLabel *m_outcome{nullptr};
    QLabel *m_note{nullptr};
    QString m_forbidden; ///< why everything is off for good; empty: it is not
    std::chrono::seconds m_clockStep{-3600};
    Asked<engine::Harm> m_harm;
    Asked<bool> m_isPaused;
    Asked<bool> m_isOnDemand;
};

} // namespace weir::ui
