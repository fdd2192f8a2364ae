// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include "core/base/byte_size.h"

using namespace weir;

class TestByteSize : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void reads_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<quint64>("bytes");
        QTest::newRow("no unit") << QStringLiteral("65536") << quint64{65'536};
        QTest::newRow("B") << QStringLiteral("7B") << quint64{7};
        QTest::newRow("KiB") << QStringLiteral("64KiB") << quint64{65'536};
        QTest::newRow("1 MiB") << QStringLiteral("1MiB") << quint64{1'048'576};
        QTest::newRow("32 MiB") << QStringLiteral("32MiB") << quint64{33'554'432};
        QTest::newRow("GiB") << QStringLiteral("1GiB") << quint64{1'073'741'824};
        QTest::newRow("space") << QStringLiteral("64 KiB") << quint64{65'536};
        QTest::newRow("zero") << QStringLiteral("0") << quint64{0};
        QTest::newRow("zero KiB") << QStringLiteral("0KiB") << quint64{0};
        QTest::newRow("leading zero") << QStringLiteral("010") << quint64{10};
        QTest::newRow("largest") << QStringLiteral("18446744073709551615") << std::numeric_limits<quint64>::max();
        QTest::newRow("largest GiB") << QStringLiteral("17179869183GiB") << (quint64{17'179'869'183} << 30);
    }
    void reads()
    {
        QFETCH(const QString, text);
        QFETCH(const quint64, bytes);
        const auto size = parseByteSize(text.toStdString());
        QVERIFY(size.has_value());
        QCOMPARE(quint64{*size}, bytes);
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text : {"",
                                 " ",
                                 "KiB",
                                 "-1",
                                 "-0",
                                 "+1",
                                 "1.5MiB",
                                 "1e3",
                                 "0x10",
                                 "64kib",
                                 "64KIB",
                                 "64KB",
                                 "64kB",
                                 "64K",
                                 "64k",
                                 "1M",
                                 "1MB",
                                 "1G",
                                 "1TiB",
                                 "64  KiB",
                                 " 64KiB",
                                 "64KiB ",
                                 "64 ",
                                 "64KiB1",
                                 "64 KiB/s",
                                 "1_000",
                                 "1,000",
                                 "18446744073709551616",
                                 "17179869184GiB",
                                 "99999999999999999999B"})
            QTest::newRow(qPrintable(QLatin1Char{'"'} + QLatin1String{text} + QLatin1Char{'"'}))
                << QString::fromLatin1(text);
    }
    void refuses()
    {
        QFETCH(const QString, text);
        QVERIFY(!parseByteSize(text.toStdString()));
    }

    void printsTheLargestUnitThatDivides_data()
    {
        QTest::addColumn<quint64>("bytes");
        QTest::addColumn<QString>("text");
        QTest::newRow("zero") << quint64{0} << QStringLiteral("0B");
        QTest::newRow("bytes") << quint64{1000} << QStringLiteral("1000B");
        QTest::newRow("just under") << quint64{1023} << QStringLiteral("1023B");
        QTest::newRow("KiB") << quint64{65'536} << QStringLiteral("64KiB");
        QTest::newRow("no MiB") << quint64{1'049'600} << QStringLiteral("1025KiB");
        QTest::newRow("MiB") << quint64{1'048'576} << QStringLiteral("1MiB");
        QTest::newRow("GiB") << (quint64{3} << 30) << QStringLiteral("3GiB");
        QTest::newRow("largest") << std::numeric_limits<quint64>::max() << QStringLiteral("18446744073709551615B");
    }
    void printsTheLargestUnitThatDivides()
    {
        QFETCH(const quint64, bytes);
        QFETCH(const QString, text);
        const std::string printed = printByteSize(bytes);
        QCOMPARE(QString::fromStdString(printed), text);
        QCOMPARE(quint64{*parseByteSize(printed)}, bytes);
        QCOMPARE(quint64{*parseByteSize(printByteSizeSpaced(bytes))}, bytes);
    }
    void printsForPeople()
    {
        QCOMPARE(QString::fromStdString(printByteSizeSpaced(262'144)), QStringLiteral("256 KiB"));
    }
};

QTEST_APPLESS_MAIN(TestByteSize)
#include "tst_byte_size.moc"
