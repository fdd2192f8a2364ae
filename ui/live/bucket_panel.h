// SPDX-License-Identifier: GPL-3.0-only
// The bucket: its gauge and its countdown, by the last report of the store.
#pragma once

#include "core/engine/port/service_port.h"
#include "ui/controls/panel.h"

namespace weir::ui {

class BucketGauge;
class RefillCountdown;

class BucketPanel : public Panel {
    Q_OBJECT
public:
    explicit BucketPanel(QWidget *parent = nullptr);

    void showStatus(const engine::Status &status);

private:
    BucketGauge *m_gauge{nullptr};
    RefillCountdown *m_countdown{nullptr};
};

} // namespace weir::ui
