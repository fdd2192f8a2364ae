// SPDX-License-Identifier: GPL-3.0-only
// A small box in the top line of a page: a coloured dot, a text, and a detail that is hidden when room is short.
#pragma once

#include <QFrame>

class QHBoxLayout;
class QLabel;

namespace weir::ui {

class TabularLabel;

class StatusDot : public QWidget {
    Q_OBJECT
public:
    enum class State { Good, Warning, Bad, Unknown };
    explicit StatusDot(QWidget *parent = nullptr);
    void setState(State state);
    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    State m_state{State::Unknown};
};

class StatusChip : public QFrame {
    Q_OBJECT
public:
    explicit StatusChip(QWidget *parent = nullptr);

    void setState(StatusDot::State state);
    void setTexts(const QString &main, const QString &detail); ///< plain text
    void setPlainToolTip(const QString &text);                 ///< data is escaped
    void addButton(QWidget *button);
    void setMainStrong();

    /// Hide or show the detail.
    void setCompact(bool isCompact);

    /// Return the width of the texts with the detail, pixels.
    [[nodiscard]] int textWidth() const;
    [[nodiscard]] QString mainText() const;
    [[nodiscard]] QString detailText() const { return m_detailText; }
    [[nodiscard]] StatusDot::State state() const { return m_dot->state(); }

private:
    StatusDot *m_dot{nullptr};
    TabularLabel *m_main{nullptr};
    TabularLabel *m_detail{nullptr};
    QHBoxLayout *m_layout{nullptr};
    QString m_detailText;
    QString m_plainToolTip;
    bool m_isCompact{false};
};

} // namespace weir::ui
