// SPDX-License-Identifier: GPL-3.0-only
#include "ui/look/style_sheet.h"

#include <QColor>
#include <QRegularExpression>
#include <algorithm>
#include <utility>

#include "ui/look/scale.h"
#include "ui/look/theme.h"

namespace weir::ui {
namespace {

// Widgets say what they are by the dynamic property "role"; @names are replaced by the colours of the theme and by lengths.
const char kTemplate[] = R"(
QMainWindow, QWidget#pages { background: @bg; }
QToolTip { background: @raise; color: @text; border: 1px solid @line; padding: 5px 7px; }

QFrame[role="panel"] { background: @panel; border: 1px solid @line; border-radius: 9px; }
QFrame[role="title"] { color: @dim; font-size: 12px; font-weight: 600; }
QFrame[role="name"] { font-size: 15px; font-weight: 600; }
QLabel[role="field"] { color: @dim; }
QLabel[role="dim"], QFrame[role="dim"] { color: @dim; font-size: 12px; }
QLabel[role="note"] { color: @warn; font-size: 12px; }
QLabel[role="bad"], QFrame[role="bad"] { color: @bad; font-size: 12px; }
QLabel[role="strong"], QFrame[role="strong"] { font-weight: 600; }
QLabel[role="strong"]:disabled { color: @dim; }
QFrame[role="good"] { color: @ok; font-size: 12px; font-weight: 600; }
QFrame[role="row"] { border: none; border-bottom: 1px solid @line; }
QFrame[role="calm"] { background: @panel; border: 1px solid @line; border-radius: 7px; }

QFrame[role="meaning"] { background: @raise; border: none; border-radius: 7px; }
QLabel[role="added"] { color: @ok; font-weight: 600; }
QLabel[role="removed"] { color: @bad; font-weight: 600; }
QLabel[role="changed"] { color: @text; font-weight: 600; }

QFrame[role="rail"] { background: @panel; border: none; border-right: 1px solid @line; }
QPushButton[role="page"] {
  text-align: left; padding: 8px 10px; border: 1px solid transparent; border-left: 3px solid transparent;
  border-radius: 7px; color: @dim; background: transparent; }
QPushButton[role="page"]:hover { color: @text; background: @hover; }
QPushButton[role="page"]:checked { background: @raise; color: @text; font-weight: 600; border-left-color: @accent; }
QPushButton[role="page"]:focus { border-color: @accent; }

QFrame[role="status"] { background: @panel; border: none; border-top: 1px solid @line; }
QFrame[role="status"] QLabel, QFrame[role="status"] QFrame { color: @dim; font-size: 12px; }
QFrame[role="status"] QFrame[role="warn"] { color: @warn; }
QFrame[role="status"] QFrame[role="bad"] { color: @bad; }

QFrame[role="banner"] { background: @badSoft; border: 1px solid @bad; border-radius: 7px; }
QFrame[role="notice"] { background: @warnSoft; border: 1px solid @warn; border-radius: 7px; }
QFrame[role="banner"] QLabel, QFrame[role="notice"] QLabel { color: @text; }
QFrame[role="banner"] QLabel[role="headline"] { color: @badText; font-weight: 600; }
QFrame[role="notice"] QLabel[role="headline"] { font-weight: 600; }

QFrame[role="offer"] { background: @raise; border: 1px solid @lineStrong; border-radius: 9px; }

QFrame[role="chip"] { background: @panel; border: 1px solid @line; border-radius: 7px; }
QPushButton[role="chip"] { background: @panel; border: 1px solid @line; border-radius: 7px; padding: 0 11px; text-align: left; }
QPushButton[role="chip"]:hover { background: @raise; }
QPushButton[role="chip"]:focus { border-color: @accent; }

QPushButton[role="limit"] {
  background: @panel; border: 1px solid @line; border-radius: 7px; padding: 0 10px; color: @dim; }
QPushButton[role="limit"]:hover { color: @text; background: @raise; }
QPushButton[role="limit"]:checked { background: @accentSoft; border-color: @accent; color: @text; font-weight: 600; }
QPushButton[role="limit"]:focus { border-color: @text; }
QPushButton[role="limit"][worst="true"] { color: @bad; }

QPushButton[role="plain"], QPushButton[role="primary"] {
  background: @raise; border: 1px solid @line; border-radius: 6px; padding: 5px 12px; }
QPushButton[role="plain"]:hover { background: @hover; border-color: @lineStrong; }
QPushButton[role="plain"]:pressed { background: @line; }
QPushButton[role="plain"]:focus { border-color: @accent; }
QPushButton[role="plain"]:disabled, QPushButton[role="plain"][idle="true"] { color: @dim; background: transparent; border-style: dashed; }
QPushButton[role="plain"]:checked { background: @warnSoft; border-color: @warn; color: @text; font-weight: 600; }
QPushButton[role="primary"] { background: @accent; border-color: @accent; color: @onAccent; font-weight: 600; }
QPushButton[role="primary"]:hover { background: @accentHover; border-color: @accentHover; }
QPushButton[role="primary"]:pressed { background: @accent; }
QPushButton[role="primary"]:focus { border-color: @text; }
QPushButton[role="primary"]:disabled, QPushButton[role="primary"][idle="true"] { background: transparent; border: 1px dashed @lineStrong; color: @dim; }
QPushButton::menu-indicator { image: none; width: 0; }

QPushButton[role="flat"] { background: transparent; border: 1px solid transparent; border-radius: 5px; padding: 2px 6px; color: @dim; }
QPushButton[role="flat"]:hover { color: @text; background: @raise; }
QPushButton[role="flat"]:focus { border-color: @accent; }
QPushButton[role="flat"]:checked { color: @text; font-weight: 600; background: @raise; }

QPushButton[role="disclosure"] {
  background: transparent; border: 1px solid transparent; border-radius: 5px; padding: 3px 6px 3px 2px; color: @dim; text-align: left; }
QPushButton[role="disclosure"]:hover { color: @text; }
QPushButton[role="disclosure"]:focus { border-color: @accent; }

QPushButton[role="link"] {
  background: transparent; border: 1px solid transparent; border-radius: 5px; padding: 3px 6px 3px 2px; color: @text; font-weight: 600; text-align: left; }
QPushButton[role="link"]:hover { color: @accent; }
QPushButton[role="link"]:focus { border-color: @accent; }
QPushButton#reviewLimits:checked { background: @accentSoft; border-color: @accent; }

QPushButton[role="segment"] {
  background: transparent; border: 1px solid @line; border-radius: 6px; padding: 4px 2px; color: @dim; font-size: 11px; }
QPushButton[role="segment"]:hover { color: @text; background: @hover; }
QPushButton[role="segment"]:checked { background: @accentSoft; border-color: @accent; color: @text; }
QPushButton[role="segment"]:focus { border-color: @text; }

QLineEdit, QAbstractSpinBox, QPlainTextEdit {
  background: @raise; border: 1px solid @line; border-radius: 6px; padding: 4px 8px;
  selection-background-color: @accent; selection-color: @onAccent; }
QLineEdit#textFilter, QLineEdit#bucketSearch, QLineEdit#helpSearch { padding-left: 0; }
QPlainTextEdit { padding: 2px 5px; }
QLineEdit:hover, QAbstractSpinBox:hover, QPlainTextEdit:hover { border-color: @lineStrong; }
QLineEdit:focus, QAbstractSpinBox:focus, QPlainTextEdit:focus { border-color: @accent; }
QLineEdit[wrong="true"], QAbstractSpinBox[wrong="true"], QPlainTextEdit[wrong="true"] { border-color: @bad; }
QAbstractSpinBox QLineEdit { background: transparent; border: none; padding: 0; }

QRadioButton { spacing: 8px; font-weight: 600; border: 1px solid transparent; border-radius: 5px; padding: 1px 5px 1px 2px; }
QRadioButton:focus { border-color: @accent; }
QRadioButton::indicator {
  border: 1px solid @dim; width: @within1; height: @within1; border-radius: @half; background: transparent; }
QRadioButton::indicator:unchecked:hover { border-color: @text; }
QRadioButton::indicator:checked { border: @ring solid @accent; width: @withinRing; height: @withinRing; background: @knob; }

QTextEdit[role="words"] { background: transparent; border: none; padding: 0; }

QSlider { min-height: 16px; }
QSlider::groove:horizontal { height: @groove; border-radius: 2px; background: @line; }
QSlider::sub-page:horizontal { height: @groove; border-radius: 2px; background: @accent; }
QSlider::handle:horizontal {
  width: @within1; height: @within1; margin: -@beyond 0; border-radius: @half; background: @knob; border: 1px solid @lineStrong; }
QSlider::handle:horizontal:focus { border: @focus solid @accent; width: @withinFocus; height: @withinFocus; }

QSplitter::handle:vertical { background: qlineargradient(x1:0, y1:0, x2:0, y2:1,
  stop:0.4 transparent, stop:0.41 @line, stop:0.59 @line, stop:0.6 transparent); }
QSplitter::handle:vertical:hover { background: qlineargradient(x1:0, y1:0, x2:0, y2:1,
  stop:0.3 transparent, stop:0.31 @accent, stop:0.69 @accent, stop:0.7 transparent); }

QListView { background: transparent; border: none; outline: none; }
QListView[role="completions"] { background: @panel; color: @text; border: 1px solid @lineStrong; padding: 3px; }
QListView[role="completions"]::item { color: @text; padding: 4px 8px; border-radius: 5px; }
QListView[role="completions"]::item:selected { background: @accentSoft; color: @text; }
QScrollArea, QWidget[role="clear"] { background: transparent; border: none; }

QTableView {
  background: @panel; border: 1px solid transparent; border-radius: 4px; outline: none;
  selection-background-color: @chosen; selection-color: @text; }
QTableView:focus { border-color: @accent; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section {
  background: @panel; color: @dim; font-size: 12px; font-weight: 600; border: none; border-bottom: 1px solid @line; padding: 4px 8px; }

QTreeView { background: @panel; border: 1px solid @line; border-radius: 9px; padding: 7px 5px; outline: none; }
QTreeView:focus { border-color: @lineStrong; }
QTreeView::item { color: @dim; padding: 5px 6px; border-radius: 5px; border: 1px solid transparent; }
QTreeView::item:hover { color: @text; background: @raise; }
QTreeView::item:selected { color: @text; background: @accentSoft; }
QTreeView:focus::item:selected { border-color: @accent; }

QTextBrowser { background: @panel; border: 1px solid @line; border-radius: 9px; padding: 6px; }
QTextBrowser:focus { border-color: @lineStrong; }

QMenu { background: @panel; color: @text; border: 1px solid @line; padding: 5px; }
QMenu::item { padding: 6px 22px 6px 14px; border-radius: 5px; }
QMenu::item:selected { background: @accentSoft; }
QMenu::item:disabled { color: @dim; }
QMenu::separator { height: 1px; background: @line; margin: 4px 6px; }

QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @lineStrong; border-radius: 3px; margin: 2px; min-height: 28px; min-width: 28px; }
QScrollBar::handle:hover { background: @dim; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
)";

QColor mixed(const QColor &a, const QColor &b, double partOfB)
{
    const auto channel = [&](int x, int y) { return static_cast<int>(x + (y - x) * partOfB); };
    return QColor(channel(a.red(), b.red()), channel(a.green(), b.green()), channel(a.blue(), b.blue()));
}

/// Lengths are of the design; a line stays as thin as it is. A radius of more than half a side would be no radius.
QString withLengths(const QString &sheet)
{
    static const QRegularExpression kLength(QStringLiteral("(radius: )?(\\d+)px"));
    QString scaled;
    qsizetype done = 0;
    for (auto found = kLength.globalMatch(sheet); found.hasNext();) {
        const auto match = found.next();
        const int length = match.captured(2).toInt();
        const bool isRadius = match.hasCaptured(1);
        const int now = isRadius ? static_cast<int>(px(static_cast<double>(length))) : px(length);
        scaled += sheet.mid(done, match.capturedStart() - done) + match.captured(1)
                  + QStringLiteral("%1px").arg(length > 1 ? std::max(now, 1) : length);
        done = match.capturedEnd();
    }
    return scaled + sheet.mid(done);
}

/// What is round, of radio buttons and sliders: all parts fit only when they are even.
QString withCircles(QString sheet)
{
    const auto even = [](int length) { return px(length) / 2 * 2; };
    const int whole = even(14), groove = even(4), ring = px(4), focus = px(2);
    const std::pair<const char *, int> lengths[] = {{"@half", whole / 2},
                                                    {"@within1", whole - 2},
                                                    {"@withinRing", whole - 2 * ring},
                                                    {"@ring", ring},
                                                    {"@groove", groove},
                                                    {"@beyond", (whole - groove) / 2},
                                                    {"@withinFocus", whole - 2 * focus},
                                                    {"@focus", focus}};
    for (const auto &[name, length] : lengths)
        sheet.replace(QLatin1String(name), QStringLiteral("%1px").arg(length));
    return sheet;
}

} // namespace

QString styleSheet(const Colors &c)
{
    struct Name {
        const char *name;
        QColor color;
    };
    // A name that begins with another one must stand before it.
    const Name names[] = {
        {"@accentHover", mixed(c.accent, c.text, 0.15)},
        {"@accentSoft", mixed(c.panel, c.accent, 0.18)},
        {"@accent", c.accent},
        {"@badSoft", mixed(c.panel, c.bad, 0.14)},
        {"@badText", c.bad},
        {"@warnSoft", mixed(c.panel, c.warn, 0.18)},
        {"@warn", c.warn},
        {"@bad", c.bad},
        {"@ok", c.ok},
        {"@bg", c.bg},
        {"@panel", c.panel},
        {"@raise", c.raise},
        {"@chosen", mixed(c.panel, c.accent, 0.12)},
        {"@lineStrong", mixed(c.line, c.dim, 0.45)},
        {"@line", c.line},
        {"@text", c.text},
        {"@dim", c.dim},
        {"@onAccent", c.onAccent},
        {"@hover", mixed(c.raise, c.text, 0.05)},
        {"@knob", c.isDark ? c.text : c.panel},
    };
    QString sheet = withCircles(withLengths(QString::fromUtf8(kTemplate)));
    for (const Name &name : names)
        sheet.replace(QLatin1String(name.name), name.color.name());
    return sheet;
}

} // namespace weir::ui
