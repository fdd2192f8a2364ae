// SPDX-License-Identifier: GPL-3.0-only
// What a process holds in memory.
#pragma once

#include <QFile>

#include <cstdint>

namespace weir::test {

/// VmRSS of the process alone, bytes; 0 when it is gone.
inline std::int64_t residentBytes(std::int64_t pid)
{
    QFile file{QStringLiteral("/proc/%1/status").arg(pid)};
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray name = QByteArrayLiteral("VmRSS:");
    for (const QByteArray &line : file.readAll().split('\n'))
        if (line.startsWith(name))
            return line.mid(name.size()).trimmed().split(' ').front().toLongLong() * 1024;
    return 0;
}

} // namespace weir::test
