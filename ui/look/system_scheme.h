// SPDX-License-Identifier: GPL-3.0-only
// Asks the desktop whether it prefers a dark theme, and tells when that changes (the settings portal of
// freedesktop.org, which GNOME, KDE and others answer).
#pragma once

#include <QDBusVariant>
#include <QObject>

namespace weir::ui {

class SystemScheme : public QObject {
    Q_OBJECT
public:
    explicit SystemScheme(QObject *parent = nullptr);

Q_SIGNALS:
    void schemeChanged(bool isDark);

private Q_SLOTS:
    void takeSetting(const QString &group, const QString &key, const QDBusVariant &value);

private:
    void ask();
};

} // namespace weir::ui
