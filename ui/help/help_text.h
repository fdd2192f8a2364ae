// SPDX-License-Identifier: GPL-3.0-only
// The help texts from the program's own resources, whole or a section of them, dressed in the theme's colours.
#pragma once

#include <QString>
#include <QTextBlock>

class QFont;
class QTextDocument;

namespace weir::ui {

/// Markdown of "live", "limits", "failures" and so on, without its comments; empty when there is no such text.
[[nodiscard]] QString helpFile(const QString &name);
/// What stands below the heading `heading`, whatever its level, up to the next one; empty when there is none.
[[nodiscard]] QString helpSection(const QString &markdown, const QString &heading);
/// Replaces the content of `document`. Markdown knows headings, not how they look: sizes, distances and
/// colours are set here.
void setHelpText(QTextDocument &document, const QString &markdown, const QFont &font);
/// Replaces the content of `document` by a page, in which only links that lead somewhere here are links: the others are about
/// files of the source. Returns the block that has its one picture, emptied; invalid: it has none.
QTextBlock setHelpPage(QTextDocument &document, const QString &page, const QFont &font);

} // namespace weir::ui
