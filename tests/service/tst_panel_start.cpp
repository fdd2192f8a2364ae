// SPDX-License-Identifier: GPL-3.0-only
// A panel that cannot start says so in a dialog, which nobody may be there to close.
#include <QFile>
#include <QTest>

#include <csignal>

#include "tests/support/orphans.h"
#include "tests/support/warnings_fail.h"
#include "tests/support/weir_process.h"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPatienceMs = 20'000;

// It has a handler of its own for SIGTERM.
bool catchesTerm(int pid)
{
    QFile status{QStringLiteral("/proc/%1/status").arg(pid)};
    if (!status.open(QIODevice::ReadOnly))
        return false;
    for (const QByteArray &line : status.readAll().split('\n'))
        if (line.startsWith("SigCgt:"))
            return (line.mid(7).trimmed().toULongLong(nullptr, 16) & (1ULL << (SIGTERM - 1))) != 0;
    return false;
}

} // namespace

class TestPanelStart : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    Orphans m_orphans;

    /// The first start never gets as far as the ready line.
    static void begin(WeirProcess &weir, const QStringList &arguments, const QByteArray &said)
    {
        weir.environment().insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
        QVERIFY(!weir.start(arguments, 1ms));
        QTRY_VERIFY2_WITH_TIMEOUT(weir.errors().contains(said) && catchesTerm(weir.pid()), weir.errors(), kPatienceMs);
        QVERIFY(weir.isRunning());
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup()
    {
        QVERIFY(m_orphans.alive().empty());
        WEIR_NO_WARNINGS(m_warnings);
    }

    void aBrokenFileIsAskedAboutUntilTheEnd()
    {
        WeirProcess weir;
        const QString path = weir.folder() + QStringLiteral("/broken.toml");
        QFile file{path};
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("capacity = \"much\"\nrefill = 0\n") > 0);
        file.close();
        begin(weir, {QStringLiteral("--config"), path}, "broken.toml:2: ");
        QVERIFY2(weir.errors().contains("broken.toml:1: "), weir.errors());
        QCOMPARE(weir.stop(), 2);
    }

    void aPortInUseIsToldUntilTheEnd()
    {
        WeirProcess other, weir;
        QVERIFY2(other.start(words("serve")), other.errors());
        begin(weir, words("--listen 127.0.0.1:" + QByteArray::number(other.port())), "already in use");
        QCOMPARE(weir.stop(), 1);
    }

    void theCommandLineIsNotAskedAbout()
    {
        WeirProcess weir;
        weir.environment().insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
        QCOMPARE(weir.runToExit(words("--capacity much")), 2);
    }
};

QTEST_GUILESS_MAIN(TestPanelStart)
#include "tst_panel_start.moc"
