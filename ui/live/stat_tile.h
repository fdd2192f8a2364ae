// SPDX-License-Identifier: GPL-3.0-only
// A number with its title above and a remark below.
#pragma once

#include <QFrame>
#include <QString>

namespace weir::ui {

class TabularLabel;

class StatTile : public QFrame {
    Q_OBJECT
public:
    enum class Tone { Plain, Good, Bad };
    StatTile(const QString &title, const QString &shortTitle, Tone tone, QWidget *parent = nullptr);

    /// Set the title, plain text; `shortTitle` where it does not fit. To be called before setTexts().
    void setTitle(const QString &title, const QString &shortTitle);
    /// Set plain texts. `shortValue` is shown where `value` does not fit: a cut number would be a wrong one.
    void setTexts(const QString &value, const QString &remark, const QString &shortValue = {});
    [[nodiscard]] QString value() const { return m_text; } ///< in full
    [[nodiscard]] QString shownValue() const;
    [[nodiscard]] QString remark() const;

protected:
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void fit();
    void paintTone();

    Tone m_tone;
    QString m_longTitle;
    QString m_shortTitle;
    QString m_text;
    QString m_shortText;
    TabularLabel *m_title{nullptr};
    TabularLabel *m_value{nullptr};
    TabularLabel *m_remark{nullptr};
};

} // namespace weir::ui
