// SPDX-License-Identifier: GPL-3.0-only
// The configuration file as a running Weir holds it, when it is not as it should be.
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

#include "app/limits_file.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;

namespace {

constexpr int kSoonMs = 10'000;
const QByteArray kGood = "[[limit]]\nname = \"a\"\ncapacity = 5\n";

} // namespace

class TestLimitsFile : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    std::unique_ptr<QTemporaryDir> m_folder;
    config::Config m_started;

    [[nodiscard]] QString path() const { return m_folder->filePath(QStringLiteral("weir.toml")); }
    void write(const QByteArray &text) const
    {
        QFile file{path()};
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
    }
    [[nodiscard]] QByteArray text() const
    {
        QFile file{path()};
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray{};
    }
    [[nodiscard]] static config::LimitSet limitsOf(limit::Tokens capacity)
    {
        config::LimitSet set;
        set.limits.resize(1);
        set.limits.front().name = "a";
        set.limits.front().spec.capacity = capacity;
        return set;
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_started.file = path().toStdString();
    }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    // The panel was started without it.
    void aBrokenFileIsNotOverwrittenAndTakenOverOnceCorrect()
    {
        m_warnings.expect(QStringLiteral("capacity"));
        const QByteArray broken = kGood + "capacity = \"much\"\n";
        write(broken);
        app::LimitsFile file{m_started};
        QSignalSpy found{&file, &app::LimitsFile::limitsFound}, notUsable{&file, &app::LimitsFile::notUsable};
        const auto written = file.write(limitsOf(7));
        QVERIFY(!written);
        QCOMPARE(written.error().code, Error::Code::State);
        QCOMPARE(text(), broken);
        QTRY_COMPARE_WITH_TIMEOUT(notUsable.count(), 1, kSoonMs);
        QVERIFY(!file.status().problem.empty());
        write(kGood);
        QTRY_COMPARE_WITH_TIMEOUT(found.count(), 1, kSoonMs);
        QCOMPARE(file.found().limitSet.limits.front().spec.capacity, limit::Tokens{5});
        file.noteInForce();
        QVERIFY(file.write(limitsOf(7)));
        QVERIFY(text().contains("capacity = 7"));
    }

    void aChangeThatCannotBeTakenBackIsSaid()
    {
        write(kGood);
        app::LimitsFile file{m_started};
        QVERIFY(file.write(limitsOf(7)));
        write(kGood + "# an editor's\n");
        m_warnings.expect(QStringLiteral("cannot be taken back"));
        file.undo();
        QVERIFY(file.status().problem.find("cannot be taken back") != std::string::npos);
        QCOMPARE(text(), kGood + "# an editor's\n");
    }

    void aPipeIsNotFollowed()
    {
        QCOMPARE(::mkfifo(path().toLocal8Bit().constData(), 0600), 0);
        app::LimitsFile file{m_started};
        QVERIFY(!file.isThere());
        QVERIFY(!file.canBeMade());
        file.readAgain();
    }
};

QTEST_GUILESS_MAIN(TestLimitsFile)
#include "tst_limits_file.moc"
