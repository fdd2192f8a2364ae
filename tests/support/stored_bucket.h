// SPDX-License-Identifier: GPL-3.0-only
// A bucket's hash, one name a number: what lua/README.md says is in the fields `limit` and `state`.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "tests/support/redis_client.h"

namespace weir::test {

using Fields = QList<std::pair<QByteArray, QByteArray>>; ///< names and values

struct StoredAlgorithm {
    const char *name;
    std::vector<const char *> cell; ///< the names of its numbers
};

/// In the order of their numbers.
inline const std::array<StoredAlgorithm, 7> kStoredAlgorithms{{
    {"token-bucket", {"tokens", "interval"}},
    {"token-bucket-smooth", {"tokens", "part", "at"}},
    {"gcra", {"tat", "part", "at"}},
    {"leaky-bucket", {"queued", "part", "at"}},
    {"fixed-window", {"window", "used"}},
    {"sliding-log", {"used", "at"}},
    {"sliding-counter", {"at", "previous", "current"}},
}};

/// 7 bytes each, the lowest first.
inline QByteArray packedNumbers(const std::vector<std::int64_t> &numbers)
{
    QByteArray bytes;
    for (const std::int64_t number : numbers)
        bytes.append(reinterpret_cast<const char *>(&number), 7);
    return bytes;
}

inline std::vector<std::int64_t> unpackedNumbers(const QByteArray &bytes)
{
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(bytes.size() / 7));
    for (std::size_t i = 0; i < numbers.size(); ++i)
        std::memcpy(&numbers[i], bytes.constData() + 7 * i, 7);
    return numbers;
}

/// The fields of a hash with the numbers of `limit` and `state` apart, sorted by name. What is no bucket stays as it is.
inline Fields spelledOut(const Fields &hash)
{
    QByteArray limit, state;
    Fields fields;
    for (const auto &[name, value] : hash) {
        if (name == "limit")
            limit = value;
        else if (name == "state")
            state = value;
        else
            fields.append({name, value});
    }
    const std::vector<std::int64_t> limits = unpackedNumbers(limit), states = unpackedNumbers(state);
    if (limits.size() != 5 || limits[0] >= static_cast<std::int64_t>(kStoredAlgorithms.size()))
        return hash;
    const StoredAlgorithm &algorithm = kStoredAlgorithms[static_cast<std::size_t>(limits[0])];
    fields.emplace_back("algorithm", algorithm.name);
    std::size_t n = 1;
    for (const char *name : {"epoch", "capacity", "refill", "every"})
        fields.emplace_back(name, QByteArray::number(qint64{limits[n++]}));
    std::vector<const char *> names{"born", "losses", "restored", "taken", "refilled", "debt"};
    names.insert(names.end(), algorithm.cell.begin(), algorithm.cell.end());
    if (states.size() != names.size())
        return hash;
    for (std::size_t i = 0; i < names.size(); ++i)
        fields.emplace_back(names[i], QByteArray::number(qint64{states[i]}));
    std::sort(fields.begin(), fields.end());
    return fields;
}

/// As HGETALL tells them.
inline Fields fieldsIn(const RespValue &reply)
{
    Fields fields;
    for (qsizetype i = 0; i + 1 < reply.items.size(); i += 2)
        fields.append({reply.items.at(i).text, reply.items.at(i + 1).text});
    return fields;
}

inline QByteArray valueOf(const Fields &fields, const QByteArray &name)
{
    for (const auto &[field, value] : fields)
        if (field == name)
            return value;
    return {};
}

/// One number of the bucket at `key`; empty when there is none.
inline QByteArray storedField(RedisClient &redis, const QByteArray &key, const QByteArray &name)
{
    return valueOf(spelledOut(redis.hash(key)), name);
}

/// Several, of one moment.
template<class... Names>
std::array<std::int64_t, sizeof...(Names)> storedNumbers(RedisClient &redis, const QByteArray &key,
                                                         const Names &...names)
{
    const Fields fields = spelledOut(redis.hash(key));
    return {std::int64_t{valueOf(fields, names).toLongLong()}...};
}

} // namespace weir::test
