// SPDX-License-Identifier: GPL-3.0-only
#include "app/instance_name.h"

#include <QCoreApplication>
#include <QRandomGenerator>
#include <QSysInfo>

namespace weir::app {

std::string refillerName()
{
    constexpr std::size_t kMostOfHost = 24;
    std::string host = QSysInfo::machineHostName().toStdString().substr(0, kMostOfHost);
    for (char &letter : host) {
        const bool isPlain = (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z')
                             || (letter >= 'a' && letter <= 'z') || letter == '.' || letter == '-';
        letter = isPlain ? letter : '_';
    }
    return (host.empty() ? "host" : host) + ":" + std::to_string(QCoreApplication::applicationPid());
}

std::string instanceName()
{
    return refillerName() + ":" + QString::number(QRandomGenerator::system()->generate64(), 16).toStdString();
}

} // namespace weir::app
