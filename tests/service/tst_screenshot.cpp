// SPDX-License-Identifier: GPL-3.0-only
// weir --screenshot: a picture of exactly the size that was asked for, with something in it.
#include <QDir>
#include <QImage>
#include <QTest>

#include "tests/support/orphans.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;

namespace {

// Different colours among the points of a grid: one of a single colour is no picture.
int coloursIn(const QImage &image)
{
    QSet<QRgb> colours;
    for (int y = 0; y < image.height(); y += 4)
        for (int x = 0; x < image.width(); x += 4)
            colours.insert(image.pixel(x, y));
    return static_cast<int>(colours.size());
}

int lightnessOf(const QImage &image) // 0 to 255
{
    return qGray(image.scaled(1, 1, Qt::IgnoreAspectRatio, Qt::SmoothTransformation).pixel(0, 0));
}

} // namespace

class TestScreenshot : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup()
    {
        QVERIFY(m_orphans.alive().empty());
        WEIR_NO_WARNINGS(m_warnings);
    }

    void everySizeInBothThemes_data();
    void everySizeInBothThemes();
    void aFileThatCannotBeWritten();
    void aPageThatDoesNotExist();

private:
    static QStringList shot(const QString &file, const QByteArray &more)
    {
        return QStringList{QStringLiteral("--screenshot"), file} + words("--listen 127.0.0.1:0 --after 200ms " + more);
    }

    WarningsFail m_warnings;
    Orphans m_orphans;
};

void TestScreenshot::everySizeInBothThemes_data()
{
    QTest::addColumn<QByteArray>("theme");
    QTest::addColumn<QSize>("size");
    for (const char *theme : {"light", "dark"})
        for (const QSize size : {QSize{1280, 820}, QSize{1600, 1000}})
            QTest::addRow("%s %d", theme, size.width()) << QByteArray{theme} << size;
}

void TestScreenshot::everySizeInBothThemes()
{
    QFETCH(const QByteArray, theme);
    QFETCH(const QSize, size);
    WeirProcess weir;
    const QString file = weir.folder() + QStringLiteral("/weir.png");
    const QByteArray sizeText = QByteArray::number(size.width()) + 'x' + QByteArray::number(size.height());
    QVERIFY2(weir.runToExit(shot(file, "--page live --theme " + theme + " --size " + sizeText)) == 0, weir.errors());
    QVERIFY2(weir.output().startsWith("listening on http://127.0.0.1:"), weir.output());
    QImage image;
    QVERIFY(image.load(file, "PNG"));
    QCOMPARE(image.size(), size);
    QVERIFY(coloursIn(image) > 30);
    const int lightness = lightnessOf(image);
    QVERIFY2(theme == "dark" ? lightness < 100 : lightness > 155, qPrintable(QString::number(lightness)));
}

void TestScreenshot::aFileThatCannotBeWritten()
{
    WeirProcess weir;
    const QString file = weir.folder() + QStringLiteral("/no/such/folder/weir.png");
    QCOMPARE(weir.runToExit(shot(file, {})), 1);
    const QByteArray said = weir.errors();
    QVERIFY2(said.contains("--screenshot") && said.contains(file.toUtf8()), said);
}

void TestScreenshot::aPageThatDoesNotExist()
{
    WeirProcess weir;
    const QString file = weir.folder() + QStringLiteral("/weir.png");
    QCOMPARE(weir.runToExit(shot(file, "--page nothing")), 2);
    QVERIFY2(weir.errors().contains("--page"), weir.errors());
    QVERIFY(!QFile::exists(file));
}

QTEST_GUILESS_MAIN(TestScreenshot)
#include "tst_screenshot.moc"
