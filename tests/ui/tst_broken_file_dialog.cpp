// SPDX-License-Identifier: GPL-3.0-only
// A configuration file that cannot be used, told before there is a panel.
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTest>
#include <QTimer>

#include "tests/support/warnings_fail.h"
#include "ui/window/broken_file_dialog.h"

using namespace weir::ui;
using namespace weir::test;
using Choice = BrokenFileDialog::Choice;

class TestBrokenFileDialog : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void allProblemsAreThereAndCanBeCopied()
    {
        BrokenFileDialog asked{QStringLiteral("/home/<b>/weir.toml"),
                               {QStringLiteral("weir.toml:1: <i> is no key"), QStringLiteral("weir.toml:2: bad")}};
        const auto *list = asked.findChild<QPlainTextEdit *>(QStringLiteral("problems"));
        QCOMPARE(list->toPlainText(), QStringLiteral("weir.toml:1: <i> is no key\nweir.toml:2: bad"));
        QVERIFY(list->isReadOnly());
        QVERIFY(!list->accessibleName().isEmpty());
        const auto labels = asked.findChildren<QLabel *>();
        QVERIFY(std::any_of(labels.begin(), labels.end(),
                            [](const QLabel *label) { return label->text().contains(QStringLiteral("<b>")); }));
        for (const QLabel *label : labels)
            QCOMPARE(label->textFormat(), Qt::PlainText);
    }

    void eachWayOnIsAnswered_data()
    {
        QTest::addColumn<QString>("button");
        QTest::addColumn<int>("key");
        QTest::addColumn<int>("choice");
        QTest::newRow("try again") << QStringLiteral("tryAgain") << 0 << static_cast<int>(Choice::TryAgain);
        QTest::newRow("defaults") << QStringLiteral("startWithDefaults") << 0
                                  << static_cast<int>(Choice::StartWithDefaults);
        QTest::newRow("Enter") << QString{} << static_cast<int>(Qt::Key_Return) << static_cast<int>(Choice::TryAgain);
        QTest::newRow("Escape") << QString{} << static_cast<int>(Qt::Key_Escape) << static_cast<int>(Choice::Close);
        QTest::newRow("closed") << QString{} << 0 << static_cast<int>(Choice::Close);
    }
    void eachWayOnIsAnswered()
    {
        QFETCH(const QString, button);
        QFETCH(const int, key);
        QFETCH(const int, choice);
        BrokenFileDialog asked{QStringLiteral("/weir.toml"), {QStringLiteral("bad")}};
        QTimer::singleShot(0, &asked, [&] {
            if (!button.isEmpty())
                asked.findChild<QPushButton *>(button)->click();
            else if (key != 0)
                QTest::keyClick(&asked, static_cast<Qt::Key>(key));
            else
                asked.close();
        });
        QCOMPARE(static_cast<int>(asked.ask()), choice);
    }
};

QTEST_MAIN(TestBrokenFileDialog)
#include "tst_broken_file_dialog.moc"
