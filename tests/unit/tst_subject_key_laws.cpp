// SPDX-License-Identifier: GPL-3.0-only
// Subjects keep their properties on mutated requests: the short run of what ./dev fuzz does for long.
#include <QTest>

#include <map>

#include "tests/fuzz/subject_key_properties.h"
#include "tests/fuzz/subject_key_seeds.h"
#include "tests/support/mutator.h"
#include "tests/unit/request_made.h"

using namespace weir;
using namespace weir::policy;
using namespace weir::test;
using config::KeyPart;

namespace {

constexpr int kMutations = 50'000;
constexpr int kRequests = 100'000;

const QList<QByteArray> kPieces{"\n",  ",",  ";",      "&",    "=",      "%",   "\"",       "(",        ")",
                                "#",   "{",  " ",      "+",    "*",      "%20", "%2B",      "%2c",      "%25",
                                "%00", "t=", "&%74=x", "; s=", "(none)", "/",   "..",       "?",        "|",
                                ":",   "a",  "A",      "\t",   "%61",    "\r",  "\xc3\xa9", "(several)"};

// From few letters, so that requests which differ are often nearly the same.
std::string randomValue(Random &random)
{
    constexpr std::string_view kLetters = "ab,%2C()+# ";
    std::string value;
    for (std::int64_t left = random.oneIn(50) ? random.between(80, 300) : random.between(0, 3); left > 0; --left)
        value += kLetters[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(kLetters.size()) - 1))];
    return value;
}

} // namespace

class TestSubjectKeyLaws : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theyHoldForMutatedRequests()
    {
        QList<QByteArray> seeds;
        for (const std::string_view seed : kSubjectKeySeeds)
            seeds += QByteArray{seed.data(), static_cast<qsizetype>(seed.size())};
        Mutator mutator{seeds, kPieces};
        for (int i = 0; i < kMutations; ++i) {
            const QByteArray bytes = mutator.next();
            const std::string broken =
                brokenSubjectKeyProperty({bytes.constData(), static_cast<std::size_t>(bytes.size())});
            QVERIFY2(broken.empty(),
                     (QByteArray::fromStdString(broken) + "\n" + bytes.toPercentEncoding()).constData());
        }
    }

    // Keys of several parts, over many requests: one subject, one request.
    void noTwoRequestsShareASubject_data()
    {
        QTest::addColumn<config::HashKey>("hashKey");
        QTest::newRow("plain") << config::HashKey::Never;
        QTest::newRow("hashed") << config::HashKey::Always;
    }
    void noTwoRequestsShareASubject()
    {
        QFETCH(const config::HashKey, hashKey);
        const SubjectKey key{
            {{KeyPart::Kind::Header, "X-A"}, {KeyPart::Kind::Ip, {}}, {KeyPart::Kind::Header, "X-B"}}, {}, hashKey};
        Random random;
        std::map<std::string, std::vector<std::string>> meant;
        std::string subject, buffer;
        int again = 0;
        for (int i = 0; i < kRequests; ++i) {
            RequestMade request{.client = random.oneIn(2) ? "10.0.0.1" : "2001:db8::1"};
            std::vector<std::string> said{request.client};
            for (const char *name : {"X-A", "X-B"}) {
                said.emplace_back("missing");
                if (random.oneIn(4))
                    continue;
                request.headers.emplace_back(name, randomValue(random));
                said.back() = "=" + request.headers.back().second;
            }
            key.write(request.view(), subject, buffer);
            const auto [known, isNew] = meant.try_emplace(subject, said);
            QVERIFY2(known->second == said, subject.c_str());
            again += !isNew;
        }
        QVERIFY2(again > 1000 && meant.size() > 10'000, std::to_string(meant.size()).c_str());
    }
};

QTEST_APPLESS_MAIN(TestSubjectKeyLaws)
#include "tst_subject_key_laws.moc"
