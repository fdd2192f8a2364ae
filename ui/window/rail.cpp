// SPDX-License-Identifier: GPL-3.0-only
#include "ui/window/rail.h"

#include <QBoxLayout>
#include <QButtonGroup>
#include <QKeySequence>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QShortcut>

#include "ui/controls/menu_button.h"
#include "ui/look/scale.h"
#include "ui/controls/panel.h"

namespace weir::ui {

Rail::Rail(QWidget *parent) : QFrame(parent)
{
    setRole(this, "rail");
    setScaledWidth(this, 148);
    setAccessibleName(tr("Pages"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 14, 11, 12);
    layout->setSpacing(4);
    m_list = new QVBoxLayout;
    m_list->setSpacing(4);
    layout->addLayout(m_list);
    layout->addStretch(1);
    m_alert = new StatusChip(this);
    m_alert->setObjectName(QStringLiteral("alertChip"));
    m_alert->hide();
    layout->addWidget(m_alert);
    layout->addSpacing(6);
    m_pages = new QButtonGroup(this);
    connect(m_pages, &QButtonGroup::idClicked, this, &Rail::pageChosen);
    buildThemes(layout);
}

void Rail::addPage(Icon which, const QString &text, const QKeySequence &shortcut)
{
    auto *button = new QPushButton(icon(which), text, this);
    setRole(button, "page");
    button->setCheckable(true);
    setScaledIcon(button, {16, 16});
    setScaledHeight(button, 36);
    button->setToolTip(shortcut.toString(QKeySequence::NativeText));
    const int page = static_cast<int>(m_pages->buttons().size());
    m_pages->addButton(button, page);
    m_list->addWidget(button);
    connect(new QShortcut(shortcut, this), &QShortcut::activated, this, [this, page] { Q_EMIT pageCalled(page); });
}

void Rail::setPage(int page)
{
    if (QAbstractButton *button = m_pages->button(page))
        button->setChecked(true);
}

void Rail::setTheme(ThemeChoice choice)
{
    m_themes->button(static_cast<int>(choice))->setChecked(true);
}

void Rail::setAlert(StatusDot::State state, const QString &text, const QString &detail, const QString &toolTip)
{
    m_alert->setState(state);
    m_alert->setTexts(text, detail);
    m_alert->setPlainToolTip(toolTip);
    m_alert->setVisible(!text.isEmpty());
}

// The keys are the window's, which has no other menu to tell of them.
QWidget *Rail::buildZoom()
{
    m_zoom = new MenuButton(QString(), "flat", this);
    m_zoom->setObjectName(QStringLiteral("zoom"));
    m_zoom->setToolTip(tr("Size of text: Ctrl and +, - or 0"));
    auto *menu = new QMenu(m_zoom);
    const auto add = [&](const QString &text, const QKeySequence &keys, Zoom step) {
        const QString shown = text + u'\t' + keys.toString(QKeySequence::NativeText);
        connect(menu->addAction(shown), &QAction::triggered, this, [this, step] { Q_EMIT zoomWished(step); });
    };
    add(tr("&Larger"), QKeySequence(Qt::CTRL | Qt::Key_Plus), Zoom::Larger);
    add(tr("&Smaller"), QKeySequence(Qt::CTRL | Qt::Key_Minus), Zoom::Smaller);
    add(tr("&100 %"), QKeySequence(Qt::CTRL | Qt::Key_0), Zoom::Normal);
    m_zoom->setMenu(menu);
    showZoom(100);
    return m_zoom;
}

void Rail::showZoom(int percent)
{
    m_zoom->setText(tr("%1 %").arg(percent));
    m_zoom->setAccessibleName(tr("Size of text: %1 %").arg(percent));
}

void Rail::buildThemes(QVBoxLayout *layout)
{
    auto *title = new QLabel(tr("Theme"), this);
    setRole(title, "dim");
    title->setContentsMargins(4, 0, 0, 0);
    auto *head = new QHBoxLayout;
    head->setSpacing(0);
    head->addWidget(title, 1);
    head->addWidget(buildZoom());
    layout->addLayout(head);
    auto *row = new QHBoxLayout;
    row->setSpacing(4);
    m_themes = new QButtonGroup(this);
    const auto add = [&](ThemeChoice choice, Icon which, const QString &text) {
        auto *button = new QPushButton(icon(which), QString(), this);
        setRole(button, "segment");
        button->setObjectName(QStringLiteral("theme-") + themeName(choice));
        button->setCheckable(true);
        setScaledHeight(button, 30);
        setScaledIcon(button, {16, 16});
        button->setToolTip(text);
        button->setAccessibleName(text);
        m_themes->addButton(button, static_cast<int>(choice));
        row->addWidget(button, 1);
    };
    add(ThemeChoice::System, Icon::System, tr("Like the system"));
    add(ThemeChoice::Light, Icon::Sun, tr("Light"));
    add(ThemeChoice::Dark, Icon::Moon, tr("Dark"));
    layout->addLayout(row);
    connect(m_themes, &QButtonGroup::idClicked, this,
            [this](int id) { Q_EMIT themeChosen(static_cast<ThemeChoice>(id)); });
}

} // namespace weir::ui
