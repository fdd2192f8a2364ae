// SPDX-License-Identifier: GPL-3.0-only
// The client's address keeps its properties on mutated fields: the short run of what ./dev fuzz does for long.
#include <QTest>

#include "tests/fuzz/client_address_properties.h"
#include "tests/fuzz/client_address_seeds.h"
#include "tests/support/mutator.h"

using namespace weir::test;

namespace {

constexpr int kMutations = 50'000;

const QList<QByteArray> kPieces{",",
                                ", ",
                                ";",
                                "=",
                                ":",
                                ".",
                                "[",
                                "]",
                                "\"",
                                "\\",
                                "\\\"",
                                " ",
                                "\t",
                                "\n",
                                "%",
                                "_",
                                "::",
                                ":80",
                                "for=",
                                ";FOR=",
                                "unknown",
                                ", for=10.0.0.5",
                                ",10.0.0.6",
                                "127.0.0.1",
                                "::ffff:10.0.0.7",
                                "[2001:db8::9]:1",
                                ",for=\"[2a00::1]\"",
                                ";host=\"a,b\""};

} // namespace

class TestClientAddressLaws : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theyHoldForMutatedFields()
    {
        QList<QByteArray> seeds;
        for (const std::string_view seed : kClientAddressSeeds)
            seeds += QByteArray{seed.data(), static_cast<qsizetype>(seed.size())};
        Mutator mutator{seeds, kPieces};
        for (int i = 0; i < kMutations; ++i) {
            const QByteArray bytes = mutator.next();
            const std::string broken =
                brokenClientAddressProperty({bytes.constData(), static_cast<std::size_t>(bytes.size())});
            QVERIFY2(
                broken.empty(),
                (QByteArray::fromStdString(broken) + "\n" + bytes.toPercentEncoding(" =;\"\\:,'&/[]")).constData());
        }
    }
};

QTEST_APPLESS_MAIN(TestClientAddressLaws)
#include "tst_client_address_laws.moc"
