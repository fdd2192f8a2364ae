// SPDX-License-Identifier: GPL-3.0-only
// What redis-server 7.0.15 says, word for word, and what it means.
#include <QTest>

#include "core/redis/link/server_words.h"

using namespace weir::redis;
using namespace Qt::StringLiterals;

class TestServerWords : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theLastLineCounts_data()
    {
        QTest::addColumn<QByteArray>("log");
        QTest::addColumn<QString>("words");
        QTest::newRow("nothing") << QByteArray{} << u"it said nothing"_s;
        QTest::newRow("only newlines") << QByteArray{"\n\n"} << u"it said nothing"_s;
        QTest::newRow("log line") << QByteArray{"4:C 25 Nov 2026 10:04:31.420 * one\n"
                                                "15646:M 25 Nov 2026 10:04:31.421 # Write error: x\n"}
                                  << u"Write error: x"_s;
        QTest::newRow("bare line") << QByteArray{"*** FATAL CONFIG FILE ERROR ***\nBad directive"}
                                   << u"Bad directive"_s;
    }
    void theLastLineCounts()
    {
        QFETCH(const QByteArray, log);
        QTEST(lastWords(log), "words");
    }

    void brokenDataAreKnown_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QString>("words");
        QTest::newRow("format")
            << QByteArray{"Bad file format reading the append only file a.incr.aof: make a backup of "
                          "your AOF file, then use ./redis-check-aof --fix <filename.manifest>"}
            << u"Bad file format reading the append only file a.incr.aof"_s;
        QTest::newRow("end")
            << QByteArray{"Unexpected end of file reading the append only file a.base.rdb. You can: 1) "
                          "Make a backup of your AOF file"}
            << u"Unexpected end of file reading the append only file a.base.rdb"_s;
        QTest::newRow("command") << QByteArray{"Unknown command 'HSE\x01' reading the append only file a.aof"}
                                 << u"Unknown command 'HSE\x01' reading the append only file a.aof"_s;
        QTest::newRow("rdb")
            << QByteArray{"Internal error in RDB reading offset 0, function at rdb.c:3024 -> RDB CRC error"}
            << u"Internal error in RDB reading offset 0, function at rdb.c:3024 -> RDB CRC error"_s;
        QTest::newRow("empty manifest") << QByteArray{"Found an empty AOF manifest"}
                                        << u"Found an empty AOF manifest"_s;
        QTest::newRow("file gone")
            << QByteArray{"Unable to obtain the AOF file a.incr.aof length. stat: No such file or directory"}
            << u"Unable to obtain the AOF file a.incr.aof length. stat: No such file or directory"_s;
    }
    void brokenDataAreKnown()
    {
        QFETCH(const QByteArray, line);
        const QByteArray head = "15646:M 25 Nov 2026 10:04:31.421 # ";
        QTEST(brokenDataWords(head + "Server initialized\n" + head + line + "\nmore\n"), "words");
    }

    void aBrokenManifestIsKnown()
    {
        const QByteArray log = "\n*** FATAL AOF MANIFEST FILE ERROR ***\nReading the manifest file, at line 1\n"
                               ">>> 'junk'\n9:M 25 Nov 2026 10:04:31.421 # Invalid AOF manifest file format\n";
        QCOMPARE(brokenDataWords(log), u"Invalid AOF manifest file format"_s);
    }

    // Whole as far as anybody knows: they are not to be put aside.
    void otherFailuresAreNoBrokenData_data()
    {
        QTest::addColumn<QByteArray>("line");
        for (const char *line :
             {"Can't handle RDB format version 99",
              "Unrecoverable error reading the append only file a: Input/output error",
              "Can't open the append-only file a: Permission denied",
              "Write error writing append only file on disk: No space left on device",
              "Unable to obtain the AOF file a length. stat: Permission denied", "Ready to accept connections"})
            QTest::newRow(line) << QByteArray{line};
    }
    void otherFailuresAreNoBrokenData()
    {
        QFETCH(const QByteArray, line);
        QCOMPARE(brokenDataWords("9:M 25 Nov 2026 10:04:31.421 # " + line + '\n'), QString{});
    }

    void aNewerFormatIsKnown()
    {
        QCOMPARE(newerFormat("9:M 25 Nov 2026 10:04:31.421 # Can't handle RDB format version 12\n9:M Error\n"),
                 u"12"_s);
        QCOMPARE(newerFormat("9:M 25 Nov 2026 10:04:31.421 * Ready to accept connections unix\n"), QString{});
    }

    void obstaclesHaveAHint()
    {
        QCOMPARE(fileObstacle(u"MISCONF Errors writing to the AOF file: No space left on device"_s),
                 u"No space left on device"_s);
        QCOMPARE(hintAgainst(u"No space left on device"_s), u"free space there"_s);
        QCOMPARE(fileObstacle(u"Server initialized"_s), QString{});
        QCOMPARE(hintAgainst(QString{}), QString{});
    }
};

QTEST_GUILESS_MAIN(TestServerWords)
#include "tst_server_words.moc"
