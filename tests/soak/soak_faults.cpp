// SPDX-License-Identifier: GPL-3.0-only
// The whole matrix of a store that fails, against real processes under real load: a line for each case, with one limit, with
// several and with limits by key, with one Weir and with three, and with Weirs that begin again between outages.
// usage: soak_faults [PART OF A NAME]...
#include <QCoreApplication>
#include <QTest>

#include "tests/soak/faults.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using Without = FaultCase::Without;
using Way = ChaosProxy::Way;
using Kind = LimitSetup::Kind;

namespace {

constexpr auto kTime = 1200ms; // of a fault that is no matter of time

FaultCase plain(std::string name, Without without, std::function<bool(Stage &)> fault, const char *policy = "local")
{
    return {.name = std::move(name), .without = without, .fault = std::move(fault), .policy = policy};
}

void addServerFaults(std::vector<FaultCase> &cases)
{
    const auto wait = [](Stage &) {
        Stage::wait(kTime);
        return true;
    };
    const auto hang = [](Stage &stage) { return faults::hang(stage, kTime); };
    const auto die = [](Stage &stage) { return faults::dieAndReturn(stage, kTime); };
    cases.push_back(plain("nothing happens", Without::Never, wait));
    for (const char *policy : {"local", "reject", "allow"}) {
        const std::string suffix = std::string{", "} + policy;
        cases.push_back(plain("SIGKILL, back empty" + suffix, Without::Some, die, policy));
        cases.back().forgets = true;
        cases.push_back(plain("SIGSTOP" + suffix, Without::Some, hang, policy));
    }
    // Longer than the bucket takes to be full, and than its key lives.
    cases.push_back(
        plain("SIGSTOP for 6 s, local", Without::Some, [](Stage &stage) { return faults::hang(stage, 6s); }));
    cases.push_back(plain("SIGKILL, back with its file (everysec)", Without::Some,
                          [](Stage &stage) { return faults::dieAndReturn(stage, kTime, faults::withFile()); }));
    cases.back().redisArguments = faults::withFile();
    cases.push_back(plain("LOADING an older snapshot for 3 s", Without::Some,
                          [](Stage &stage) { return faults::loadSlowly(stage, 1s); }));
    cases.back().forgets = true;
    cases.push_back(
        plain("BUSY: a script runs for 2 s", Without::Some, [](Stage &stage) { return faults::beBusy(stage, 2s); }));
    cases.push_back(plain("SCRIPT FLUSH every 100 ms", Without::Never,
                          [](Stage &stage) { return faults::forgetScripts(stage, 2s); }));
    cases.push_back(plain("FLUSHALL every 100 ms", Without::Never,
                          [](Stage &stage) { return faults::forgetEverything(stage, 2s); }));
    cases.back().forgets = true;
}

void addAnswers(std::vector<FaultCase> &cases)
{
    const auto add = [&cases](const char *name, Without without, bool (*fault)(Stage &, std::chrono::milliseconds)) {
        cases.push_back(plain(name, without, [fault](Stage &stage) { return fault(stage, kTime); }));
    };
    add("OOM (noeviction)", Without::Some, faults::runOutOfMemory);
    add("READONLY: demoted without a disconnect", Without::Some, faults::beDemoted);
    add("MISCONF: cannot save", Without::Some, faults::failToSave);
    add("NOREPLICAS", Without::Some, faults::missReplicas);
    add("maxclients reached", Without::Some, faults::refuseClients);
    add("wrong password", Without::Rejects, faults::changePassword);
    for (const bool isPassword : {true, false}) {
        add(isPassword ? "wrong password of an ACL user" : "NOPERM: the user may not hset", Without::Rejects,
            isPassword ? faults::changeUsersPassword : faults::takePermission);
        cases.back().prepare = faults::makeUser;
        cases.back().url = faults::urlOfUser;
    }
}

void addWays(std::vector<FaultCase> &cases)
{
    const auto add = [&cases](const char *name, Without without, std::function<bool(Stage &)> fault) {
        cases.push_back(plain(name, without, std::move(fault)));
        cases.back().isProxied = true;
    };
    const auto addWay = [&add](const char *name, Without without, Way way) {
        add(name, without, [way](Stage &stage) { return faults::distort(stage, way, kTime); });
    };
    addWay("answers one byte at a time", Without::Never, Way::ByteByByte);
    addWay("garbage instead of answers", Without::Some, Way::Garbage);
    addWay("half answers", Without::Some, Way::Half);
    addWay("RST inside answers", Without::Some, Way::Reset);
    addWay("no answers, all is done", Without::Some, Way::Swallow);
    addWay("another service's banner", Without::Some, Way::Banner);
    addWay("header of a 2 GB string", Without::Some, Way::HugeBulk);
    addWay("header of 2^31 elements", Without::Some, Way::HugeArray);
    addWay("arrays 1000 deep", Without::Some, Way::NestedArrays);
    add("connections cut every 100 ms", Without::Some,
        [](Stage &stage) { return faults::cutAgainAndAgain(stage, kTime); });
    add("answers 5 ms late", Without::Never, [](Stage &stage) { return faults::delay(stage, 5ms, kTime); });
    add("answers 50 ms late", Without::Never, [](Stage &stage) { return faults::delay(stage, 50ms, kTime); });
    add("answers 500 ms late", Without::Some, [](Stage &stage) { return faults::delay(stage, 500ms, 2s); });
}

// Not refilled: every token too many shows, whatever the clock says. One settlement that is dropped, entered twice or taken
// for an older one is some hundred tokens here.
void addReturns(std::vector<FaultCase> &cases)
{
    const auto hang = [](Stage &stage) { return faults::hang(stage, kTime); };
    const auto add = [&cases](const char *name, std::size_t instances, std::function<bool(Stage &)> fault) {
        FaultCase each = plain(name, Without::Some, std::move(fault));
        each.instances = instances;
        each.cap = 2000;
        each.rate = 250;
        cases.push_back(std::move(each));
    };
    for (const std::size_t instances : {1U, 3U}) {
        add("hangs 3 times, ended by SIGTERM and SIGKILL", instances, hang);
        cases.back().ends = {Fleet::End::Terminated, Fleet::End::Killed};
    }
    // The store forgets how many they are, and is away again before they count themselves anew: in the middle of a
    // window of lua/README.md, "The instances".
    add("SIGKILL, back empty, again for 4 s", 3, [](Stage &stage) {
        const auto inWindow = [] { return std::chrono::system_clock::now().time_since_epoch() % 5s; };
        const bool isReady = stage.fleet.rest(true)
                             && QTest::qWaitFor([&] { return inWindow() > 1100ms && inWindow() < 1400ms; }, 10'000)
                             && stage.fleet.rest(false);
        Stage::wait(200ms);
        if (!isReady || !faults::dieAndReturn(stage, 300ms) || !stage.fleet.waitForStore())
            return false;
        Stage::wait(1200ms); // they look once a second
        return faults::dieAndReturn(stage, 4s);
    });
    cases.back().rate = 450;
    cases.back().forgets = true;
    add("private, hangs 3 times, ended likewise", 1, [](Stage &stage) { return faults::hangPrivate(stage, kTime); });
    cases.back().ends = {Fleet::End::Terminated, Fleet::End::Killed};
    cases.back().isPrivate = true;
    add("private, SIGKILL twice, ended by SIGKILL", 1, [](Stage &stage) { return faults::killPrivate(stage); });
    cases.back().ends = {Fleet::End::Killed};
    cases.back().isPrivate = true;
}

/// One limit suffers everything; the others what their own way of deciding has a part in: the rest is the link's.
bool isFor(const FaultCase &each, Kind kind)
{
    const auto isIn = [&each](std::initializer_list<const char *> names) {
        return std::any_of(names.begin(), names.end(), [&each](const char *name) { return each.name == name; });
    };
    if (kind == Kind::One || each.cap > 0
        || isIn({"SIGKILL, back empty, local", "SIGSTOP, local", "SIGKILL, back with its file (everysec)",
                 "FLUSHALL every 100 ms", "NOPERM: the user may not hset", "garbage instead of answers",
                 "no answers, all is done"}))
        return true;
    return kind == Kind::Keyed ? isIn({"SIGSTOP, allow", "LOADING an older snapshot for 3 s", "SIGSTOP for 6 s, local"})
                               : isIn({"SIGSTOP, reject", "SIGKILL, back empty, allow", "answers 500 ms late"});
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application{argc, argv};
    std::vector<FaultCase> cases;
    addServerFaults(cases);
    addAnswers(cases);
    addWays(cases);
    addReturns(cases);
    Table table{faultColumns()};
    for (const FaultCase &each : cases)
        for (const Kind kind : kLimitKinds)
            if (isFor(each, kind) && isAsked(each.name, QCoreApplication::arguments().mid(1)))
                runCase(each, kind, table);
    return table.conclude("faults");
}
