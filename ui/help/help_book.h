// SPDX-License-Identifier: GPL-3.0-only
// The pages of the help: their order, titles and links.
#pragma once

#include <QString>
#include <QStringList>
#include <optional>

namespace weir::ui {

/// A page, and a heading in it as links name it; empty: its begin.
struct HelpPlace {
    QString page;
    QString anchor{};
    [[nodiscard]] bool operator==(const HelpPlace &) const = default;
};

/// Return the names of the pages in reading order: "start", "live", ...
[[nodiscard]] const QStringList &helpPages();
/// Return the title of a page, its first heading; empty when there is no such page.
[[nodiscard]] QString helpTitle(const QString &page);
/// Return the anchor of a heading as GitHub makes it: "What you see" is "what-you-see".
[[nodiscard]] QString headingAnchor(const QString &heading);
/// Return where `link` on `page` leads: "limits.md#keys", "#keys". Nothing when it leads out of the help.
[[nodiscard]] std::optional<HelpPlace> helpPlace(const QString &link, const QString &page);

} // namespace weir::ui
