// SPDX-License-Identifier: GPL-3.0-only
// What a configuration file says about itself in a terminal, and that a start says the same.
#include <QDir>
#include <QFile>
#include <QTest>

#include "tests/support/orphans.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;

class TestCheckConfig : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup()
    {
        QVERIFY(m_orphans.alive().empty());
        WEIR_NO_WARNINGS(m_warnings);
    }

    void whatCanBeUsedIsFine()
    {
        WeirProcess weir;
        // The check is of the file alone.
        weir.environment().insert(QStringLiteral("WEIR_CAPACITY"), QStringLiteral("none"));
        const QString file = write("[[limit]]\nname = 'a'\n[[limit]]\nname = 'b'\n");
        QCOMPARE(weir.runToExit({QStringLiteral("check-config"), file}), 0);
        QCOMPARE(weir.output(), file.toUtf8() + ": fine, 2 limits\n");
        QCOMPARE(weir.errors(), file.toUtf8()
                                    + ":3: warning: limit[2]: \"b\" never decides: \"a\" is at least as strict for the "
                                      "same requests and keys.\n");
    }

    void whatNeedsARestartIsNamed()
    {
        WeirProcess weir;
        const QString file = write("capacity = 9\n[keys]\nmax_live = 9\n[server]\nthreads = 2\nlease = 0\n[redis]\n"
                                   "url = 'redis://h'\n");
        QCOMPARE(weir.runToExit({QStringLiteral("check-config"), file}), 0);
        QCOMPARE(weir.output(),
                 file.toUtf8() + ": fine, 1 limit\n" + file.toUtf8()
                     + ": a running Weir takes over all but server.threads, redis.url, which need a restart\n");
    }

    void whatCannotBeUsedIsSaidLineByLine()
    {
        WeirProcess weir;
        const QString file = write("capacity = 0\n[server]\nthread = 2\n");
        const QByteArray lines = file.toUtf8()
                                 + ":1: capacity: 0 is out of range. Use a whole number from 1 to 1000000000.\n"
                                 + file.toUtf8() + ":3: server.thread: there is no such key. Did you mean threads?\n";
        QCOMPARE(weir.runToExit({QStringLiteral("check-config"), file}), 1);
        QCOMPARE(weir.errors(), lines);
        QVERIFY(weir.output().isEmpty());

        WeirProcess start;
        QCOMPARE(start.runToExit({QStringLiteral("serve"), QStringLiteral("--config"), file}), 2);
        QByteArray said = start.errors();
        QCOMPARE(said.replace("weir: ", ""), lines + "Try \"weir --help\".\n");
    }

    void whatIsNotThereCannotBeUsed()
    {
        WeirProcess weir;
        QCOMPARE(weir.runToExit({QStringLiteral("check-config"), QStringLiteral("/nowhere/weir.toml")}), 1);
        QCOMPARE(weir.errors(), QByteArray{"/nowhere/weir.toml: there is no such file.\n"});
        WeirProcess folder;
        QCOMPARE(folder.runToExit({QStringLiteral("check-config"), QStringLiteral("/")}), 1);
        QCOMPARE(folder.errors(), QByteArray{"/: it is a folder, not a file.\n"});
        WeirProcess endless; // no end: not read to it
        QCOMPARE(endless.runToExit({QStringLiteral("check-config"), QStringLiteral("/dev/zero")}), 1);
        QCOMPARE(endless.errors(), QByteArray{"/dev/zero: it has more than 1 MiB, so it is no configuration.\n"});
        WeirProcess usage;
        QCOMPARE(usage.runToExit({QStringLiteral("check-config")}), 2);
    }

    void nobodysHomeIsNeeded()
    {
        WeirProcess weir;
        for (const char *name : {"HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"})
            weir.environment().remove(QLatin1String{name});
        QCOMPARE(weir.runToExit({QStringLiteral("check-config"), write("capacity = 7\n")}), 0);
        QVERIFY(weir.errors().isEmpty());
    }

    void whatIsPrintedCanBeChecked()
    {
        WeirProcess print;
        QCOMPARE(print.runToExit({QStringLiteral("--print-config")}), 0);
        WeirProcess weir;
        const QString file = write(print.output());
        QCOMPARE(weir.runToExit({QStringLiteral("check-config"), file}), 0);
        QVERIFY(weir.errors().isEmpty());
    }

private:
    QString write(const QByteArray &text)
    {
        const QString path = m_folder.filePath(QStringLiteral("weir.toml"));
        QFile file{path};
        return file.open(QIODevice::WriteOnly) && file.write(text) == text.size() ? path : QString{};
    }

    QTemporaryDir m_folder;
    WarningsFail m_warnings;
    Orphans m_orphans;
};

QTEST_GUILESS_MAIN(TestCheckConfig)
#include "tst_check_config.moc"
