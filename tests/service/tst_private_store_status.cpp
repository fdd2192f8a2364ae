// SPDX-License-Identifier: GPL-3.0-only
// What a running Weir says of its private redis-server: why it is away, how often it came back, what became of its data.
#include <QDateTime>
#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

#include <csignal>

#include <sys/resource.h>

#include "app/service.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/redis_server.h"
#include "tests/support/warnings_fail.h"
#include "tests/support/weir_process.h"

using namespace weir;
using namespace weir::test;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatienceMs = 20'000;
using State = engine::StoreStatus::State;

} // namespace

class TestPrivateStoreStatus : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void cleanup()
    {
        m_service.reset();
        qputenv("PATH", m_path);
        QVERIFY(WeirProcess::childPidsOf(getpid()).empty());
        WEIR_NO_WARNINGS(m_warnings);
    }

    void anEndIsTheReason();
    void theRestIsTheReason();
    void putAsideIsNoticed();
    void aDiskThatIsFullIsTheReason();

private:
    void start()
    {
        config::Config config;
        config.listen = {config::ListenAddress{"127.0.0.1", 0}};
        config.dataDir = m_folder->path().toStdString();
        config.threads = 1;
        config.onStoreFailure = config::StoreFailurePolicy::Reject; // no token is spent while the store is away
        m_service = std::make_unique<app::Service>(config);
        const auto urls = m_service->start();
        QVERIFY2(urls, urls ? "" : urls.error().detail.c_str());
        m_port = static_cast<std::uint16_t>(QUrl{QString::fromStdString(urls.value().front())}.port());
        QTRY_COMPARE_WITH_TIMEOUT(store().state, State::Ready, kPatienceMs);
    }
    [[nodiscard]] engine::StoreStatus store() const { return m_service->status().store; }
    [[nodiscard]] static int child()
    {
        const auto pids = WeirProcess::childPidsOf(getpid());
        return pids.empty() ? 0 : pids.front();
    }
    [[nodiscard]] int get() const
    {
        RawHttpClient client;
        if (!client.connectTo(m_port) || !client.sendRequest("GET", "/"))
            return 0;
        const auto response = client.readResponse();
        return response ? response->status : 0;
    }

    WarningsFail m_warnings;
    QByteArray m_path{qgetenv("PATH")};
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<app::Service> m_service;
    std::uint16_t m_port{0};
};

void TestPrivateStoreStatus::anEndIsTheReason()
{
    start();
    QCOMPARE(store().restarts, 0);
    QCOMPARE(store().noticeAtMs, std::int64_t{0});
    qputenv("PATH", QFile::encodeName(m_folder->path())); // it stays away until the reason was read
    ::kill(child(), SIGKILL);
    QTRY_COMPARE_WITH_TIMEOUT(store().state, State::Down, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(store().problem.starts_with("the private redis-server ended: "), kPatienceMs);
    qputenv("PATH", m_path);
    QTRY_COMPARE_WITH_TIMEOUT(store().state, State::Ready, kPatienceMs);
    QVERIFY(store().problem.empty());
    QCOMPARE(store().restarts, 1);
    QVERIFY(store().notice.empty());
}

void TestPrivateStoreStatus::theRestIsTheReason()
{
    start();
    const std::string reason = "the private redis-server ended 5 times within a minute: ";
    qputenv("PATH", QFile::encodeName(m_folder->path()));
    ::kill(child(), SIGKILL); // and four starts that fail
    QTRY_VERIFY_WITH_TIMEOUT(store().problem.starts_with(reason), kPatienceMs);
    QVERIFY(store().problem.find("nor valkey-server was found in PATH") != std::string::npos);
    // The links go on trying; what they find is not the reason.
    bool isSame = true;
    QVERIFY(!QTest::qWaitFor(
        [&] {
            isSame = isSame && store().state == State::Down && store().problem.starts_with(reason);
            return !isSame;
        },
        2000));
    QCOMPARE(get(), 503);
}

void TestPrivateStoreStatus::putAsideIsNoticed()
{
    QVERIFY(QDir{}.mkpath(m_folder->filePath(u"redis/appendonlydir"_s)));
    QFile manifest{m_folder->filePath(u"redis/appendonlydir/appendonly.aof.manifest"_s)};
    QVERIFY(manifest.open(QIODevice::WriteOnly));
    manifest.write("this is no manifest\n");
    manifest.close();
    const qint64 before = QDateTime::currentMSecsSinceEpoch();
    start();
    const std::string aside = m_folder->path().toStdString() + "/redis/appendonlydir.broken-";
    QVERIFY2(store().notice.find(aside) != std::string::npos, store().notice.c_str());
    QVERIFY(store().noticeAtMs >= before);
    QCOMPARE(store().restarts, 0);
    QVERIFY(store().problem.empty());
    QCOMPARE(get(), 200);
}

void TestPrivateStoreStatus::aDiskThatIsFullIsTheReason()
{
    QFile wrapper{m_folder->filePath(u"redis-server"_s)};
    QVERIFY(wrapper.open(QIODevice::WriteOnly));
    // An error, as on a full disk, and not the signal.
    wrapper.write("#!/bin/sh\ntrap '' XFSZ\nexec " + QFile::encodeName(redisProgram(u"redis-server"_s)) + " \"$@\"\n");
    wrapper.close();
    QVERIFY(wrapper.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    qputenv("PATH", QFile::encodeName(m_folder->path()) + ':' + m_path);
    start();
    const auto allow = [](rlim_t bytes) {
        const rlimit limit{bytes, RLIM_INFINITY};
        return ::prlimit(child(), RLIMIT_FSIZE, &limit, nullptr) == 0;
    };
    QVERIFY(allow(0));
    QVERIFY(QTest::qWaitFor([this] { return get() != 0 && store().state == State::Down; }, kPatienceMs));
    QVERIFY2(store().problem.starts_with("the private redis-server refuses to write: it cannot use its folder "),
             store().problem.c_str());
    QVERIFY(get() != 0);
    QVERIFY(allow(RLIM_INFINITY));
    QTRY_COMPARE_WITH_TIMEOUT(store().state, State::Ready, kPatienceMs);
    QVERIFY(store().problem.empty());
    QVERIFY(QTest::qWaitFor([this] { return get() == 200; }, kPatienceMs));
}

QTEST_GUILESS_MAIN(TestPrivateStoreStatus)
#include "tst_private_store_status.moc"
