// SPDX-License-Identifier: GPL-3.0-only
#include "tests/support/warnings_fail.h"
#include "ui/words/format.h"
#include "ui/words/panel_words.h"

using namespace weir;
using namespace weir::ui;

class TestFormat : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void counts()
    {
        QCOMPARE(format::count(1284), QStringLiteral("1,284"));
        QCOMPARE(format::shortCount(9999), QStringLiteral("9,999"));
        QCOMPARE(format::shortCount(12'800), QStringLiteral("12.8k"));
        QCOMPARE(format::shortCount(999'949), QStringLiteral("1M"));
        QCOMPARE(format::shortCount(1'250'000), QStringLiteral("1.25M"));
        QCOMPARE(format::shortCount(1'000'000'000), QStringLiteral("1G"));
        QCOMPARE(format::shortCount(-1), QStringLiteral("-1"));
        QCOMPARE(format::tokens(1), QStringLiteral("1 token"));
        QCOMPARE(format::tokens(5000), QStringLiteral("5,000 tokens"));
    }

    void rates()
    {
        QCOMPARE(format::perSecond(0), QStringLiteral("0/s"));
        QCOMPARE(format::perSecond(0.01), QStringLiteral("< 0.1/s"));
        QCOMPARE(format::perSecond(0.2), QStringLiteral("0.2/s"));
        QCOMPARE(format::perSecond(4.9), QStringLiteral("4.9/s"));
        QCOMPARE(format::perSecond(5.0), QStringLiteral("5/s"));
        QCOMPARE(format::perSecond(99.96), QStringLiteral("100/s"));
        QCOMPARE(format::perSecond(12'345.4), QStringLiteral("12,345/s"));
    }

    void sharesNeverLieAtTheEnds()
    {
        QCOMPARE(format::share(0, 0), QStringLiteral("–"));
        QCOMPARE(format::share(804, 1000), QStringLiteral("80.4%"));
        QCOMPARE(format::share(1000, 1000), QStringLiteral("100%"));
        QCOMPARE(format::share(999'999, 1'000'000), QStringLiteral("> 99.9%"));
        QCOMPARE(format::share(1, 1'000'000), QStringLiteral("< 0.1%"));
        QCOMPARE(format::share(0, 1000), QStringLiteral("0.0%"));
    }

    void times()
    {
        QCOMPARE(format::took(Micros{410}), QStringLiteral("0.41 ms"));
        QCOMPARE(format::took(Micros{12'300}), QStringLiteral("12 ms"));
        QCOMPARE(format::took(Micros{1'200'000}), QStringLiteral("1.2 s"));
        QCOMPARE(format::duration(Micros{60'000'000}), QStringLiteral("1 min"));
        QCOMPARE(format::duration(Micros{1500}), QStringLiteral("1500 µs"));
        QCOMPARE(format::runningTime(std::chrono::seconds{862}), QStringLiteral("00:14:22"));
        QCOMPARE(format::runningTime(std::chrono::seconds{86'400 + 61}), QStringLiteral("1 d 00:01:01"));
    }

    void countdownRoundsUp()
    {
        QCOMPARE(format::countdown(Micros{36'000'001}), QStringLiteral("0:37"));
        QCOMPARE(format::countdown(Micros{1}), QStringLiteral("0:01"));
        QCOMPARE(format::countdown(Micros{0}), QStringLiteral("0:00"));
        QCOMPARE(format::countdown(Micros{-5}), QStringLiteral("0:00"));
        QCOMPARE(format::countdown(Micros{3'723'000'000}), QStringLiteral("1:02:03"));
        QCOMPARE(format::countdown(Micros{2 * 86'400'000'000LL + 3'600'000'000LL}), QStringLiteral("2 d 1 h"));
    }

    void meaningOfTheStudysLimit()
    {
        QCOMPARE(limitMeaning({5, 5, Micros{60'000'000}}),
                 QStringLiteral("Sustains 5 per minute; at worst 10 within 1 min; at most 216,005 in 30 days."));
    }

    void sustainedRateFindsItsUnit()
    {
        QCOMPARE(sustainedRate({5000, 5000, Micros{3'600'000'000}}), QStringLiteral("5,000 per hour"));
        QCOMPARE(sustainedRate({20, 1, Micros{200'000}}), QStringLiteral("5 per second"));
        QCOMPARE(sustainedRate({1, 1, Micros{7LL * 86'400 * 1'000'000}}), QStringLiteral("0.14 per day"));
    }

    void changesInWords()
    {
        const limit::LimitSpec study{5, 5, Micros{60'000'000}};
        QCOMPARE(limitChange(study, {8, 5, Micros{60'000'000}}), QStringLiteral("capacity 5 → 8"));
        QCOMPARE(limitChange(study, {8, 2, Micros{1'000'000}}),
                 QStringLiteral("capacity 5 → 8, refill 5 → 2, every 1 min → 1 s"));
        QCOMPARE(limitChange(study, study), QStringLiteral("tokens only"));
        limit::LimitSpec even = study;
        even.algorithm = limit::Algorithm::Gcra;
        QCOMPARE(limitChange(study, even), QStringLiteral("token-bucket → gcra"));
    }

    void everyIssueIsASentence()
    {
        const QStringList sentences = issueSentences(config::check(limit::LimitSpec{3, 5, Micros{1}}));
        QCOMPARE(sentences.size(), 2);
        QVERIFY(sentences.at(0).startsWith(QStringLiteral("Refill: 5 tokens is more than the capacity of 3")));
        QVERIFY(sentences.at(1).startsWith(QStringLiteral("Every: ")));
        QVERIFY(sentences.at(1).endsWith(u'.'));
    }
};

QTEST_GUILESS_MAIN(TestFormat)
#include "tst_format.moc"
