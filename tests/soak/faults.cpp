// SPDX-License-Identifier: GPL-3.0-only
#include "tests/soak/faults.h"

#include <QDir>
#include <QFile>
#include <QTest>

#include <csignal>

#include "tests/support/free_port.h"

namespace weir::test::faults {
namespace {

using namespace std::chrono_literals;

constexpr int kPatienceMs = 20'000;
constexpr auto kStep = 100ms;

bool isDone(const RespValue &reply)
{
    return !reply.isError();
}

bool set(Stage &stage, const char *name, const QByteArray &value)
{
    return isDone(stage.redis.command({"CONFIG", "SET", name, value}));
}

bool setFor(Stage &stage, const char *name, const QByteArray &bad, const QByteArray &good, milliseconds time)
{
    if (!set(stage, name, bad))
        return false;
    Stage::wait(time);
    return set(stage, name, good);
}

// Everybody but ourselves; they come back and meet what has changed.
void dropClients(Stage &stage)
{
    stage.redis.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
}

bool every(milliseconds time, const std::function<bool()> &step)
{
    for (milliseconds passed{0}; passed < time; passed += kStep) {
        if (!step())
            return false;
        Stage::wait(kStep);
    }
    return true;
}

bool saves(Stage &stage)
{
    return isDone(stage.redis.command({"SAVE"}));
}

} // namespace

QStringList withFile()
{
    return words("--appendonly yes --appendfsync everysec");
}

bool hang(Stage &stage, milliseconds time)
{
    stage.redis.pause();
    Stage::wait(time);
    stage.redis.resume();
    return true;
}

bool dieAndReturn(Stage &stage, milliseconds time, const QStringList &arguments)
{
    stage.redis.kill();
    Stage::wait(time);
    return stage.redis.start(arguments);
}

// key-load-delay is Redis' own, for its own tests: microseconds a key.
bool loadSlowly(Stage &stage, milliseconds away)
{
    for (int i = 0; i < 3000; ++i)
        stage.redis.command({"SET", "filler:" + QByteArray::number(i), QByteArray(1000, 'x')});
    if (!saves(stage))
        return false;
    Stage::wait(500ms); // what is taken now is not in the file
    return dieAndReturn(stage, away, words("--key-load-delay 1000 --loading-process-events-interval-bytes 1024"));
}

bool beBusy(Stage &stage, milliseconds time)
{
    if (!set(stage, "busy-reply-threshold", "50"))
        return false;
    ChildProcess script;
    script.process().setProgram(redisProgram(QStringLiteral("redis-cli")));
    script.process().setArguments({QStringLiteral("-s"), stage.redis.socketPath(), QStringLiteral("EVAL"),
                                   QStringLiteral("while true do end"), QStringLiteral("0")});
    if (!script.start())
        return false;
    Stage::wait(time);
    return QTest::qWaitFor([&] { return isDone(stage.redis.command({"SCRIPT", "KILL"})); }, kPatienceMs);
}

bool hangPrivate(Stage &stage, milliseconds time)
{
    const std::vector<int> pids = stage.fleet.weir(0).process().childPids();
    for (const int pid : pids)
        ::kill(pid, SIGSTOP);
    Stage::wait(time);
    for (const int pid : pids)
        ::kill(pid, SIGCONT);
    return !pids.empty();
}

bool killPrivate(Stage &stage)
{
    const std::vector<int> pids = stage.fleet.weir(0).process().childPids();
    for (const int pid : pids)
        ::kill(pid, SIGKILL);
    RedisClient redis{stage.fleet.dataDir() + QStringLiteral("/redis/redis.sock")};
    const auto isBack = [&] {
        return stage.fleet.weir(0).process().childPids() != pids && isDone(redis.command({"PING"}));
    };
    return !pids.empty() && QTest::qWaitFor(isBack, kPatienceMs);
}

bool forgetScripts(Stage &stage, milliseconds time)
{
    return every(time, [&] { return isDone(stage.redis.command({"SCRIPT", "FLUSH"})); });
}

bool forgetEverything(Stage &stage, milliseconds time)
{
    return every(time, [&] { return isDone(stage.redis.command({"FLUSHALL"})); });
}

bool runOutOfMemory(Stage &stage, milliseconds time)
{
    return setFor(stage, "maxmemory", "1", "0", time);
}

bool beDemoted(Stage &stage, milliseconds time)
{
    if (!isDone(stage.redis.command({"REPLICAOF", "127.0.0.1", QByteArray::number(freePort())})))
        return false;
    Stage::wait(time);
    return isDone(stage.redis.command({"REPLICAOF", "NO", "ONE"}));
}

bool changePassword(Stage &stage, milliseconds time)
{
    if (!set(stage, "requirepass", "other"))
        return false;
    dropClients(stage);
    Stage::wait(time);
    return set(stage, "requirepass", "");
}

bool refuseClients(Stage &stage, milliseconds time)
{
    if (!set(stage, "maxclients", "1"))
        return false;
    dropClients(stage);
    Stage::wait(time);
    return set(stage, "maxclients", "10000");
}

// A folder where the file should be: a snapshot fails, and from then on every write.
bool failToSave(Stage &stage, milliseconds time)
{
    const QString obstacle = stage.redis.folder() + QStringLiteral("/dump.rdb");
    QFile::remove(obstacle);
    if (!QDir{}.mkpath(obstacle + QStringLiteral("/in-the-way")) || !set(stage, "save", "3600 1000000"))
        return false;
    stage.redis.command({"BGSAVE"});
    const auto says = [&](const char *what) {
        return QTest::qWaitFor(
            [&] {
                return stage.redis.command({"INFO", "persistence"}).text.contains(what);
            },
            kPatienceMs);
    };
    if (!says("rdb_last_bgsave_status:err"))
        return false;
    Stage::wait(time);
    QDir{obstacle}.removeRecursively();
    return set(stage, "save", "");
}

bool missReplicas(Stage &stage, milliseconds time)
{
    return setFor(stage, "min-replicas-to-write", "1", "0", time);
}

bool makeUser(Stage &stage)
{
    return isDone(stage.redis.command({"ACL", "SETUSER", "weir", "on", ">right", "-@all", "+eval", "+evalsha", "+hget",
                                       "+hmget", "+hset", "+hincrby", "+time", "+pexpire", "+ping", "~weir:*"}))
           && set(stage, "port", QByteArray::number(freePort()));
}

QString urlOfUser(Stage &stage)
{
    const RespValue port = stage.redis.command({"CONFIG", "GET", "port"});
    return QStringLiteral("redis://weir:right@127.0.0.1:") + QString::fromLatin1(port.items.value(1).text);
}

bool changeUsersPassword(Stage &stage, milliseconds time)
{
    if (!isDone(stage.redis.command({"ACL", "SETUSER", "weir", "resetpass", ">other"})))
        return false;
    stage.redis.command({"CLIENT", "KILL", "USER", "weir"});
    Stage::wait(time);
    return isDone(stage.redis.command({"ACL", "SETUSER", "weir", "resetpass", ">right"}));
}

bool takePermission(Stage &stage, milliseconds time)
{
    if (!isDone(stage.redis.command({"ACL", "SETUSER", "weir", "-hset"})))
        return false;
    Stage::wait(time);
    return isDone(stage.redis.command({"ACL", "SETUSER", "weir", "+hset"}));
}

bool distort(Stage &stage, ChaosProxy::Way way, milliseconds time)
{
    stage.proxy->set(way);
    if (way == ChaosProxy::Way::Banner)
        stage.proxy->cut();
    Stage::wait(time);
    stage.proxy->set(ChaosProxy::Way::Through);
    return true;
}

bool delay(Stage &stage, milliseconds delay, milliseconds time)
{
    stage.proxy->setDelay(delay);
    Stage::wait(time);
    stage.proxy->setDelay(0ms);
    return true;
}

bool cutAgainAndAgain(Stage &stage, milliseconds time)
{
    return every(time, [&] {
        stage.proxy->cut();
        return true;
    });
}

} // namespace weir::test::faults
