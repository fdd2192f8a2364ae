// SPDX-License-Identifier: GPL-3.0-only
// The pages of the help: their order, their titles, and where a link in one of them leads.
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

/// Names of the pages in the order in which they are read: "start", "live", ...
[[nodiscard]] const QStringList &helpPages();
/// What the page is called, its first heading; empty when there is no such page.
[[nodiscard]] QString helpTitle(const QString &page);
/// What a link has behind "#" for this heading, as GitHub makes it: "What you see" is "what-you-see".
[[nodiscard]] QString headingAnchor(const QString &heading);
/// Where `link` on `page` leads: "limits.md#keys", "#keys". Nothing: out of the help.
[[nodiscard]] std::optional<HelpPlace> helpPlace(const QString &link, const QString &page);

} // namespace weir::ui
