// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>

#include "core/policy/path_pattern.h"
#include "core/policy/path_text.h"
#include "tests/support/seed.h"

using namespace weir;
using namespace weir::policy;

namespace {

constexpr int kRandomPairs = 200'000;

std::string canonical(std::string_view path)
{
    std::string buffer;
    return std::string{canonicalPath(path, buffer)};
}

// The meaning of "*", written down: slow, and right at a glance.
bool matchesByTable(std::string_view pattern, std::string_view path)
{
    std::vector<std::vector<bool>> isMatch(pattern.size() + 1, std::vector<bool>(path.size() + 1, false));
    isMatch[0][0] = true;
    for (std::size_t i = 1; i <= pattern.size(); ++i)
        for (std::size_t j = 0; j <= path.size(); ++j)
            isMatch[i][j] = pattern[i - 1] == '*' ? isMatch[i - 1][j] || (j > 0 && isMatch[i][j - 1])
                                                  : j > 0 && pattern[i - 1] == path[j - 1] && isMatch[i - 1][j - 1];
    return isMatch[pattern.size()][path.size()];
}

std::string randomText(test::Random &random, std::string_view letters, int most)
{
    std::string text;
    for (std::int64_t left = random.between(0, most); left > 0; --left)
        text += letters[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(letters.size()) - 1))];
    return text;
}

} // namespace

class TestPathPattern : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void spellsOneWay_data();
    void spellsOneWay();
    void spellingTwiceChangesNothing();
    void matches_data();
    void matches();
    void agreesWithTheTable();
    void hostilePatternsTakeLinearTime();
    void meets_data();
    void meets();
    void neverDeniesAMeeting();
};

void TestPathPattern::spellsOneWay_data()
{
    QTest::addColumn<QString>("spelled");
    const auto row = [](const char *text, const char *spelled) { QTest::newRow(text) << QString::fromLatin1(spelled); };
    row("/", "/");
    row("/api/v1", "/api/v1");
    row("/%61pi", "/api");
    row("/%41%5A%30%2d%2E%5f%7e", "/AZ0-._~");
    row("/a%2fb", "/a%2Fb"); // an encoded slash is no slash
    row("/a%2Fb", "/a%2Fb");
    row("/%c3%a9", "/%C3%A9");
    row("/%00", "/%00");
    row("/%2561", "/%2561"); // decoded once only
    row("/a//b", "/a//b");
    row("/a/../b/./c", "/a/../b/./c");
    row("/a/%2e%2e/b", "/a/../b");
    row("/%", "/%25");
    row("/%6", "/%256");
    row("/%6g%61", "/%256ga");
    row("/%%61", "/%25a");
    row("/%%36%31", "/%2561"); // not "%61"
    row("*", "*");
    row("", "");
}

void TestPathPattern::spellsOneWay()
{
    QFETCH(const QString, spelled);
    QCOMPARE(canonical(QTest::currentDataTag()), spelled.toStdString());
}

void TestPathPattern::spellingTwiceChangesNothing()
{
    test::Random random;
    for (int i = 0; i < kRandomPairs; ++i) {
        std::string path = "/";
        for (std::int64_t pieces = random.between(0, 6); pieces > 0; --pieces)
            path +=
                random.oneIn(2)
                    ? QByteArray::number(random.between(0, 255), 16).rightJustified(2, '0').prepend('%').toStdString()
                    : randomText(random, "aZ/.%46", 3);
        const std::string once = canonical(path);
        QCOMPARE(canonical(once), once);
    }
}

void TestPathPattern::matches_data()
{
    QTest::addColumn<QByteArray>("pattern");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<bool>("isMatch");
    const auto row = [](const char *pattern, const char *path, bool isMatch) {
        QTest::addRow("%s on %s", pattern, path) << QByteArray{pattern} << QByteArray{path} << isMatch;
    };
    row("", "/anything", true);
    row("*", "/anything", true);
    row("*", "*", true); // OPTIONS *
    row("**", "", true);
    row("/api", "/api", true);
    row("/api", "/api/", false);
    row("/api", "/API", false);
    row("/api/*", "/api/", true);
    row("/api/*", "/api", false);
    row("/api/*", "/api/a/b", true);
    row("/api*", "/apis", true);
    row("*.png", "/img/a.png", true);
    row("*.png", "/img/a.png/", false);
    row("/a*b", "/ab", true);
    row("/a*b", "/a", false);
    row("/ab*ba", "/aba", false); // head and tail do not share a letter
    row("/ab*ba", "/abba", true);
    row("/a*b*c", "/axbxc", true);
    row("/a*b*c", "/acb", false);
    row("/*/x/*", "/a/x/", true);
    row("/*aab*", "/aaab", true); // resumes within the piece
    row("/*abab*", "/abaabab", true);
    row("/%61pi/*", "/api/x", true);
    row("/a%2fb", "/a%2Fb", true);
    row("/a%2Fb", "/a/b", false);
    row("/a%2Ab", "/a%2Ab", true);
    row("/a%2Ab", "/axb", false);
    row("/a*b", "/a*b", true);
    row("/api/*", "//api/x", false);
    row("/api/*", "/x/../api/y", false);
    row("/a?c", "/abc", false); // no other wildcards
    row("/[a]", "/a", false);
}

void TestPathPattern::matches()
{
    QFETCH(const QByteArray, pattern);
    QFETCH(const QByteArray, path);
    QTEST(PathPattern{pattern.toStdString()}.matches(canonical(path.toStdString())), "isMatch");
}

void TestPathPattern::agreesWithTheTable()
{
    test::Random random;
    int hits = 0;
    for (int i = 0; i < kRandomPairs; ++i) {
        const std::string pattern = "/" + randomText(random, "aab**", 10);
        const std::string path = "/" + randomText(random, "aab", 14);
        const bool isMatch = PathPattern{pattern}.matches(path);
        hits += isMatch;
        if (isMatch != matchesByTable(pattern, path))
            QFAIL(qPrintable(QString::fromStdString(pattern) + QLatin1String{" on "} + QString::fromStdString(path)));
    }
    QVERIFY(hits > kRandomPairs / 20);
}

// With backtracking the last of these would not end, and with a plain search of each piece the first ones would take the
// square of the length. Measured in time of the processor: the machine is shared.
void TestPathPattern::hostilePatternsTakeLinearTime()
{
    const auto timeOf = [](std::size_t length) {
        const std::string half(length / 2, 'a');
        std::string many;
        for (int i = 0; i < 1000; ++i)
            many += "*a";
        const std::string path = '/' + std::string(length, 'a');
        std::clock_t sum = 0;
        const std::array<std::string, 3> texts{"/*" + half + "b*", "/*" + half + 'b' + half + "*c*",
                                               '/' + many + "*b*c"};
        for (const std::string &text : texts) {
            const PathPattern pattern{text};
            std::clock_t best = std::numeric_limits<std::clock_t>::max();
            for (int i = 0; i < 5; ++i) {
                const std::clock_t start = std::clock();
                if (pattern.matches(path))
                    return std::clock_t{-1};
                best = std::min(best, std::clock() - start);
            }
            sum += best;
        }
        return sum;
    };
    constexpr std::size_t kLength = 500'000;
    const std::clock_t once = timeOf(kLength);
    const std::clock_t fourTimes = timeOf(4 * kLength);
    qInfo("%ld us for %zu bytes, %ld us for four times as many", once, kLength, fourTimes);
    QVERIFY(once > 0 && fourTimes > 0);
    QVERIFY(fourTimes < 10 * once); // quadratic: 16
}

void TestPathPattern::meets_data()
{
    QTest::addColumn<QByteArray>("one");
    QTest::addColumn<QByteArray>("other");
    QTest::addColumn<bool>("mayMeet");
    const auto row = [](const char *one, const char *other, bool mayMeet) {
        QTest::addRow("%s and %s", one, other) << QByteArray{one} << QByteArray{other} << mayMeet;
    };
    row("", "/a", true);
    row("/a", "/a", true);
    row("/a", "/%61", true);
    row("/a", "/b", false);
    row("/a/*", "/a/b", true);
    row("/a/*", "/b", false);
    row("/a/*", "/b/*", false);
    row("/a/*", "/a/b/*", true);
    row("*.png", "*.jpg", false);
    row("/a/*.png", "/a/b*", true);
    row("/a*x*", "/a*y*", true);
}

void TestPathPattern::meets()
{
    QFETCH(const QByteArray, one);
    QFETCH(const QByteArray, other);
    QFETCH(const bool, mayMeet);
    const PathPattern a{one.toStdString()};
    const PathPattern b{other.toStdString()};
    QCOMPARE(a.mayMeet(b), mayMeet);
    QCOMPARE(b.mayMeet(a), mayMeet);
}

void TestPathPattern::neverDeniesAMeeting()
{
    test::Random random;
    int meetings = 0;
    for (int i = 0; i < kRandomPairs; ++i) {
        const PathPattern a{"/" + randomText(random, "ab*", 5)};
        const PathPattern b{"/" + randomText(random, "ab*", 5)};
        const std::string path = "/" + randomText(random, "ab", 5);
        if (!a.matches(path) || !b.matches(path))
            continue;
        ++meetings;
        QVERIFY(a.mayMeet(b));
    }
    QVERIFY(meetings > 1000);
}

QTEST_APPLESS_MAIN(TestPathPattern)
#include "tst_path_pattern.moc"
