// SPDX-License-Identifier: GPL-3.0-only
// The Limits page: edits all limits, applies them as a whole, and shows their buckets.
#pragma once

#include <QWidget>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/engine/port/service_port.h"
#include "ui/limits/block_subject.h"

class QSplitter;

namespace weir::ui {

class Banner;
class BucketBrowser;
class LimitEditor;
class LimitList;
class LimitListModel;
class LiveFeed;
class UndoBar;

class LimitsPage : public QWidget {
    Q_OBJECT
public:
    LimitsPage(engine::ServicePort &service, LiveFeed &feed, QWidget *parent = nullptr);

    /// Return where the user has put the handle between editor and buckets; empty: nowhere.
    [[nodiscard]] QByteArray split() const;
    void setSplit(const QByteArray &split);

Q_SIGNALS:
    void algorithmHelpWished();
    void liveWished();

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    using Limits = std::shared_ptr<const config::LimitSet>;

    void layOut();
    void connectFeed(LiveFeed &feed);
    void connectControls();
    void follow(Limits limits);
    void accept(const config::LimitSet &applied);
    void showStatus(const engine::Status &status);
    void showConfig(const engine::ConfigStatus &config);
    void showCurrent();
    void divide();
    void watch();
    void apply();
    void setLevel(const QString &subject, limit::StartLevel level);
    void putLevel(const std::string &limit, const std::string &subject, limit::Tokens tokens,
                  std::function<void(limit::Tokens level)> done);
    /// Of that bucket, as last told; nothing: it is not known.
    [[nodiscard]] std::optional<limit::Tokens> levelOf(const std::string &limit, const std::string &subject) const;
    void block(const QString &subject);
    void offerBack(const QString &done, const config::LimitSet &before, const config::LimitSet &applied);
    void putBack(const config::LimitSet &before, const config::LimitSet &applied);
    void undo();
    /// Returns the chosen limit as it is in force; null when it is new, or the row of access is chosen.
    [[nodiscard]] const config::LimitEntry *currentInForce() const;

    engine::ServicePort &m_service;
    LimitListModel *m_model{nullptr};
    Banner *m_configBanner{nullptr};
    Banner *m_notice{nullptr};
    LimitList *m_list{nullptr};
    LimitEditor *m_editor{nullptr};
    BucketBrowser *m_buckets{nullptr};
    QSplitter *m_split{nullptr};
    UndoBar *m_undo{nullptr};
    std::shared_ptr<const engine::BucketList> m_newest; ///< buckets; null before the first
    std::pair<std::string, std::string> m_watched;      ///< limit, search
    Limits m_late;                                      ///< limits that may be from before our change, or an undo of it
    Limits m_overtaken;                                 ///< what was in force before the last change of ours
    std::chrono::steady_clock::time_point m_acceptedAt{};
    bool m_isKnown{false}; ///< limits in force were seen
    bool m_isBusy{false};
    bool m_isSplitChosen{false};
};

} // namespace weir::ui
