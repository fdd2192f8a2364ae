// SPDX-License-Identifier: GPL-3.0-only
#include "tests/support/warnings_fail.h"
#include "ui/words/visible_text.h"

using namespace weir;
using namespace weir::ui;

class TestVisibleText : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void nothingIsInvisible_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("text");
        QTest::newRow("plain") << QByteArray("/orders?id=7&x=%20") << QStringLiteral("/orders?id=7&x=%20");
        QTest::newRow("html stays text") << QByteArray("/<img src=x>") << QStringLiteral("/<img src=x>");
        QTest::newRow("letters") << QByteArray("/gr\xc3\xbc\xc3\x9f"
                                               "e")
                                 << QStringLiteral("/grüße");
        QTest::newRow("control") << QByteArray("/a\x01\x1b\n", 5) << QStringLiteral("/a\\x01\\x1b\\x0a");
        QTest::newRow("delete and C1") << QByteArray("\x7f\xc2\x85") << QStringLiteral("\\x7f\\x85");
        QTest::newRow("bidi override") << QByteArray("\xe2\x80\xae") << QStringLiteral("\\u202e");
        QTest::newRow("zero width") << QByteArray("\xe2\x80\x8b") << QStringLiteral("\\u200b");
        QTest::newRow("soft hyphen") << QByteArray("\xc2\xad") << QStringLiteral("\\xad");
        QTest::newRow("no-break space") << QByteArray("\xc2\xa0") << QStringLiteral("\\xa0");
        QTest::newRow("line separator") << QByteArray("\xe2\x80\xa8") << QStringLiteral("\\u2028");
        QTest::newRow("tag character") << QByteArray("\xf3\xa0\x81\x81") << QStringLiteral("\\ue0041");
        QTest::newRow("backslash") << QByteArray("\\x01") << QStringLiteral("\\\\x01");
        QTest::newRow("lone byte") << QByteArray("\xff/") << QStringLiteral("\\xff/");
        QTest::newRow("cut sequence") << QByteArray("\xe2\x80") << QStringLiteral("\\xe2\\x80");
        QTest::newRow("overlong slash") << QByteArray("\xc0\xaf") << QStringLiteral("\\xc0\\xaf");
        QTest::newRow("surrogate") << QByteArray("\xed\xa0\x80") << QStringLiteral("\\xed\\xa0\\x80");
        QTest::newRow("NUL") << QByteArray("a\0b", 3) << QStringLiteral("a\\x00b");
    }
    void nothingIsInvisible()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, text);
        QCOMPARE(visibleText(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size()))), text);
    }

    void cutTextSaysSo() { QCOMPARE(visibleText("/a", true), QStringLiteral("/a…")); }

    void cellsAreNoFormulas()
    {
        QCOMPARE(spreadsheetCell(QStringLiteral("GET /")), QStringLiteral("GET /"));
        QCOMPARE(spreadsheetCell(QStringLiteral("=1+1")), QStringLiteral("'=1+1"));
        QCOMPARE(spreadsheetCell(QStringLiteral(" @x")), QStringLiteral("' @x"));
        QCOMPARE(spreadsheetCell(QStringLiteral("-1")), QStringLiteral("'-1"));
        QCOMPARE(spreadsheetCell(QStringLiteral("a\tb\nc")), QStringLiteral("a b c"));
    }
};

QTEST_GUILESS_MAIN(TestVisibleText)
#include "tst_visible_text.moc"
