// SPDX-License-Identifier: GPL-3.0-only
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QTemporaryDir>
#include <QTextBlock>
#include <QTreeWidget>

#include "tests/support/warnings_fail.h"
#include "tests/ui/fake_service.h"
#include "ui/help/help_book.h"
#include "ui/help/help_browser.h"
#include "ui/help/help_text.h"
#include "ui/window/main_window.h"

using namespace weir;
using namespace weir::ui;

namespace {

constexpr double kReadable = 4.5; // WCAG 2.1, 1.4.3

double luminance(const QColor &color)
{
    const auto linear = [](double part) {
        return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

double contrast(const QColor &a, const QColor &b)
{
    const double one = luminance(a), other = luminance(b);
    return (std::max(one, other) + 0.05) / (std::min(one, other) + 0.05);
}

QString topLine(HelpBrowser *browser)
{
    return browser->cursorForPosition({40, 30}).block().text();
}

} // namespace

class TestHelpPage : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;
    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<test::FakeService> m_service;
    std::unique_ptr<MainWindow> m_window;
    HelpBrowser *m_browser{nullptr};
    QLineEdit *m_search{nullptr};
    QTreeWidget *m_contents{nullptr};

    template<class T>
    T *child(const char *name)
    {
        return m_window->findChild<T *>(QLatin1String(name));
    }
    QString found() { return child<QLabel>("helpFound")->text(); }
    void key(Qt::Key which, Qt::KeyboardModifiers with = Qt::NoModifier)
    {
        QTest::keyClick(QApplication::focusWidget(), which, with);
    }
    void searchFor(const char *words)
    {
        key(Qt::Key_F, Qt::ControlModifier);
        QCOMPARE(QApplication::focusWidget(), m_search);
        QTest::keyClicks(m_search, QLatin1String(words));
    }
    /// Of the mark that is shown as the one that was reached; -1: none is.
    int currentMark()
    {
        for (const auto &mark : m_browser->extraSelections()) {
            if (mark.format.background().color() == colors().accent)
                return mark.cursor.selectionStart();
        }
        return -1;
    }
    bool isSeen(int position)
    {
        QTextCursor cursor(m_browser->document());
        cursor.setPosition(position);
        return m_browser->viewport()->rect().contains(m_browser->cursorRect(cursor));
    }
    QTreeWidgetItem *itemOf(const QString &page) { return m_contents->topLevelItem(int(helpPages().indexOf(page))); }
    void click(QTreeWidgetItem *item)
    {
        m_contents->scrollToItem(item);
        QTest::mouseClick(m_contents->viewport(), Qt::LeftButton, {}, m_contents->visualItemRect(item).center());
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_settings = std::make_unique<QSettings>(m_dir->filePath(QStringLiteral("weir.ini")), QSettings::IniFormat);
        m_service = std::make_unique<test::FakeService>();
        m_window = std::make_unique<MainWindow>(*m_service, *m_settings);
        m_window->resize(1280, 820);
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        m_browser = m_window->findChild<HelpBrowser *>();
        m_search = child<QLineEdit>("helpSearch");
        m_contents = child<QTreeWidget>("helpContents");
        QVERIFY(m_browser && m_search && m_contents);
    }
    void cleanup()
    {
        m_window.reset();
        m_service.reset();
        m_settings.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void theKeyOpensWhatIsAboutThePage_data()
    {
        QTest::addColumn<QString>("page");
        QTest::addColumn<QString>("heading");
        QTest::newRow("live") << QStringLiteral("live") << QStringLiteral("The Live page");
        QTest::newRow("limits") << QStringLiteral("limits") << QStringLiteral("The Limits page");
        QTest::newRow("failures") << QStringLiteral("failures") << QStringLiteral("The Failures page");
        QTest::newRow("history") << QStringLiteral("history") << QStringLiteral("The History page");
        QTest::newRow("help") << QStringLiteral("help") << QStringLiteral("Start here");
    }
    void theKeyOpensWhatIsAboutThePage()
    {
        QFETCH(QString, page);
        QFETCH(QString, heading);
        m_window->openPage(QStringLiteral("options"));
        m_window->openPage(page);
        key(Qt::Key_F1);
        QCOMPARE(m_window->currentPage(), QStringLiteral("help"));
        QTRY_COMPARE(topLine(m_browser), heading);
        QCOMPARE(QApplication::focusWidget(), m_browser); // the arrow keys scroll
    }

    void theButtonOpensWhereOneWas()
    {
        m_window->openPage(QStringLiteral("redis"));
        m_browser->verticalScrollBar()->setValue(120);
        m_window->openPage(QStringLiteral("live"));
        for (auto *each : m_window->findChildren<QAbstractButton *>()) {
            if (each->text() == QLatin1String("&Help"))
                each->click();
        }
        QCOMPARE(m_browser->page(), QStringLiteral("redis"));
        QCOMPARE(m_browser->verticalScrollBar()->value(), 120);
    }

    void contentsLeadToPagesAndTheirParts()
    {
        m_window->openPage(QStringLiteral("help"));
        QCOMPARE(m_browser->page(), QStringLiteral("start"));
        QCOMPARE(m_contents->topLevelItemCount(), int(helpPages().size()));
        click(itemOf(QStringLiteral("redis")));
        QCOMPARE(m_browser->page(), QStringLiteral("redis"));
        QTreeWidgetItem *redis = itemOf(QStringLiteral("redis"));
        QVERIFY(redis->isExpanded());
        QCOMPARE(redis->child(2)->text(0), QStringLiteral("While Redis is away"));
        click(redis->child(2));
        QCOMPARE(topLine(m_browser), QStringLiteral("While Redis is away"));
        click(redis);
        QCOMPARE(m_browser->verticalScrollBar()->value(), 0);
        for (const QString &page : helpPages()) {
            click(itemOf(page)); // the rows below an open page are elsewhere afterwards
            QCOMPARE(m_browser->page(), page);
            QCOMPARE(m_contents->selectedItems(), QList<QTreeWidgetItem *>{itemOf(page)});
        }
        click(redis);
        m_contents->setFocus();
        key(Qt::Key_Up);
        QCOMPARE(m_browser->page(), helpPages().at(helpPages().indexOf(QStringLiteral("redis")) - 1));
        QCOMPARE(QApplication::focusWidget(), m_contents);
        QCOMPARE(redis->childCount(), 0); // only the open one has its parts there
    }

    void linksOfThePagesLeadSomewhere()
    {
        const auto documentOf = [](const QString &page) {
            auto document = std::make_unique<QTextDocument>();
            setHelpPage(*document, page, {});
            return document;
        };
        QHash<QString, QStringList> anchors; // an empty one: the begin
        for (const QString &page : helpPages()) {
            anchors[page] << QString();
            const auto document = documentOf(page);
            for (QTextBlock block = document->begin(); block.isValid(); block = block.next()) {
                if (block.blockFormat().headingLevel() > 1)
                    anchors[page] << headingAnchor(block.text());
            }
        }
        int count = 0;
        for (const QString &page : helpPages()) {
            const auto document = documentOf(page);
            for (QTextBlock block = document->begin(); block.isValid(); block = block.next()) {
                for (auto it = block.begin(); !it.atEnd(); ++it) {
                    const QString link = it.fragment().charFormat().anchorHref();
                    if (link.isEmpty())
                        continue;
                    const auto place = helpPlace(link, page); // what leads to the source is no link here
                    QVERIFY2(place && anchors[place->page].contains(place->anchor),
                             qPrintable(page + QStringLiteral(": ") + link));
                    ++count;
                }
            }
        }
        QVERIFY(count > 30);
    }

    void linksAreFollowedAndTheWayBackIsKept()
    {
        m_window->openPage(QStringLiteral("words"));
        auto *bar = m_browser->verticalScrollBar();
        bar->setValue(200);
        Q_EMIT m_browser->anchorClicked(QUrl(QStringLiteral("limits.md#whose-bucket")));
        QCOMPARE(topLine(m_browser), QStringLiteral("Whose bucket"));
        const int there = bar->value();
        QVERIFY(there > 0);
        m_browser->setFocus();
        key(Qt::Key_Left, Qt::AltModifier);
        QCOMPARE(m_browser->page(), QStringLiteral("words"));
        QCOMPARE(bar->value(), 200);
        QVERIFY(itemOf(QStringLiteral("words"))->isExpanded());
        key(Qt::Key_Right, Qt::AltModifier);
        QCOMPARE(m_browser->page(), QStringLiteral("limits"));
        QCOMPARE(bar->value(), there);
        QVERIFY(!child<QPushButton>("helpForward")->isEnabled());
        child<QPushButton>("helpBack")->click();
        QCOMPARE(m_browser->page(), QStringLiteral("words"));
        m_window->openPage(QStringLiteral("redis")); // another way forward
        QVERIFY(!child<QPushButton>("helpForward")->isEnabled());
        key(Qt::Key_Left, Qt::AltModifier);
        QCOMPARE(m_browser->page(), QStringLiteral("words"));
        QVERIFY(!child<QPushButton>("helpBack")->isEnabled());
        key(Qt::Key_Left, Qt::AltModifier);
        QCOMPARE(m_browser->page(), QStringLiteral("words"));
    }

    void aLinkIsReachedByTheKeyboard()
    {
        m_window->openPage(QStringLiteral("words"));
        m_browser->setFocus();
        key(Qt::Key_Tab);
        QCOMPARE(QApplication::focusWidget(), m_browser);
        key(Qt::Key_Return);
        QCOMPARE(m_browser->page(), QStringLiteral("start"));
        QTextCursor heading = m_browser->document()->find(QStringLiteral("Where it comes from"));
        QVERIFY(isSeen(heading.selectionStart()));
    }

    // Counted without the search, in what is shown.
    void hitsOfAllPagesAreCountedAndMarked()
    {
        const QString word = QStringLiteral("settle");
        m_window->openPage(QStringLiteral("help"));
        qsizetype all = 0;
        QHash<QString, qsizetype> onPage;
        for (const QString &page : helpPages()) {
            click(itemOf(page));
            QCOMPARE(m_browser->page(), page);
            onPage[page] = m_browser->toPlainText().count(word, Qt::CaseInsensitive);
            all += onPage[page];
        }
        QVERIFY(all > 3);
        click(itemOf(QStringLiteral("start")));
        searchFor("settle");
        QCOMPARE(found(), QStringLiteral("1 of %1").arg(all));
        for (const QString &page : helpPages()) {
            QCOMPARE(itemOf(page)->text(0), onPage[page] > 0
                                                ? QStringLiteral("%1 (%2)").arg(helpTitle(page)).arg(onPage[page])
                                                : helpTitle(page));
        }
        QString page;
        for (qsizetype i = 1; i <= all; ++i) {
            QCOMPARE(found(), QStringLiteral("%1 of %2").arg(i).arg(all));
            const auto marks = m_browser->extraSelections();
            QCOMPARE(marks.size(), onPage[m_browser->page()]);
            for (const auto &mark : marks)
                QCOMPARE(mark.cursor.selectedText().toLower(), word);
            QVERIFY(isSeen(currentMark()));
            QVERIFY(helpPages().indexOf(m_browser->page()) >= helpPages().indexOf(page));
            page = m_browser->page();
            QCOMPARE(QApplication::focusWidget(), m_search);
            key(Qt::Key_Return);
        }
        QCOMPARE(found(), QStringLiteral("1 of %1").arg(all)); // around
        key(Qt::Key_Return, Qt::ShiftModifier);
        QCOMPARE(found(), QStringLiteral("%1 of %1").arg(all));
        QCOMPARE(m_browser->page(), page);
        child<QPushButton>("helpPrevious")->click();
        QCOMPARE(found(), QStringLiteral("%1 of %2").arg(all - 1).arg(all));
    }

    void theSearchBeginsWhereOneIs()
    {
        m_window->openPage(QStringLiteral("redis"));
        m_browser->verticalScrollBar()->setValue(m_browser->verticalScrollBar()->maximum());
        const int first = m_browser->firstPosition();
        searchFor("redis");
        QCOMPARE(m_browser->page(), QStringLiteral("redis"));
        QVERIFY(currentMark() >= first);
    }

    void theSearchEndsByEscape()
    {
        m_window->openPage(QStringLiteral("redis"));
        searchFor("sentinel");
        QVERIFY(!m_browser->extraSelections().isEmpty());
        key(Qt::Key_Escape);
        QCOMPARE(m_search->text(), QString());
        QVERIFY(m_browser->extraSelections().isEmpty());
        QCOMPARE(found(), QString());
        QCOMPARE(itemOf(QStringLiteral("redis"))->text(0), QStringLiteral("Redis"));
        QCOMPARE(QApplication::focusWidget(), m_browser);
        QVERIFY(!child<QPushButton>("helpNext")->isEnabled());
    }

    void nothingFoundIsSaid()
    {
        m_window->openPage(QStringLiteral("redis"));
        searchFor("quux");
        QCOMPARE(found(), QStringLiteral("Not found"));
        key(Qt::Key_Return);
        QCOMPARE(m_browser->page(), QStringLiteral("redis"));
        key(Qt::Key_Escape);
        searchFor("r"); // one letter is everywhere
        QCOMPARE(found(), QString());
    }

    void whatTheWindowNamesIsExplained_data()
    {
        QTest::addColumn<QString>("word");
        for (const char *word : {"worker", "undecided", "turned away", "breaker", "/64", "(none)", "(others)",
                                 "(several)", "403", "in doubt", "the study", "shadow", "one bucket"})
            QTest::newRow(word) << QString::fromLatin1(word);
    }
    void whatTheWindowNamesIsExplained()
    {
        QFETCH(QString, word);
        m_window->openPage(QStringLiteral("words"));
        QVERIFY(m_browser->toPlainText().contains(word, Qt::CaseInsensitive));
    }

    void theStudyIsIntroducedWhereItIsNamed()
    {
        for (const QString &page : helpPages()) {
            const QString text = helpFile(page);
            const qsizetype first = text.indexOf(QLatin1String("study"));
            const qsizetype told = text.indexOf(QLatin1String("grew out of"));
            if (first >= 0)
                QVERIFY2(told >= 0 && told < first + 200, qPrintable(page));
        }
    }

    void marksAreReadableInBothThemes()
    {
        m_window->openPage(QStringLiteral("redis"));
        searchFor("redis");
        for (const ThemeChoice theme : {ThemeChoice::Dark, ThemeChoice::Light}) {
            m_window->showTheme(theme);
            QVERIFY(m_browser->extraSelections().size() > 5);
            QSet<QRgb> grounds;
            for (const auto &mark : m_browser->extraSelections()) {
                const QColor ground = mark.format.background().color();
                grounds << ground.rgb();
                QVERIFY(contrast(ground, mark.format.foreground().color()) >= kReadable);
            }
            QCOMPARE(grounds.size(), 2); // the one that was reached is another colour
            QVERIFY(currentMark() >= 0);
        }
    }

    void everyPageFits_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::newRow("1024x640") << QSize(1024, 640);
        QTest::newRow("1280x820") << QSize(1280, 820);
        QTest::newRow("1600x1000") << QSize(1600, 1000);
    }
    void everyPageFits()
    {
        QFETCH(QSize, size);
        m_window->resize(size);
        m_window->openPage(QStringLiteral("help"));
        for (const QString &page : helpPages()) {
            click(itemOf(page));
            QTRY_COMPARE(m_browser->page(), page);
            QTRY_VERIFY2(m_browser->horizontalScrollBar()->maximum() == 0, qPrintable(page));
        }
    }

    void commentsAreNotShown()
    {
        m_window->openPage(QStringLiteral("options"));
        const QString text = m_browser->toPlainText();
        QVERIFY(!text.contains(QLatin1String("<!--")) && !text.contains(QLatin1String("-->")));
        QVERIFY(text.contains(QLatin1String("--max-connections-per-address N")));
    }

    void anchorsAreThoseOfGitHub_data()
    {
        QTest::addColumn<QString>("heading");
        QTest::addColumn<QString>("anchor");
        QTest::newRow("words") << QStringLiteral("What you see") << QStringLiteral("what-you-see");
        QTest::newRow("signs") << QStringLiteral("The register: `weir:limits`")
                               << QStringLiteral("the-register-weirlimits");
        QTest::newRow("commas") << QStringLiteral("Install, run, build") << QStringLiteral("install-run-build");
        QTest::newRow("dashes") << QStringLiteral("token-bucket_2") << QStringLiteral("token-bucket_2");
    }
    void anchorsAreThoseOfGitHub()
    {
        QFETCH(QString, heading);
        QTEST(headingAnchor(heading), "anchor");
    }
};

QTEST_MAIN(TestHelpPage)
#include "tst_help_page.moc"
