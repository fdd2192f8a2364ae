// SPDX-License-Identifier: GPL-3.0-only
// Manual pages and completions as the build has made them, against the options and keys that there are.
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTest>

#include "app/cli_commands.h"
#include "app/cli_options.h"
#include "core/config/settings.h"
#include "tests/unit/cli_reading.h"

using namespace weir;
using namespace weir::app;
using namespace weir::test;

namespace {

QString made(const char *name)
{
    QFile file{QStringLiteral(WEIR_DOCUMENTS "/") + QLatin1String{name}};
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString{};
}

// As it is read: fonts and escapes gone.
QString plain(QString roff)
{
    static const QRegularExpression kFont{QStringLiteral("\\\\f[BIR]")};
    return roff.remove(kFont).replace(QLatin1String{"\\-"}, QLatin1String{"-"});
}

// What `program` says on stdout and stderr; its exit code behind it.
std::pair<QString, int> run(const QString &program, const QStringList &arguments)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(program, arguments, QIODevice::ReadOnly);
    const bool isEnded = process.waitForFinished(20'000);
    return {QString::fromUtf8(process.readAll()), isEnded ? process.exitCode() : -1};
}

// What bash offers after `words`, the last of which is being written.
QStringList offered(const QStringList &words)
{
    const QString script =
        QStringLiteral("source %1/weir.bash; compopt() { :; }; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _weir; "
                       "printf '%s\\n' \"${COMPREPLY[@]}\"")
            .arg(QStringLiteral(WEIR_DOCUMENTS));
    return run(QStringLiteral("bash"), QStringList{QStringLiteral("-c"), script, QStringLiteral("bash")} + words)
        .first.split(QLatin1Char{'\n'}, Qt::SkipEmptyParts);
}

} // namespace

class TestDocuments : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyOptionIsInAll_data()
    {
        QTest::addColumn<QString>("name");
        for (const OptionInfo &option : allOptions())
            QTest::newRow(qPrintable(option.name)) << option.name;
    }
    void everyOptionIsInAll()
    {
        QFETCH(const QString, name);
        const auto has = [&](const char *file, const QString &pattern) {
            return QRegularExpression{pattern, QRegularExpression::MultilineOption}.match(plain(made(file))).hasMatch();
        };
        QVERIFY(has("weir.1", QStringLiteral("^--%1( |,|$)").arg(name)));
        QVERIFY(has("weir.bash", QStringLiteral("[ \"]--%1[ \"]").arg(name)));
        QVERIFY(has("_weir", QStringLiteral("'\\*?--%1=?\\[").arg(name)));
        QVERIFY(has("weir.fish", QStringLiteral(" -l %1 ").arg(name)));
        QStringList words{QStringLiteral("weir"), QStringLiteral("--") + name};
        for (const CommandInfo &command : allCommands())
            if (!optionsOf(nullptr).contains(name) && words.size() == 2 && command.options.contains(name))
                words.insert(1, command.name);
        QVERIFY(offered(words).contains(words.back()));
    }

    void everyHelpIsOfTheSameOptions()
    {
        static const QRegularExpression kOption{QStringLiteral("^  --([a-z-]+)"), QRegularExpression::MultilineOption};
        int count = 0;
        const QString help = invocation(read(QStringLiteral("--help"))).text, page = plain(made("weir.1"));
        for (auto it = kOption.globalMatch(help); it.hasNext(); ++count)
            QVERIFY(page.contains(QStringLiteral("\n--") + it.next().captured(1)));
        QCOMPARE(count, int(allOptions().size()));
    }

    void everyCommandIsInAll()
    {
        const QString help = invocation(read(QStringLiteral("--help"))).text;
        for (const CommandInfo &command : allCommands()) {
            const QString usage = usageOf(command);
            QVERIFY2(help.contains(usage), qPrintable(usage));
            QVERIFY2(plain(made("weir.1")).contains(QLatin1Char{'\n'} + usage + QLatin1Char{'\n'}), qPrintable(usage));
            QVERIFY2(made("_weir").contains(command.name + QLatin1String{"\\:\""}), qPrintable(usage));
            QVERIFY2(made("weir.fish").contains(QStringLiteral(" -a %1 -d ").arg(command.name)), qPrintable(usage));
            QVERIFY(offered({QStringLiteral("weir"), command.name}).contains(command.name));
            const QString own = invocation(read(command.name + QLatin1String{" --help"})).text;
            QVERIFY2(own.startsWith(QLatin1String{"Usage: "} + usage), qPrintable(own));
            for (const OptionInfo &option : allOptions())
                QCOMPARE(own.contains(QRegularExpression{QStringLiteral("\n  --%1[ ,\n]").arg(option.name)}),
                         command.kind != CommandInfo::Kind::OfFile && optionsOf(&command).contains(option.name));
        }
    }

    void everyVariableAndKeyIsInTheManual()
    {
        for (const OptionInfo &option : allOptions())
            QVERIFY2(plain(made("weir.1")).contains(option.variable), qPrintable(option.variable));
        const QString page = plain(made("weir.toml.5"));
        for (const config::Setting &setting : config::settings())
            QVERIFY2(page.contains(QLatin1String{".B "} + QString::fromStdString(setting.key) + QLatin1String{" = "}),
                     setting.path().c_str());
        for (const char *table : {"[server]", "[redis]", "[keys]", "[allow]", "[block]", "[[limit]]"})
            QVERIFY2(page.contains(QLatin1String{table}), table);
    }

    // Each word that is offered for an option is one that it takes.
    void everyChoiceIsTaken()
    {
        int count = 0;
        for (const OptionInfo &option : allOptions())
            for (const QString &word : option.choices) {
                const bool isPicture = option.scope == OptionInfo::Scope::PanelOnly;
                const bool isAsking = option.scope == OptionInfo::Scope::Asking;
                const QString line = QStringLiteral("%1--%2 %3")
                                         .arg(isPicture  ? QStringLiteral("--screenshot a.png ")
                                              : isAsking ? QStringLiteral("set global capacity=1 ")
                                                         : QString{},
                                              option.name, word);
                QVERIFY2(printed(read(line)).isEmpty(), qPrintable(line));
                QVERIFY(!printed(read(line + QLatin1Char{'x'})).isEmpty());
                ++count;
            }
        QVERIFY(count >= 10);
    }

    void bashOffersWhatFits()
    {
        const auto words = [](const char *line) { return QString::fromLatin1(line).split(QLatin1Char{'|'}); };
        QCOMPARE(offered(words("weir|")), words("serve|check-config|status|set|reset|top|check"));
        QCOMPARE(offered(words("weir|ch")), words("check-config|check"));
        QCOMPARE(offered(words("weir|top|--w")), words("--watch"));
        QCOMPARE(offered(words("weir|set|top|--w")), QStringList{});
        QCOMPARE(offered(words("weir|set|global|--tokens|")), words("keep|proportional|refill"));
        QCOMPARE(offered(words("weir|serve|--start|")), words("full|empty"));
        QCOMPARE(offered(words("weir|serve|--start|=|e")), words("empty"));
        QCOMPARE(offered(words("weir|--log-format|=")), words("text|json|journal"));
        QCOMPARE(offered(words("weir|serve|--capacity|")), QStringList{});
        QVERIFY(offered(words("weir|serve|--scr")).isEmpty());
        QCOMPARE(offered(words("weir|--scr")), words("--screenshot"));
        QVERIFY(offered(words("weir|check-config|" WEIR_SOURCE_DIR "/CHANGE"))
                    .contains(QStringLiteral(WEIR_SOURCE_DIR "/CHANGELOG.md")));
        QVERIFY(offered(words("weir|--config|" WEIR_SOURCE_DIR "/LICEN"))
                    .contains(QStringLiteral(WEIR_SOURCE_DIR "/LICENSE")));
        QVERIFY(
            !offered(words("weir|--data-dir|" WEIR_SOURCE_DIR "/")).contains(QStringLiteral(WEIR_SOURCE_DIR "/dev")));
    }

    void eachToolTakesThem_data()
    {
        QTest::addColumn<QString>("program");
        QTest::addColumn<QStringList>("arguments");
        const auto row = [](const char *program, const char *arguments, const char *file) {
            QTest::addRow("%s of %s", program, file)
                << QString{QLatin1String{program}}
                << QString::fromLatin1(arguments).split(QLatin1Char{' '}) + QStringList{QLatin1String{file}};
        };
        row("bash", "-n", WEIR_DOCUMENTS "/weir.bash");
        row("zsh", "-n", WEIR_DOCUMENTS "/_weir");
        row("fish", "-n", WEIR_DOCUMENTS "/weir.fish");
        row("mandoc", "-T lint -W warning", WEIR_DOCUMENTS "/weir.1");
        row("mandoc", "-T lint -W warning", WEIR_DOCUMENTS "/weir.toml.5");
        row("groff", "-man -ww -z -Tutf8", WEIR_DOCUMENTS "/weir.1");
        row("groff", "-man -ww -z -Tutf8", WEIR_DOCUMENTS "/weir.toml.5");
        row("appstreamcli", "validate --no-net", WEIR_SOURCE_DIR "/packaging/linux/org.weir.Weir.metainfo.xml");
        row("desktop-file-validate", "--no-hints", WEIR_SOURCE_DIR "/packaging/linux/weir.desktop");
    }
    void eachToolTakesThem()
    {
        QFETCH(const QString, program);
        QFETCH(const QStringList, arguments);
        if (QStandardPaths::findExecutable(program).isEmpty())
            QSKIP("it is not installed");
        const auto [said, code] = run(program, arguments);
        QVERIFY2(code == 0, qPrintable(said));
        if (program != QLatin1String{"appstreamcli"}) // which says that it is fine
            QVERIFY2(said.isEmpty(), qPrintable(said));
    }

    void thePicturesAreThere_data()
    {
        QTest::addColumn<int>("side");
        for (const int side : {16, 22, 24, 32, 48, 64, 128, 256, 512})
            QTest::addRow("%d", side) << side;
    }
    void thePicturesAreThere()
    {
        QFETCH(const int, side);
        QFile file{QStringLiteral(WEIR_SOURCE_DIR "/resources/icons/weir-%1.png").arg(side)};
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray head = file.read(24); // PNG (RFC 2083): signature, IHDR, width and height in network order
        QVERIFY(head.startsWith("\x89PNG\r\n\x1a\n"));
        const auto number = [&head](qsizetype at) {
            return int(quint8(head[at + 2])) * 256 + int(quint8(head[at + 3]));
        };
        QCOMPARE(number(16), side);
        QCOMPARE(number(20), side);
    }
};

QTEST_GUILESS_MAIN(TestDocuments)
#include "tst_documents.moc"
