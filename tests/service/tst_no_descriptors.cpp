// SPDX-License-Identifier: GPL-3.0-only
// More connections than descriptors: they wait without costing anything, the log says so, and they are served once others end.
#include <QFile>
#include <QTest>

#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/orphans.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/redis_server.h"
#include "tests/support/warnings_fail.h"
#include "tests/support/weir_process.h"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPatienceMs = 20'000;
constexpr rlim_t kDescriptors = 40;
constexpr int kConnections = 200;
constexpr int kObservedMs = 2'000;

// That ask for nothing; they are there as soon as the kernel has them.
class Silent {
public:
    explicit Silent(std::uint16_t port)
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (int i = 0; i < kConnections; ++i) {
            const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
            ::connect(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address);
            m_descriptors.push_back(descriptor);
        }
    }
    ~Silent()
    {
        for (const int descriptor : m_descriptors)
            ::close(descriptor);
    }
    Silent(const Silent &) = delete;
    Silent &operator=(const Silent &) = delete;

private:
    std::vector<int> m_descriptors;
};

// Of the process so far.
std::chrono::milliseconds cpuTime(int pid)
{
    QFile file{QStringLiteral("/proc/%1/stat").arg(pid)};
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray all = file.readAll();
    const QByteArrayList fields = all.mid(all.lastIndexOf(')') + 2).split(' ');
    return std::chrono::milliseconds{(fields.at(11).toLongLong() + fields.at(12).toLongLong()) * 1000
                                     / ::sysconf(_SC_CLK_TCK)}; // proc(5): utime, stime
}

} // namespace

class TestNoDescriptors : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    Orphans m_orphans;

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }
    void cleanupTestCase() { QVERIFY(m_orphans.alive().empty()); }

    void whoFindsNoneWaits()
    {
        RedisServer redis;
        QVERIFY(redis.start());
        WeirProcess weir;
        weir.setBefore([] {
            const rlimit limit{kDescriptors, kDescriptors};
            ::setrlimit(RLIMIT_NOFILE, &limit);
        });
        // Four workers have so many descriptors of their own that the bound on connections does not help.
        QVERIFY2(weir.start(words("serve --threads 4 --history no --redis " + redis.url().toUtf8())), weir.errors());
        {
            const Silent clients{weir.port()};
            QTRY_VERIFY2_WITH_TIMEOUT(weir.errors().contains("no descriptor is left for another connection"),
                                      weir.errors(), kPatienceMs);
            QVERIFY2(weir.errors().contains("ulimit -n is 40"), weir.errors());
            const auto before = cpuTime(weir.pid());
            QTest::qWait(kObservedMs); // it lasts
            const auto spent = cpuTime(weir.pid()) - before;
            QVERIFY2(spent < 200ms, QByteArray::number(static_cast<qint64>(spent.count())) + " ms of CPU");
        }
        for (int i = 0; i < 8; ++i) { // of each worker
            RawHttpClient client;
            QVERIFY(client.connectTo(weir.port()) && client.sendRequest("GET", "/"));
            const auto response = client.readResponse();
            QVERIFY2(response, qPrintable(client.error()));
        }
        QTRY_VERIFY2_WITH_TIMEOUT(weir.errors().contains("new connections are taken at once again"), weir.errors(),
                                  kPatienceMs);
        QVERIFY2(weir.errors().count("descriptor") == 2, weir.errors()); // one line each
        QCOMPARE(weir.stop(), 0);
        redis.stop();
    }
};

QTEST_GUILESS_MAIN(TestNoDescriptors)
#include "tst_no_descriptors.moc"
