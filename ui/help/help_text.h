// SPDX-License-Identifier: GPL-3.0-only
// The help texts from the program's own resources, whole or a section of them, in the colours of the theme.
#pragma once

#include <QString>
#include <QTextBlock>

class QFont;
class QTextDocument;

namespace weir::ui {

/// Return the Markdown of "live", "limits", "failures" and so on, without its comments; empty when there is no such
/// text.
[[nodiscard]] QString helpFile(const QString &name);
/// Return what is below `heading`, of any level, up to the next heading; empty when there is none.
[[nodiscard]] QString helpSection(const QString &markdown, const QString &heading);
/// Replace the content of `document`, and set sizes, distances and colours, which Markdown has not.
void setHelpText(QTextDocument &document, const QString &markdown, const QFont &font);
/// Replace the content of `document` by a page. Links that lead out of the help, to files of the source, become plain
/// text. Returns the emptied block of its one picture; invalid when there is none.
QTextBlock setHelpPage(QTextDocument &document, const QString &page, const QFont &font);

} // namespace weir::ui
