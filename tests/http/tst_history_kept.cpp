// SPDX-License-Identifier: GPL-3.0-only
// A whole Weir keeps its history: what clients got is in it after the next start, by limit, with what happened.
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "core/history/history_file.h"
#include "tests/http/running_service.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using config::KeyPart;

namespace {

constexpr int kSoonMs = 10'000;
constexpr std::int64_t kDayS = 86'400;

config::LimitEntry entry(const std::string &name, limit::Tokens capacity, std::vector<KeyPart> key = {})
{
    config::LimitEntry entry;
    entry.name = name;
    entry.key = std::move(key);
    entry.spec = {capacity, 1, Micros{366LL * 24h}, limit::StartLevel::Full};
    return entry;
}

struct Setup {
    const char *name;
    std::vector<config::LimitEntry> limits;
};

std::vector<Setup> setups()
{
    return {{"one", {entry("global", 3)}},
            {"several", {entry("wide", 100), entry("narrow", 3)}},
            {"by key", {entry("client", 3, {{KeyPart::Kind::Ip, {}}})}}};
}

} // namespace

class TestHistoryKept : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<RunningService> m_service;

    void serve(const std::vector<config::LimitEntry> &limits)
    {
        m_service = std::make_unique<RunningService>(m_redis, limits.front().spec, 1,
                                                     config::StoreFailurePolicy::Reject, [&](config::Config &config) {
                                                         config.limitSet.limits = limits;
                                                         config.dataDir = m_folder->path().toStdString();
                                                         config.keepsHistory = true;
                                                     });
    }
    history::Answer past(const std::string &limit = {})
    {
        std::optional<history::Answer> found;
        QObject context;
        const std::int64_t now = QDateTime::currentSecsSinceEpoch();
        (*m_service)->askHistory({limit, now - kDayS, now + 60, 10'000}, &context, [&](Result<history::Answer> answer) {
            found = answer ? std::move(answer).value() : history::Answer{};
        });
        return QTest::qWaitFor([&] { return found.has_value(); }, kSoonMs) ? *found : history::Answer{};
    }
    static history::Counts sumOf(const history::Answer &answer)
    {
        history::Counts sum;
        for (const history::Row &row : answer.rows) {
            sum.admitted += row.counts.admitted;
            sum.refused += row.counts.refused;
        }
        return sum;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY(m_redis.start());
    }
    void init()
    {
        m_redis.command({"FLUSHALL"});
        m_folder = std::make_unique<QTemporaryDir>();
    }
    void cleanup()
    {
        m_service.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void whatClientsGotIsThereAfterTheNextStart_data()
    {
        QTest::addColumn<int>("setup");
        for (int i = 0; i < static_cast<int>(setups().size()); ++i)
            QTest::newRow(setups()[static_cast<std::size_t>(i)].name) << i;
    }
    void whatClientsGotIsThereAfterTheNextStart()
    {
        QFETCH(const int, setup);
        const std::vector<config::LimitEntry> limits = setups()[static_cast<std::size_t>(setup)].limits;
        serve(limits);
        for (int i = 0; i < 5; ++i)
            QVERIFY(m_service->get());
        QTRY_COMPARE_WITH_TIMEOUT(sumOf(past()).admitted, 3, kSoonMs);
        QCOMPARE(sumOf(past()).refused, 2);
        QCOMPARE(sumOf(past(limits.back().name)).admitted, 3);
        QCOMPARE(sumOf(past(limits.back().name)).refused, 2);
        QVERIFY(past("nobody").rows.empty());
        QCOMPARE((*m_service)->status().before.counts.admitted, 0);
        m_service.reset();

        serve(limits);
        QTRY_COMPARE_WITH_TIMEOUT((*m_service)->status().before.counts.admitted, 3, kSoonMs);
        QCOMPARE((*m_service)->status().before.counts.refused, 2);
        QCOMPARE((*m_service)->status().totals.admitted, 0);
        (*m_service)->setWatched(true);
        const auto drawn = [&] {
            std::int64_t admitted = 0;
            for (const telemetry::SecondBin &bin : (*m_service)->history()->bins)
                admitted += bin.admitted;
            return admitted;
        };
        QTRY_COMPARE_WITH_TIMEOUT(drawn(), 3, kSoonMs);
        const auto bins = (*m_service)->history();
        for (std::size_t i = 1; i < bins->bins.size(); ++i)
            QCOMPARE(bins->bins[i].second, bins->bins[i - 1].second + 1);
    }

    void whatHappenedIsMarked()
    {
        serve({entry("global", 9)});
        QVERIFY(m_service->setLevel(limit::Tokens{4}));
        QVERIFY(m_service->change({12, 12, Micros{1h}}));
        const auto sentences = [&] {
            QStringList all;
            for (const history::Mark &mark : past().marks)
                all.append(QString::fromStdString(mark.sentence));
            return all;
        };
        QTRY_VERIFY_WITH_TIMEOUT(sentences().size() >= 3, kSoonMs);
        QCOMPARE(
            sentences(),
            (QStringList{QStringLiteral("Weir was started"), QStringLiteral("has set the bucket of global to 4 tokens"),
                         QStringLiteral("the limit is now: token-bucket, capacity 12, refill 12 every 1 h")}));
    }

    // Another one has the file: it is said, everything else goes on, and it is taken up nowhere.
    void aSecondWeirInTheFolderKeepsNone()
    {
        std::string notice;
        const auto other = history::HistoryFile::open(m_folder->filePath(QStringLiteral("history.sqlite")), notice);
        QVERIFY(other);
        m_warnings.expect(QStringLiteral("no history is kept: .*another process uses it"));
        serve({entry("global", 9)});
        QCOMPARE(m_service->get().value().status, 200);
        QTRY_VERIFY_WITH_TIMEOUT(!(*m_service)->status().historyProblem.empty(), kSoonMs);
        QVERIFY(past().rows.empty());
    }

    void aDamagedFileIsMovedAsideAndSaid()
    {
        QFile file{m_folder->filePath(QStringLiteral("history.sqlite"))};
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(QByteArray(20'000, 'x')) > 0);
        file.close();
        m_warnings.expect(QStringLiteral("the history in .* is damaged; it was moved to .*, and a new one was begun"));
        serve({entry("global", 9)});
        QCOMPARE(m_service->get().value().status, 200);
        QTRY_COMPARE_WITH_TIMEOUT(sumOf(past()).admitted, 1, kSoonMs);
    }
};

QTEST_GUILESS_MAIN(TestHistoryKept)
#include "tst_history_kept.moc"
