// SPDX-License-Identifier: GPL-3.0-only
// One page of the help, in the theme's colours, with the picture of what each algorithm allows where it belongs.
#pragma once

#include <QTextBlock>
#include <QTextBrowser>
#include <vector>

#include "ui/help/help_book.h"
#include "ui/help/help_search.h"

namespace weir::ui {

class AllowedPicture;

class HelpBrowser : public QTextBrowser {
    Q_OBJECT
public:
    explicit HelpBrowser(QWidget *parent = nullptr);

    /// Shows the page from its begin. Nothing is done when it is shown already.
    void showPage(const QString &page);
    [[nodiscard]] const QString &page() const { return m_page; } ///< empty: none yet
    /// Makes the page anew, where it is scrolled to, after the theme has changed.
    void dressAnew();

    /// The heading comes to the top; an unknown one: the begin of the page.
    void scrollToHeading(const QString &anchor);
    void scrollToPixel(int scrolled);
    [[nodiscard]] int scrolled() const;
    /// The first position of the document that can be read now.
    [[nodiscard]] int firstPosition() const;

    /// Marks these hits, and `current` among them so that it is seen at once. Those of other pages are left out.
    void mark(const std::vector<HelpHit> &hits, const HelpHit *current);
    /// Scrolls only if it cannot be seen.
    void scrollToHit(const HelpHit &hit);

    /// The headings below the title that the contents list, in order.
    [[nodiscard]] QStringList headings() const;

Q_SIGNALS:
    void placeWished(const weir::ui::HelpPlace &place); ///< a link within the help was followed
    void stepWished(int steps);                         ///< a mouse's key for back (-1) or forward (1)

protected:
    void resizeEvent(QResizeEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;

private:
    void load();
    void follow(const QUrl &link);
    void layOut(); ///< all of it: Qt would do the rest some turns later, and not scroll there before
    void makeRoomForPicture();
    void placePicture();

    QString m_page;
    QTextDocument *m_text{nullptr};
    AllowedPicture *m_picture{nullptr}; ///< over the empty block that is as high as it
    QTextBlock m_pictureRoom;           ///< invalid: this page has none
};

} // namespace weir::ui
