// SPDX-License-Identifier: GPL-3.0-only
#include <QIcon>
#include <QTest>

#include "ui/look/icons.h"

class TestAppIcon : public QObject {
    Q_OBJECT
private Q_SLOTS:
    // The picture that is installed, drawn for each size.
    void everySizeIsAPicture()
    {
        const QIcon icon = weir::ui::appIcon();
        for (const int side : {16, 22, 24, 32, 48, 64, 128, 256}) {
            const QImage picture = icon.pixmap(QSize{side, side}, 1.0).toImage();
            QCOMPARE(picture.size(), QSize(side, side));
            QVERIFY(picture.pixelColor(side / 2, side * 3 / 4).blue() > 150); // water
            QVERIFY(picture.pixelColor(0, 0).alpha() < 255);                  // round corners
        }
    }
};

QTEST_MAIN(TestAppIcon)
#include "tst_app_icon.moc"
