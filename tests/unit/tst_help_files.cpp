// SPDX-License-Identifier: GPL-3.0-only
// What people read: the README and the help are short, complete, and lead nowhere that is not there.
// WEIR_WRITE_HELP=1 writes the table of options into resources/help/options.md.
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTest>

#include "tests/unit/option_table.h"

using namespace weir;
using namespace weir::test;

namespace {

constexpr int kMostReadmeLines = 150;

QString inTree(const QString &path)
{
    return QStringLiteral(WEIR_SOURCE_DIR "/") + path;
}

QString readAll(const QString &path)
{
    QFile file{path};
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString{};
}

QStringList helpFiles()
{
    QStringList files;
    for (const QString &name : QDir{inTree(QStringLiteral("resources/help"))}.entryList({QStringLiteral("*.md")}))
        files << QStringLiteral("resources/help/") + name;
    return files;
}

QStringList documents()
{
    QStringList files{QStringLiteral("README.md"), QStringLiteral("HACKING.md"), QStringLiteral("CHANGELOG.md"),
                      QStringLiteral("lua/README.md")};
    QDirIterator it{
        inTree(QStringLiteral("tests")), {QStringLiteral("README.md")}, QDir::Files, QDirIterator::Subdirectories};
    while (it.hasNext())
        files << QDir{inTree({})}.relativeFilePath(it.next());
    return files + helpFiles();
}

// Without code, in which brackets are something else.
QString prose(const QString &markdown)
{
    static const QRegularExpression kFence{QStringLiteral("^```.*?^```"),
                                           QRegularExpression::MultilineOption
                                               | QRegularExpression::DotMatchesEverythingOption};
    return QString{markdown}.remove(kFence);
}

// As GitHub names a heading in a link.
QStringList anchorsOf(const QString &markdown)
{
    static const QRegularExpression kHeading{QStringLiteral("^#+ (.*)$"), QRegularExpression::MultilineOption};
    static const QRegularExpression kDropped{QStringLiteral("[^\\w\\- ]"),
                                             QRegularExpression::UseUnicodePropertiesOption};
    QStringList anchors;
    for (auto it = kHeading.globalMatch(prose(markdown)); it.hasNext();)
        anchors << it.next().captured(1).toLower().remove(kDropped).replace(QLatin1Char{' '}, QLatin1Char{'-'});
    return anchors;
}

// Why nothing is behind `link` in `file`; empty: something is.
QString objection(const QString &file, const QString &link)
{
    if (link.contains(QLatin1String{"://"}))
        return {};
    const QString path = link.section(QLatin1Char{'#'}, 0, 0), anchor = link.section(QLatin1Char{'#'}, 1);
    const QString target = path.isEmpty() ? inTree(file) : QFileInfo{inTree(file)}.dir().filePath(path);
    if (!QFileInfo::exists(target))
        return QStringLiteral("no such file");
    return anchor.isEmpty() || anchorsOf(readAll(target)).contains(anchor) ? QString{}
                                                                           : QStringLiteral("no such heading");
}

const QRegularExpression &tableOfOptions()
{
    static const QRegularExpression kTable{QStringLiteral("(<!-- options:[^\\n]*-->\\n)(.*?)(<!-- /options -->)"),
                                           QRegularExpression::DotMatchesEverythingOption};
    return kTable;
}

} // namespace

class TestHelpFiles : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theReadmeIsShort()
    {
        const auto lines = readAll(inTree(QStringLiteral("README.md"))).count(QLatin1Char{'\n'});
        QVERIFY2(lines > 0 && lines <= kMostReadmeLines, qPrintable(QString::number(lines)));
    }

    void everyLinkLeadsSomewhere()
    {
        static const QRegularExpression kLink{QStringLiteral("\\]\\(([^)\\s]+)\\)")};
        QStringList problems;
        int count = 0;
        for (const QString &file : documents()) {
            for (auto it = kLink.globalMatch(prose(readAll(inTree(file)))); it.hasNext(); ++count) {
                const QString link = it.next().captured(1);
                if (const QString why = objection(file, link); !why.isEmpty())
                    problems << QStringLiteral("%1: %2: %3").arg(file, link, why);
            }
        }
        QVERIFY2(problems.isEmpty(), qPrintable(problems.join(QLatin1Char{'\n'})));
        QVERIFY2(count > 60, qPrintable(QString::number(count)));
    }

    void deadLinksAreSeen()
    {
        const QString file = QStringLiteral("resources/help/start.md");
        QVERIFY(!objection(file, QStringLiteral("limits.txt")).isEmpty());
        QVERIFY(!objection(file, QStringLiteral("limits.md#no-such-heading")).isEmpty());
        QVERIFY(!objection(file, QStringLiteral("#no-such-heading")).isEmpty());
        QVERIFY(objection(file, QStringLiteral("limits.md#the-list")).isEmpty());
        QVERIFY(objection(file, QStringLiteral("../../lua/README.md#the-register-weirlimits")).isEmpty());
    }

    void everyPageIsInTheProgramAndReadFromTheFirst()
    {
        const QString inside = readAll(inTree(QStringLiteral("resources/app.qrc")));
        const QString first = readAll(inTree(QStringLiteral("resources/help/start.md")));
        for (const QString &file : helpFiles()) {
            const QString name = file.section(QLatin1Char{'/'}, -1);
            QVERIFY2(inside.contains(QStringLiteral("<file>help/%1</file>").arg(name)), qPrintable(name));
            if (name != QLatin1String{"start.md"})
                QVERIFY2(first.contains(QStringLiteral("](%1)").arg(name)), qPrintable(name));
        }
    }

    void everyOptionIsInTheTable()
    {
        const QString path = inTree(QStringLiteral("resources/help/options.md"));
        QString page = readAll(path);
        const QRegularExpressionMatch table = tableOfOptions().match(page);
        QVERIFY(table.hasMatch());
        if (qEnvironmentVariableIsSet("WEIR_WRITE_HELP")) {
            page.replace(table.capturedStart(2), table.capturedLength(2), optionTable());
            QFile file{path};
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(page.toUtf8());
            return;
        }
        QVERIFY2(table.captured(2) == optionTable(),
                 "resources/help/options.md is stale: WEIR_WRITE_HELP=1 build/release/tests/tst_help_files");
        static const QRegularExpression kOption{QStringLiteral("^  --([a-z-]+)"), QRegularExpression::MultilineOption};
        int count = 0;
        for (auto it = kOption.globalMatch(app::helpText(nullptr)); it.hasNext(); ++count) {
            const QString name = it.next().captured(1);
            const QRegularExpression row{QStringLiteral("^\\| `--%1[ `]").arg(name),
                                         QRegularExpression::MultilineOption};
            QVERIFY2(row.match(page).hasMatch(), qPrintable(name));
        }
        QCOMPARE(count, int(app::allOptions().size()));
    }

    void everyRouteIsInTheHelp()
    {
        const QString help = readAll(inTree(QStringLiteral("resources/help/admin.md")));
        const QJsonObject paths =
            QJsonDocument::fromJson(readAll(inTree(QStringLiteral("resources/openapi.json"))).toUtf8())
                .object()
                .value(QStringLiteral("paths"))
                .toObject();
        QVERIFY(paths.size() > 10);
        for (auto path = paths.begin(); path != paths.end(); ++path)
            for (const QString &method : path.value().toObject().keys())
                if (method != QLatin1String{"parameters"}) {
                    const QString row = QStringLiteral("| `%1 %2` |").arg(method.toUpper(), path.key());
                    QVERIFY2(help.contains(row), qPrintable(row));
                }
    }

    // A document that a comment names is there: in the tree, beside the file, above it, or among the help.
    void commentsNameWhatIsThere()
    {
        static const QRegularExpression kDocument{QStringLiteral("(?<![%\\w./-])[\\w.][\\w./-]*\\.md\\b")};
        QStringList problems;
        int count = 0;
        for (const char *folder : {"core", "app", "ui", "lua", "tests", "packaging", "cmake", "resources"}) {
            QDirIterator it{inTree(QLatin1String{folder}), QDir::Files, QDirIterator::Subdirectories};
            while (it.hasNext()) {
                const QString path = it.next();
                if (path.contains(QLatin1String{"/tests/data/"}) || path.endsWith(QLatin1String{".png"}))
                    continue;
                const QDir here = QFileInfo{path}.dir();
                for (auto found = kDocument.globalMatch(readAll(path)); found.hasNext(); ++count) {
                    const QString name = found.next().captured();
                    const bool isThere = QFileInfo::exists(inTree(name)) || here.exists(name)
                                         || here.exists(QStringLiteral("../") + name)
                                         || QFileInfo::exists(inTree(QStringLiteral("resources/help/")) + name)
                                         || QFileInfo::exists(inTree(QStringLiteral("resources/")) + name);
                    if (!isThere)
                        problems << path + QStringLiteral(": ") + name;
                }
            }
        }
        QVERIFY2(problems.isEmpty(), qPrintable(problems.join(QLatin1Char{'\n'})));
        QVERIFY(count > 50);
    }
};

QTEST_GUILESS_MAIN(TestHelpFiles)
#include "tst_help_files.moc"
