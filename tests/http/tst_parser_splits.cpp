// SPDX-License-Identifier: GPL-3.0-only
// The parser keeps its properties on the corpus, mutated: the short run of what ./dev fuzz does for long.
#include <QTest>

#include "tests/fuzz/parser_properties.h"
#include "tests/http/corpus.h"
#include "tests/support/mutator.h"

using namespace weir::test;

namespace {

constexpr int kMutations = 60'000;
constexpr qsizetype kLongest = 4096; // longer cases have a test of their own; here they would cost the time of many

std::string_view view(const QByteArray &bytes)
{
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

// What means something to the parser; a random byte seldom does.
const QList<QByteArray> kPieces{"\r\n",
                                "\r",
                                "\n",
                                "\r\n\r\n",
                                " ",
                                "\t",
                                ":",
                                ",",
                                "/",
                                "*",
                                "%",
                                "0",
                                "9",
                                "[",
                                "]",
                                "GET ",
                                "\r\nContent-Length: 7",
                                "\r\nTransfer-Encoding: chunked",
                                "\r\nHost: b",
                                "HTTP/1.0",
                                " HTTP/1.1",
                                "\r\nConnection: close",
                                "0\r\n\r\n",
                                "5;a=b\r\nhello\r\n",
                                "http://a"};

QList<QByteArray> shortSeeds()
{
    QList<QByteArray> seeds;
    for (const CorpusCase &which : readCorpus())
        if (const QByteArray bytes = which.bytes(); bytes.size() <= kLongest)
            seeds += bytes;
    return seeds;
}

} // namespace

class TestParserSplits : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theCutNeverMatters();
    void limitsHoldAtEveryCutAroundThem();
};

void TestParserSplits::theCutNeverMatters()
{
    Mutator mutator{shortSeeds(), kPieces};
    for (int i = 0; i < kMutations; ++i) {
        const QByteArray bytes = mutator.next();
        const std::string broken = brokenProperty(view(bytes), static_cast<std::size_t>(mutator.cutOf(bytes)));
        QVERIFY2(broken.empty(),
                 (QByteArray::fromStdString(broken) + "\n" + bytes.toPercentEncoding(" :/")).constData());
    }
}

void TestParserSplits::limitsHoldAtEveryCutAroundThem()
{
    constexpr std::size_t kAround = 40;
    for (const bool isInTarget : {true, false}) {
        const std::string start = isInTarget ? "GET /" : "GET / HTTP/1.1\r\nHost: a\r\nX: ";
        const std::string end = isInTarget ? " HTTP/1.1\r\nHost: a\r\n\r\n" : "\r\n\r\n";
        const std::size_t limit = 65'536;
        for (std::size_t size = limit - kAround; size < limit + kAround; size += 3) {
            const std::string bytes = start + std::string(size, 'x') + end;
            for (std::size_t cut = limit - kAround; cut < bytes.size(); cut += 5) {
                const std::string broken = brokenProperty(bytes, cut);
                QVERIFY2(broken.empty(), broken.substr(0, 300).c_str());
            }
        }
    }
}

QTEST_APPLESS_MAIN(TestParserSplits)
#include "tst_parser_splits.moc"
