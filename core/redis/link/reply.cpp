// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/link/reply.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <hiredis/hiredis.h>

namespace weir::redis {
namespace {

Reply convert(const redisReply &from)
{
    Reply reply;
    switch (from.type) {
    case REDIS_REPLY_INTEGER:
        reply.type = Reply::Type::Integer;
        reply.integer = from.integer;
        break;
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_STRING:
        reply.type = Reply::Type::Text;
        reply.text = QByteArray{from.str, static_cast<qsizetype>(from.len)};
        break;
    case REDIS_REPLY_ERROR:
        reply.type = Reply::Type::Error;
        reply.text = QByteArray{from.str, static_cast<qsizetype>(from.len)};
        break;
    case REDIS_REPLY_ARRAY:
        reply.type = Reply::Type::Array;
        reply.items.reserve(from.elements);
        for (std::size_t i = 0; i < from.elements; ++i)
            reply.items.push_back(convert(*from.element[i]));
        break;
    default:
        break;
    }
    return reply;
}

const redisReplyObjectFunctions &defaultFunctions()
{
    static const redisReplyObjectFunctions functions = [] {
        const std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader{redisReaderCreate(), &redisReaderFree};
        return *reader->fn;
    }();
    return functions;
}

struct ErrorWord {
    std::string_view word;
    Error::Code code;
    std::string_view advice{}; ///< where the words of Redis do not say what to do
};

// How lines of Redis 7.0.15 and 8.0.2 begin. Unavailable passes by itself, the others need a person. What is not
// listed is taken for passing trouble of the server.
constexpr std::array kErrorWords{
    ErrorWord{"NOSCRIPT", Error::Code::Unavailable},   // forgotten twice in a row
    ErrorWord{"READONLY", Error::Code::Unavailable},   // demoted; the link looks for the master again
    ErrorWord{"MASTERDOWN", Error::Code::Unavailable}, // a replica without its master
    ErrorWord{"NOREPLICAS", Error::Code::Unavailable,
              "fewer of its replicas are there than min-replicas-to-write says"},
    ErrorWord{"BUSY", Error::Code::Unavailable},       // somebody's script runs and runs
    ErrorWord{"UNKILLABLE", Error::Code::Unavailable}, // and has written already
    ErrorWord{"OOM", Error::Code::Unavailable,
              "its memory is full: raise its maxmemory, or lower max_live of the keys"},
    ErrorWord{"MISCONF", Error::Code::Unavailable}, // it cannot write to its disk
    ErrorWord{"LOADING", Error::Code::Unavailable},
    ErrorWord{"ERR max number of clients", Error::Code::Unavailable},
    ErrorWord{"CLUSTERDOWN", Error::Code::Unavailable},
    ErrorWord{"TRYAGAIN", Error::Code::Unavailable},                                          // a slot on its way
    ErrorWord{"MOVED", Error::Code::Configuration, "it is one of a cluster: use cluster://"}, // where nobody follows it
    ErrorWord{"ASK ", Error::Code::Configuration, "it is one of a cluster: use cluster://"},
    ErrorWord{"ERR This instance has cluster support disabled", Error::Code::Configuration,
              "it is no cluster: use redis://"},
    ErrorWord{"ERR SELECT is not allowed in cluster mode", Error::Code::Configuration},
    ErrorWord{"NOAUTH", Error::Code::Configuration},
    ErrorWord{"WRONGPASS", Error::Code::Configuration},
    ErrorWord{"NOPERM", Error::Code::Configuration},
    ErrorWord{"DENIED", Error::Code::Configuration}, // protected mode
    ErrorWord{"WRONGTYPE", Error::Code::Configuration},
    ErrorWord{"ERR The user executing the script", Error::Code::Configuration}, // NOPERM inside a script
    ErrorWord{"ERR ACL failure in script", Error::Code::Configuration},         // the same of Redis 8
    ErrorWord{"ERR AUTH", Error::Code::Configuration},
    ErrorWord{"ERR wrong number of arguments for 'auth'", Error::Code::Configuration}, // a user before Redis 6
    ErrorWord{"ERR invalid password", Error::Code::Configuration},
    ErrorWord{"ERR DB index", Error::Code::Configuration},
    ErrorWord{"ERR invalid DB", Error::Code::Configuration},
    ErrorWord{"ERR unknown command", Error::Code::Configuration,
              "it was renamed or taken away there, or it is a sentinel: then use sentinel://"},
    ErrorWord{"WEIRARGS", Error::Code::Invalid},
    ErrorWord{"WEIRSTATE", Error::Code::State},
    ErrorWord{"WEIROTHER", Error::Code::State}, // changed again and again while it was asked for
};

// Within a line of Redis up to 4.0: a script that has asked for the time may not write.
constexpr std::string_view kNoTimeInScripts = "Write commands not allowed after non deterministic commands";

// A command that fails within a script, as Redis up to 6.2 tells it: "ERR Error running script (call to f_SHA):
// @user_script:36: @user_script: 36: -OOM command not allowed". The line as Redis 7 has it, "OOM command not allowed".
std::string withoutPlace(std::string_view line)
{
    constexpr std::string_view kPlace = "@user_script:";
    if (!line.starts_with("ERR Error running script"))
        return std::string{line};
    line.remove_prefix(std::min(line.rfind(kPlace), line.size()));
    line.remove_prefix(std::min(line.find(": ", std::min(line.find_first_of("0123456789"), line.size())), line.size()));
    while (!line.empty() && (line.front() == ':' || line.front() == ' ' || line.front() == '-'))
        line.remove_prefix(1);
    const bool hasWord = line.size() > 1 && line[1] >= 'A' && line[1] <= 'Z';
    return (hasWord ? "" : "ERR ") + std::string{line};
}

// "ERR unknown command `AUTH`, with args beginning with: `s3cret`": the echo of what was sent is cut off. So is where in a
// script it happened: "WRONGTYPE Operation ... of value script: 1c72..., on @user_script:82."
std::string_view withoutArguments(std::string_view line)
{
    line = line.substr(0, line.find(", with args beginning with"));
    return line.find(", on @user_script:") == std::string_view::npos ? line : line.substr(0, line.find(" script: "));
}

/// Elements of all arrays of one reply; Weir's own replies have some hundreds, a map of a cluster thousands.
constexpr std::size_t kMaxElements = 262'144;

/// Arrays in arrays; CLUSTER SLOTS has four. hiredis 0.14 gives up here by itself, from 1.0 on it has no limit: it would
/// take memory for each level, and both it and convert() go down by calling themselves.
constexpr int kMaxNesting = 7;

bool isTooDeep(const redisReadTask &task)
{
    int depth = 1;
    for (const redisReadTask *outer = task.parent; outer; outer = outer->parent)
        if (++depth > kMaxNesting)
            return true;
    return false;
}

// An array is allocated when its header has come, before its elements: whoever sends "*2147483647" gets none.
void *createArray(const redisReadTask *task, std::size_t elements)
{
    auto &left = *static_cast<std::size_t *>(task->privdata);
    if (elements > left || isTooDeep(*task))
        return nullptr; // which the reader reports as an error
    left -= elements;
    return defaultFunctions().createArray(task, static_cast<int>(elements));
}

} // namespace

std::string plainWords(QByteArrayView said)
{
    constexpr qsizetype kMost = 200;
    const QByteArrayView line = said.first(std::min(said.size(), kMost));
    std::string text{line.data(), static_cast<std::size_t>(line.size())};
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < 0x20 || c > 0x7E; }, '?');
    return said.size() > kMost ? text + "..." : text;
}

weir::Error errorOf(const Reply &reply)
{
    const std::string whole = withoutPlace({reply.text.constData(), static_cast<std::size_t>(reply.text.size())});
    const std::string_view line{whole};
    if (line.find(kNoTimeInScripts) != std::string_view::npos)
        return {Error::Code::Configuration, "this Redis is too old: Weir needs Redis 5.0 or later, or Valkey", false};
    const std::string said = "Redis says: " + plainWords(withoutArguments(line));
    for (const ErrorWord &known : kErrorWords)
        if (line.starts_with(known.word))
            return {known.code, known.advice.empty() ? said : said + " (" + std::string{known.advice} + ")",
                    known.code == Error::Code::Unavailable};
    return {Error::Code::Unavailable, said, true};
}

// By hand: hiredis prints each length by sprintf, and a call on many buckets has many.
QByteArray formatCommand(const std::vector<QByteArrayView> &arguments)
{
    constexpr qsizetype kMostFrame = 24; // a sign, a length, two line ends
    qsizetype most = kMostFrame;
    for (const QByteArrayView argument : arguments)
        most += kMostFrame + argument.size();
    QByteArray command;
    command.reserve(most);
    const auto addHead = [&command](char sign, std::size_t number) {
        std::array<char, 20> digits;
        const char *end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        command.append(sign).append(digits.data(), end - digits.data()).append("\r\n", 2);
    };
    addHead('*', arguments.size());
    for (const QByteArrayView argument : arguments) {
        addHead('$', static_cast<std::size_t>(argument.size()));
        command.append(argument).append("\r\n", 2);
    }
    return command;
}

struct ReplyReader::Private {
    Private()
    {
        functions.createArray = [](const redisReadTask *task, auto elements) {
            return createArray(task, static_cast<std::size_t>(elements));
        };
        reader->privdata = &elementsLeft;
    }

    redisReplyObjectFunctions functions{defaultFunctions()};
    std::size_t elementsLeft{kMaxElements};
    std::size_t unread{0}; ///< bytes of the reply that is not complete
    bool isBroken{false};
    std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader{redisReaderCreateWithFunctions(&functions),
                                                                    &redisReaderFree};
};

ReplyReader::ReplyReader() : d{std::make_unique<Private>()}
{
}
ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(QByteArrayView bytes)
{
    if (d->isBroken)
        return;
    d->unread += static_cast<std::size_t>(bytes.size());
    redisReaderFeed(d->reader.get(), bytes.data(), static_cast<std::size_t>(bytes.size()));
}

Result<std::optional<Reply>> ReplyReader::next()
{
    void *content = nullptr;
    if (d->isBroken || redisReaderGetReply(d->reader.get(), &content) != REDIS_OK
        || (!content && d->unread > kMaxReplyBytes)) {
        d->isBroken = true;
        return Error{Error::Code::Protocol, "the answer is not in the Redis protocol, or far too long", true};
    }
    if (!content)
        return std::optional<Reply>{};
    d->unread = d->reader->len - d->reader->pos;
    d->elementsLeft = kMaxElements;
    const std::unique_ptr<redisReply, void (*)(redisReply *)> reply{static_cast<redisReply *>(content),
                                                                    [](redisReply *r) { freeReplyObject(r); }};
    return std::optional{convert(*reply)};
}

} // namespace weir::redis
