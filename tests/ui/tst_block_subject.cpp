// SPDX-License-Identifier: GPL-3.0-only
#include "tests/support/warnings_fail.h"
#include "ui/limits/block_subject.h"

using namespace weir;
using namespace weir::ui;
using config::KeyPart;

namespace {

const std::vector<KeyPart> kIp{{}};
const std::vector<KeyPart> kHeader{{KeyPart::Kind::Header, "X-Api-Key"}};

QString text(const std::vector<KeyPart> &key, const char *subject)
{
    return blockEntryText(blockEntryOf(key, subject));
}

bool isHindered(const std::vector<KeyPart> &key, const char *subject)
{
    return std::holds_alternative<QString>(blockEntryOf(key, subject));
}

} // namespace

class TestBlockSubject : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void addressesAreNetworks()
    {
        QCOMPARE(text(kIp, "203.0.113.7"), QStringLiteral("203.0.113.7"));
        QCOMPARE(text(kIp, "2001:db8:7::/64"), QStringLiteral("2001:db8:7::/64"));
        QVERIFY(isHindered(kIp, "nobody"));
    }

    void valuesAreTakenAsTheyWereSent()
    {
        const BlockEntry entry = blockEntryOf(kHeader, "a%20b%2Cc+d%25");
        QCOMPARE(std::get<config::KeyValue>(entry).value, std::string("a b,c+d%"));
        QCOMPARE(blockEntryText(entry), QStringLiteral("X-Api-Key a b,c+d%"));
        QCOMPARE(std::get<config::KeyValue>(blockEntryOf(kHeader, "(empty)")).value, std::string());
        QVERIFY(isHindered(kHeader, "a%0Ab")); // no header has a line end in it
    }

    // Of a value that is too long, or kept from being known, the hash is what there is.
    void aHashIsTakenAsItIs()
    {
        const std::string hash = "#0123456789abcdef0123456789abcdef";
        QCOMPARE(std::get<config::KeyValue>(blockEntryOf(kHeader, hash)).value, hash);
        QVERIFY(isHindered(kIp, hash.c_str()));
        QVERIFY(isHindered({{KeyPart::Kind::Method, {}}}, "GET"));
        QVERIFY(isHindered({{KeyPart::Kind::Path, "1"}}, "users"));
    }

    void whatManyShareIsNobodys()
    {
        for (const char *subject : {"", "(others)", "(none)", "(several)"})
            QVERIFY2(isHindered(kHeader, subject), subject);
        QVERIFY(isHindered({}, "203.0.113.7"));
        QVERIFY(isHindered({{}, {KeyPart::Kind::Cookie, "sid"}}, "203.0.113.7,abc"));
    }

    void entriesAreAddedOnce()
    {
        config::LimitSet set;
        for (const char *subject : {"203.0.113.7", "203.0.113.7", "10.0.0.1"})
            set = withBlocked(set, blockEntryOf(kIp, subject));
        QCOMPARE(set.block.networks.size(), std::size_t{2});
        for (const char *subject : {"a", "a", "b"})
            set = withBlocked(set, blockEntryOf(kHeader, subject));
        QCOMPARE(set.block.keys.size(), std::size_t{2});
        QVERIFY(withBlocked(set, QStringLiteral("why not")) == set);
    }
};

QTEST_APPLESS_MAIN(TestBlockSubject)
#include "tst_block_subject.moc"
