// SPDX-License-Identifier: GPL-3.0-only
#include "ui/look/system_scheme.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>

namespace weir::ui {
namespace {

// Names and values: the org.freedesktop.portal.Settings specification, "color-scheme".
const QString kService = QStringLiteral("org.freedesktop.portal.Desktop");
const QString kPath = QStringLiteral("/org/freedesktop/portal/desktop");
const QString kInterface = QStringLiteral("org.freedesktop.portal.Settings");
const QString kGroup = QStringLiteral("org.freedesktop.appearance");
const QString kKey = QStringLiteral("color-scheme");
constexpr uint kPrefersDark = 1;
constexpr uint kPrefersLight = 2;

/// Read() wraps the value twice, SettingChanged once.
QVariant unwrapped(QVariant value)
{
    while (value.metaType() == QMetaType::fromType<QDBusVariant>())
        value = value.value<QDBusVariant>().variant();
    return value;
}

} // namespace

SystemScheme::SystemScheme(QObject *parent) : QObject(parent)
{
    // Without an address libdbus would start a bus of its own just for this question.
    if (qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS") || !QDBusConnection::sessionBus().isConnected())
        return;
    QDBusConnection::sessionBus().connect(kService, kPath, kInterface, QStringLiteral("SettingChanged"), this,
                                          SLOT(takeSetting(QString, QString, QDBusVariant)));
    ask();
}

void SystemScheme::ask()
{
    QDBusMessage message = QDBusMessage::createMethodCall(kService, kPath, kInterface, QStringLiteral("Read"));
    message << kGroup << kKey;
    auto *watcher = new QDBusPendingCallWatcher(QDBusConnection::sessionBus().asyncCall(message), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
        const QDBusPendingReply<QDBusVariant> reply = *watcher;
        if (!reply.isError())
            takeSetting(kGroup, kKey, reply.value());
        watcher->deleteLater();
    });
}

void SystemScheme::takeSetting(const QString &group, const QString &key, const QDBusVariant &value)
{
    if (group != kGroup || key != kKey)
        return;
    const uint scheme = unwrapped(value.variant()).toUInt();
    if (scheme == kPrefersDark || scheme == kPrefersLight)
        Q_EMIT schemeChanged(scheme == kPrefersDark);
}

} // namespace weir::ui
