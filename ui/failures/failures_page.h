// SPDX-License-Identifier: GPL-3.0-only
// The Failures page: breaks things on purpose and shows the effects. Connects the widgets to the service.
#pragma once

#include <QWidget>
#include <chrono>

#include "core/engine/port/service_port.h"
#include "ui/words/failure_words.h"

class QFrame;

namespace weir::ui {

class Explanation;
class HarmPanel;
class LiveFeed;
class PolicyPanel;

/// Repair everything that was broken on purpose.
void repairAll(engine::ServicePort &service);

class FailuresPage : public QWidget {
    Q_OBJECT
public:
    FailuresPage(engine::ServicePort &service, LiveFeed &feed, QWidget *parent = nullptr);

    /// Hide the calm line of the page while the window shows its banner, so that nothing moves below the mouse when a
    /// switch is flipped.
    void setBannerShown(bool isShown);

protected:
    void showEvent(QShowEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void layOut();
    void connectControls();
    void showStatus(const engine::Status &status);
    void compare();
    void remember(Deed deed);
    void forget();
    void kill();
    void send(int count);

    engine::ServicePort &m_service;
    QFrame *m_calm{nullptr};
    HarmPanel *m_harm{nullptr};
    PolicyPanel *m_policies{nullptr};
    Explanation *m_explanation{nullptr};
    engine::Status m_status; ///< as pulled last
    std::shared_ptr<const telemetry::History> m_history;
    Deed m_deed{Deed::None};
    std::chrono::steady_clock::time_point m_deedAt{};
    bool m_isStale{true}; ///< the comparison is of an older history
};

} // namespace weir::ui
