// SPDX-License-Identifier: GPL-3.0-only
// The whole matrix of a store that fails, against real processes under real load: a line for each case.
// usage: soak_faults [PART OF A NAME]...
#include <QCoreApplication>

#include "tests/soak/faults.h"

using namespace weir::test;
using namespace std::chrono_literals;
using Without = FaultCase::Without;
using Way = ChaosProxy::Way;

namespace {

FaultCase plain(std::string name, Without without, std::function<bool(Stage &)> fault, const char *policy = "local")
{
    return {.name = std::move(name), .without = without, .fault = std::move(fault), .policy = policy};
}

void addServerFaults(std::vector<FaultCase> &cases)
{
    const auto wait = [](Stage &) {
        Stage::wait(3s);
        return true;
    };
    const auto hang = [](Stage &stage) { return faults::hang(stage, 10s); };
    const auto die = [](Stage &stage) { return faults::dieAndReturn(stage, 3s); };
    cases.push_back(plain("nothing happens", Without::Never, wait));
    for (const char *policy : {"local", "reject", "allow"}) {
        const std::string suffix = std::string{", "} + policy;
        cases.push_back(plain("SIGKILL, back empty after 3 s" + suffix, Without::Some, die, policy));
        cases.back().forgets = true;
        cases.push_back(plain("SIGSTOP for 10 s" + suffix, Without::Some, hang, policy));
    }
    cases.push_back(plain("SIGKILL, back with its file (everysec)", Without::Some,
                          [](Stage &stage) { return faults::dieAndReturn(stage, 3s, faults::withFile()); }));
    cases.back().redisArguments = faults::withFile();
    cases.push_back(plain("LOADING an older snapshot for 3 s", Without::Some,
                          [](Stage &stage) { return faults::loadSlowly(stage, 1s); }));
    cases.back().forgets = true;
    cases.push_back(
        plain("BUSY: a script runs for 8 s", Without::Some, [](Stage &stage) { return faults::beBusy(stage, 8s); }));
    cases.push_back(plain("SCRIPT FLUSH every 100 ms", Without::Never,
                          [](Stage &stage) { return faults::forgetScripts(stage, 10s); }));
    cases.push_back(plain("FLUSHALL every 100 ms", Without::Never,
                          [](Stage &stage) { return faults::forgetEverything(stage, 10s); }));
    cases.back().forgets = true;
}

void addAnswers(std::vector<FaultCase> &cases)
{
    const auto add = [&cases](const char *name, Without without, bool (*fault)(Stage &, std::chrono::milliseconds)) {
        cases.push_back(plain(name, without, [fault](Stage &stage) { return fault(stage, 5s); }));
    };
    add("OOM (noeviction) for 5 s", Without::Some, faults::runOutOfMemory);
    add("READONLY: demoted without a disconnect for 5 s", Without::Some, faults::beDemoted);
    add("MISCONF: cannot save for 5 s", Without::Some, faults::failToSave);
    add("NOREPLICAS for 5 s", Without::Some, faults::missReplicas);
    add("maxclients reached for 5 s", Without::Some, faults::refuseClients);
    add("wrong password for 5 s", Without::Rejects, faults::changePassword);
    for (const bool isPassword : {true, false}) {
        add(isPassword ? "wrong password of an ACL user for 5 s" : "NOPERM: the user may not hset for 5 s",
            Without::Rejects, isPassword ? faults::changeUsersPassword : faults::takePermission);
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
        add(name, without, [way](Stage &stage) { return faults::distort(stage, way, 5s); });
    };
    addWay("answers one byte at a time for 5 s", Without::Never, Way::ByteByByte);
    addWay("garbage instead of answers for 5 s", Without::Some, Way::Garbage);
    addWay("half answers for 5 s", Without::Some, Way::Half);
    addWay("RST inside answers for 5 s", Without::Some, Way::Reset);
    addWay("no answers, all is done, for 5 s", Without::Some, Way::Swallow);
    addWay("another service's banner for 5 s", Without::Some, Way::Banner);
    addWay("header of a 2 GB string for 5 s", Without::Some, Way::HugeBulk);
    addWay("header of 2^31 elements for 5 s", Without::Some, Way::HugeArray);
    addWay("arrays 1000 deep for 5 s", Without::Some, Way::NestedArrays);
    add("connections cut every 100 ms for 5 s", Without::Some,
        [](Stage &stage) { return faults::cutAgainAndAgain(stage, 5s); });
    add("answers 5 ms late for 5 s", Without::Never, [](Stage &stage) { return faults::delay(stage, 5ms, 5s); });
    add("answers 50 ms late for 5 s", Without::Never, [](Stage &stage) { return faults::delay(stage, 50ms, 5s); });
    add("answers 500 ms late for 10 s", Without::Some, [](Stage &stage) { return faults::delay(stage, 500ms, 10s); });
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application{argc, argv};
    std::vector<FaultCase> cases;
    addServerFaults(cases);
    addAnswers(cases);
    addWays(cases);
    Table table{faultColumns()};
    for (const FaultCase &each : cases)
        if (isAsked(each.name, QCoreApplication::arguments().mid(1)))
            runCase(each, table);
    return table.conclude("faults");
}
