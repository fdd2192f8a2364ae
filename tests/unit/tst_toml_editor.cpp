// SPDX-License-Identifier: GPL-3.0-only
// Changes of the panel written into a file that a person wrote: what is read back, what it looks like, what stays.
#include <QFile>
#include <QTest>

#include <algorithm>

#include "app/example_config.h"
#include "core/config/limit_set.h"
#include "core/config/toml_editor.h"
#include "core/config/toml_layout.h"
#include "core/config/toml_reader.h"
#include "tests/support/random_limit.h"
#include "tests/support/seed.h"

using namespace weir;
using namespace weir::config;
using namespace std::chrono_literals;

namespace {

constexpr int kSequences = 120;
constexpr int kEditsEach = 12;

LimitSet limitsIn(const std::string &text)
{
    const ConfigFile file = readConfigText(text);
    for (const FileIssue &issue : file.issues)
        if (!issue.isWarning)
            QTest::qFail((printIssue(inFile("file", issue)) + "\n" + text).c_str(), __FILE__, __LINE__);
    return limitsOf(file.config);
}

std::string edited(const std::string &text, const LimitSet &wanted)
{
    const auto result = editLimits(text, wanted);
    if (!result)
        QTest::qFail((result.error().detail + "\n" + text).c_str(), __FILE__, __LINE__);
    return result ? result.value() : text;
}

template<class Change>
std::string changed(const std::string &text, Change change)
{
    LimitSet limitSet = limitsIn(text);
    change(limitSet);
    return edited(text, limitSet);
}

std::vector<std::string> comments(const std::string &text)
{
    return commentsIn(text, {0, text.size()});
}

std::vector<std::string> sorted(std::vector<std::string> words)
{
    std::sort(words.begin(), words.end());
    return words;
}

std::vector<std::string> ofTheFile(const std::string &text)
{
    std::vector<std::string> all = comments(text);
    all.erase(std::remove_if(all.begin(), all.end(),
                             [](const std::string &comment) { return !comment.starts_with("# file"); }),
              all.end());
    return all;
}

Network network(std::string_view text)
{
    return std::get<Network>(parseNetwork(text));
}

std::string withCarriageReturns(std::string text)
{
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2))
        text.insert(at, "\r");
    return text;
}

// Every way in which a person may write it.
std::vector<std::string> startTexts()
{
    const std::string inLines =
        "# file: ours\n\n[server]\nthreads = 2 # file: as many as cores\n\n"
        "# a: the first\n[[limit]]\nname = \"a\" # a: its name\n"
        "match = { path = \"/api/*\", methods = [ # a: reads\n  \"GET\", # a: only\n] }\n"
        "capacity = 10   # a: ten\n  every = \"10s\"\n\n"
        "# b: why\n# b: still why\n[[limit]]\nname = 'b'\nkey = [\n  # b: by address\n  \"ip\",\n]\n"
        "cost-by-route = [{ path = \"/x\", cost = 2 }]\n\n"
        "# file: between\n\n[block]\n# file: bad ones\nnetworks = [\"10.0.0.0/8\"] # file: ten\n\n"
        "# c: last\n[[limit]]\nname = \"c\"\n\n# file: the end";
    const std::string inTables =
        "[[limit]] # a: one\nname = \"a\"\n[limit.match] # a: when\npath = \"/a\" # a: path\n"
        "# a: headers\n[limit.match.header]\nX-Plan = \"free\" # a: free\nx_old = \"1\"\n\n"
        "[[limit]]\nname = \"b\"\nmatch.path = \"/b\" # b: dotted\nmatch.header.X-Plan = \"paid\"\n"
        "[[limit.cost_by_route]]\npath = \"/s\" # b: dear\ncost = 2\n# b: dearer\n"
        "[[limit.cost_by_route]]\npath = \"/t\"\ncost = 3\n[limit.cost_by_route.header]\nA = \"b\"\n\n"
        "[keys]\nmax_live = 10 # file: few\n";
    return {"",
            "# file: nothing yet",
            "capacity = 10 # file: ten\nrefill = 2\n\n# file: server\n[server]\nthreads = 1\n",
            "allow = { networks = [\"::1\"] } # file: me\nblock.keys = [\"header:A=b\"]\n\n[[limit]]\nname = \"a\"\n",
            inLines,
            withCarriageReturns(inLines),
            inTables,
            "\xEF\xBB\xBF# file: marked\n[[limit]]\nname = \"a\"\nmatch = {}\n",
            app::exampleConfig().toStdString()};
}

// --- random limits ---------------------------------------------------------------------------------

class RandomLimits {
public:
    void change(LimitSet &limitSet, bool mayRemove)
    {
        switch (m_random.between(0, 9)) {
        case 0:
            add(limitSet);
            break;
        case 1:
            move(limitSet);
            break;
        case 2:
            rename(limitSet);
            break;
        case 3:
            access(m_random.oneIn(2) ? limitSet.allow : limitSet.block);
            break;
        case 4:
            limitSet.keys = {int(m_random.between(32, 128)), m_random.between(1, 10'000'000), m_random.oneIn(2)};
            break;
        case 5:
            if (mayRemove && limitSet.limits.size() > 1)
                limitSet.limits.erase(limitSet.limits.begin() + index(limitSet));
            break;
        default:
            limit(limitSet.limits[std::size_t(index(limitSet))]);
        }
    }

private:
    std::ptrdiff_t index(const LimitSet &limitSet)
    {
        return m_random.between(0, std::int64_t(limitSet.limits.size()) - 1);
    }

    std::string word()
    {
        static const std::vector<std::string> kWords{"X-Plan", "a",       "token",       "x_y",          "Sid",
                                                     "free",   "q\"uote", "back\\slash", "# no comment", "ümlaut",
                                                     "'",      "{}",      "[,]"};
        return kWords[std::size_t(m_random.between(0, std::int64_t(kWords.size()) - 1))];
    }
    std::string token() { return std::string{"X-"} + char('A' + m_random.between(0, 25)) + "_x"; }

    std::string freeName(const LimitSet &limitSet)
    {
        for (;;) {
            std::string name = "limit-" + std::to_string(m_random.between(0, 999));
            if (std::none_of(limitSet.limits.begin(), limitSet.limits.end(),
                             [&](const LimitEntry &limit) { return limit.name == name; }))
                return name;
        }
    }

    void add(LimitSet &limitSet)
    {
        LimitEntry entry;
        entry.name = freeName(limitSet);
        for (int i = 0; i < 3; ++i)
            limit(entry);
        limitSet.limits.insert(limitSet.limits.begin() + m_random.between(0, std::int64_t(limitSet.limits.size())),
                               entry);
    }

    void move(LimitSet &limitSet)
    {
        std::swap(limitSet.limits[std::size_t(index(limitSet))], limitSet.limits[std::size_t(index(limitSet))]);
    }

    void rename(LimitSet &limitSet) { limitSet.limits[std::size_t(index(limitSet))].name = freeName(limitSet); }

    void access(AccessList &list)
    {
        list.networks.clear();
        for (auto n = m_random.between(0, 3); n > 0; --n)
            list.networks.push_back(network(m_random.oneIn(2) ? "10.0.0.0/8" : "2001:db8::/32"));
        list.keys.clear();
        for (auto n = m_random.between(0, 3); n > 0; --n)
            list.keys.push_back({{KeyPart::Kind::Query, "q"}, word()});
        list.paths.clear();
        for (auto n = m_random.between(0, 2); n > 0; --n)
            list.paths.push_back("/p" + std::to_string(m_random.between(0, 9)));
    }

    RequestMatch match()
    {
        RequestMatch match;
        match.path = m_random.oneIn(2) ? "" : "/p" + std::to_string(m_random.between(0, 9)) + "/\"\\*";
        if (m_random.oneIn(2))
            match.methods = {"GET", "POST"};
        if (m_random.oneIn(3))
            match.networks = {network("192.168.0.0/16"), network("::1")};
        if (m_random.oneIn(2))
            match.headers = {{token(), word()}};
        if (m_random.oneIn(3))
            match.headers.push_back({"X-Present", {}, HeaderMatch::Kind::Present});
        if (m_random.oneIn(4))
            match.headers.push_back({"X-Some", word(), HeaderMatch::Kind::Value, {word(), word()}});
        return match;
    }

    void limit(LimitEntry &entry)
    {
        switch (m_random.between(0, 11)) {
        case 0:
            entry.isOn = !entry.isOn;
            break;
        case 1:
            entry.isShadow = !entry.isShadow;
            entry.isOtherwise = !entry.isOtherwise;
            break;
        case 2:
            entry.match = match();
            break;
        case 3:
            entry.match.path = m_random.oneIn(2) ? "" : "/only";
            break;
        case 4:
            entry.match.headers = {{"a", word()}, {"X-Plan", "free"}};
            break; // the reader sorts them
        case 5:
            entry.key.clear();
            for (auto n = m_random.between(0, 2); n > 0; --n)
                entry.key.push_back({KeyPart::Kind::Header, token() + std::to_string(n)});
            break;
        case 6:
            entry.spec.algorithm = limit::Algorithm(m_random.between(0, 6));
            break;
        case 7:
            entry.spec.capacity = m_random.scaled(1, limit::kMaxCapacity);
            break;
        case 8:
            entry.spec.interval = Micros{m_random.scaled(limit::kMinInterval.count(), limit::kMaxInterval.count())};
            break;
        case 9:
            entry.cost.header = m_random.oneIn(2) ? "" : token();
            break;
        case 10:
            entry.cost.routes.clear();
            for (auto n = m_random.between(0, 2); n > 0; --n)
                entry.cost.routes.push_back({match(), m_random.between(0, 1)});
            break;
        default:
            entry.onStoreFailure = StoreFailurePolicy(m_random.between(0, 2));
            break;
        }
        if (entry.spec.algorithm == limit::Algorithm::SlidingLog)
            entry.spec.capacity = std::min(entry.spec.capacity, limit::kernels::kMaxLogCapacity);
        entry.spec.refill = limit::isWindow(entry.spec.algorithm)
                                ? entry.spec.capacity
                                : m_random.between(1, std::min<limit::Tokens>(entry.spec.capacity, 9));
        test::shortenBurst(entry.spec);
        entry.cost.cost = m_random.between(0, std::min<limit::Tokens>(entry.spec.capacity, 3));
        for (RouteCost &route : entry.cost.routes)
            route.cost = std::min(route.cost, entry.spec.capacity);
        entry.spec.start = m_random.oneIn(2) ? limit::StartLevel::Full : limit::StartLevel::Empty;
    }

    test::Random m_random;
};

LimitSet withSortedHeaders(LimitSet limitSet)
{
    const auto sort = [](RequestMatch &match) {
        std::sort(match.headers.begin(), match.headers.end(),
                  [](const HeaderMatch &a, const HeaderMatch &b) { return a.name < b.name; });
    };
    for (LimitEntry &limit : limitSet.limits) {
        sort(limit.match);
        for (RouteCost &route : limit.cost.routes)
            sort(route.match);
    }
    return limitSet;
}

} // namespace

class TestTomlEditor : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nothingChangedIsNothingTouched()
    {
        for (const std::string &text : startTexts())
            QCOMPARE(edited(text, limitsIn(text)), text);
    }

    void whatIsReadBackIsWhatWasMeant_data()
    {
        QTest::addColumn<bool>("mayRemove");
        QTest::newRow("all comments stay") << false;
        QTest::newRow("with limits removed") << true;
    }
    void whatIsReadBackIsWhatWasMeant()
    {
        QFETCH(const bool, mayRemove);
        RandomLimits random;
        const std::vector<std::string> starts = startTexts();
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            std::string text = starts[std::size_t(sequence) % starts.size()];
            for (int i = 0; i < kEditsEach; ++i) {
                LimitSet wanted = limitsIn(text);
                random.change(wanted, mayRemove);
                if (wanted.limits.size() < 2 && i % 2 == 0)
                    random.change(wanted, mayRemove);
                if (const auto issues = check(wanted); !issues.empty())
                    QFAIL(printIssue(issues.front()).c_str());
                const auto result = editLimits(text, wanted);
                QVERIFY2(result.isOk(), result.isOk() ? "" : (result.error().detail + "\n" + text).c_str());
                const std::string &after = result.value();
                QVERIFY2(limitsIn(after) == withSortedHeaders(wanted), (text + "\n=====\n" + after).c_str());
                if (!mayRemove)
                    QVERIFY2(sorted(comments(after)) == sorted(comments(text)), (text + "\n=====\n" + after).c_str());
                QVERIFY2(ofTheFile(after) == ofTheFile(text), (text + "\n=====\n" + after).c_str());
                text = after;
            }
        }
    }

    void oneValueIsOneToken()
    {
        QCOMPARE(
            changed("# mine\n[[limit]]\n  name = 'a'\n\tcapacity  =  10   # ten\n\n[server]\nthreads = 1\n",
                    [](LimitSet &limitSet) { limitSet.limits[0].spec.capacity = limitSet.limits[0].spec.refill = 20; }),
            std::string{"# mine\n[[limit]]\n  name = 'a'\n\tcapacity  =  20   # ten\n\n[server]\nthreads = 1\n"});
    }

    void aNewKeyStandsWhereOneLooksForIt()
    {
        const auto faster = [](LimitSet &limitSet) { limitSet.limits[0].spec.interval = 10s; };
        QCOMPARE(
            changed("[[limit]]\n# about\nname = \"a\"\ncapacity = 9 # nine\nshadow = false\n", faster),
            std::string{"[[limit]]\n# about\nname = \"a\"\ncapacity = 9 # nine\nevery = \"10s\"\nshadow = false\n"});
        QCOMPARE(changed("", faster), std::string{"every = \"10s\"\n"});
        QCOMPARE(changed("# ours\n", faster), std::string{"# ours\n\nevery = \"10s\"\n"});
        QCOMPARE(changed("# ours\n\n# the server\n[server]\nthreads = 1", faster),
                 std::string{"# ours\n\nevery = \"10s\"\n\n# the server\n[server]\nthreads = 1"});
        // Below the line that says its default.
        const std::string example = app::exampleConfig().toStdString();
        QVERIFY(changed(example, faster).find("#every = \"1min\"\nevery = \"10s\"\n") != std::string::npos);
        QVERIFY(changed(example, [](LimitSet &limitSet) { limitSet.block.networks = {network("10.0.0.0/8")}; })
                    .find("[block]\n#networks = []\nnetworks = [\"10.0.0.0/8\"]\n")
                != std::string::npos);
    }

    void aMatchIsChangedKeyByKey()
    {
        const auto posts = [](LimitSet &limitSet) { limitSet.limits[0].match.methods = {"POST"}; };
        QCOMPARE(changed("[[limit]]\nname = \"a\"\nmatch = { path = \"/a\" } # when\n", posts),
                 std::string{"[[limit]]\nname = \"a\"\nmatch = { methods = [\"POST\"], path = \"/a\" } # when\n"});
        QCOMPARE(changed("[[limit]]\nname = \"a\"\nmatch.path = \"/a\"\n", posts),
                 std::string{"[[limit]]\nname = \"a\"\nmatch.methods = [\"POST\"]\nmatch.path = \"/a\"\n"});
        QCOMPARE(changed("[[limit]]\nname = \"a\"\n[limit.match]\npath = \"/a\" # when\n", posts),
                 std::string{"[[limit]]\nname = \"a\"\n[limit.match]\npath = \"/a\" # when\nmethods = [\"POST\"]\n"});
        QCOMPARE(changed("[[limit]]\nname = \"a\"\n", posts),
                 std::string{"[[limit]]\nname = \"a\"\nmatch = { methods = [\"POST\"] }\n"});
    }

    void commentsOfAListStandAboveTheNewOne()
    {
        QCOMPARE(changed("[[limit]]\nname = \"a\"\nkey = [\n  \"ip\", # by address\n]\n",
                         [](LimitSet &limitSet) { limitSet.limits[0].key.clear(); }),
                 std::string{"[[limit]]\nname = \"a\"\n# by address\nkey = []\n"});
    }

    void limitsComeAndGoWithTheirComments()
    {
        const std::string text =
            "# file: all\n\n# about a\n[[limit]]\nname = \"a\"\n\n# about b\n# more\n[[limit]]\nname = \"b\"\n";
        QCOMPARE(changed(text, [](LimitSet &limitSet) { limitSet.limits.erase(limitSet.limits.begin()); }),
                 std::string{"# file: all\n\n# about b\n# more\n[[limit]]\nname = \"b\"\n"});
        QCOMPARE(
            changed(text, [](LimitSet &limitSet) { std::swap(limitSet.limits[0], limitSet.limits[1]); }),
            std::string{
                "# file: all\n\n# about b\n# more\n[[limit]]\nname = \"b\"\n\n# about a\n[[limit]]\nname = \"a\"\n\n"});
        QCOMPARE(
            changed(text, [](LimitSet &limitSet) { limitSet.limits[1].name = "c"; }),
            std::string{
                "# file: all\n\n# about a\n[[limit]]\nname = \"a\"\n\n# about b\n# more\n[[limit]]\nname = \"c\"\n"});
        const std::string three = changed(text, [](LimitSet &limitSet) {
            limitSet.limits.insert(limitSet.limits.begin() + 1, LimitEntry{.name = "n", .key = {KeyPart{}}});
        });
        QCOMPARE(
            three,
            std::string{"# file: all\n\n# about a\n[[limit]]\nname = \"a\"\n\n[[limit]]\nname = \"n\"\nkey = [\"ip\"]\n"
                        "capacity = 5\nrefill = 5\nevery = \"1min\"\n\n# about b\n# more\n[[limit]]\nname = \"b\"\n"});
    }

    void theOneLimitBecomesABlockWhenItHasTo()
    {
        const std::string text = changed("capacity = 10 # ten\n\n[server]\nthreads = 1\n",
                                         [](LimitSet &limitSet) { limitSet.limits[0].key = {KeyPart{}}; });
        QCOMPARE(text,
                 std::string{
                     "# ten\n\n[server]\nthreads = 1\n\n[[limit]]\nname = \"global\"\nkey = [\"ip\"]\ncapacity = 10\n"
                     "refill = 10\nevery = \"1min\"\n"});
    }

    void whatCannotBeDoneIsSaid_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("broken") << QByteArray{"capacity =\n"} << QByteArray{"problems of its own"};
        QTest::newRow("wrong") << QByteArray{"capactiy = 5\n"} << QByteArray{"problems of its own"};
        QTest::newRow("one list") << QByteArray{"limit = [{ name = \"a\" }]\n"} << QByteArray{"below a [[limit]]"};
        QTest::newRow("scattered") << QByteArray{"[[limit]]\nname = \"a\"\n[server]\n[limit.match]\npath = \"/a\"\n"}
                                   << QByteArray{"below a [[limit]]"};
    }
    void whatCannotBeDoneIsSaid()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, says);
        const auto result = editLimits(text.toStdString(), limitsOf(Config{}));
        QVERIFY(!result);
        QVERIFY2(result.error().detail.find(says.toStdString()) != std::string::npos, result.error().detail.c_str());
        QVERIFY(!editLimits("", LimitSet{}));
        LimitSet bad = limitsOf(Config{});
        bad.limits[0].spec.capacity = 0;
        QVERIFY(!editLimits("", bad));
    }
};

QTEST_APPLESS_MAIN(TestTomlEditor)
#include "tst_toml_editor.moc"
