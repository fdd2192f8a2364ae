// SPDX-License-Identifier: GPL-3.0-only
// What the commands print of the answers of a running Weir.
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

#include "app/commands/ask/change_text.h"
#include "app/commands/ask/check_text.h"
#include "app/commands/ask/problem_text.h"
#include "app/commands/ask/shown_json.h"
#include "app/commands/ask/status_text.h"
#include "app/commands/ask/text_table.h"
#include "app/commands/ask/token_source.h"
#include "app/commands/ask/top_text.h"

using namespace weir::app;
using namespace Qt::StringLiterals;

namespace {

QJsonObject object(const char *json)
{
    QString text = QString::fromUtf8(json);
    return QJsonDocument::fromJson(text.replace(u'\'', u'"').toUtf8()).object();
}

QUrl url()
{
    return QUrl{u"http://127.0.0.1:8001"_s};
}

AdminReply answer(int status, const QJsonObject &json)
{
    return {.status = status, .json = json, .isWeirs = true};
}

} // namespace

class TestAskTexts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void columns()
    {
        QCOMPARE(textTable({{u"A"_s, u"B"_s, u"C"_s}, {u"long"_s, u"7"_s, QString{}}, {u"x"_s, u"123"_s, u"y"_s}}, {1}),
                 u"A       B  C\nlong    7\nx     123  y\n"_s);
        QCOMPARE(textTable({}, {}), QString{});
    }

    void durations()
    {
        QCOMPARE(durationOf(0.9), u"0 s"_s);
        QCOMPARE(durationOf(59.9), u"59 s"_s);
        QCOMPARE(durationOf(192), u"3 min 12 s"_s);
        QCOMPARE(durationOf(7500), u"2 h 5 min"_s);
        QCOMPARE(durationOf(100 * 3600), u"4 d 4 h"_s);
        QCOMPARE(millisecondsOf(0.062), u"0.06 ms"_s);
        QCOMPARE(millisecondsOf(62.4), u"62 ms"_s);
        QCOMPARE(millisecondsOf(1500), u"1.5 s"_s);
    }

    void statusSaysWhatIsWrong()
    {
        const QJsonObject status = object(
            "{'is_ready':false,'uptime_seconds':75,'workers':2,'urls':['http://a:1','http://b:2'],'admin_url':'http://"
            "c:3',"
            "'store':{'state':'down','address':'10.0.0.5:6379','version':'7.0','problem':'Redis "
            "hangs','warnings':['w1']},"
            "'failure':{'is_degraded':true,'degraded_seconds':12,'decided_by':'local','outages_total':3},"
            "'requests':{'admitted_total':5,'refused_total':2,'undecided_total':1,'exempt_total':0,'blocked_total':0,"
            "'turned_away_total':{'malformed':1,'too_slow':2},'connections':1,'decision_p50_ms':0.5,'decision_p99_ms':"
            "2},"
            "'config':{'file':'/f','problem':'line 3 is wrong'},'proxy_warning':'a proxy','history_problem':'no space',"
            "'limits':[{'limit':'a','admitted_total':5,'refused_total':2,'live_buckets':9,'tokens':null},"
            "{'limit':'gone','admitted_total':0,'refused_total':0,'live_buckets':0}]}");
        const QJsonObject limits =
            object("{'limit':[{'name':'a','algorithm':'gcra','capacity':7,'refill':3,'every':'1s',"
                   "'key':[],'enabled':true,'shadow':true}]}");
        const QString text = statusText(status, limits);
        for (const char *line :
             {"Weir         not ready, up 1 min 15 s, 2 workers\n", "Requests at  http://a:1, http://b:2\n",
              "Admin at     http://c:3\n", "Store        10.0.0.5:6379, version 7.0, down: Redis hangs\n",
              "Warning      w1\n",
              "Failures     not every decision comes from Redis since 12 s (local decides); 3 outages\n",
              "Requests     5 admitted, 2 refused, 1 undecided, 0 exempt, 0 blocked, 3 turned away; 1 connection\n",
              "Decisions    half within 0.50 ms, 99 of 100 within 2.00 ms (last minute)\n",
              "Warning      line 3 is wrong\n", "Warning      a proxy\n", "History      not kept: no space\n"})
            QVERIFY2(text.contains(QLatin1String{line}), qPrintable(text));
        QVERIFY2(text.contains(
                     u"\na      gcra       - of 7  3 per 1s         5        2          -  shadow: never refuses\n"_s),
                 qPrintable(text));
        QVERIFY2(text.contains(u"\ngone   -          "_s), qPrintable(text));
    }

    void topCountsWhatMayBeMissing()
    {
        const QDateTime now = QDateTime::fromMSecsSinceEpoch(100'000).toUTC();
        const QString text = topText(
            object(
                "{'limit':'a','live_buckets':1,'buckets':[{'key':'k1','tokens':null,'admitted_total':7,"
                "'refused_total':0,'uncertain_total':3,'last_seen_ms':95000},{'key':'','tokens':2,'admitted_total':1,"
                "'refused_total':4,'uncertain_total':0,'last_seen_ms':null}]}"),
            now);
        QVERIFY2(text.startsWith(u"a: 1 bucket not full\n\n"_s), qPrintable(text));
        QVERIFY2(text.contains(u"\nk1                   -         7        0    5 s ago  and at most 3 before\n"_s),
                 qPrintable(text));
        QVERIFY2(text.contains(u"\n(all requests)       2         1        4          -\n"_s), qPrintable(text));
        QVERIFY(topText(object("{'limit':'a','live_buckets':0,'buckets':[]}"), now)
                    .endsWith(u"No request was counted.\n"_s));
    }

    void checkSaysWhyOfEachLimit()
    {
        const QJsonObject check = object(
            "{'outcome':'refused','status':429,'decided_by':'local','why':'The tokens of a do not suffice.',"
            "'retry_after_seconds':61,'limits':[{'limit':'a','applies':true,'admits':false,'key':'','cost_tokens':2,"
            "'tokens':1,'capacity_tokens':5,'retry_after_seconds':61,'is_shadow':false,'why':'it is for every "
            "request'},"
            "{'limit':'b','applies':false,'admits':null,'key':null,'cost_tokens':null,'tokens':null,"
            "'capacity_tokens':null,'retry_after_seconds':null,'is_shadow':false,'why':'it is off'},"
            "{'limit':'c','applies':true,'admits':true,'key':'k','cost_tokens':1,'tokens':5,'capacity_tokens':5,"
            "'retry_after_seconds':null,'is_shadow':true,'why':'the request matches'}]}");
        QVERIFY(!wouldPass(check));
        QVERIFY(wouldPass(object("{'status':200}")));
        const QString text = checkText(check);
        for (const char *part : {"refused (429), decided by this Weir alone, for Redis is away: The tokens of a",
                                 "A retry may pass in 1 min 1 s.", "refuses, again in 1 min 1 s", "1 of 5",
                                 "b      not asked", "shadow, admits", "it is off"})
            QVERIFY2(text.contains(QLatin1String{part}), qPrintable(text));
    }

    void aPartOfAMatchLeavesTheOthers()
    {
        const QJsonObject present = object("{'match':{'path':'/a','methods':['GET']}}");
        QCOMPARE(bodyOf(object("{'match.path':'/b','cost':2}"), present),
                 object("{'match':{'path':'/b','methods':['GET']},'cost':2}"));
        QCOMPARE(bodyOf(object("{'match.methods':null}"), present), object("{'match':{'path':'/a'}}"));
        QCOMPARE(bodyOf(object("{'cost':2}"), present), object("{'cost':2}"));
    }

    void changesAreSaidOneByOne()
    {
        const QJsonObject before = object("{'name':'a','capacity':5,'key':[],'every':'1s','cost_header':''}");
        QCOMPARE(changeText(before, object("{'name':'a','capacity':6,'key':['ip'],'every':'2s','cost_header':'X'}")),
                 u"a: capacity 5 -> 6\na: cost_header \"\" -> X\na: every 1s -> 2s\na: key [] -> [\"ip\"]\n"_s);
        QCOMPARE(changeText(before, before), u"a: nothing is different\n"_s);
        QCOMPARE(changeText({}, object("{'name':'a','capacity':6}")), u"a: capacity 6\n"_s);
    }

    void problemsSayWhatToDo()
    {
        const QString away = problemText({.unheard = u"Connection refused"_s}, url(), {});
        QVERIFY(away.startsWith(u"weir: no admin port answers at http://127.0.0.1:8001 (Connection refused). "_s));
        QVERIFY(problemText({.status = 200}, url(), {}).contains(u"is no admin port of a Weir (status 200)"_s));
        QVERIFY(problemText(answer(401, {}), url(), {}).contains(u"--token-file FILE"_s));
        QVERIFY(problemText(answer(401, {}), url(), u"WEIR_TOKEN"_s).contains(u"the token of WEIR_TOKEN is not"_s));
        const QJsonObject two = object("{'detail':'2 things are wrong; errors has all of them.','errors':["
                                       "{'field':'every','problem':'it is no duration','hint':'10s'},"
                                       "{'field':'','problem':'p','hint':''}]}");
        const QString lines = problemText(answer(422, two), url(), {});
        QCOMPARE(lines.count(u'\n'), 3);
        QVERIFY2(lines.contains(u"\n  every: it is no duration. Use 10s.\n"_s), qPrintable(lines));
    }

    // Keys and paths are what strangers have sent.
    void nothingActsOnTheTerminal()
    {
        const QString evil = u"a\x1b[2Jb\u202Ec\r"_s;
        QJsonObject row{{u"key"_s, evil}},
            limit{{u"limit"_s, evil}, {u"why"_s, evil}, {u"key"_s, evil}, {u"applies"_s, true}};
        const QJsonObject problem{
            {u"detail"_s, evil},
            {u"errors"_s, QJsonArray{QJsonObject{{u"problem"_s, evil}}, QJsonObject{{u"hint"_s, evil}}}}};
        for (const QString &text :
             {topText({{u"limit"_s, evil}, {u"buckets"_s, QJsonArray{row}}}, QDateTime::currentDateTimeUtc()),
              checkText({{u"why"_s, evil}, {u"outcome"_s, evil}, {u"limits"_s, QJsonArray{limit}}}),
              statusText({{u"urls"_s, QJsonArray{evil}}, {u"limits"_s, QJsonArray{limit}}}, {}),
              changeText({{u"x"_s, 1}}, {{u"name"_s, evil}, {u"x"_s, evil}, {u"y"_s, QJsonArray{evil}}}),
              problemText(answer(422, problem), url(), {}), problemText({.unheard = evil}, url(), {})}) {
            QVERIFY(text.contains(u"a\\x1b[2Jb\\u202ec"_s) || text.contains(u"\\u001b"_s));
            for (const QChar letter : {QChar{0x1b}, QChar{0x202e}, QChar{u'\r'}})
                QVERIFY2(!text.contains(letter), qPrintable(visible(text)));
        }
    }

    void aTokenIsOneOrNone()
    {
        const auto found = [](AskLine line, const char *variable, bool isNeeded) {
            line.url = line.url.isEmpty() ? url() : line.url;
            QProcessEnvironment environment;
            environment.insert(u"WEIR_TOKEN"_s, QString::fromLatin1(variable));
            return tokenFor(line, environment, isNeeded);
        };
        QVERIFY(found({}, "", false).value().token.isEmpty());
        QCOMPARE(found({}, "abc", false).value().token, "abc");
        QVERIFY(!found({}, "abc\r\nX: y", false));
        QVERIFY(!found({.tokenFile = u"/nowhere"_s}, "", false));
        QVERIFY(!found({.tokenFile = u"/"_s}, "", true));
        QVERIFY(!found({.dataDir = u"/nowhere"_s}, "", true));
        QVERIFY(!found({}, "", true)); // no folder
        for (const char *host : {"http://localhost:1", "http://127.0.0.9:1", "http://[::1]:1"})
            QVERIFY2(isLoopback(QUrl{QLatin1String{host}}), host);
        for (const char *host :
             {"http://localhost.example:1", "http://10.0.0.1:1", "http://[::2]:1", "http://127.evil:1"})
            QVERIFY2(!isLoopback(QUrl{QLatin1String{host}}), host);
    }
};

QTEST_GUILESS_MAIN(TestAskTexts)
#include "tst_ask_texts.moc"
