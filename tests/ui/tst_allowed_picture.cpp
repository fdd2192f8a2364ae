// SPDX-License-Identifier: GPL-3.0-only
#include <QImage>

#include "core/sim/edge_and_pause.h"
#include "tests/support/random_limit.h"
#include "tests/support/warnings_fail.h"
#include "ui/words/limit_words.h"
#include "ui/look/theme.h"
#include "ui/help/allowed_picture.h"

using namespace weir;
using namespace weir::ui;
using namespace std::chrono_literals;
using limit::Algorithm;

class TestAllowedPicture : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;

    static QImage painted(AllowedPicture &picture)
    {
        QImage image(picture.size(), QImage::Format_RGB32);
        image.fill(colors().panel);
        picture.render(&image, {}, {}, {});
        return image;
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void itSaysItsNumbers()
    {
        const AllowedPicture picture;
        QCOMPARE(picture.wordsOf(Algorithm::FixedWindow),
                 QStringLiteral("Fixed window: 10 at the edge, at most 10 in any 10 s, 5 at once after a pause."));
        QCOMPARE(picture.wordsOf(Algorithm::Gcra),
                 QStringLiteral("GCRA: 5 at the edge, at most 9 in any 10 s, 5 at once after a pause."));
        QCOMPARE(picture.wordsOf(Algorithm::SlidingLog),
                 QStringLiteral("Sliding window log: 5 at the edge, at most 5 in any 10 s, 5 at once after a pause."));
        QVERIFY(!picture.accessibleName().isEmpty());
        for (const Algorithm algorithm : test::kAlgorithms)
            QVERIFY(picture.accessibleDescription().contains(picture.wordsOf(algorithm)));
        QVERIFY(picture.accessibleDescription().startsWith(QStringLiteral("Tokens given with 5 every 10 s.")));
    }

    void everyTokenIsASquare_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("dark") << true;
        QTest::newRow("light") << false;
    }
    void everyTokenIsASquare()
    {
        QFETCH(const bool, isDark);
        applyTheme(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
        AllowedPicture picture;
        picture.resize(picture.sizeHint());
        const QImage image = painted(picture);
        for (const Algorithm algorithm : test::kAlgorithms) {
            const auto allowed =
                sim::allowedOverTime(sim::edge_and_pause::specOf(algorithm), sim::edge_and_pause::kWaiting);
            for (const sim::Given &given : allowed.given) {
                const std::vector<QRectF> squares = picture.squaresOf(algorithm, given.at);
                QCOMPARE(static_cast<limit::Tokens>(squares.size()), given.tokens);
                for (const QRectF &square : squares)
                    QCOMPARE(image.pixelColor(square.center().toPoint()), colors().ok);
            }
            QVERIFY(picture.squaresOf(algorithm, 40s).empty()); // the pause
        }
    }

    void noTwoSquaresTouch()
    {
        AllowedPicture picture;
        for (const int width : {300, 500, 640, 696, 760, 1200}) {
            picture.resize(width, picture.sizeHint().height());
            const auto before = picture.squaresOf(Algorithm::FixedWindow, 9s);
            const auto after = picture.squaresOf(Algorithm::FixedWindow, 10s);
            QVERIFY(before.front().right() < after.front().left()); // the two bursts of the edge
            QVERIFY(before[1].bottom() < before[0].top());
            for (const Algorithm algorithm : test::kAlgorithms) {
                const auto first = picture.squaresOf(algorithm, 9s);
                QCOMPARE(first.front().left(), before.front().left()); // all rows have one axis
                QVERIFY(QRectF(picture.rect()).contains(first.back()));
            }
            QVERIFY(picture.squaresOf(Algorithm::SlidingLog, 9s).back().top()
                    > picture.squaresOf(Algorithm::FixedWindow, 9s).front().bottom());
        }
    }
};

QTEST_MAIN(TestAllowedPicture)
#include "tst_allowed_picture.moc"
