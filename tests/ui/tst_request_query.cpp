// SPDX-License-Identifier: GPL-3.0-only
// The filter line: what each word finds, what is wrong with a line and how that is said, and that nothing breaks it.
#include <QRegularExpression>
#include <QTest>

#include "tests/support/seed.h"
#include "tests/support/warnings_fail.h"
#include "tests/ui/fake_service.h"
#include "ui/live/request_query.h"

using namespace weir;
using namespace weir::ui;

namespace {

telemetry::RequestRecord refused()
{
    auto r = test::record(0, 429, "/api/Orders/logo.png?id=7&q=a%20b", "10.0.0.7", "POST");
    r.limit = std::string_view{"per-client"};
    r.isRefused = true;
    r.key = std::string_view{"10.0.0.7"};
    r.cost = 6;
    r.tokensLeft = 2;
    r.retryAfterS = 37;
    r.tookUs = 5'500;
    r.decidedBy = telemetry::DecidedBy::Local;
    return r;
}

bool finds(const QString &line, const telemetry::RequestRecord &record)
{
    const auto read = RequestQuery::read(line);
    const auto *query = std::get_if<RequestQuery>(&read);
    if (!query)
        qWarning("%s", qPrintable(line + QStringLiteral(": ") + std::get<QueryFault>(read).sentence));
    return query && query->matches(record);
}

QString faultOf(const QString &line)
{
    const auto read = RequestQuery::read(line);
    const auto *fault = std::get_if<QueryFault>(&read);
    return fault ? fault->sentence : QString();
}

} // namespace

class TestRequestQuery : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void whatALineFinds_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<bool>("isFound");
        const auto row = [](const char *line, bool isFound) {
            QTest::newRow(line) << QString::fromUtf8(line) << isFound;
        };
        row("", true);
        row("   ", true);
        row("status:429", true);
        row("STATUS:429", true);
        row("status=429", true);
        row("status:4*", true);
        row("status:42", false);
        row("status>=429", true);
        row("status>429", false);
        row("status<429", false);
        row("status<=429", true);
        row("limit:per-client", true);
        row("limit:PER-*", true);
        row("limit:client", false);
        row("key:10.0.*", true);
        row("key:10.1.*", false);
        row("client:*.7", true);
        row("method:post", true);
        row("method:GET", false);
        row("path:*.png", true);
        row("path:/api/orders/*", true);
        row("path:/api", false);
        row("path:*?id=7*", true);
        row("path:*id=7*", false); // the query is no part of the path
        row("by:local", true);
        row("by:store", false);
        row("is:refused", true);
        row("is:blocked", false);
        row("is:turned-away", false);
        row("cost>5", true);
        row("cost>6", false);
        row("cost:6", true);
        row("tokens<3", true);
        row("tokens<2", false);
        row("retry>30s", true);
        row("retry>1min", false);
        row("retry:37", true);
        row("took>5ms", true);
        row("took>5.6", false);
        row("took<6000us", true);
        row("took<1s", true);
        row("orders", true);
        row("local", true);
        row("id=7", true);
        row("or*png", true);
        row("\"POST /api\"", true);
        row("\"GET /api\"", false);
        row("path:\"/api/*\"", true);
        row("not status:200", true);
        row("NOT status:429", false);
        row("not not status:429", true);
        row("status:429 limit:per-client key:10.0.* cost>5 not path:*.gif", true);
        row("status:429 limit:per-client key:10.0.* cost>5 not path:*.png", false);
        row("notable", false); // a word, not "not"
    }
    void whatALineFinds()
    {
        QFETCH(const QString, line);
        QTEST(finds(line, refused()), "isFound");
    }

    void whatIsNotKnownIsFoundByNothing()
    {
        const auto away = test::turnedAway(0, 400, "There is no Host header.");
        for (const char *line : {"cost<9", "tokens<9", "retry<9", "took<9s", "key:*", "limit:*", "path:*", "method:*"})
            QVERIFY2(!finds(QLatin1String(line), away), line);
        QVERIFY(finds(QStringLiteral("is:turned-away"), away));
        QVERIFY(finds(QStringLiteral("\"turned AWAY\" host"), away));
        QVERIFY(finds(QStringLiteral("not tokens<9"), away));
        QVERIFY(finds(QStringLiteral("is:blocked"), test::record(0, 403)));
    }

    void aLongNameOfALimitIsFound()
    {
        auto r = refused();
        r.limit = std::string_view{"per-client-of-the-public-interface"};
        QVERIFY(finds(QStringLiteral("limit:per-client-of-the-public-interface"), r));
        QVERIFY(finds(QStringLiteral("limit:per-client-of*"), r));
        QVERIFY(!finds(QStringLiteral("limit:per-client-of-the-private-interface"), r));
        QVERIFY(!finds(QStringLiteral("limit:per-client"), r));
    }

    // A quote in quotes; what cannot be seen is found as it is shown.
    void quotesAndEscapes()
    {
        auto r = test::record(0, 200, "/say\"hi\" \x1b[31m");
        QVERIFY(finds(QStringLiteral("path:\"/say\\\"hi\\\" *\""), r));
        QVERIFY(finds(QStringLiteral("\\x1b[31m"), r));
    }

    void aWrongLineSaysWhatWouldBeRight_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char *line, const char *sentence) {
            QTest::newRow(line) << QString::fromUtf8(line) << QString::fromUtf8(sentence);
        };
        row("statis:429", "There is no field \"statis\": did you mean status? A text to look for is put in quotes.");
        row("http://a", "There is no field \"http\": status, limit, key, client, method, path, by, is, cost, tokens, "
                        "retry or took. A "
                        "text to look for is put in quotes.");
        row("costs>5", "There is no field \"costs\": did you mean cost? A text to look for is put in quotes.");
        row("status:", "\"status\" wants a value, such as status:429, status:5* or status>=500.");
        row("status:ok", "\"status\" is a whole number: status:429, status:5* or status>=500.");
        row("status>4*", "\"status\" is a whole number: status:429, status:5* or status>=500.");
        row("cost>x", "\"cost\" is a whole number: cost>5.");
        row("cost>-1", "\"cost\" is a whole number: cost>5.");
        row("tokens<9999999999999999999", "\"tokens\" is a whole number: tokens<3.");
        row("took>5h", "\"took\" is a time, in us, ms, s or min: took>5ms.");
        row("took>1e9", "\"took\" is a time, in us, ms, s or min: took>5ms.");
        row("took>ms", "\"took\" is a time, in us, ms, s or min: took>5ms.");
        row("took>1.2.3", "\"took\" is a time, in us, ms, s or min: took>5ms.");
        row("by:redis", "\"by\" is store, local, allow, reject or nobody.");
        row("is:gone", "\"is\" is turned-away, blocked or refused.");
        row("limit>a", "\"limit\" is a text: limit:per-client.");
        row("path:\"/a b", "A quote is not closed: \"…\" holds a value with spaces.");
        row("\"", "A quote is not closed: \"…\" holds a value with spaces.");
        row("status:200 not", "\"not\" wants a term after it, such as: not status:200.");
    }
    void aWrongLineSaysWhatWouldBeRight()
    {
        QFETCH(const QString, line);
        QTEST(faultOf(line), "sentence");
    }

    void aFaultHasItsPlace()
    {
        const auto read = RequestQuery::read(QStringLiteral("status:429 not by:redis /x"));
        const auto &fault = std::get<QueryFault>(read);
        QCOMPARE(fault.at, 15);
        QCOMPARE(fault.length, 8);
    }

    void anyLineIsReadOrRefused()
    {
        test::Random random;
        const QString alphabet =
            QStringLiteral("not status:limit>key<=\"\\*.09amsxyü\u202e\t /?&by:localis:took") + QChar(0xD800);
        const auto record = refused();
        int good = 0, bad = 0;
        for (int round = 0; round < 20'000; ++round) {
            QString line;
            for (auto size = random.between(0, 40); size > 0; --size)
                line += alphabet.at(static_cast<qsizetype>(random.between(0, alphabet.size() - 1)));
            const auto read = RequestQuery::read(line);
            if (const auto *query = std::get_if<RequestQuery>(&read)) {
                ++good;
                (void)query->matches(record);
            } else {
                ++bad;
                const auto &fault = std::get<QueryFault>(read);
                QVERIFY(!fault.sentence.isEmpty());
                QVERIFY(fault.at >= 0 && fault.length > 0 && fault.at + fault.length <= line.size());
            }
        }
        QVERIFY(good > 100 && bad > 100);
    }

    void starsAreLikeARegularExpression()
    {
        test::Random random;
        for (int round = 0; round < 5'000; ++round) {
            const auto made = [&](const char *letters, std::int64_t most) {
                QString text;
                for (auto size = random.between(0, most); size > 0; --size)
                    text += QLatin1Char(letters[random.between(0, 2)]);
                return text;
            };
            const QString text = made("aba", 9), pattern = made("ab*", 7);
            const QRegularExpression wanted(
                QRegularExpression::anchoredPattern(QString(pattern).replace(u'*', QLatin1String(".*"))));
            QVERIFY2(isLike(text, pattern) == wanted.match(text).hasMatch(), qPrintable(text + u' ' + pattern));
        }
    }

    // A pattern that makes others slow for ever.
    void manyStarsTakeNoTime()
    {
        const QString text(2'000, u'a');
        const QString pattern = QStringLiteral("*a").repeated(500) + u'b';
        QVERIFY(!isLike(text, pattern));
    }

    void everyFieldIsOfferedOnce()
    {
        const QStringList words = queryWords();
        QCOMPARE(words.size(), 13);
        QCOMPARE(words.constLast(), QStringLiteral("not"));
        for (const QString &word : words)
            QCOMPARE(words.count(word), 1);
    }
};

QTEST_GUILESS_MAIN(TestRequestQuery)
#include "tst_request_query.moc"
