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

    /// Show the page from its begin; no effect when it is shown already.
    void showPage(const QString &page);
    [[nodiscard]] const QString &page() const { return m_page; } ///< empty: none yet
    /// Make the page again in the colours of a changed theme, and stay where it is scrolled to.
    void dressAnew();

    /// Scroll the heading to the top; an unknown one: to the begin of the page.
    void scrollToHeading(const QString &anchor);
    void scrollToPixel(int scrolled);
    [[nodiscard]] int scrolled() const;
    /// Return the first visible position of the document.
    [[nodiscard]] int firstPosition() const;

    /// Mark the hits on this page, and `current` among them in another colour.
    void mark(const std::vector<HelpHit> &hits, const HelpHit *current);
    /// Scroll to the hit if it is not visible.
    void scrollToHit(const HelpHit &hit);

    /// Return the headings below the title that the contents list, in order.
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
    [[nodiscard]] int pictureWidth() const;

    QString m_page;
    QTextDocument *m_text{nullptr};
    AllowedPicture *m_picture{nullptr}; ///< over an empty block of its height
    QTextBlock m_pictureRoom;           ///< invalid: this page has none
};

} // namespace weir::ui
