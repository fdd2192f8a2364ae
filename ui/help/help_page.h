// SPDX-License-Identifier: GPL-3.0-only
// The help text, from the program's own resources, with the picture of what each algorithm allows.
#pragma once

#include <QTextBlock>
#include <QTextBrowser>

namespace weir::ui {

class AllowedPicture;

class HelpPage : public QWidget {
    Q_OBJECT
public:
    explicit HelpPage(QWidget *parent = nullptr);

    /// Scrolls to where "live", "limits", "algorithms" or "failures" begins, now or as soon as the page is shown.
    void showText(const QString &name);
    [[nodiscard]] QString plainText() const { return m_browser->toPlainText(); }

protected:
    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void load();
    void makeRoomForPicture(QTextDocument &text);
    void placePicture();
    void goToWanted();

    QTextBrowser *m_browser{nullptr};
    QTextDocument *m_text{nullptr};
    AllowedPicture *m_picture{nullptr}; ///< over the empty block that is as high as it
    QTextBlock m_pictureRoom;
    QString m_wanted;      ///< the text to go to when the page is shown
    bool m_isStale{false}; ///< dressed in the colours of another theme
};

} // namespace weir::ui
