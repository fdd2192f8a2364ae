// SPDX-License-Identifier: GPL-3.0-only
#include "ui/window/rail.h"

#include <QBoxLayout>
#include <QButtonGroup>
#include <QKeySequence>
#include <QLabel>
#include <QPushButton>
#include <QShortcut>

#include "ui/controls/panel.h"

namespace weir::ui {

Rail::Rail(QWidget *parent) : QFrame(parent)
{
    setRole(this, "rail");
    setFixedWidth(148);
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
    button->setIconSize({16, 16});
    button->setFixedHeight(36);
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

void Rail::buildThemes(QVBoxLayout *layout)
{
    auto *title = new QLabel(tr("Theme"), this);
    setRole(title, "dim");
    title->setContentsMargins(4, 0, 0, 2);
    layout->addWidget(title);
    auto *row = new QHBoxLayout;
    row->setSpacing(4);
    m_themes = new QButtonGroup(this);
    const auto add = [&](ThemeChoice choice, Icon which, const QString &text) {
        auto *button = new QPushButton(icon(which), QString(), this);
        setRole(button, "segment");
        button->setObjectName(QStringLiteral("theme-") + themeName(choice));
        button->setCheckable(true);
        button->setFixedHeight(30);
        button->setIconSize({16, 16});
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
