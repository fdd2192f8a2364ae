// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include <vector>

#include "core/base/nearest_word.h"

using namespace weir;

class TestNearestWord : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void distances()
    {
        QCOMPARE(editDistance("", ""), 0);
        QCOMPARE(editDistance("", "abc"), 3);
        QCOMPARE(editDistance("kitten", "sitting"), 3);
        QCOMPARE(editDistance("refil", "refill"), 1);
    }

    void theNearestIsAtMostTwoChangesAway()
    {
        const std::vector<std::string> words{"capacity", "refill", "key", "on"};
        QCOMPARE(nearestWord("capactiy", words), std::string{"capacity"});
        QCOMPARE(nearestWord("refil", words), std::string{"refill"});
        QCOMPARE(nearestWord("capa", words), std::string{});
        QCOMPARE(nearestWord("zzzz", words), std::string{});
        QCOMPARE(nearestWord("", words), std::string{});
        QCOMPARE(nearestWord("xz", words), std::string{}); // two changes from "on", as every other word of two letters
        QCOMPARE(nearestWord(std::string(1'000'000, 'k'), words), std::string{});
        QCOMPARE(nearestWord("key", {}), std::string{});
    }
};

QTEST_APPLESS_MAIN(TestNearestWord)
#include "tst_nearest_word.moc"
