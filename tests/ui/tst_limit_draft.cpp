// SPDX-License-Identifier: GPL-3.0-only
#include "tests/support/warnings_fail.h"
#include "ui/limits/limit_draft.h"

using namespace weir;
using namespace weir::ui;

namespace {

using Set = std::shared_ptr<const config::LimitSet>;

config::LimitSet setOf(std::initializer_list<const char *> names)
{
    config::LimitSet set;
    for (const char *name : names)
        set.limits.emplace_back().name = name;
    return set;
}

Set shared(config::LimitSet set)
{
    return std::make_shared<const config::LimitSet>(std::move(set));
}

LimitDraft draftOf(std::initializer_list<const char *> names)
{
    LimitDraft draft;
    draft.follow(shared(setOf(names)));
    return draft;
}

QStringList namesOf(const LimitDraft &draft)
{
    QStringList names;
    for (const LimitDraft::Entry &entry : draft.entries())
        names << entry.text[LimitField::Name];
    return names;
}

QStringList words(const char *text)
{
    return QString::fromLatin1(text).split(u' ', Qt::SkipEmptyParts);
}

void edit(LimitDraft &draft, int index, LimitField field, const char *text)
{
    LimitText texts = draft.entries()[static_cast<std::size_t>(index)].text;
    texts[field] = QLatin1String(text);
    draft.setText(index, texts);
}

} // namespace

class TestLimitDraft : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void followsWhileNothingIsEdited()
    {
        LimitDraft draft = draftOf({"a", "b"});
        QVERIFY(!draft.isEdited());
        QVERIFY(draft.follow(shared(setOf({"c", "b", "d"}))).isEmpty());
        QCOMPARE(namesOf(draft), words("c b d"));
        QVERIFY(!draft.isEdited());
    }

    void editsAreFoundAndUndone()
    {
        LimitDraft draft = draftOf({"a", "b"});
        edit(draft, 1, LimitField::Capacity, "9");
        QVERIFY(draft.isEdited() && draft.isEdited(1) && !draft.isEdited(0));
        edit(draft, 1, LimitField::Capacity, "5");
        edit(draft, 1, LimitField::Every, "60s"); // the same time
        QVERIFY(!draft.isEdited());
        edit(draft, 1, LimitField::Every, "soon");
        QVERIFY(draft.isEdited() && !draft.read().isUsable());
        draft.revert();
        QVERIFY(!draft.isEdited());
    }

    void problemsStandAtTheirLimitAndField()
    {
        LimitDraft draft = draftOf({"a", "b", "c"});
        edit(draft, 0, LimitField::Capacity, "0");
        edit(draft, 0, LimitField::Every, "soon");
        edit(draft, 1, LimitField::Name, "a");
        AccessText access = draft.access();
        access[AccessField::Ipv6Prefix] = QStringLiteral("129");
        draft.setAccess(access);
        const LimitDraft::Reading reading = draft.read();
        QCOMPARE(reading.ofLimits.at(0).size(), std::size_t{3}); // its name is the one of the second
        QCOMPARE(reading.ofLimits.at(1).size(), std::size_t{1});
        QCOMPARE(reading.ofLimits.at(1).front().field, LimitField::Name);
        QVERIFY(reading.ofLimits.at(2).empty());
        QCOMPARE(reading.ofAccess.size(), std::size_t{1});
        QVERIFY(!reading.isUsable());
    }

    void unreadableFieldHasOneProblem()
    {
        LimitDraft draft = draftOf({"a"});
        edit(draft, 0, LimitField::Key, "user");
        QCOMPARE(draft.read().ofLimits.at(0).size(), std::size_t{1});
    }

    void tooManyLimitsAreAProblemOfTheSet()
    {
        LimitDraft draft;
        for (int i = 0; i < 101; ++i)
            draft.add();
        const LimitDraft::Reading reading = draft.read();
        QCOMPARE(reading.ofSet.size(), qsizetype{1});
        QVERIFY(!reading.isUsable());
    }

    void addsDuplicatesMoves()
    {
        LimitDraft draft = draftOf({"a", "b"});
        QCOMPARE(draft.add(), 2);
        QCOMPARE(draft.add(), 3);
        QCOMPARE(draft.duplicate(0), 1);
        QCOMPARE(namesOf(draft), words("a a-2 b limit limit-2"));
        QCOMPARE(draft.originOf(1), -1);
        draft.move(0, 2);
        QCOMPARE(namesOf(draft), words("a-2 b a limit limit-2"));
        draft.move(4, 0);
        QCOMPARE(namesOf(draft), words("limit-2 a-2 b a limit"));
        QVERIFY(draft.read().isUsable());
    }

    void longNamesAreDuplicatedToo()
    {
        LimitDraft draft;
        draft.add();
        edit(draft, 0, LimitField::Name, std::string(64, 'x').c_str());
        draft.duplicate(0);
        QVERIFY(draft.read().isUsable());
    }

    void removedComesBackWithItsEdits()
    {
        LimitDraft draft = draftOf({"a", "b", "c"});
        edit(draft, 1, LimitField::Capacity, "9");
        draft.remove(1);
        draft.remove(0);
        QCOMPARE(draft.removedName(), QStringLiteral("a"));
        QCOMPARE(draft.restore(), std::optional<int>(0));
        QCOMPARE(draft.restore(), std::optional<int>(1));
        QVERIFY(!draft.restore());
        QCOMPARE(namesOf(draft), words("a b c"));
        QCOMPARE(draft.originOf(1), 1);
        QVERIFY(draft.isEdited(1));
    }

    void changesOfOthersComeInBesideMine()
    {
        LimitDraft draft = draftOf({"a", "b"});
        edit(draft, 0, LimitField::Capacity, "9");
        config::LimitSet next = setOf({"a", "b", "c"});
        next.limits[0].match.path = "/x";
        next.limits[1].spec.capacity = 7;
        QVERIFY(draft.follow(shared(next)).isEmpty());
        QCOMPARE(namesOf(draft), words("a b c"));
        const config::LimitSet read = draft.read().set;
        QCOMPARE(read.limits[0].spec.capacity, limit::Tokens{9});
        QCOMPARE(read.limits[0].match.path, std::string("/x"));
        QCOMPARE(read.limits[1].spec.capacity, limit::Tokens{7});
        QVERIFY(draft.isEdited(0) && !draft.isEdited(1) && !draft.isEdited(2));
    }

    void sameFieldIsKeptAndSaid()
    {
        LimitDraft draft = draftOf({"a"});
        edit(draft, 0, LimitField::Capacity, "9");
        config::LimitSet next = setOf({"a"});
        next.limits[0].spec.capacity = 7;
        QCOMPARE(draft.follow(shared(next)), QStringList{QStringLiteral("a: capacity")});
        const LimitDraft::Reading reading = draft.read();
        QCOMPARE(summaryOf(draft.changes(reading)), QStringLiteral("a: capacity 7 → 9"));
    }

    void removedElsewhere()
    {
        LimitDraft draft = draftOf({"a", "b"});
        edit(draft, 0, LimitField::Capacity, "9");
        QCOMPARE(draft.follow(shared(setOf({}))), QStringList{QStringLiteral("a: removed there")});
        QCOMPARE(namesOf(draft), words("a")); // b was not edited
        QCOMPARE(draft.originOf(0), -1);
    }

    void removedHereStaysRemoved()
    {
        LimitDraft draft = draftOf({"a", "b"});
        draft.remove(0);
        config::LimitSet next = setOf({"a", "b", "c"});
        draft.follow(shared(next));
        QCOMPARE(namesOf(draft), words("b c"));
    }

    void orderOfOthersIsTakenUnlessMineIsOther()
    {
        LimitDraft draft = draftOf({"a", "b", "c"});
        draft.add();
        draft.follow(shared(setOf({"c", "a", "b"})));
        QCOMPARE(namesOf(draft), words("c a b limit"));
        draft.move(0, 1);
        draft.follow(shared(setOf({"b", "c", "a"})));
        QCOMPARE(namesOf(draft), words("a c b limit"));
    }

    void whatIsAppliedIsNoEditAnyMore()
    {
        LimitDraft draft = draftOf({"a", "b"});
        edit(draft, 0, LimitField::Name, "renamed");
        edit(draft, draft.add(), LimitField::Capacity, "70");
        draft.remove(1);
        draft.move(1, 0);
        QVERIFY(draft.follow(shared(draft.read().set)).isEmpty());
        QVERIFY(!draft.isEdited());
        QCOMPARE(namesOf(draft), words("limit renamed"));
        QCOMPARE(draft.originOf(1), 1);
    }

    void listsOfAccessAreMerged()
    {
        LimitDraft draft = draftOf({});
        AccessText access = draft.access();
        access[AccessField::BlockNetworks] = QStringLiteral("10.0.0.0/8");
        draft.setAccess(access);
        config::LimitSet next;
        next.block.networks = {std::get<Network>(parseNetwork("203.0.113.7"))};
        draft.follow(shared(next));
        QCOMPARE(draft.access()[AccessField::BlockNetworks], QStringLiteral("10.0.0.0/8\n203.0.113.7/32"));
        draft.follow(shared(config::LimitSet{}));
        QCOMPARE(draft.access()[AccessField::BlockNetworks], QStringLiteral("10.0.0.0/8"));
    }
};

QTEST_APPLESS_MAIN(TestLimitDraft)
#include "tst_limit_draft.moc"
