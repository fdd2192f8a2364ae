// SPDX-License-Identifier: GPL-3.0-only
// The panel's window: the rail, the pages, the status line; remembers its geometry and its theme.
#pragma once

#include <QMainWindow>
#include <QStringList>

#include "core/engine/port/service_port.h"
#include "ui/window/live_feed.h"
#include "ui/look/theme.h"
#include "ui/window/rail.h"

class QSettings;
class QPushButton;

namespace weir::ui {

class Banner;
class FailuresPage;
class HelpPage;
class HistoryPage;
class LimitsPage;
class LivePage;
class PageStack;
class StatusLine;
class SystemScheme;

class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    /// Build the window without showing it. `service` and `settings` must outlive it.
    MainWindow(engine::ServicePort &service, QSettings &settings, const FeedTime &time = {});
    ~MainWindow() override;

    /// Open a page of pageNames() or of the help, as "algorithms". False: there is no such page.
    bool openPage(const QString &name);
    [[nodiscard]] static QStringList pageNames();
    [[nodiscard]] QString currentPage() const;

    /// Save geometry, page, theme, chart range and the split of the Limits page in the settings.
    void saveState();
    /// Use a theme until another one is chosen or the window ends; it is not remembered.
    void showTheme(ThemeChoice choice);
    /// Ask the service now and show the answers, for a picture of the window.
    void takeNewest();

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void changeEvent(QEvent *event) override;
    void closeEvent(QCloseEvent *event) override;

private:
    void build(engine::ServicePort &service);
    void restoreState();
    void chooseTheme(ThemeChoice choice);
    void addZoom();
    void chooseZoom(Rail::Zoom step);
    void updateShown();
    void buildBanner(engine::ServicePort &service, QWidget *parent);
    void showStatus(const engine::Status &status);
    void showFailure(const engine::Status &status);
    void open(const QString &url);

    QSettings &m_settings;
    ThemeChoice m_theme{ThemeChoice::System};
    LiveFeed *m_feed{nullptr};
    SystemScheme *m_scheme{nullptr};
    Rail *m_rail{nullptr};
    PageStack *m_pages{nullptr};
    LivePage *m_live{nullptr};
    LimitsPage *m_limits{nullptr};
    FailuresPage *m_failures{nullptr};
    HistoryPage *m_history{nullptr};
    HelpPage *m_help{nullptr};
    QWidget *m_bannerRoom{nullptr}; ///< with the banner's margins; hidden with it
    Banner *m_banner{nullptr};
    QPushButton *m_repair{nullptr};
    StatusLine *m_status{nullptr};
    bool m_isShown{false};
};

} // namespace weir::ui
