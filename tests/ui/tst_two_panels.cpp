// SPDX-License-Identifier: GPL-3.0-only
// Two Weirs with a window each on one Redis: all that is done in one shows in the other within a second, and who did it.
#include <QElapsedTimer>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include "app/instance_name.h"
#include "tests/http/limits_file.h"
#include "tests/support/limit_setup.h"
#include "tests/support/warnings_fail.h"
#include "ui/controls/tabular_text.h"
#include "ui/controls/value_edit.h"
#include "ui/limits/bucket_model.h"
#include "ui/live/bucket_gauge.h"
#include "ui/window/main_window.h"

using namespace weir;
using namespace weir::test;
using namespace weir::ui;

namespace {

constexpr int kSoonMs = 5000;
constexpr int kPromisedMs = 1000;

/// A Weir and its window.
struct Desk {
    LimitsFile file;
    QTemporaryDir folder;
    std::unique_ptr<QSettings> settings;
    std::unique_ptr<RunningService> service;
    std::unique_ptr<MainWindow> window;

    void open(const RedisServer &redis, const QByteArray &text)
    {
        service = file.serve(redis, text);
        settings = std::make_unique<QSettings>(folder.filePath(QStringLiteral("w.ini")), QSettings::IniFormat);
        window = std::make_unique<MainWindow>(*service->operator->(), *settings);
        window->show();
    }
    [[nodiscard]] QString gauge() const { return window->findChild<BucketGauge *>()->accessibleDescription(); }
    [[nodiscard]] QString told() const
    {
        return window->findChild<TabularLabel *>(QStringLiteral("limitNotice"))->accessibleDescription();
    }
    [[nodiscard]] std::optional<qint64> capacity() const
    {
        return window->findChild<ValueEdit *>(QStringLiteral("capacity"))->value();
    }
};

} // namespace

class TestTwoPanels : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;
    std::unique_ptr<Desk> m_here, m_there;
    std::string m_subject;

    void applied(const std::function<void(config::LimitSet &)> &edit)
    {
        config::LimitSet next = *(*m_here->service)->limits();
        edit(next);
        std::optional<Result<Done>> done;
        change(*m_here->service, next, done);
        QTRY_VERIFY_WITH_TIMEOUT(done.has_value(), kSoonMs);
        QVERIFY2(*done, done->isOk() ? "" : done->error().detail.c_str());
    }
    void level(limit::Tokens tokens)
    {
        std::optional<Result<limit::Tokens>> done;
        (*m_here->service)->setBucketLevel("global", m_subject, tokens, this, [&](const Result<limit::Tokens> &now) {
            done = now;
        });
        QTRY_VERIFY_WITH_TIMEOUT(done.has_value(), kSoonMs);
        QVERIFY(*done);
    }
    /// The other window says so, in time, and who did it.
    void isTold(const char *sentence)
    {
        const QString whole = QString::fromStdString(app::refillerName()) + u' ' + QString::fromUtf8(sentence);
        QTRY_VERIFY2_WITH_TIMEOUT(m_there->told().contains(whole), qPrintable(m_there->told()), kPromisedMs);
        QVERIFY2(!m_here->told().contains(QString::fromUtf8(sentence)), qPrintable(m_here->told())); // who did it knows
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        QVERIFY(m_redis.isRunning() || m_redis.start());
        m_redis.command({"FLUSHALL"});
        m_subject.clear();
    }
    void cleanup()
    {
        m_there.reset();
        m_here.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void allThatIsDoneShowsInTheOther_data()
    {
        QTest::addColumn<int>("kind");
        for (const LimitSetup::Kind kind : kLimitKinds)
            QTest::newRow(LimitSetup{kind, cappedAt(40)}.name().c_str()) << static_cast<int>(kind);
    }
    void allThatIsDoneShowsInTheOther()
    {
        QFETCH(const int, kind);
        const LimitSetup setup{static_cast<LimitSetup::Kind>(kind), cappedAt(40)};
        const bool isKeyed = setup.kind == LimitSetup::Kind::Keyed;
        const limit::Tokens capacity = setup.spec().capacity;
        m_subject = isKeyed ? "k0" : "";
        m_here = std::make_unique<Desk>();
        m_there = std::make_unique<Desk>();
        for (Desk *desk : {m_here.get(), m_there.get()})
            desk->open(m_redis, setup.text("local"));
        RawHttpClient client; // a bucket by key begins with the first who comes
        QVERIFY(client.connectTo(m_there->service->port()));
        QVERIFY(client.sendRequest("GET", "/", setup.fields(0)));
        QVERIFY(client.readResponse());
        QTRY_COMPARE_WITH_TIMEOUT(m_there->gauge(), QStringLiteral("%1 of %2 tokens").arg(capacity - 1).arg(capacity),
                                  kSoonMs);

        const std::string bucket = isKeyed ? "the bucket of global for k0" : "the bucket of global";
        const auto shows = [&](limit::Tokens tokens) {
            QTRY_COMPARE_WITH_TIMEOUT(m_there->gauge(), QStringLiteral("%1 of %2 tokens").arg(tokens).arg(capacity),
                                      kPromisedMs);
        };
        level(0);
        shows(0);
        isTold(("has emptied " + bucket).c_str());
        level(7);
        shows(7);
        isTold(("has set " + bucket + " to 7 tokens").c_str());
        level(limit::kMaxCapacity);
        shows(capacity);
        isTold(("has filled " + bucket).c_str());

        applied([](config::LimitSet &next) {
            next.block.networks.push_back(std::get<Network>(parseNetwork("203.0.113.7")));
        });
        isTold("turns 203.0.113.7 away");
        applied([](config::LimitSet &next) { next.block = {}; });
        isTold("no longer turns 203.0.113.7 away");
        applied([](config::LimitSet &next) {
            next.block.keys.push_back({{config::KeyPart::Kind::Header, "X-Api-Key"}, "sesame"});
        });
        isTold("turns a value of header:X-Api-Key away");
        applied([](config::LimitSet &next) { next.allow.paths.emplace_back("/health"); });
        isTold("lets /health through without a limit");
        applied([](config::LimitSet &next) { next.limits.emplace_back().name = "more"; });
        isTold("has added the limit more");
        applied([](config::LimitSet &next) { next.limits.back().isOn = false; });
        isTold("has switched the limit more off");
        applied([](config::LimitSet &next) { next.limits.pop_back(); });
        isTold("has removed the limit more");
        applied(
            [](config::LimitSet &next) { next.limits.front().onStoreFailure = config::StoreFailurePolicy::Reject; });
        isTold("has told the limit global to reject while Redis is away");
        applied([](config::LimitSet &next) { next.limits.front().isShadow = true; });
        isTold("has changed what the limit global is for, or what it does");

        applied([](config::LimitSet &next) { next.limits.front().spec.capacity = 33; });
        QTRY_COMPARE_WITH_TIMEOUT(m_there->capacity(), std::optional<qint64>(33), kPromisedMs);
        isTold("has made the limit global token-bucket, capacity 33");
    }

    // Nobody asks, nobody is told of a bucket by an answer: the window hears of it all the same.
    void anIdlePanelShowsAChangeWithinASecond()
    {
        m_here = std::make_unique<Desk>();
        m_there = std::make_unique<Desk>();
        for (Desk *desk : {m_here.get(), m_there.get()})
            desk->open(m_redis, limitText("global", 40));
        QTRY_COMPARE_WITH_TIMEOUT(m_there->capacity(), std::optional<qint64>(40), kSoonMs);
        QElapsedTimer longest;
        qint64 most = 0;
        for (int capacity = 41; capacity < 51; ++capacity) {
            QTest::qWait(170 + 37 * (capacity % 5)); // at other phases of every timer, and idle
            applied([&](config::LimitSet &next) { next.limits.front().spec.capacity = capacity; });
            longest.start();
            QTRY_COMPARE_WITH_TIMEOUT(m_there->capacity(), std::optional<qint64>(capacity), kPromisedMs);
            most = std::max(most, longest.elapsed());
        }
        qInfo("the longest of ten took %lld ms", static_cast<long long>(most));
    }

    // What was done before a Weir began is no news to it, and an emptied store hides nothing that comes after.
    void onlyWhatIsNewIsTold()
    {
        m_here = std::make_unique<Desk>();
        m_here->open(m_redis, limitText("global", 40));
        level(0);
        QTRY_COMPARE_WITH_TIMEOUT(m_redis.command({"HGET", "weir:deeds", "n"}).text, QByteArray{"1"}, kSoonMs);
        m_there = std::make_unique<Desk>();
        m_there->open(m_redis, limitText("global", 40));
        level(3);
        isTold("has set the bucket of global to 3 tokens");
        QVERIFY(!m_there->told().contains(QStringLiteral("emptied")));
        m_redis.command({"DEL", "weir:deeds"});
        level(4);
        isTold("has set the bucket of global to 4 tokens");
        for (int i = 0; i < 20; ++i)
            applied([&](config::LimitSet &next) { next.keys.maxLive = 1000 + i; });
        isTold("has changed how keys are made");
        QCOMPARE(m_redis.command({"HLEN", "weir:deeds"}).number, qint64{store::kKeptDeeds} + 1); // bounded
        QTRY_COMPARE_WITH_TIMEOUT((*m_there->service)->status().deeds.size(), engine::kMostDeeds, kSoonMs);
        // Whoever writes into Redis does not write to the terminal of who reads the log.
        m_redis.command({"HSET", "weir:deeds", "7", "99\n1\nhost:\x1b[2J\n\n\nhas \x1b]0;x\x07\xff done"});
        QTRY_COMPARE_WITH_TIMEOUT(QString::fromStdString((*m_there->service)->status().deeds.back().sentence),
                                  QStringLiteral("host:?[2J has ?]0;x?? done"), kSoonMs);
    }
};

QTEST_MAIN(TestTwoPanels)
#include "tst_two_panels.moc"
