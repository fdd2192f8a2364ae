// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/reply.h"

#include <array>
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

struct ErrorWord {
    std::string_view word;
    Error::Code code;
    bool transient;
};

// First words as Redis 7.0.15 sends them; what is not listed is taken for passing trouble of the server.
constexpr std::array kErrorWords{
    ErrorWord{"NOAUTH", Error::Code::Configuration, false},
    ErrorWord{"WRONGPASS", Error::Code::Configuration, false},
    ErrorWord{"NOPERM", Error::Code::Configuration, false},
    ErrorWord{"WRONGTYPE", Error::Code::Configuration, false},
    ErrorWord{"ERR The user executing the script", Error::Code::Configuration, false}, // NOPERM inside a script
    ErrorWord{"ERR AUTH", Error::Code::Configuration, false},
    ErrorWord{"ERR invalid password", Error::Code::Configuration, false},
    ErrorWord{"ERR DB index", Error::Code::Configuration, false},
    ErrorWord{"ERR invalid DB", Error::Code::Configuration, false},
    ErrorWord{"WEIRARGS", Error::Code::Invalid, false},
    ErrorWord{"WEIRSTATE", Error::Code::State, false},
};

} // namespace

weir::Error errorOf(const Reply &reply)
{
    const std::string_view line{reply.text.constData(), static_cast<std::size_t>(reply.text.size())};
    for (const ErrorWord &known : kErrorWords)
        if (line.starts_with(known.word))
            return {known.code, "Redis says: " + std::string{line}, known.transient};
    return {Error::Code::Unavailable, "Redis says: " + std::string{line}, true};
}

QByteArray formatCommand(const std::vector<QByteArrayView> &arguments)
{
    std::vector<const char *> texts;
    std::vector<std::size_t> sizes;
    texts.reserve(arguments.size());
    sizes.reserve(arguments.size());
    for (const QByteArrayView argument : arguments) {
        texts.push_back(argument.data());
        sizes.push_back(static_cast<std::size_t>(argument.size()));
    }
    char *target = nullptr;
    const int length = redisFormatCommandArgv(&target, static_cast<int>(texts.size()), texts.data(), sizes.data());
    QByteArray command{target, length};
    redisFreeCommand(target);
    return command;
}

struct ReplyReader::Private {
    std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader{redisReaderCreate(), &redisReaderFree};
};

ReplyReader::ReplyReader() : d{std::make_unique<Private>()}
{
}
ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(QByteArrayView bytes)
{
    redisReaderFeed(d->reader.get(), bytes.data(), static_cast<std::size_t>(bytes.size()));
}

Result<std::optional<Reply>> ReplyReader::next()
{
    void *content = nullptr;
    if (redisReaderGetReply(d->reader.get(), &content) != REDIS_OK)
        return Error{Error::Code::Protocol, "the answer is not in the Redis protocol", true};
    if (!content)
        return std::optional<Reply>{};
    const std::unique_ptr<redisReply, void (*)(redisReply *)> reply{static_cast<redisReply *>(content),
                                                                    [](redisReply *r) { freeReplyObject(r); }};
    return std::optional{convert(*reply)};
}

} // namespace weir::redis
