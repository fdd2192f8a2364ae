// SPDX-License-Identifier: GPL-3.0-only
#include "app/version_text.h"

#include "build_facts.h"
#include "core/redis/link/client_library.h"

namespace weir::app {
namespace {

QString yesOrNo(bool isYes)
{
    return isYes ? QStringLiteral("yes") : QStringLiteral("no");
}

} // namespace

QString versionText()
{
    QString text = QStringLiteral("weir %1\n").arg(QLatin1String{build::kVersion});
    if (*build::kCommit)
        text += QStringLiteral("commit: %1\n").arg(QLatin1String{build::kCommit});
    const QLatin1String runs{qVersion()}, built{QT_VERSION_STR};
    text += QStringLiteral("Qt: %1").arg(runs);
    if (runs != built)
        text += QStringLiteral(" (built with %1)").arg(built);
    text += QStringLiteral("\nhiredis: %1\n").arg(QString::fromStdString(redis::clientLibraryVersion()));
    return text
           + QStringLiteral("panel: %1\nsystemd: %2\n").arg(yesOrNo(build::kHasPanel), yesOrNo(build::kHasSystemd));
}

} // namespace weir::app
