// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/filter_menu.h"

#include <QInputDialog>
#include <QMenu>
#include <QSettings>
#include <algorithm>

namespace weir::ui {
namespace {

constexpr qsizetype kLongestName = 40, kLongestLine = 500;
const QString kSettings = QStringLiteral("requests/filters"); // a list: name, line, name, line ...

/// In a menu & underlines the next letter, and a tab begins the keys.
QString menuText(const QString &text)
{
    return QString(text).replace(u'&', QLatin1String("&&")).simplified();
}

} // namespace

FilterMenu::FilterMenu(QWidget *parent) : MenuButton(tr("Filters"), "plain", parent)
{
    setObjectName(QStringLiteral("filterMenu"));
    setAccessibleName(tr("Usual and saved filters"));
    setToolTip(tr("Usual filters, and those that you saved (Ctrl+Shift+1 to 9)"));
    setMenu(new QMenu(this));
    for (int key = 0; key < kMostSaved; ++key) {
        auto *action = new QAction(this);
        action->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | static_cast<Qt::Key>(Qt::Key_1 + key)));
        action->setVisible(false);
        action->setEnabled(false);
        addAction(action); // so that the key works while the menu is closed
        m_keys << action;
        connect(action, &QAction::triggered, this, [this, key] {
            if (key < m_saved.size())
                Q_EMIT lineChosen(m_saved.at(key).line);
        });
    }
    build();
}

void FilterMenu::keepIn(QSettings &settings)
{
    m_settings = &settings;
    const QStringList stored = settings.value(kSettings).toStringList();
    m_saved.clear();
    for (qsizetype i = 0; i + 1 < stored.size() && m_saved.size() < kMostSaved; i += 2)
        m_saved.append({stored.at(i).left(kLongestName), stored.at(i + 1).left(kLongestLine)});
    build();
}

void FilterMenu::setLine(const QString &line)
{
    m_line = line.trimmed();
    m_save->setEnabled(!m_line.isEmpty());
}

void FilterMenu::save(const QString &name, const QString &line)
{
    const QString called = name.simplified().left(kLongestName);
    const QString kept = line.trimmed();
    if (called.isEmpty() || kept.isEmpty() || kept.size() > kLongestLine)
        return;
    const auto same =
        std::find_if(m_saved.begin(), m_saved.end(), [&](const Saved &each) { return each.name == called; });
    if (same != m_saved.end())
        same->line = kept;
    else if (m_saved.size() < kMostSaved)
        m_saved.append({called, kept});
    changed();
}

void FilterMenu::remove(const QString &name)
{
    m_saved.removeIf([&](const Saved &each) { return each.name == name; });
    changed();
}

void FilterMenu::changed()
{
    if (m_settings) {
        QStringList stored;
        for (const Saved &each : m_saved)
            stored << each.name << each.line;
        m_settings->setValue(kSettings, stored);
    }
    build();
}

void FilterMenu::build()
{
    QMenu *menu = this->menu();
    for (QAction *key : m_keys)
        menu->removeAction(key);
    menu->clear();
    const auto add = [&](const QString &text, const QString &line) {
        menu->addAction(text, this, [this, line] { Q_EMIT lineChosen(line); });
    };
    add(tr("All requests"), {});
    add(tr("200 admitted"), QStringLiteral("status:200"));
    add(tr("404 admitted, other path"), QStringLiteral("status:404"));
    add(tr("429 refused"), QStringLiteral("status:429"));
    add(tr("503 no decision"), QStringLiteral("status:503 not is:turned-away"));
    add(tr("Blocked"), QStringLiteral("is:blocked"));
    add(tr("Turned away"), QStringLiteral("is:turned-away"));
    menu->addSeparator();
    for (int i = 0; i < kMostSaved; ++i) {
        QAction *key = m_keys.at(i);
        const bool isThere = i < m_saved.size();
        key->setVisible(isThere);
        key->setEnabled(isThere);
        if (!isThere)
            continue;
        key->setText(menuText(m_saved.at(i).name));
        menu->addAction(key);
    }
    m_save = menu->addAction(tr("Save this filter…"), this, &FilterMenu::askForName);
    m_save->setEnabled(!m_line.isEmpty());
    if (m_saved.isEmpty())
        return;
    QMenu *gone = menu->addMenu(tr("Remove a saved filter"));
    for (const Saved &each : m_saved)
        gone->addAction(menuText(each.name), this, [this, name = each.name] { remove(name); });
}

void FilterMenu::askForName()
{
    auto *dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Save the filter"));
    dialog->setLabelText(m_saved.size() < kMostSaved
                             ? tr("A name for this filter:")
                             : tr("%1 are saved already. The name of the one to replace:").arg(kMostSaved));
    dialog->setTextValue(m_line.left(kLongestName));
    connect(dialog, &QInputDialog::textValueSelected, this,
            [this, line = m_line](const QString &name) { save(name, line); });
    dialog->open();
}

} // namespace weir::ui
