// SPDX-License-Identifier: GPL-3.0-only
// One number that matters, with what it is above and a remark below.
#pragma once

#include <QFrame>

namespace weir::ui {

class TabularLabel;

class StatTile : public QFrame {
    Q_OBJECT
public:
    enum class Tone { Plain, Good, Bad };
    StatTile(const QString &title, Tone tone, QWidget *parent = nullptr);

    void setTexts(const QString &value, const QString &remark); ///< plain text
    [[nodiscard]] QString value() const;
    [[nodiscard]] QString remark() const;

protected:
    void changeEvent(QEvent *event) override;

private:
    void paintTone();

    Tone m_tone;
    TabularLabel *m_title{nullptr};
    TabularLabel *m_value{nullptr};
    TabularLabel *m_remark{nullptr};
};

} // namespace weir::ui
