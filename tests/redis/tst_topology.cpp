// SPDX-License-Identifier: GPL-3.0-only
// What servers say about each other, and the slot of a key.
#include <QTest>

#include "core/redis/link/key_slot.h"
#include "core/redis/link/topology.h"

using namespace weir;
using namespace weir::redis;

namespace {

const HostPort kAsked{QStringLiteral("10.0.0.1"), 7000};

Reply parsed(const QByteArray &bytes)
{
    ReplyReader reader;
    reader.feed(bytes);
    const auto reply = reader.next();
    return reply && reply.value() ? *reply.value() : Reply{};
}

QString print(const std::vector<SlotRange> &ranges)
{
    QStringList texts;
    for (const SlotRange &range : ranges)
        texts << QStringLiteral("%1-%2 %3").arg(range.first).arg(range.last).arg(range.master.print());
    return texts.join(QStringLiteral(", "));
}

QString nameOf(const Error &error)
{
    switch (error.code) {
    case Error::Code::Configuration:
        return QStringLiteral("Configuration");
    case Error::Code::Unavailable:
        return QStringLiteral("Unavailable");
    case Error::Code::Protocol:
        return QStringLiteral("Protocol");
    default:
        return QStringLiteral("another");
    }
}

void columns()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("expected"); // the value, or the code of the error
}

void row(const char *name, const char *bytes, const char *expected)
{
    QTest::newRow(name) << QByteArray{bytes} << QString::fromLatin1(expected);
}

} // namespace

class TestTopology : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void checkValues();
    void slotsOfKeys_data();
    void slotsOfKeys();
    void masters_data();
    void masters();
    void roles_data();
    void roles();
    void slotMaps_data();
    void slotMaps();
    void redirections_data();
    void redirections();
};

// The check value of CRC-16/XMODEM, and that of the cluster specification.
void TestTopology::checkValues()
{
    QCOMPARE(int{crc16("123456789")}, 0x31C3);
    QCOMPARE(int{crc16("")}, 0);
    QCOMPARE(keySlot("123456789"), 0x31C3 % kSlots);
}

// As "CLUSTER KEYSLOT" of redis-server 7.0.15 answers.
void TestTopology::slotsOfKeys_data()
{
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<int>("slot");
    const auto key = [](const char *name, int slot) { QTest::newRow(name) << QByteArray{name} << slot; };
    key("foo", 12182);
    key("weir:limits", 15940);
    key("weir:{global}", 10408);
    key("global", 10408);
    key("{user1000}.following", 3443);
    key("foo{}{bar}", 8363);
    key("foo{{bar}}zap", 4015);
    key("foo{bar}{zap}", 5061);
    key("foo{bar", 15278);
    key("foo}bar{", 11073);
    key("weir:{per-client:\xc3\xb6}", 9077);
}

void TestTopology::slotsOfKeys()
{
    QFETCH(const QByteArray, key);
    QTEST(keySlot(key), "slot");
}

void TestTopology::masters_data()
{
    columns();
    row("there", "*2\r\n$9\r\n127.0.0.1\r\n$4\r\n6380\r\n", "127.0.0.1:6380");
    row("unknown name", "*-1\r\n", "Configuration");
    row("a host that is none", "*2\r\n$4\r\n\x1b[2J\r\n$4\r\n6379\r\n", "Protocol");
    row("no sentinel", "-ERR unknown command 'SENTINEL', with args beginning with: \r\n", "Configuration");
    row("password", "-NOAUTH Authentication required.\r\n", "Configuration");
    row("no port", "*2\r\n$1\r\nh\r\n$5\r\n65536\r\n", "Protocol");
    row("no host", "*2\r\n$0\r\n\r\n$4\r\n6380\r\n", "Protocol");
    row("a number", ":1\r\n", "Protocol");
}

void TestTopology::masters()
{
    QFETCH(const QByteArray, bytes);
    const RedisUrl url = parseRedisUrl(QStringLiteral("sentinel://:s3cret@h1/mymaster")).value();
    const Result<HostPort> master = masterOf(parsed(bytes), url);
    QTEST(master ? master.value().print() : nameOf(master.error()), "expected");
}

void TestTopology::roles_data()
{
    columns();
    row("master", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n", "fine");
    row("replica", "*5\r\n$5\r\nslave\r\n$1\r\nh\r\n:6379\r\n$9\r\nconnected\r\n:0\r\n", "Unavailable");
    row("sentinel", "*2\r\n$8\r\nsentinel\r\n*0\r\n", "Unavailable");
    row("may not ask", "-NOPERM this user has no permissions to run the 'role' command\r\n", "fine");
    row("password", "-NOAUTH Authentication required.\r\n", "Configuration");
    row("a number", ":1\r\n", "Protocol");
}

void TestTopology::roles()
{
    QFETCH(const QByteArray, bytes);
    const auto objection = objectionToRole(parsed(bytes), parseRedisUrl(QStringLiteral("redis://h")).value());
    QTEST(objection ? nameOf(*objection) : QStringLiteral("fine"), "expected");
}

void TestTopology::slotMaps_data()
{
    columns();
    row("two masters and a replica",
        "*2\r\n"
        "*4\r\n:0\r\n:8191\r\n*4\r\n$2\r\nh1\r\n:7001\r\n$2\r\nid\r\n*0\r\n*3\r\n$2\r\nh2\r\n:7002\r\n$2\r\nid\r\n"
        "*3\r\n:8192\r\n:16383\r\n*2\r\n$3\r\n::1\r\n:7003\r\n",
        "0-8191 h1:7001, 8192-16383 [::1]:7003");
    row("a node that does not know its address", "*1\r\n*3\r\n:0\r\n:9\r\n*2\r\n$0\r\n\r\n:7001\r\n",
        "0-9 10.0.0.1:7001");
    row("the same, as nil", "*1\r\n*3\r\n:0\r\n:9\r\n*2\r\n$-1\r\n:7001\r\n", "0-9 10.0.0.1:7001");
    row("a name nobody knows", "*1\r\n*3\r\n:0\r\n:9\r\n*2\r\n$1\r\n?\r\n:7001\r\n", "Unavailable");
    row("no slots", "*0\r\n", "Unavailable");
    row("no cluster", "-ERR This instance has cluster support disabled\r\n", "Configuration");
    row("slot too large", "*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\nh\r\n:7001\r\n", "Protocol");
    row("slot below 0", "*1\r\n*3\r\n:-1\r\n:5\r\n*2\r\n$1\r\nh\r\n:7001\r\n", "Protocol");
    row("too short", "*1\r\n*2\r\n:0\r\n:5\r\n", "Protocol");
    row("text", "$2\r\nOK\r\n", "Protocol");
}

void TestTopology::slotMaps()
{
    QFETCH(const QByteArray, bytes);
    const auto ranges = slotsOf(parsed(bytes), kAsked);
    QTEST(ranges ? print(ranges.value()) : nameOf(ranges.error()), "expected");
}

void TestTopology::redirections_data()
{
    columns();
    row("moved", "-MOVED 3999 127.0.0.1:6381\r\n", "moved 3999 127.0.0.1:6381");
    row("ask", "-ASK 16383 h.example:1\r\n", "ask 16383 h.example:1");
    row("IPv6", "-MOVED 0 ::1:6381\r\n", "moved 0 [::1]:6381");
    row("the same node", "-MOVED 7 :6381\r\n", "moved 7 :6381");
    row("no slot", "-MOVED x h:1\r\n", "none");
    row("slot too large", "-MOVED 16384 h:1\r\n", "none");
    row("no port", "-MOVED 1 h\r\n", "none");
    row("port too large", "-MOVED 1 h:65536\r\n", "none");
    row("nothing", "-MOVED\r\n", "none");
    row("data", "$16\r\nMOVED 3999 h:6381\r\n", "none");
    row("another error", "-TRYAGAIN Multiple keys request during rehashing of slot\r\n", "none");
}

void TestTopology::redirections()
{
    QFETCH(const QByteArray, bytes);
    const auto found = redirectionOf(parsed(bytes));
    const QString printed =
        found ? QStringLiteral("%1 %2 %3")
                    .arg(found->kind == Redirection::Kind::Moved ? QStringLiteral("moved") : QStringLiteral("ask"))
                    .arg(found->slot)
                    .arg(found->target.print())
              : QStringLiteral("none");
    QTEST(printed, "expected");
}

QTEST_APPLESS_MAIN(TestTopology)
#include "tst_topology.moc"
