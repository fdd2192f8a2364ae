// SPDX-License-Identifier: GPL-3.0-only
// The table of spellings that pass a limit on a path with some server or other, and what folding must not do.
#include <QTest>

#include "core/policy/folded_path.h"
#include "core/policy/plan.h"
#include "tests/support/seed.h"
#include "tests/unit/request_made.h"

using namespace weir;
using namespace weir::policy;
using weir::test::RequestMade;

namespace {

std::string folded(std::string_view path)
{
    std::string buffer, spare;
    return std::string{foldedPath(path, buffer, spare)};
}

Match matchOf(const char *pattern, const char *path, bool folds = true)
{
    const std::string text = folded(path);
    const RequestView view{"GET", path, {}, {}, {}, false, text};
    return Matcher{{.path = pattern}, folds}.match(view);
}

config::LimitSet setOf(config::LimitEntry entry, bool folds = true)
{
    config::LimitSet set;
    set.keys.folds = folds;
    set.limits = {std::move(entry)};
    return set;
}

// -1: no limit is asked; -2: turned away; -3: let through.
std::int64_t costOf(const Plan &plan, const char *target)
{
    RequestMade request{.target = target};
    PlanBuffers buffers;
    const Decree decree = plan.decide(request.view(), buffers);
    if (decree.access != Access::Limited)
        return decree.access == Access::Blocked ? -2 : -3;
    return decree.charges.empty() ? -1 : decree.charges.front().cost;
}

} // namespace

class TestFoldedPath : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void otherSpellingsOfALimitedPath_data()
    {
        QTest::addColumn<QByteArray>("sent");
        for (const char *path : {"/login/",
                                 "//login",
                                 "///login//",
                                 "/./login",
                                 "/login/.",
                                 "/x/../login",
                                 "/x/y/../../login",
                                 "/../../login",
                                 "/login/x/..",
                                 "/LOGIN",
                                 "/LogIn/",
                                 "/login;a=b",
                                 "/login;jsessionid=1/",
                                 "/x;a/..;b=c/login",
                                 "/login%2f",
                                 "/login%2F",
                                 "%2flogin",
                                 "/x%2f..%2flogin",
                                 "/%2e%2e/login",
                                 "/x/%2e%2E/login",
                                 "/login.",
                                 "/login..",
                                 "/login...",
                                 "/login%2e",
                                 "/login%20",
                                 "/login%20%20",
                                 "/login%09",
                                 "/login%0a",
                                 "/login%20.",
                                 "/login%00",
                                 "/login%00.png",
                                 "/login%00/x",
                                 "\\login",
                                 "/\\login",
                                 "/x\\..\\login",
                                 "%5clogin",
                                 "/%5Clogin",
                                 "/x/..%5clogin",
                                 "/%6cogin",
                                 "/%256cogin",
                                 "/%25256cogin",
                                 "/login%252f",
                                 "/x/%252e%252e/login",
                                 "/%c0%afx/..%c0%aflogin",
                                 "/x%c0%af..%c0%aflogin",
                                 "/x/%c0%ae%c0%ae/login",
                                 "/x%e0%80%af%e0%80%ae%e0%80%ae%e0%80%aflogin",
                                 "/x%f0%80%80%af..%f0%80%80%aflogin",
                                 "/%c1%8cogin",
                                 "/login%c0%80",
                                 "/login/;/",
                                 "/;/login",

                                 "/login%3b%61=b",
                                 "/.;/login",
                                 "/..;/login"})
            QTest::newRow(path) << QByteArray{path};
    }
    void otherSpellingsOfALimitedPath()
    {
        QFETCH(const QByteArray, sent);
        const char *path = sent.constData();
        QCOMPARE(folded(path), std::string{"/login/"});
        QCOMPARE(matchOf("/login", path), Match::Maybe);
        QCOMPARE(matchOf("/Login", path), Match::Maybe);
        QCOMPARE(matchOf("/login/", path), qstrcmp(path, "/login/") == 0 ? Match::Yes : Match::Maybe);
        QCOMPARE(matchOf("/login", path, false), Match::No);
        QCOMPARE(matchOf("/other", path), Match::No);
    }

    void paths_data()
    {
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char *path, const char *expected) { QTest::newRow(path) << QByteArray{expected}; };
        row("/", "/");
        row("", "/");
        row("*", "*");
        row("/a/b/c", "/a/b/c/");
        row("/a/./b/../c", "/a/c/");
        row("/..", "/");
        row("/a/..", "/");
        row("/a.b/c.d", "/a.b/c.d/");
        row("/.hidden", "/.hidden/");
        row("/a b/ c ", "/a b/ c/");  // white space before a name is a part of it
        row("/%C3%89", "/\xc3\x89/"); // ASCII has a case, other letters are left alone
        row("/caf\xc3\xa9", "/caf\xc3\xa9/");
        row("/%", "/%25/");
        row("/%zz", "/%25zz/");
        row("/a%2Ab", "/a%2Ab/"); // no star of a pattern
        row("/a*b", "/a*b/");
        row("/%2541", "/a/");
        row("/\xc0", "/\xc0/");
        row("/\x80\x80", "/\x80\x80/");
        row("/a%3fb", "/a?b/");
    }
    void paths()
    {
        QFETCH(const QByteArray, expected);
        QCOMPARE(QByteArray::fromStdString(folded(QTest::currentDataTag())), expected);
    }

    void patternsWithStars()
    {
        QCOMPARE(matchOf("/api/*", "//API//x"), Match::Maybe);
        QCOMPARE(matchOf("/api/*", "//api/"), Match::Maybe);
        QCOMPARE(matchOf("/api/*", "/x/..%2fapi/y"), Match::Maybe);
        QCOMPARE(matchOf("/api/*", "/api/y"), Match::Yes);
        QCOMPARE(matchOf("/api/*", "/apis"), Match::No);
        QCOMPARE(matchOf("*.png", "/a.PNG"), Match::Maybe);
        QCOMPARE(matchOf("/a%2Ab", "/A%2ab"), Match::Maybe);
        QCOMPARE(matchOf("/a%2Ab", "/axb"), Match::No);
        QCOMPARE(matchOf("/%c3%89t*", "/%C3%89T"), Match::Maybe);
        QCOMPARE(matchOf("*", "/x"), Match::Yes);
        QCOMPARE(matchOf("", "*"), Match::Yes);
    }

    // Who might be meant pays the limit, and never the lower price.
    void spellingsPayAndGetNothing()
    {
        config::LimitEntry login{.name = "login"};
        login.match.path = "/login";
        QCOMPARE(costOf(Plan{setOf(login)}, "/LOGIN/"), 1);
        QCOMPARE(costOf(Plan{setOf(login, false)}, "/LOGIN/"), -1);
        QCOMPARE(costOf(Plan{setOf(login)}, "/logins"), -1);

        config::LimitSet blocked = setOf(login);
        blocked.block.paths = {"/admin*"};
        blocked.allow.paths = {"/public"};
        const Plan gate{blocked};
        QCOMPARE(costOf(gate, "//ADMIN/x"), -2);
        QCOMPARE(costOf(gate, "/LOGIN/../public"), -1); // let through as it is written, not as it may be meant
        QCOMPARE(costOf(gate, "/PUBLIC"), -1);
        QCOMPARE(costOf(gate, "/public"), -3);

        config::LimitEntry all{.name = "all"};
        all.cost.cost = 2;
        all.cost.routes = {{{.path = "/health"}, 0}, {{.path = "/export"}, 7}};
        const Plan plan{setOf(all)};
        QCOMPARE(costOf(plan, "/health"), 0);
        QCOMPARE(costOf(plan, "/health/"), 2);
        QCOMPARE(costOf(plan, "/x/../health"), 2);
        QCOMPARE(costOf(plan, "/export"), 7);
        QCOMPARE(costOf(plan, "//EXPORT;x"), 7);
    }

    void keysThatDifferInCaseAreOne()
    {
        const config::KeyPart user{config::KeyPart::Kind::Header, "X-User"};
        const auto subjectOf = [&](const std::string &name, bool folds) {
            RequestMade request{.headers = {{"X-User", name}}};
            std::string subject, buffer;
            SubjectKey{{user}, {.folds = folds}}.write(request.view(), subject, buffer);
            return subject;
        };
        QCOMPARE(subjectOf("Alice", true), std::string{"alice"});
        QCOMPARE(subjectOf("ALICE", true), std::string{"alice"});
        QCOMPARE(subjectOf("Alice", false), std::string{"Alice"});
        const std::string upper(2000, 'A'), lower(2000, 'a');
        QCOMPARE(subjectOf(upper, true), subjectOf(lower, true)); // too long: hashed
        QVERIFY(subjectOf(upper, false) != subjectOf(lower, false));
    }

    void foldingTwiceChangesNothing()
    {
        test::Random random;
        constexpr std::array kPieces{"/", "a", "B",   ".",   "..",     "%2e",  "%2f",  "%25",
                                     "%", "2", "5",   ";",   "%c0%af", "\\",   "%00",  "%2A",
                                     "*", " ", "%20", "x/y", "//",     "\x80", "\xc0", "c0"};
        for (int i = 0; i < 100'000; ++i) {
            std::string path = "/";
            for (std::int64_t pieces = random.between(0, 8); pieces > 0; --pieces)
                path += kPieces[static_cast<std::size_t>(random.between(0, kPieces.size() - 1))];
            const std::string once = folded(path);
            QVERIFY2(once.starts_with('/') && once.ends_with('/'), path.c_str());
            QVERIFY2(once.find("//") == std::string::npos && once.find("/../") == std::string::npos
                         && once.find("/./") == std::string::npos,
                     path.c_str());
            QVERIFY2(folded(once) == once || once.find('%') != std::string::npos, path.c_str());
        }
    }

    void longEncodingsTakeLinearTime()
    {
        std::string deep = "/";
        for (int i = 0; i < 20'000; ++i)
            deep += "%25";
        const std::string nested = "/%" + std::string(60'000, '2') + '5';
        std::string chain = "/%";
        for (int i = 0; i < 30'000; ++i)
            chain += "25";
        chain += "2e%2e/login";
        QCOMPARE(folded(chain), std::string{"/login/"}); // 30,000 times encoded
        QVERIFY(folded(deep).size() <= 3 * deep.size() && folded(nested).size() <= 2 * nested.size());
    }
};

QTEST_APPLESS_MAIN(TestFoldedPath)
#include "tst_folded_path.moc"
