// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/store/key_names.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace weir::redis {

// One for each bucket of each call, so it is written in one go.
QByteArray KeyNames::bucket(const std::string &group, const std::string &name) const
{
    const bool isAlone = group.empty() || group == name;
    const std::array<std::string_view, 5> parts{m_head, "{", isAlone ? name : group,
                                                isAlone ? "}" : "}:", isAlone ? std::string_view{} : name};
    std::size_t size = 0;
    for (const std::string_view part : parts)
        size += part.size();
    QByteArray key{static_cast<qsizetype>(size), Qt::Uninitialized};
    char *at = key.data();
    for (const std::string_view part : parts)
        at = std::copy(part.begin(), part.end(), at);
    return key;
}

QByteArray KeyNames::mark(const QByteArray &bucket, const std::string &instance)
{
    return bucket + ":settled:" + QByteArray::fromStdString(instance);
}

} // namespace weir::redis
