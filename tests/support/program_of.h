// SPDX-License-Identifier: GPL-3.0-only
// Where a program of the system is.
#pragma once

#include <QStandardPaths>

namespace weir::test {

/// The path of a program that may be installed where only root looks; empty: it is not.
inline QString programOf(const char *name)
{
    return QStandardPaths::findExecutable(
        QString::fromLatin1(name),
        QStringList{QStringLiteral("/usr/bin"), QStringLiteral("/usr/sbin"), QStringLiteral("/bin")});
}

} // namespace weir::test
