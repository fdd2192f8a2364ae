// SPDX-License-Identifier: GPL-3.0-only
// The page's top line: addresses, store, refill, tokens taken ahead, failure policy.
#pragma once

#include <QWidget>
#include <optional>

#include "core/engine/port/service_port.h"

class QActionGroup;
class QPushButton;

namespace weir::ui {

class MenuButton;
class StatusChip;

class ChipRow : public QWidget {
    Q_OBJECT
public:
    explicit ChipRow(QWidget *parent = nullptr);

    void showStatus(const engine::Status &status);

Q_SIGNALS:
    void policyChosen(weir::config::StoreFailurePolicy policy);
    void pauseToggled(bool isPaused);
    void openRequested(const QString &url);

protected:
    void showEvent(QShowEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void buildAddress();
    void buildPolicy();
    void buildPause();
    void showAddress(const engine::Status &status);
    void showStore(const engine::StoreStatus &store);
    void showSilence(const engine::Status &status);
    void showRefill(const engine::Status &status);
    void showLease(const engine::Status &status);
    void showPolicy(const engine::Status &status);
    void fit();
    [[nodiscard]] int neededWidth() const; ///< of the texts that change often
    void setButtonTexts(bool areShown);
    void setPauseText(bool isShown);
    void setPolicyText(bool isLong);

    StatusChip *m_address{nullptr};
    StatusChip *m_store{nullptr};
    StatusChip *m_refill{nullptr};
    StatusChip *m_lease{nullptr}; ///< hidden while no tokens are taken ahead
    MenuButton *m_policy{nullptr};
    QActionGroup *m_policies{nullptr};
    QPushButton *m_copy{nullptr};
    QPushButton *m_open{nullptr};
    QPushButton *m_pause{nullptr};
    QString m_url;
    std::optional<config::StoreFailurePolicy> m_shownPolicy;
    int m_fitted{-1}; ///< neededWidth() when fit() ran last
};

} // namespace weir::ui
