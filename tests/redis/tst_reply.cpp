// SPDX-License-Identifier: GPL-3.0-only
// Commands to bytes, bytes to replies however they arrive, and what the errors of Redis mean.
#include <QTest>

#include <unistd.h>

#include "core/redis/link/reply.h"
#include "tests/support/process_memory.h"

using namespace weir;
using namespace weir::redis;
using weir::test::residentBytes;

namespace {

/// One reply as text: "nil", "7", "'text'", "-ERR line", "[a b]".
QByteArray print(const Reply &reply)
{
    switch (reply.type) {
    case Reply::Type::Nil:
        return "nil";
    case Reply::Type::Integer:
        return QByteArray::number(qint64{reply.integer});
    case Reply::Type::Text:
        return '\'' + reply.text + '\'';
    case Reply::Type::Error:
        return '-' + reply.text;
    case Reply::Type::Array:
        break;
    }
    QByteArrayList words;
    for (const Reply &item : reply.items)
        words.append(print(item));
    return '[' + words.join(' ') + ']';
}

/// All whole replies that the reader has, or "PROTOCOL" where it gave up.
QByteArrayList drain(ReplyReader &reader)
{
    QByteArrayList replies;
    for (;;) {
        const auto next = reader.next();
        if (!next) {
            replies.append(next.error().code == Error::Code::Protocol ? "PROTOCOL" : "another error");
            return replies;
        }
        if (!next.value())
            return replies;
        replies.append(print(*next.value()));
    }
}

const QByteArray kStream =
    QByteArrayLiteral("+PONG\r\n:-9223372036854775808\r\n$-1\r\n$0\r\n\r\n*-1\r\n*0\r\n"
                      "*3\r\n:1\r\n*2\r\n$2\r\n\r\n\r\n+a b\r\n-ERR in\r\n-NOSCRIPT No matching script.\r\n");
const QByteArrayList kReplies{"'PONG'",
                              "-9223372036854775808",
                              "nil",
                              "''",
                              "nil",
                              "[]",
                              "[1 ['\r\n' 'a b'] -ERR in]",
                              "-NOSCRIPT No matching script."};

} // namespace

class TestReply : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void commandsAreArraysOfText();
    void argumentsMayHoldAnyBytes();
    void repliesMayBeCutAnywhere();
    void repliesMayComeByteByByte();
    void nestedReplies();
    void deeplyNestedIsAnError_data();
    void deeplyNestedIsAnError();
    void garbageIsAnError_data();
    void garbageIsAnError();
    void whatCameBeforeGarbageIsStillAReply();
    void errorsAreKnownByTheirFirstWord_data();
    void errorsAreKnownByTheirFirstWord();
    void wrongKindsOfServerComeWithAdvice_data();
    void wrongKindsOfServerComeWithAdvice();
    void aRedisThatIsTooOldIsNamed();
    void whatRedisRepeatsOfACommandIsNotTold();
    void aHugeHeaderTakesNoMemory_data();
    void aHugeHeaderTakesNoMemory();
    void aReplyWithoutEndIsGivenUp_data();
    void aReplyWithoutEndIsGivenUp();
    void theBoundsAreThoseOfOneReply();
    void isErrorLooksAtTheFirstWord();
};

void TestReply::commandsAreArraysOfText()
{
    QCOMPARE(formatCommand({"PING"}), QByteArray{"*1\r\n$4\r\nPING\r\n"});
    QCOMPARE(formatCommand({"HGET", "weir:limits", ""}),
             QByteArray{"*3\r\n$4\r\nHGET\r\n$11\r\nweir:limits\r\n$0\r\n\r\n"});
}

void TestReply::argumentsMayHoldAnyBytes()
{
    QByteArray all;
    for (int byte = 0; byte < 256; ++byte)
        all.append(static_cast<char>(byte));
    QCOMPARE(formatCommand({"SET", all}), "*2\r\n$3\r\nSET\r\n$256\r\n" + all + "\r\n");
    ReplyReader reader;
    reader.feed("$256\r\n" + all + "\r\n");
    const auto reply = reader.next();
    QVERIFY(reply && reply.value());
    QCOMPARE(reply.value()->text, all);
}

void TestReply::repliesMayBeCutAnywhere()
{
    for (qsizetype cut = 0; cut <= kStream.size(); ++cut) {
        ReplyReader reader;
        reader.feed(kStream.left(cut));
        QByteArrayList replies = drain(reader);
        reader.feed(kStream.mid(cut));
        replies += drain(reader);
        QCOMPARE(replies, kReplies);
    }
}

void TestReply::repliesMayComeByteByByte()
{
    ReplyReader reader;
    QByteArrayList replies;
    for (qsizetype i = 0; i < kStream.size(); ++i) {
        reader.feed(kStream.mid(i, 1));
        replies += drain(reader);
    }
    QCOMPARE(replies, kReplies);
}

void TestReply::nestedReplies()
{
    QByteArray bytes = ":5\r\n";
    QByteArray text = "5";
    for (int depth = 1; depth <= 7; ++depth) { // CLUSTER SLOTS has 4
        bytes.prepend("*1\r\n");
        text = '[' + text + ']';
        ReplyReader reader;
        reader.feed(bytes);
        QCOMPARE(drain(reader), QByteArrayList{text});
    }
}

// From hiredis 1.0 on there is no limit: what answers as Redis could end the process.
void TestReply::deeplyNestedIsAnError_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("8") << QByteArray{"*1\r\n"}.repeated(8) + ":5\r\n";
    QTest::newRow("8, the innermost empty") << QByteArray{"*1\r\n"}.repeated(7) + "*0\r\n";
    QTest::newRow("250,000") << QByteArray{"*1\r\n"}.repeated(250'000) + ":5\r\n";
    QTest::newRow("250,000, not the first") << "*2\r\n:1\r\n" + QByteArray{"*1\r\n"}.repeated(250'000) + ":5\r\n";
    QTest::newRow("250,000 of RESP3") << QByteArray{"~1\r\n"}.repeated(250'000) + ":5\r\n";
    QTest::newRow("250,000 maps") << QByteArray{"%1\r\n+k\r\n"}.repeated(250'000) + ":5\r\n";
}

void TestReply::deeplyNestedIsAnError()
{
    QFETCH(const QByteArray, bytes);
    ReplyReader reader;
    reader.feed(bytes);
    QCOMPARE(drain(reader), QByteArrayList{"PROTOCOL"});
}

void TestReply::garbageIsAnError_data()
{
    QTest::addColumn<QByteArray>("bytes");
    for (const char *bytes :
         {"HTTP/1.1 400 Bad Request\r\n\r\n", "220 mail.example ESMTP\r\n", "SSH-2.0-OpenSSH\r\n", "\r\n", ":seven\r\n",
          "$abc\r\n", "$-2\r\n", "*-2\r\n", "*x\r\n", ":99999999999999999999\r\n", "*1\r\n?\r\n", "\x16\x03\x01"})
        QTest::newRow(QByteArray{bytes}.toPercentEncoding(" ").constData()) << QByteArray{bytes};
}

void TestReply::garbageIsAnError()
{
    QFETCH(const QByteArray, bytes);
    ReplyReader reader;
    reader.feed(bytes);
    QCOMPARE(drain(reader), QByteArrayList{"PROTOCOL"});
    QCOMPARE(drain(reader), QByteArrayList{"PROTOCOL"}); // and it stays one
}

void TestReply::whatCameBeforeGarbageIsStillAReply()
{
    ReplyReader reader;
    reader.feed("+PONG\r\nHTTP/1.1 400\r\n");
    QCOMPARE(drain(reader), (QByteArrayList{"'PONG'", "PROTOCOL"}));
}

void TestReply::errorsAreKnownByTheirFirstWord_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<Error::Code>("code");
    QTest::addColumn<bool>("isTransient");
    const auto row = [](const char *line, Error::Code code, bool isTransient) {
        QTest::newRow(line) << QByteArray{line} << code << isTransient;
    };
    // As redis-server 7.0.15 sends them.
    row("NOAUTH Authentication required.", Error::Code::Configuration, false);
    row("WRONGPASS invalid username-password pair or user is disabled.", Error::Code::Configuration, false);
    row("NOPERM this user has no permissions to run the 'set' command", Error::Code::Configuration, false);
    row("DENIED Redis is running in protected mode because protected mode is enabled", Error::Code::Configuration,
        false);
    row("WRONGTYPE Operation against a key holding the wrong kind of value", Error::Code::Configuration, false);
    row("ERR The user executing the script can't run this command or subcommand script: x", Error::Code::Configuration,
        false);
    row("ERR ACL failure in script: User weir has no permissions to run the 'hset' command script: x",
        Error::Code::Configuration, false); // of Redis 8
    row("ERR AUTH <password> called without any password configured for the default user.", Error::Code::Configuration,
        false);
    row("ERR wrong number of arguments for 'auth' command", Error::Code::Configuration, false);
    row("ERR DB index is out of range", Error::Code::Configuration, false);
    row("ERR SELECT is not allowed in cluster mode", Error::Code::Configuration, false);
    row("WEIRARGS capacity", Error::Code::Invalid, false);
    row("WEIRSTATE tokens", Error::Code::State, false);
    row("NOSCRIPT No matching script. Please use EVAL.", Error::Code::Unavailable, true);
    row("LOADING Redis is loading the dataset in memory", Error::Code::Unavailable, true);
    row("BUSY Redis is busy running a script.", Error::Code::Unavailable, true);
    row("UNKILLABLE Sorry the script already executed write commands against the dataset.", Error::Code::Unavailable,
        true);
    row("OOM command not allowed when used memory > 'maxmemory'.", Error::Code::Unavailable, true);
    row("READONLY You can't write against a read only replica.", Error::Code::Unavailable, true);
    row("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", Error::Code::Unavailable,
        true);
    row("NOREPLICAS Not enough good replicas to write.", Error::Code::Unavailable, true);
    row("MISCONF Redis is configured to save RDB snapshots", Error::Code::Unavailable, true);
    row("CLUSTERDOWN The cluster is down", Error::Code::Unavailable, true);
    row("CLUSTERDOWN Hash slot not served", Error::Code::Unavailable, true);
    row("TRYAGAIN Multiple keys request during rehashing of slot", Error::Code::Unavailable, true);
    row("ERR max number of clients reached", Error::Code::Unavailable, true);
    row("ERR something that a later Redis says", Error::Code::Unavailable, true);
    row("", Error::Code::Unavailable, true);
}

void TestReply::errorsAreKnownByTheirFirstWord()
{
    QFETCH(const QByteArray, line);
    Reply reply;
    reply.type = Reply::Type::Error;
    reply.text = line;
    const Error error = errorOf(reply);
    QTEST(error.code, "code");
    QTEST(error.transient, "isTransient");
    QVERIFY2(QByteArray::fromStdString(error.detail).contains(line), error.detail.c_str());
}

void TestReply::wrongKindsOfServerComeWithAdvice_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("advice");
    QTest::newRow("moved") << QByteArray{"MOVED 3999 127.0.0.1:6381"} << QByteArray{"cluster://"};
    QTest::newRow("ask") << QByteArray{"ASK 3999 127.0.0.1:6381"} << QByteArray{"cluster://"};
    QTest::newRow("no cluster") << QByteArray{"ERR This instance has cluster support disabled"}
                                << QByteArray{"redis://"};
}

void TestReply::wrongKindsOfServerComeWithAdvice()
{
    QFETCH(const QByteArray, line);
    QFETCH(const QByteArray, advice);
    const Error error = errorOf({.type = Reply::Type::Error, .text = line});
    QCOMPARE(error.code, Error::Code::Configuration);
    QVERIFY(!error.transient);
    QVERIFY(QByteArray::fromStdString(error.detail).contains(line));
    QVERIFY(QByteArray::fromStdString(error.detail).contains(advice));
}

// Of 4.0.14.
void TestReply::aRedisThatIsTooOldIsNamed()
{
    const QByteArray line =
        "ERR Error running script (call to f_1c72ee3d652745dc69329799df3e637403dc520d): @user_script:82: "
        "@user_script: 82: Write commands not allowed after non deterministic commands. Call "
        "redis.replicate_commands() at the start of your script in order to switch to single commands "
        "replication mode.";
    const Error error = errorOf({.type = Reply::Type::Error, .text = line});
    QCOMPARE(error.code, Error::Code::Configuration);
    QVERIFY(!error.transient);
    QCOMPARE(error.detail, std::string{"this Redis is too old: Weir needs Redis 5.0 or later, or Valkey"});
}

void TestReply::whatRedisRepeatsOfACommandIsNotTold()
{
    const QByteArray line = "ERR unknown command 'AUTH', with args beginning with: 'al1ce' 's3cret' ";
    const Error error = errorOf({.type = Reply::Type::Error, .text = line});
    QCOMPARE(error.code, Error::Code::Configuration);
    QCOMPARE(
        error.detail,
        std::string{
            "Redis says: ERR unknown command 'AUTH' (it was renamed or taken away there, or it is a sentinel: then "
            "use sentinel://)"});
    Reply inScript;
    inScript.type = Reply::Type::Error;
    inScript.text =
        "WRONGTYPE Operation against a key script: 1c72ee3d652745dc69329799df3e637403dc520d, on @user_script:82.";
    QCOMPARE(errorOf(inScript).detail, std::string{"Redis says: WRONGTYPE Operation against a key"});
    // As 5.0.14, 6.0.20 and 6.2.22 tell the same.
    const QByteArray before = "ERR Error running script (call to f_c581dc5f5c1c749cb300d6c92295ef2d4116e8ed): ";
    const auto told = [&](const char *rest) {
        inScript.text = before + rest;
        const Error heard = errorOf(inScript);
        return std::pair{heard.code, heard.detail};
    };
    QCOMPARE(told("@user_script:1: WRONGTYPE Operation against a key"),
             (std::pair{Error::Code::Configuration, std::string{"Redis says: WRONGTYPE Operation against a key"}}));
    QCOMPARE(told("@user_script:36: @user_script: 36: The user executing the script can't run this command").first,
             Error::Code::Configuration);
    QCOMPARE(told("@user_script:9: @user_script: 9: -OOM command not allowed").second.substr(0, 15),
             std::string{"Redis says: OOM"});
    QCOMPARE(told("").first, Error::Code::Unavailable);
    inScript.text = "ERR Error running script";
    QCOMPARE(errorOf(inScript).code, Error::Code::Unavailable);
    // A server can say anything, at any length.
    inScript.text = "OOM \x1b[2J\r\n\xff" + QByteArray(1'000'000, 'x');
    const std::string plain = errorOf(inScript).detail;
    QVERIFY(plain.starts_with("Redis says: OOM ?[2J???xxx") && plain.find("xxx... (") != std::string::npos
            && plain.size() < 300);
}

// Only the header is there: a reader that believed it would take gigabytes.
void TestReply::aHugeHeaderTakesNoMemory_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<bool>("isRefused"); // else it waits for bytes, of which there may be 16 MiB
    QTest::newRow("2 GB of text") << QByteArray{"$2147483648\r\nabc"} << false;
    QTest::newRow("9 EB of text") << QByteArray{"$9223372036854775807\r\nabc"} << false;
    QTest::newRow("2^31 elements") << QByteArray{"*2147483647\r\n:1\r\n"} << true;
    QTest::newRow("2^32 elements") << QByteArray{"*4294967296\r\n:1\r\n"} << true;
    QTest::newRow("one element too many") << QByteArray{"*262145\r\n:1\r\n"} << true;
    QTest::newRow("too many in two arrays") << QByteArray{"*2\r\n*262144\r\n:1\r\n"} << true;
    QTest::newRow("all that may be") << QByteArray{"*262144\r\n:1\r\n"} << false;
    QTest::newRow("nested too deep") << QByteArray{"*1\r\n"}.repeated(50'000) << true;
}

void TestReply::aHugeHeaderTakesNoMemory()
{
    QFETCH(const QByteArray, bytes);
    QFETCH(const bool, isRefused);
    const qint64 before = residentBytes(::getpid());
    ReplyReader reader;
    reader.feed(bytes);
    QCOMPARE(drain(reader), isRefused ? QByteArrayList{"PROTOCOL"} : QByteArrayList{});
    const qint64 grown = (residentBytes(::getpid()) - before) / 1024;
    QVERIFY2(grown < 32'768, qPrintable(QString::number(grown)));
}

void TestReply::aReplyWithoutEndIsGivenUp_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::newRow("text") << QByteArray{"$2147483648\r\n"};
    QTest::newRow("line") << QByteArray{"+"};
    QTest::newRow("text in an array") << QByteArray{"*2\r\n:1\r\n$2147483648\r\n"};
}

void TestReply::aReplyWithoutEndIsGivenUp()
{
    QFETCH(const QByteArray, head);
    constexpr std::size_t kPart = 65'536;
    const QByteArray part{kPart, 'x'};
    ReplyReader reader;
    reader.feed(head);
    std::size_t fed = 0;
    while (drain(reader).isEmpty() && fed < 2 * kMaxReplyBytes) {
        reader.feed(part);
        fed += kPart;
    }
    QVERIFY2(fed >= kMaxReplyBytes - kPart && fed <= kMaxReplyBytes + kPart, qPrintable(QString::number(fed)));
    reader.feed(part);
    QCOMPARE(drain(reader), QByteArrayList{"PROTOCOL"});
}

// Each counts for itself: a link that lives long reads more than that.
void TestReply::theBoundsAreThoseOfOneReply()
{
    const QByteArray text{1'000'000, 'x'};
    const QByteArray many = "*100000\r\n" + QByteArray{":1\r\n"}.repeated(100'000);
    ReplyReader reader;
    for (int i = 0; i < 20; ++i) { // in sum more than one may have
        reader.feed("$1000000\r\n" + text + "\r\n+OK\r\n" + many);
        QCOMPARE(drain(reader).size(), qsizetype{3});
    }
}

void TestReply::isErrorLooksAtTheFirstWord()
{
    Reply reply;
    reply.type = Reply::Type::Error;
    reply.text = "NOSCRIPT No matching script.";
    QVERIFY(reply.isError("NOSCRIPT"));
    QVERIFY(!reply.isError("No matching"));
    reply.type = Reply::Type::Text; // the same words, said by somebody's data
    QVERIFY(!reply.isError("NOSCRIPT"));
}

QTEST_APPLESS_MAIN(TestReply)
#include "tst_reply.moc"
