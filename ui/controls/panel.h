// SPDX-License-Identifier: GPL-3.0-only
// A rounded box with a title: what every part of a page stands in.
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

    void setTitle(const QString &title); ///< plain text; gives way to what stands beside it

protected:
    void makeTitleLarge();                                         ///< it is the name of something, not of the box
    [[nodiscard]] QHBoxLayout *header() const { return m_header; } ///< the title's line; add to its right
    [[nodiscard]] QVBoxLayout *body() const { return m_body; }

private:
    QVBoxLayout *m_body{nullptr};
    QHBoxLayout *m_header{nullptr};
    TabularLabel *m_title{nullptr};
};

/// Sets what the style sheet knows a widget as.
void setRole(QWidget *widget, const char *role);

} // namespace weir::ui
