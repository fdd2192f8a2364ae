// SPDX-License-Identifier: GPL-3.0-only
// One file per mistake, with exactly what is said about it: tests/data/bad_config.
#include <QDir>
#include <QTest>

#include "tests/unit/cli_reading.h"

using namespace weir;
using namespace weir::test;

namespace {

constexpr int kLeastFiles = 40;

QDir corpus()
{
    return QDir{QStringLiteral(WEIR_SOURCE_DIR "/tests/data/bad_config")};
}

QString readAll(const QString &path)
{
    QFile file{path};
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString{};
}

// What check-config prints: errors, or the warnings of what can be used.
QString said(const QString &file)
{
    const app::CliResult result =
        app::readCommandLine({QStringLiteral("weir"), QStringLiteral("--config"), file}, home());
    QStringList lines = printed(result);
    if (const auto *usable = std::get_if<app::Invocation>(&result))
        for (const config::ConfigIssue &issue : usable->warnings)
            lines.append(QString::fromStdString(config::printIssue(issue)));
    return lines.join(QLatin1Char{'\n'}) + QLatin1Char{'\n'};
}

} // namespace

class TestBadConfig : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QVERIFY(QDir::setCurrent(corpus().path())); }

    void eachFileIsToldExactly_data()
    {
        QTest::addColumn<bool>("isUsable");
        const QStringList names = corpus().entryList({QStringLiteral("*.toml")}, QDir::Files, QDir::Name);
        QVERIFY(names.size() >= kLeastFiles);
        for (const QString &name : names)
            QTest::newRow(qPrintable(name)) << name.startsWith(QLatin1String{"warn_"});
    }
    void eachFileIsToldExactly()
    {
        QFETCH(const bool, isUsable);
        const QString name = QString::fromUtf8(QTest::currentDataTag());
        const QString lines = said(name);
        QCOMPARE(lines, readAll(QString{name}.replace(QLatin1String{".toml"}, QLatin1String{".expected"})));
        QCOMPARE(lines.contains(QLatin1String{": warning: "}), isUsable);
        QVERIFY(!lines.contains(QLatin1String{"s3cret"}));
        for (const QChar letter : lines) // nothing that a terminal obeys
            QVERIFY(letter == QLatin1Char{'\n'} || letter.category() != QChar::Other_Control);
    }

    void noMessageIsLeftWithoutItsFile()
    {
        for (const QString &name : corpus().entryList(QDir::Files, QDir::Name))
            QVERIFY2(corpus().exists(QString{name}.replace(QLatin1String{".expected"}, QLatin1String{".toml"})),
                     qPrintable(name));
    }
};

QTEST_GUILESS_MAIN(TestBadConfig)
#include "tst_bad_config.moc"
