// SPDX-License-Identifier: GPL-3.0-only
#include <QCryptographicHash>
#include <QTest>

#include "core/policy/subject_key.h"
#include "tests/unit/request_made.h"

using namespace weir;
using namespace weir::policy;
using config::KeyPart;
using weir::test::RequestMade;

Q_DECLARE_METATYPE(weir::test::RequestMade)
Q_DECLARE_METATYPE(std::vector<weir::config::KeyPart>)

namespace {

const KeyPart kIp{KeyPart::Kind::Ip, {}};
const KeyPart kHeader{KeyPart::Kind::Header, "X-Api-Key"};
const KeyPart kCookie{KeyPart::Kind::Cookie, "sid"};
const KeyPart kQuery{KeyPart::Kind::Query, "token"};

std::string subjectOf(std::vector<KeyPart> parts, RequestMade request, int ipv6Prefix = 64,
                      config::HashKey hashKey = config::HashKey::Never)
{
    std::string subject, buffer;
    SubjectKey{parts, {.ipv6Prefix = ipv6Prefix}, hashKey}.write(request.view(), subject, buffer);
    return subject;
}

KeyPart segment(const char *number)
{
    return {KeyPart::Kind::Path, number};
}

bool isHash(const std::string &subject)
{
    return subject.size() == 33 && subject.front() == '#';
}

RequestMade withKey(std::string value)
{
    return {.headers = {{"x-api-key", std::move(value)}}};
}

} // namespace

class TestSubjectKey : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void writes_data();
    void writes();
    void cutsIpv6_data();
    void cutsIpv6();
    void theLongestIsWhole();
    void longerOnesAreHashed();
    void nobodyCanWriteAHash();
    void memoryDoesNotStay();
    void whatIdentifiesIsHashed();
    void aRequestMayLackAPart();
};

void TestSubjectKey::writes_data()
{
    QTest::addColumn<std::vector<KeyPart>>("parts");
    QTest::addColumn<RequestMade>("request");
    QTest::addColumn<QString>("subject");
    const auto row = [](const char *name, const std::vector<KeyPart> &parts, const RequestMade &request,
                        const char *subject) {
        QTest::newRow(name) << parts << request << QString::fromLatin1(subject);
    };
    row("global", {}, {}, "");
    row("IPv4", {kIp}, {.client = "192.0.2.1"}, "192.0.2.1");
    row("IPv4, longest", {kIp}, {.client = "255.255.255.255"}, "255.255.255.255");
    row("IPv4, mapped", {kIp}, {.client = "::ffff:192.0.2.1"}, "192.0.2.1");
    row("IPv6", {kIp}, {.client = "2001:DB8:1:2:3:4:5:6"}, "2001:db8:1:2::/64");

    row("header", {kHeader}, withKey("abc-123_X.~"), "abc-123_X.~");
    row("header, what stays", {kHeader}, withKey("a@b:c/d=e+f"), "a@b:c/d=e+f");
    row("header, what is escaped", {kHeader}, withKey("{a} b,c%(d)#*?[\\]\"<>"),
        "%7Ba%7D%20b%2Cc%25%28d%29%23%2A%3F%5B%5C%5D%22%3C%3E");
    row("header, bytes", {kHeader}, withKey("\xc3\xa9\xff\x01\t"), "%C3%A9%FF%01%09");
    row("header, missing", {kHeader}, {}, "(none)");
    row("header, empty", {kHeader}, withKey(""), "(empty)");
    row("header that says (none)", {kHeader}, withKey("(none)"), "%28none%29");
    row("header, twice", {kHeader}, {.headers = {{"X-Api-Key", "a"}, {"x-api-key", "b"}}}, "(several)");
    row("header, twice the same", {kHeader}, {.headers = {{"X-Api-Key", "a"}, {"x-api-key", "a"}}}, "(several)");
    row("header, not decoded", {kHeader}, withKey("%61"), "%2561");

    const auto cookie = [](const char *text) { return RequestMade{.headers = {{"Cookie", text}}}; };
    row("cookie", {kCookie}, cookie("sid=abc"), "abc");
    row("cookie among others", {kCookie}, cookie("a=1; sid=abc; b=2"), "abc");
    row("cookie, name with case", {kCookie}, cookie("SID=abc"), "(none)");
    row("cookie, longer name", {kCookie}, cookie("xsid=1; sidx=2"), "(none)");
    row("cookie in another's value", {kCookie}, cookie("a=sid=1; b=\"; sid=abc"), "abc");
    row("cookie, quoted", {kCookie}, cookie("sid=\"abc\""), "abc");
    row("cookie, one quote", {kCookie}, cookie("sid=\""), "%22");
    row("cookie, spaces", {kCookie}, cookie(" \tsid =  abc ;x"), "abc");
    row("cookie, spelled out", {kCookie}, cookie("sid=%61b%63"), "abc");
    row("cookie, empty", {kCookie}, cookie("sid="), "(empty)");
    row("cookie, no equals", {kCookie}, cookie("sid"), "(none)");
    row("cookie, two", {kCookie}, cookie("sid=abc; sid=x"),
        "(several)"); // to Go the first one counts, to Django the last
    row("cookie, two fields of one name", {kCookie}, {.headers = {{"Cookie", "sid=x"}, {"Cookie", "a=1; sid=abc"}}},
        "(several)");
    row("cookie, two, one empty", {kCookie}, cookie("sid=abc; sid="), "(several)");
    row("cookie, two, one begins the other", {kCookie}, cookie("sid=abc; sid=abcd"), "(several)");
    row("cookie, the same twice", {kCookie}, cookie("sid=abc; a=1; sid=abc"), "abc");
    row("cookie, the same in other spellings", {kCookie}, cookie("sid=a+b; sid=\"%61%20b\"; sid=a b"), "a+b");
    row("cookie, the third is another", {kCookie}, cookie("sid=abc; sid=abc; sid=abd"), "(several)");
    row("cookie, empty twice", {kCookie}, cookie("sid=; sid=\"\""), "(empty)");
    row("cookie, two fields", {kCookie}, {.headers = {{"Cookie", "a=1;"}, {"cookie", "sid=abc"}}}, "abc");
    row("cookie, with equals", {kCookie}, cookie("sid=a=b=="), "a=b==");
    row("cookie, missing", {kCookie}, {}, "(none)");

    const auto query = [](const char *text) { return RequestMade{.target = std::string{"/?"} + text}; };
    row("query", {kQuery}, query("token=abc"), "abc");
    row("query among others", {kQuery}, query("a=1&token=abc&b"), "abc");
    row("query, name spelled out", {kQuery}, query("%74oken=abc"), "abc");
    row("query, value spelled out", {kQuery}, query("token=%61%62c"), "abc");
    row("query, plus", {kQuery}, query("token=a+b"), "a+b");
    row("query, encoded plus", {kQuery}, query("token=a%2Bb"), "a+b");
    row("query, encoded space", {kQuery}, query("token=a%20b"), "a+b");
    row("query, encoded separator", {kQuery}, query("token=a%26b"), "a%26b");
    row("query, NUL", {kQuery}, query("token=a%00b"), "a%00b");
    row("query, broken code", {kQuery}, query("token=%6"), "%256");
    row("query, empty", {kQuery}, query("token="), "(empty)");
    row("query, no equals", {kQuery}, query("token"), "(empty)");
    row("query, other case", {kQuery}, query("Token=abc"), "(none)");
    row("query, twice", {kQuery}, query("token=a&token=b"), "(several)");
    row("query, twice by spelling", {kQuery}, query("token=a&%74oken=b"), "(several)");
    row("query, second question mark", {kQuery}, query("?token=a"), "(none)");
    row("query, none", {kQuery}, {}, "(none)");
    row("query, missing", {kQuery}, query("a=token=1&&=&"), "(none)");

    const auto at = [](const char *target) { return RequestMade{.target = target}; };
    const KeyPart kMethod{KeyPart::Kind::Method, {}}, kPath{KeyPart::Kind::Path, {}};
    row("method", {kMethod}, {.method = "DELETE"}, "DELETE");
    row("path", {kPath}, at("/users/7?x=1"), "/users/7");
    row("segment", {segment("2")}, at("/users/7/orders?x=/9"), "7");
    row("segment, the last", {segment("3")}, at("/users/7/orders"), "orders");
    row("segment, one too many", {segment("4")}, at("/users/7/orders"), "(none)");
    row("segment, empty", {segment("2")}, at("/users//orders"), "(empty)");
    row("segment, empty at the end", {segment("2")}, at("/users/"), "(empty)");
    row("segment of the root", {segment("1")}, at("/"), "(empty)");
    row("segment, an encoded slash is none", {segment("1")}, at("/a%2Fb/c"), "a%252Fb");
    row("segment that says (none)", {segment("1")}, at("/(none)"), "%28none%29");
    row("segment, no path", {segment("1")}, {.method = "OPTIONS", .target = "*"}, "(none)");
    row("joined, by method and segment", {kMethod, segment("1")}, {.method = "PUT", .target = "/a/b"}, "PUT,a");

    row("joined", {kIp, kHeader}, withKey("abc"), "192.0.2.1,abc");
    row("joined, a comma in one", {kHeader, kHeader}, withKey("a,b"), "a%2Cb,a%2Cb");
    row("joined, nothing", {kHeader, kCookie, kQuery}, {}, "(none),(none),(none)");
}

void TestSubjectKey::writes()
{
    QFETCH(const std::vector<KeyPart>, parts);
    QFETCH(const RequestMade, request);
    QTEST(QString::fromStdString(subjectOf(parts, request)), "subject");
}

void TestSubjectKey::cutsIpv6_data()
{
    QTest::addColumn<int>("bits");
    QTest::addColumn<QString>("subject");
    QTest::newRow("/32") << 32 << QStringLiteral("2001:db8::/32");
    QTest::newRow("/48") << 48 << QStringLiteral("2001:db8:1::/48");
    QTest::newRow("/56") << 56 << QStringLiteral("2001:db8:1:ff00::/56");
    QTest::newRow("/61") << 61 << QStringLiteral("2001:db8:1:ffe8::/61");
    QTest::newRow("/128") << 128 << QStringLiteral("2001:db8:1:ffef:ffff:ffff:ffff:fffe");
}

void TestSubjectKey::cutsIpv6()
{
    QFETCH(const int, bits);
    const std::string subject = subjectOf({kIp}, {.client = "2001:db8:1:ffef:ffff:ffff:ffff:fffe"}, bits);
    QTEST(QString::fromStdString(subject), "subject");
    QCOMPARE(subjectOf({kIp}, {.client = "192.0.2.1"}, bits), std::string{"192.0.2.1"});
}

void TestSubjectKey::theLongestIsWhole()
{
    QCOMPARE(subjectOf({kHeader}, withKey(std::string(kMaxSubjectBytes, 'a'))), std::string(kMaxSubjectBytes, 'a'));
}

void TestSubjectKey::longerOnesAreHashed()
{
    const std::string value(kMaxSubjectBytes + 1, 'a');
    const auto hash = [](const std::string &text) {
        return '#'
               + QCryptographicHash::hash(QByteArray::fromStdString(text), QCryptographicHash::Blake2b_256)
                     .toHex()
                     .first(32)
                     .toStdString();
    };
    QCOMPARE(subjectOf({kHeader}, withKey(value)), hash("257:" + value));
    QCOMPARE(subjectOf({kIp, kHeader, kQuery}, withKey(value)), hash("9:192.0.2.1257:" + value + "(none)"));
    QCOMPARE(subjectOf({kQuery}, {.target = "/?token=%61" + value}), hash("258:a" + value));
    QVERIFY(subjectOf({kHeader}, withKey(value)) != subjectOf({kHeader}, withKey(value + "a")));
    QCOMPARE(subjectOf({kHeader}, withKey(std::string(100'000, ' '))).size(), std::size_t{33});
}

void TestSubjectKey::nobodyCanWriteAHash()
{
    const std::string hash = subjectOf({kHeader}, withKey(std::string(1000, 'a')));
    QVERIFY(subjectOf({kHeader}, withKey(hash)) != hash);
}

void TestSubjectKey::memoryDoesNotStay()
{
    std::string subject, buffer;
    const SubjectKey key{{kQuery}, {}};
    for (const std::string &rest : {std::string{}, std::string{"&token=x"}}) {
        RequestMade request{.target = "/?token=" + std::string(60'000, '%') + rest};
        key.write(request.view(), subject, buffer);
        QVERIFY(!subject.empty());
        QVERIFY2(subject.capacity() < 1024 && buffer.capacity() < 8192, std::to_string(subject.capacity()).c_str());
    }
    QCOMPARE(subject, std::string{kSeveralValues});
}

// What a Redis, its files, the log and the window may show of a client is its owner's to say.
void TestSubjectKey::whatIdentifiesIsHashed()
{
    using config::HashKey;
    const KeyPart kBearer{KeyPart::Kind::Header, "authorization"};
    const RequestMade request{.target = "/a?token=t",
                              .headers = {{"Authorization", "Bearer secret"}, {"Cookie", "sid=s"}, {"X-Api-Key", "k"}}};
    const auto subject = [&](const KeyPart &part, HashKey hashKey) { return subjectOf({part}, request, 64, hashKey); };
    for (const KeyPart &part : {kBearer, kCookie}) {
        QVERIFY(isHash(subject(part, HashKey::Credentials)));
        QVERIFY(isHash(subject(part, HashKey::Always)));
        QVERIFY(!isHash(subject(part, HashKey::Never)));
    }
    for (const KeyPart &part : {kHeader, kQuery, kIp}) {
        QVERIFY(!isHash(subject(part, HashKey::Credentials)));
        QVERIFY(isHash(subject(part, HashKey::Always)));
    }
    for (const KeyPart &part : {KeyPart{KeyPart::Kind::Method, {}}, segment("1")})
        QVERIFY(!isHash(subject(part, HashKey::Always)));
    // The same value is the same bucket, whatever its spelling and wherever it is sent; another is another.
    QCOMPARE(subjectOf({kCookie}, {.headers = {{"Cookie", "sid=%73"}}}, 64, HashKey::Always),
             subject(kCookie, HashKey::Always));
    QCOMPARE(subjectOf({kHeader}, withKey("s"), 64, HashKey::Always), subject(kCookie, HashKey::Always));
    QVERIFY(subject(kHeader, HashKey::Always) != subject(kCookie, HashKey::Always));
    // Fixed for ever: several Weirs and the next start must have the same names.
    QCOMPARE(QString::fromStdString(subjectOf({kHeader}, withKey("abc"), 64, HashKey::Always)),
             QStringLiteral("#") + QString::fromLatin1(QCryptographicHash::hash("3:abc", QCryptographicHash::Blake2b_256)
                                                           .first(16)
                                                           .toHex()));
    QCOMPARE(subjectOf({kHeader}, withKey({}), 64, HashKey::Always), std::string{"(empty)"});
    QCOMPARE(subjectOf({kIp, kCookie}, {}, 64, HashKey::Credentials), std::string{"192.0.2.1,(none)"});
}

void TestSubjectKey::aRequestMayLackAPart()
{
    std::string subject, buffer;
    RequestMade with = withKey("a"), without;
    QVERIFY((SubjectKey{{kIp, kHeader}}.write(with.view(), subject, buffer)));
    QVERIFY(!(SubjectKey{{kHeader, kIp}}.write(without.view(), subject, buffer)));
    RequestMade empty = withKey({}), longer = withKey(std::string(300, 'a'));
    QVERIFY(SubjectKey{{kHeader}}.write(empty.view(), subject, buffer));
    QVERIFY(!(SubjectKey{{kHeader, kCookie}}.write(longer.view(), subject, buffer)));
    QVERIFY(SubjectKey{{}}.write(without.view(), subject, buffer));
}

QTEST_APPLESS_MAIN(TestSubjectKey)
#include "tst_subject_key.moc"
