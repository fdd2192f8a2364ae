// SPDX-License-Identifier: GPL-3.0-only
// A line or two across the page about something that is wrong, or was.
#pragma once

#include <QFrame>

class QHBoxLayout;
class QLabel;
class QPushButton;

namespace weir::ui {

class Banner : public QFrame {
    Q_OBJECT
public:
    static constexpr int kTwoLines = 52; ///< its height with a detail
    explicit Banner(QWidget *parent = nullptr);

    /// Make it a notice of something that is over: in the colour of a warning, with a button that hides it until
    /// another message comes.
    void makeNotice();

    enum class Tone { Bad, Warning };
    void setTone(Tone tone);
    /// Add a button at the right; hidden until setVisible().
    QPushButton *addButton(const QString &text);

    /// Show plain text on one line, elided; empty hides the banner. `detail`: a second line below, the first is then
    /// bold.
    void setMessage(const QString &message, const QString &detail = {});
    /// Set further lines, for the tool tip.
    void setMore(const QString &figures);
    [[nodiscard]] QString message() const;

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void elide();
    void fitHeight();

    void updateToolTip();

    QHBoxLayout *m_layout{nullptr};
    QLabel *m_text{nullptr};
    QLabel *m_detailText{nullptr};
    QString m_message;
    QString m_detail;
    QString m_more;
};

} // namespace weir::ui
