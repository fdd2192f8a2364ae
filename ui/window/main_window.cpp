// SPDX-License-Identifier: GPL-3.0-only
#include "ui/window/main_window.h"

#include <QBoxLayout>
#include <QCloseEvent>
#include <QDesktopServices>
#include <QDateTime>
#include <QPushButton>
#include <QResizeEvent>
#include <QScreen>
#include <QSettings>
#include <QShortcut>
#include <QUrl>

#include "ui/words/failure_words.h"
#include "ui/failures/failures_page.h"
#include "ui/help/help_page.h"
#include "ui/history/history_page.h"
#include "ui/look/icons.h"
#include "ui/look/scale.h"
#include "ui/limits/limits_page.h"
#include "ui/live/live_page.h"
#include "ui/live/request_table.h"
#include "ui/look/system_scheme.h"
#include "ui/controls/banner.h"
#include "ui/live/chart_panel.h"
#include "ui/window/page_stack.h"
#include "ui/window/rail.h"
#include "ui/window/status_line.h"

// Outside of every namespace, as Q_INIT_RESOURCE wants it: the linker drops the resources of a
// static library that nobody names.
static void initResources()
{
    Q_INIT_RESOURCE(app);
}

namespace weir::ui {
namespace {

const QString kHelp = QStringLiteral("help"); // the page
const QString kGeometryKey = QStringLiteral("window/geometry");
const QString kThemeKey = QStringLiteral("window/theme");
const QString kZoomKey = QStringLiteral("window/zoom");
const QString kPageKey = QStringLiteral("window/page");
const QString kSplitKey = QStringLiteral("limits/split");
const QString kRangeKey = QStringLiteral("chart/seconds_per_bar");
constexpr QSize kFirstSize{1280, 820};
// What is left of 1024x640 at twice the size, less the frame; pages are scrolled.
constexpr QSize kSmallestSize{480, 320};
constexpr QSize kFrame{16, 48}; // of window managers, about

} // namespace

MainWindow::MainWindow(engine::ServicePort &service, QSettings &settings, const FeedTime &time) : m_settings{settings}
{
    initResources();
    m_theme = themeFromName(m_settings.value(kThemeKey).toString());
    setZoom(m_settings.value(kZoomKey, 100).toInt());
    applyTheme(m_theme); // before the widgets: they are polished once
    m_feed = new LiveFeed(service, time, this);
    m_live = new LivePage(service, *m_feed, this);
    m_limits = new LimitsPage(service, *m_feed, this);
    m_failures = new FailuresPage(service, *m_feed, this);
    m_history = new HistoryPage(service, *m_feed, this);
    build(service);
    addZoom();
    connect(m_limits, &LimitsPage::liveWished, this, [this] { openPage(QStringLiteral("live")); });
    connect(m_limits, &LimitsPage::algorithmHelpWished, this, [this] { openPage(QStringLiteral("algorithms")); });
    restoreState();
    m_scheme = new SystemScheme(this);
    connect(m_scheme, &SystemScheme::schemeChanged, this, [this](bool isDark) {
        setSystemIsDark(isDark);
        if (m_theme == ThemeChoice::System && colors().isDark != isDark)
            applyTheme(m_theme);
    });
    connect(m_feed, &LiveFeed::numbersPulled, this, &MainWindow::showStatus);
    connect(m_feed, &LiveFeed::statusPulled, this, &MainWindow::showFailure);
    connect(m_live, &LivePage::linkActivated, this, &MainWindow::open);
    m_feed->pullNow();
    if (m_pages->currentPage() == m_live)
        m_live->takeFocus();
    else
        m_pages->currentPage()->setFocus();
}

MainWindow::~MainWindow() = default;

void MainWindow::build(engine::ServicePort &service)
{
    setWindowTitle(tr("Weir"));
    setWindowIcon(appIcon());
    setMinimumSize(kSmallestSize);
    auto *central = new QWidget(this);
    auto *column = new QVBoxLayout(central);
    auto *row = new QHBoxLayout;
    for (QBoxLayout *layout : {static_cast<QBoxLayout *>(column), static_cast<QBoxLayout *>(row)}) {
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
    }
    m_rail = new Rail(central);
    m_rail->addPage(Icon::Live, tr("&Live"), QKeySequence(Qt::CTRL | Qt::Key_1));
    m_rail->addPage(Icon::Limits, tr("Limits"), QKeySequence(Qt::CTRL | Qt::Key_2));
    m_rail->addPage(Icon::Failures, tr("Failures"), QKeySequence(Qt::CTRL | Qt::Key_3));
    m_rail->addPage(Icon::History, tr("History"), QKeySequence(Qt::CTRL | Qt::Key_4));
    m_rail->addPage(Icon::Help, tr("&Help"), QKeySequence(Qt::Key_F1));
    m_pages = new PageStack(central);
    m_pages->setObjectName(QStringLiteral("pages"));
    m_help = new HelpPage(m_pages);
    for (QWidget *page : std::initializer_list<QWidget *>{m_live, m_limits, m_failures, m_history, m_help})
        m_pages->addPage(page);
    m_status = new StatusLine(central);
    row->addWidget(m_rail);
    buildBanner(service, central);
    auto *content = new QVBoxLayout;
    content->setSpacing(0);
    content->addWidget(m_bannerRoom);
    content->addWidget(m_pages, 1);
    row->addLayout(content, 1);
    column->addLayout(row, 1);
    column->addWidget(m_status);
    setCentralWidget(central);

    m_rail->setPage(0);
    m_rail->setTheme(m_theme);
    connect(m_rail, &Rail::pageChosen, this, [this](int page) { openPage(pageNames().value(page)); });
    connect(m_rail, &Rail::pageCalled, this, [this](int page) {
        const QString name = pageNames().value(page);
        if (name == kHelp)
            m_help->showText(currentPage() == kHelp ? QStringLiteral("start") : currentPage());
        openPage(name);
    });
    connect(m_rail, &Rail::themeChosen, this, &MainWindow::chooseTheme);
}

void MainWindow::buildBanner(engine::ServicePort &service, QWidget *parent)
{
    m_bannerRoom = new QWidget(parent);
    auto *layout = new QVBoxLayout(m_bannerRoom);
    layout->setContentsMargins(16, 14, 16, 0); // as the pages
    m_banner = new Banner(m_bannerRoom);
    m_banner->setObjectName(QStringLiteral("storeBanner"));
    m_repair = m_banner->addButton(tr("Repair all"));
    m_repair->setObjectName(QStringLiteral("bannerRepair"));
    m_repair->setToolTip(tr("Undo everything that was broken on the Failures page"));
    connect(m_repair, &QPushButton::clicked, this, [&service] { repairAll(service); });
    layout->addWidget(m_banner);
    m_bannerRoom->hide();
}

QStringList MainWindow::pageNames()
{
    return {QStringLiteral("live"), QStringLiteral("limits"), QStringLiteral("failures"), QStringLiteral("history"),
            kHelp};
}

QString MainWindow::currentPage() const
{
    return pageNames().value(m_pages->currentIndex());
}

bool MainWindow::openPage(const QString &name)
{
    const qsizetype page = pageNames().indexOf(name);
    if (page < 0)
        return m_help->showText(name) && openPage(kHelp);
    if (m_pages->currentIndex() != page) {
        // A control that is hidden or disabled passes the keyboard on, and a large page would be scrolled to the next one.
        if (m_pages->isAncestorOf(focusWidget()))
            focusWidget()->clearFocus();
        m_pages->setCurrentIndex(static_cast<int>(page));
        m_feed->pullNow(); // what the page did not follow under the other one
    }
    m_rail->setPage(static_cast<int>(page));
    // No control is marked before somebody uses the keyboard there; the text of the help is scrolled at once.
    if (name == kHelp || !m_rail->isAncestorOf(focusWidget()))
        m_pages->currentPage()->setFocus();
    return true;
}

void MainWindow::restoreState()
{
    resize(kFirstSize);
    // Qt moves a window that would be off every screen back onto one.
    restoreGeometry(m_settings.value(kGeometryKey).toByteArray());
    if (!isMaximized() && !isFullScreen())
        resize(size().boundedTo((screen()->availableGeometry().size() - kFrame).expandedTo(kSmallestSize)));
    if (const qsizetype page = pageNames().indexOf(m_settings.value(kPageKey).toString()); page > 0) {
        m_pages->setCurrentIndex(static_cast<int>(page));
        m_rail->setPage(static_cast<int>(page));
    }
    m_live->requests()->keepIn(m_settings);
    m_limits->setSplit(m_settings.value(kSplitKey).toByteArray());
    const qint64 seconds = m_settings.value(kRangeKey).toLongLong();
    for (const ChartRange range : {ChartRange::OneMinute, ChartRange::FiveMinutes, ChartRange::OneHour}) {
        if (secondsPerBar(range) == seconds)
            m_live->chart()->setRange(range);
    }
}

void MainWindow::saveState()
{
    m_settings.setValue(kGeometryKey, saveGeometry());
    m_settings.setValue(kPageKey, currentPage());
    m_settings.setValue(kSplitKey, m_limits->split());
    m_settings.setValue(kThemeKey, themeName(m_theme));
    m_settings.setValue(kRangeKey, static_cast<qlonglong>(secondsPerBar(m_live->chart()->range())));
}

void MainWindow::chooseTheme(ThemeChoice choice)
{
    m_theme = choice;
    m_settings.setValue(kThemeKey, themeName(choice));
    applyTheme(choice);
}

// Ctrl + is Ctrl = on keyboards where + is above it.
void MainWindow::addZoom()
{
    const auto add = [this](int key, Rail::Zoom step) {
        auto *shortcut = new QShortcut(QKeySequence(Qt::CTRL | static_cast<Qt::Key>(key)), this);
        connect(shortcut, &QShortcut::activated, this, [this, step] { chooseZoom(step); });
    };
    add(Qt::Key_Plus, Rail::Zoom::Larger);
    add(Qt::Key_Equal, Rail::Zoom::Larger);
    add(Qt::Key_Minus, Rail::Zoom::Smaller);
    add(Qt::Key_0, Rail::Zoom::Normal);
    connect(m_rail, &Rail::zoomWished, this, &MainWindow::chooseZoom);
    m_rail->showZoom(zoom());
}

void MainWindow::chooseZoom(Rail::Zoom step)
{
    const int before = zoom();
    setZoom(step == Rail::Zoom::Normal ? 100 : nextZoom(step == Rail::Zoom::Larger));
    if (zoom() == before)
        return;
    m_rail->showZoom(zoom());
    m_settings.setValue(kZoomKey, zoom());
    applyTheme(m_theme);
    // What is laid out by hand in a resizeEvent() goes by lengths that are others now.
    for (QWidget *each : findChildren<QWidget *>()) {
        QResizeEvent again(each->size(), each->size());
        QCoreApplication::sendEvent(each, &again);
    }
}

void MainWindow::showTheme(ThemeChoice choice)
{
    m_rail->setTheme(choice);
    applyTheme(choice);
}

void MainWindow::takeNewest()
{
    m_feed->pullNow();
}

void MainWindow::showStatus(const engine::Status &status)
{
    const qint64 notShown = static_cast<qint64>(status.requestsNotShown) + m_live->skippedCount();
    m_status->showStatus(status, notShown);
    QString address = QString::fromStdString(status.elsewhere);
    if (address.isEmpty() && !status.urls.empty())
        address = QString::fromStdString(status.urls.front());
    address.remove(QStringLiteral("http://"));
    const QString title = address.isEmpty() ? tr("Weir") : tr("%1 — Weir").arg(address);
    if (windowTitle() != title)
        setWindowTitle(title);
}

void MainWindow::showFailure(const engine::Status &status)
{
    const auto now = std::chrono::steady_clock::now();
    const FailureMessage message = failureMessage(status, now, QDateTime::currentSecsSinceEpoch());
    const bool isBad = isDegraded(status) || !status.noContact.empty();
    m_banner->setTone(isBad ? Banner::Tone::Bad : Banner::Tone::Warning);
    m_banner->setMessage(message.headline, message.detail);
    m_banner->setMore(message.figures);
    const bool isElsewhere = !status.elsewhere.empty(); // and repaired there
    m_repair->setVisible(isHarmed(status) && !isElsewhere && m_pages->currentPage() != m_failures); // which has its own
    m_bannerRoom->setVisible(!message.headline.isEmpty());
    m_failures->setBannerShown(!message.headline.isEmpty());
    m_rail->setAlert(isBad ? StatusDot::State::Bad : StatusDot::State::Warning, failureChip(status),
                     failureAge(status, now), m_banner->message());
}

void MainWindow::open(const QString &url)
{
    if (!QDesktopServices::openUrl(QUrl(url, QUrl::StrictMode)))
        m_live->showUnopened(url);
}

void MainWindow::updateShown()
{
    const bool isShown = isVisible() && !isMinimized();
    if (isShown == m_isShown)
        return;
    m_isShown = isShown;
    m_feed->setShown(isShown);
}

void MainWindow::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    updateShown();
}

void MainWindow::hideEvent(QHideEvent *event)
{
    QMainWindow::hideEvent(event);
    updateShown();
}

void MainWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::WindowStateChange && m_feed)
        updateShown();
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    saveState();
    QMainWindow::closeEvent(event);
}

} // namespace weir::ui
