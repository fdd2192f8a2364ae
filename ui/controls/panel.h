// SPDX-License-Identifier: GPL-3.0-only
// A rounded box with a title, for the parts of a page.
#pragma once

#include <QFrame>

class QHBoxLayout;
class QVBoxLayout;

namespace weir::ui {

class TabularLabel;

class Panel : public QFrame {
    Q_OBJECT
public:
    explicit Panel(const QString &title, QWidget *parent = nullptr);

    void setTitle(const QString &title); ///< plain text; elided for the sake of what stands beside it

protected:
    void makeTitleLarge();                                         ///< for the name of a thing instead of the box
    [[nodiscard]] QHBoxLayout *header() const { return m_header; } ///< the title's line; add to its right
    [[nodiscard]] QVBoxLayout *body() const { return m_body; }

private:
    QVBoxLayout *m_body{nullptr};
    QHBoxLayout *m_header{nullptr};
    TabularLabel *m_title{nullptr};
};

/// Set the role by which the style sheet knows a widget.
void setRole(QWidget *widget, const char *role);

} // namespace weir::ui
