// SPDX-License-Identifier: GPL-3.0-only
// A Weir that is killed has written all that was counted but the last moment, and its next start goes on from there.
#include <QDateTime>
#include <QElapsedTimer>
#include <QTest>

#include <csignal>

#include "core/history/history_file.h"
#include "tests/support/orphans.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/weir_process.h"

using namespace weir;
using namespace weir::test;
using namespace Qt::StringLiterals;

class TestHistoryKilled : public QObject {
    Q_OBJECT
    Orphans m_orphans;

    // What the file holds; by itself, so that nobody else may have it.
    static std::int64_t admittedIn(const QString &folder)
    {
        std::string notice;
        const auto file = history::HistoryFile::open(folder + u"/history.sqlite"_s, notice);
        if (!file || !notice.empty())
            return -1;
        const auto lifetime = file.value()->lifetime();
        return lifetime ? lifetime.value().counts.admitted : -1;
    }

private Q_SLOTS:
    void cleanupTestCase() { QTRY_VERIFY_WITH_TIMEOUT(m_orphans.alive().empty(), 20'000); }

    void aKilledOneHasWrittenAllButTheLastMoment()
    {
        // Written once a second, and a machine under load is given another one for it.
        constexpr qint64 kMayBeLostMs = 2'000;
        WeirProcess weir;
        const QString folder = weir.folder() + u"/data"_s;
        const QStringList arguments{u"serve"_s, u"--data-dir"_s, folder, u"--capacity"_s, u"1000000"_s};
        QVERIFY2(weir.start(arguments), weir.errors());
        RawHttpClient client;
        QVERIFY(client.connectTo(weir.port()));
        std::vector<qint64> answeredAt;
        QElapsedTimer time;
        time.start();
        while (time.elapsed() < 2 * kMayBeLostMs) {
            QVERIFY(client.sendRequest("GET", "/"));
            QCOMPARE(client.readResponse().value().status, 200);
            answeredAt.push_back(time.elapsed());
            QTest::qWait(10); // requests all the time, some hundreds
        }
        weir.kill();
        const qint64 killedAt = time.elapsed();
        weir.waitForExit(std::chrono::seconds{20});
        const auto old = std::count_if(answeredAt.begin(), answeredAt.end(),
                                       [&](qint64 at) { return at < killedAt - kMayBeLostMs; });
        const std::int64_t written = admittedIn(folder);
        QVERIFY2(old > 0 && written >= old && written <= static_cast<std::int64_t>(answeredAt.size()),
                 qPrintable(u"%1 of %2 written, %3 old"_s.arg(written).arg(answeredAt.size()).arg(old)));

        QVERIFY2(weir.start(arguments), weir.errors());
        QVERIFY(client.connectTo(weir.port()));
        QVERIFY(client.sendRequest("GET", "/"));
        QCOMPARE(client.readResponse().value().status, 200);
        QCOMPARE(weir.stop(), 0); // which loses nothing
        QCOMPARE(admittedIn(folder), written + 1);
    }
};

QTEST_GUILESS_MAIN(TestHistoryKilled)
#include "tst_history_killed.moc"
