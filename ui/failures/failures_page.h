// SPDX-License-Identifier: GPL-3.0-only
// The Failures page: break things on purpose, and see what comes of it. Wires the widgets to the service.
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

/// Everything that was broken on purpose is whole again.
void repairAll(engine::ServicePort &service);

class FailuresPage : public QWidget {
    Q_OBJECT
public:
    FailuresPage(engine::ServicePort &service, LiveFeed &feed, QWidget *parent = nullptr);

    /// While the window's banner stands above the page, its own calm line yields the room: nothing moves below
    /// the mouse when a switch is flipped.
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
