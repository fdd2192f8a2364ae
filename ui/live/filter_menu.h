// SPDX-License-Identifier: GPL-3.0-only
// The button beside the filter line: usual filters, and those that were saved under names, with their keys.
#pragma once

#include <QList>

#include "ui/controls/menu_button.h"

class QAction;
class QSettings;

namespace weir::ui {

class FilterMenu : public MenuButton {
    Q_OBJECT
public:
    static constexpr int kMostSaved = 9; ///< as many as there are keys

    explicit FilterMenu(QWidget *parent = nullptr);

    /// Read what was saved, and write there from now on; `settings` outlives this.
    void keepIn(QSettings &settings);

    /// Save `line` as `name`, in place of what had that name. No effect without both, or when kMostSaved are there.
    void save(const QString &name, const QString &line);
    void remove(const QString &name);
    void setLine(const QString &line); ///< what "Save" saves; empty: nothing, or it is wrong

    struct Saved {
        QString name;
        QString line;
    };
    [[nodiscard]] const QList<Saved> &saved() const { return m_saved; }

Q_SIGNALS:
    void lineChosen(const QString &line);

private:
    void build();
    void askForName();
    void changed();

    QSettings *m_settings{nullptr};
    QList<Saved> m_saved;
    QString m_line;
    QAction *m_save{nullptr};
    QList<QAction *> m_keys;
};

} // namespace weir::ui
