// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include "core/base/duration.h"

using namespace weir;

class TestDuration : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void reads_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("micros");
        QTest::newRow("us") << QStringLiteral("7us") << qint64{7};
        QTest::newRow("ms") << QStringLiteral("500ms") << qint64{500'000};
        QTest::newRow("s") << QStringLiteral("10s") << qint64{10'000'000};
        QTest::newRow("min") << QStringLiteral("1min") << qint64{60'000'000};
        QTest::newRow("m") << QStringLiteral("2m") << qint64{120'000'000};
        QTest::newRow("h") << QStringLiteral("1h") << qint64{3'600'000'000};
        QTest::newRow("d") << QStringLiteral("366d") << qint64{31'622'400'000'000};
        QTest::newRow("hour in full") << QStringLiteral("1 hour") << qint64{3'600'000'000};
        QTest::newRow("sec") << QStringLiteral("30 sec") << qint64{30'000'000};
        QTest::newRow("minute") << QStringLiteral("1minute") << qint64{60'000'000};
        QTest::newRow("decimal") << QStringLiteral("1.5 h") << qint64{5'400'000'000};
        QTest::newRow("half a second") << QStringLiteral("0.5s") << qint64{500'000};
        QTest::newRow("zeros") << QStringLiteral("1.000000000 ms") << qint64{1'000};
        QTest::newRow("two units") << QStringLiteral("1h 30min") << qint64{5'400'000'000};
        QTest::newRow("without space") << QStringLiteral("1h30min") << qint64{5'400'000'000};
        QTest::newRow("three units") << QStringLiteral("1d 2 h 3m") << qint64{93'780'000'000};
        QTest::newRow("week") << QStringLiteral("1 week") << qint64{604'800'000'000};
        QTest::newRow("w") << QStringLiteral("2w") << qint64{1'209'600'000'000};
        QTest::newRow("space") << QStringLiteral("1 min") << qint64{60'000'000};
        QTest::newRow("zero") << QStringLiteral("0s") << qint64{0};
        QTest::newRow("largest") << QStringLiteral("9223372036854775807us") << std::numeric_limits<qint64>::max();
        QTest::newRow("largest days") << QStringLiteral("106751991d") << qint64{106'751'991} * 86'400'000'000;
    }
    void reads()
    {
        QFETCH(const QString, text);
        QFETCH(const qint64, micros);
        const auto duration = parseDuration(text.toStdString());
        QVERIFY(duration.has_value());
        QCOMPARE(qint64{duration->count()}, micros);
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text : {"",           " ",
                                 "5",          "s",
                                 "-1s",        "-0s",
                                 "+1s",        "1.s",
                                 ".5s",        "1.0000001s",
                                 "1e3s",       "1month",
                                 "1 year",     "30min 1h",
                                 "1h 1h",      "1h ",
                                 "1h  1s",     "1,5h",
                                 "1S",         "1  s",
                                 " 1s",        "1s ",
                                 "0x1s",       "9223372036854775808us",
                                 "106751992d", "99999999999999999999s",
                                 "1s1"})
            QTest::newRow(qPrintable(QLatin1Char{'"'} + QLatin1String{text} + QLatin1Char{'"'}))
                << QString::fromLatin1(text);
    }
    void refuses()
    {
        QFETCH(const QString, text);
        QVERIFY(!parseDuration(text.toStdString()));
    }

    void saysWhyAMonthIsNone()
    {
        QCOMPARE(QString::fromStdString(durationHint("1month")),
                 QStringLiteral("a month is 28 to 31 days long: write days"));
        QVERIFY(!durationHint("2 years").empty());
        QVERIFY(durationHint("1 min").empty());
        QVERIFY(durationHint("").empty());
    }

    void printsTheLargestUnitThatDivides_data()
    {
        QTest::addColumn<qint64>("micros");
        QTest::addColumn<QString>("text");
        QTest::newRow("zero") << qint64{0} << QStringLiteral("0s");
        QTest::newRow("90s") << qint64{90'000'000} << QStringLiteral("90s");
        QTest::newRow("60s") << qint64{60'000'000} << QStringLiteral("1min");
        QTest::newRow("1500us") << qint64{1500} << QStringLiteral("1500us");
        QTest::newRow("day") << qint64{86'400'000'000} << QStringLiteral("1d");
        QTest::newRow("25h") << qint64{90'000'000'000} << QStringLiteral("25h");
    }
    void printsTheLargestUnitThatDivides()
    {
        QFETCH(const qint64, micros);
        QFETCH(const QString, text);
        const std::string printed = printDuration(Micros{micros});
        QCOMPARE(QString::fromStdString(printed), text);
        QCOMPARE(qint64{parseDuration(printed)->count()}, micros);
        QCOMPARE(qint64{parseDuration(printDurationSpaced(Micros{micros}))->count()}, micros);
    }
    void printsForPeople()
    {
        QCOMPARE(QString::fromStdString(printDurationSpaced(Micros{60'000'000})), QStringLiteral("1 min"));
    }
};

QTEST_APPLESS_MAIN(TestDuration)
#include "tst_duration.moc"
