// SPDX-License-Identifier: GPL-3.0-only
// The history in its file: what is added comes back by second, minute and hour, is bounded, and survives what happens to files.
#include <QDir>
#include <QFile>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

#include <map>

#include "core/history/history_file.h"
#include "tests/support/seed.h"

using namespace weir;
using namespace weir::history;

namespace {

constexpr std::int64_t kNow = 1'800'000'000; // a whole hour

Row second(std::int64_t at, std::int64_t admitted, std::int64_t refused = 0, const std::string &limit = {},
           std::int64_t tokens = -1)
{
    Row row{limit, at, {}};
    row.counts.admitted = admitted;
    row.counts.refused = refused;
    row.counts.tokens = row.counts.fewestTokens = tokens;
    return row;
}

} // namespace

class TestHistoryFile : public QObject {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<HistoryFile> m_file;
    std::string m_notice;

    [[nodiscard]] QString path() const { return m_folder->filePath(QStringLiteral("history.sqlite")); }
    bool open()
    {
        m_file.reset();
        m_notice.clear();
        auto file = HistoryFile::open(path(), m_notice);
        if (!file) {
            qWarning("%s", file.error().detail.c_str());
            return false;
        }
        m_file = std::move(file).value();
        return true;
    }
    Answer read(std::int64_t from, std::int64_t to, const std::string &limit = {}, std::int64_t most = 100'000)
    {
        auto answer = m_file->read({limit, from, to, most}, kNow);
        return answer ? std::move(answer).value() : Answer{-1, {}, {}};
    }
    [[nodiscard]] QStringList aside() const
    {
        return QDir{m_folder->path()}.entryList({QStringLiteral("history.sqlite.damaged-*")}, QDir::Files);
    }
    static QByteArray contentOf(const QString &path)
    {
        QFile file{path};
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray{};
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(open());
    }
    void cleanup() { m_file.reset(); }

    void whatIsAddedComesBackByEveryStep()
    {
        const std::int64_t at = kNow - 4000;
        const Mark filled{at * 1000 + 5, Mark::Kind::Change, "host:1", "has filled the bucket"};
        QVERIFY(m_file->add({second(at, 3, 1), second(at, 2, 5, "a", 9), second(at + 1, 4),
                             second(at + 1, 1, 0, "a", 7), second(at + 100, 10)},
                            {filled}));
        QCOMPARE(m_file->lifetime().value().counts.admitted, 17);
        QCOMPARE(m_file->lifetime().value().sinceS, kNow - 7200);

        const Answer seconds = read(at, at + 200);
        QCOMPARE(seconds.stepS, 1);
        QCOMPARE(seconds.rows.size(), std::size_t{3});
        QCOMPARE(seconds.rows[0].counts.refused, 1);
        QCOMPARE(seconds.marks, std::vector<Mark>{filled});

        const Answer minutes = read(kNow - 86'400, kNow);
        QCOMPARE(minutes.stepS, 60);
        std::int64_t admitted = 0;
        for (const Row &row : minutes.rows)
            admitted += row.counts.admitted;
        QCOMPARE(admitted, 17);

        const Answer hours = read(kNow - 30 * 86'400, kNow, "a");
        QCOMPARE(hours.stepS, 3600);
        QCOMPARE(hours.rows.size(), std::size_t{1});
        QCOMPARE(hours.rows[0].counts, (Counts{3, 5, 0, 0, 0, 0, -1, 7, 7}));
    }

    // Of a stretch put together: sums, the longest time, the lowest level, and the last level.
    void stretchesArePutTogether()
    {
        for (int i = 0; i < 100; ++i) {
            Row row = second(kNow - 230 + i, 1, 2, {}, i == 50 ? 0 : 100 + i);
            row.counts.p99Us = i == 20 ? 900 : 10;
            row.counts.awayS = i % 10 == 0 ? 1 : 0;
            QVERIFY(m_file->add({row}, {}));
        }
        const Answer answer = read(kNow - 240, kNow - 120, {}, 1);
        QCOMPARE(answer.stepS, 120);
        QCOMPARE(answer.rows.size(), std::size_t{1});
        QCOMPARE(answer.rows[0].counts, (Counts{100, 200, 0, 0, 0, 10, 900, 199, 0}));
        QVERIFY(read(kNow - 240, kNow - 120, {}, 7).rows.size() <= 8);
        QVERIFY(read(kNow - 240, kNow - 120, "nobody").rows.empty());
        QVERIFY(read(kNow - 120, kNow - 240).rows.empty());
    }

    // The same second twice, as when the clock of the machine goes back: nothing is lost, nothing is an error.
    void aSecondMayComeTwice()
    {
        QVERIFY(m_file->add({second(kNow - 10, 1)}, {}));
        QVERIFY(m_file->add({second(kNow - 10, 2)}, {}));
        QCOMPARE(read(kNow - 10, kNow).rows.at(0).counts.admitted, 3);
    }

    void pruneKeepsWhatIsToBeKept()
    {
        QVERIFY(
            m_file->add({second(kNow - kSecondsKeptS - 1, 1, 0, "a"), second(kNow - kSecondsKeptS, 2, 0, "a"),
                         second(kNow - kMinutesKeptS - 60, 4, 0, "a"), second(kNow - kHoursKeptS - 3600, 8, 0, "old")},
                        {{(kNow - kHoursKeptS - 1) * 1000, Mark::Kind::Start, {}, "old"},
                         {kNow * 1000, Mark::Kind::Start, {}, "new"}}));
        QVERIFY(m_file->prune(kNow));
        QCOMPARE(read(kNow - kSecondsKeptS, kNow, "a").rows.size(), std::size_t{1});
        QCOMPARE(read(kNow - kMinutesKeptS, kNow, "a").rows.size(), std::size_t{2});
        QCOMPARE(read(kNow - kHoursKeptS, kNow, "a").rows.size(), std::size_t{3});
        QVERIFY(read(0, kNow, "old").rows.empty());
        QCOMPARE(read(0, kNow + 1).marks.size(), std::size_t{1});
    }

    void itIsThereAfterTheEndAndHeldAlone()
    {
        QVERIFY(m_file->add({second(kNow - 10, 5)}, {}));
        std::string notice;
        const auto other = HistoryFile::open(path(), notice);
        QVERIFY(!other);
        QCOMPARE(int(other.error().code), int(Error::Code::Taken));
        QVERIFY(open());
        QCOMPARE(read(kNow - 10, kNow).rows.at(0).counts.admitted, 5);
        QVERIFY(m_notice.empty());
    }

    void aDamagedFileIsMovedAside_data()
    {
        QTest::addColumn<int>("kind");
        QTest::newRow("no database") << 0;
        QTest::newRow("cut short") << 1;
        QTest::newRow("overwritten in the middle") << 2;
    }
    void aDamagedFileIsMovedAside()
    {
        QFETCH(const int, kind);
        std::vector<Row> rows;
        for (int i = 0; i < 3000; ++i)
            rows.push_back(second(kNow - 5000 + i, 1));
        QVERIFY(m_file->add(rows, {}));
        m_file.reset();
        QFile file{path()};
        QVERIFY(file.open(QIODevice::ReadWrite));
        const qint64 size = file.size();
        QVERIFY(size > 50'000);
        if (kind == 0)
            QVERIFY(file.resize(0) && file.write(QByteArray(10'000, 'x')) == 10'000);
        else if (kind == 1)
            QVERIFY(file.resize(size / 2 + 17));
        else
            QVERIFY(file.seek(qint64{4096} * 3)
                    && file.write(QByteArray(static_cast<qsizetype>(size / 2), '\x5a')) > 0);
        file.close();
        const QByteArray before = contentOf(path());
        QVERIFY(open());
        QVERIFY2(QString::fromStdString(m_notice).contains(QStringLiteral("moved to")), m_notice.c_str());
        QVERIFY(read(0, kNow).rows.empty());
        QVERIFY(m_file->add({second(kNow - 1, 1)}, {}));
        QVERIFY(!aside().isEmpty());
        QVERIFY(contentOf(m_folder->filePath(aside().front())) == before);
    }

    void aFileOfANewerWeirIsLeftAlone()
    {
        m_file.reset();
        {
            QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("newer"));
            database.setDatabaseName(path());
            QVERIFY(database.open());
            QVERIFY(QSqlQuery{database}.exec(QStringLiteral("PRAGMA user_version = 99")));
        }
        QSqlDatabase::removeDatabase(QStringLiteral("newer"));
        std::string notice;
        const auto file = HistoryFile::open(path(), notice);
        QVERIFY(!file);
        QCOMPARE(int(file.error().code), int(Error::Code::Configuration));
        QVERIFY(aside().isEmpty());
    }

    void whereNothingCanBeWritten()
    {
        std::string notice;
        const auto file = HistoryFile::open(QStringLiteral("/nowhere/history.sqlite"), notice);
        QVERIFY(!file);
        QCOMPARE(int(file.error().code), int(Error::Code::Io));
        QVERIFY(!file.error().detail.empty());
    }

    // Random seconds of three limits against sums by hand.
    void sumsAreThoseOfTheSeconds()
    {
        test::Random random;
        const std::vector<std::string> limits{"", "a", "b"};
        std::map<std::pair<std::string, std::int64_t>, std::int64_t> byMinute;
        std::vector<Row> rows;
        for (int i = 0; i < 2000; ++i) {
            const std::string &limit = limits[static_cast<std::size_t>(random.between(0, 2))];
            const std::int64_t at = kNow - random.between(1, 7000), count = random.between(0, 1000);
            rows.push_back(second(at, count, 0, limit));
            byMinute[{limit, at - at % 60}] += count;
        }
        QVERIFY(m_file->add(rows, {}));
        for (const std::string &limit : limits) {
            std::map<std::int64_t, std::int64_t> found, wanted;
            for (const Row &row : read(kNow - 86'400, kNow, limit).rows)
                found[row.atS] = row.counts.admitted;
            for (const auto &[key, count] : byMinute)
                if (key.first == limit)
                    wanted[key.second] = count;
            QCOMPARE(found, wanted);
        }
    }
};

QTEST_GUILESS_MAIN(TestHistoryFile)
#include "tst_history_file.moc"
