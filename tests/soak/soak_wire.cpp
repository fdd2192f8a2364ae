// SPDX-License-Identifier: GPL-3.0-only
// A network between Weir and Redis that is slow, loses, reorders or is cut: real packets, in a network of our own.
// usage: soak_wire [SECONDS A CASE [PART OF A NAME]...]
#include <QCoreApplication>

#include "tests/soak/fault_case.h"
#include "tests/support/bad_wire.h"
#include "tests/support/free_port.h"

using namespace weir::test;
using namespace std::chrono_literals;
using Without = FaultCase::Without;

namespace {

// Fixed, so that a run can be repeated.
constexpr std::uint64_t kSeed = 20'261'123;

FaultCase on(BadWire &wire, std::string name, Without without, std::chrono::seconds time, BadWire::Trouble trouble)
{
    FaultCase each{.name = std::move(name), .without = without};
    each.prepare = [](Stage &stage) {
        const auto set = [&stage](const char *setting, const QByteArray &value) {
            return !stage.redis.command({"CONFIG", "SET", setting, value}).isError();
        };
        return set("bind", BadWire::here().toLatin1()) && set("protected-mode", "no")
               && set("port", QByteArray::number(freePort()));
    };
    each.url = [](Stage &stage) {
        const RespValue port = stage.redis.command({"CONFIG", "GET", "port"});
        return QStringLiteral("redis://%1:").arg(BadWire::there()) + QString::fromLatin1(port.items.value(1).text);
    };
    each.fault = [&wire, trouble, time](Stage &) {
        wire.set(trouble);
        Stage::wait(time);
        wire.set({});
        return true;
    };
    return each;
}

} // namespace

int main(int argc, char **argv)
{
    if (const QString why = BadWire::enterOwnNetwork(); !why.isEmpty()) {
        std::printf("wire: skipped, %s\n", qPrintable(why));
        return 0;
    }
    QCoreApplication application{argc, argv};
    const std::chrono::seconds time{argc > 1 ? std::max(1, QCoreApplication::arguments().at(1).toInt()) : 10};
    BadWire wire{kSeed};
    if (!wire.isUp()) {
        std::puts("wire: skipped, the device does not come up");
        return 0;
    }
    std::printf("seed %llu, %lld s each; a delay is of one way\n", static_cast<unsigned long long>(kSeed),
                static_cast<long long>(time.count()));
    struct Row {
        const char *name;
        Without without;
        BadWire::Trouble trouble;
    };
    const std::vector<Row> rows{
        {"a good wire", Without::Never, {}},
        {"5 ms round trip", Without::Never, {.delay = 2500us}},
        {"50 ms round trip", Without::Never, {.delay = 25ms}},
        {"500 ms round trip", Without::Some, {.delay = 250ms}},
        {"1 % loss", Without::May, {.lossPerMille = 10}},
        {"10 % loss, 10 ms round trip", Without::May, {.delay = 5ms, .lossPerMille = 100}},
        {"reordered within 10 ms", Without::May, {.delay = 1ms, .jitter = 10ms}},
        {"64 kbit/s", Without::May, {.bitsPerSecond = 64'000}},
        {"partition", Without::Some, {.lossPerMille = 1000}},
    };
    Table table{faultColumns()};
    for (const Row &row : rows)
        if (isAsked(row.name, QCoreApplication::arguments().mid(2)))
            runCase(on(wire, row.name, row.without, time, row.trouble), LimitSetup::Kind::One, table);
    std::printf("%lld packets passed, %lld lost\n", static_cast<long long>(wire.passed()),
                static_cast<long long>(wire.lost()));
    return table.conclude("wire");
}
