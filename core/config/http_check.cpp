// SPDX-License-Identifier: GPL-3.0-only
#include "core/base/byte_size.h"
#include "core/config/config.h"

namespace weir::config {
namespace {

class HttpCheck {
public:
    void size(const char *where, std::uint64_t bytes, Range<std::uint64_t> range)
    {
        if (!range.holds(bytes))
            m_issues.push_back({where, printByteSizeSpaced(bytes) + " is out of range",
                                "a size from " + printByteSize(range.least) + " to " + printByteSize(range.most)});
    }

    void count(const char *where, int number, Range<int> range)
    {
        if (!range.holds(number))
            m_issues.push_back(
                {where, std::to_string(number) + " is out of range",
                 "a whole number from " + std::to_string(range.least) + " to " + std::to_string(range.most)});
    }

    void time(const char *where, std::chrono::milliseconds time, Range<std::chrono::milliseconds> range)
    {
        if (!range.holds(time))
            m_issues.push_back({where, printDurationSpaced(time) + " is out of range",
                                "a duration from " + printDuration(range.least) + " to " + printDuration(range.most)});
    }

    // Named after the larger of the two: it is the one that was raised.
    void head(std::uint64_t url, std::uint64_t header)
    {
        if (!kUrlBytes.holds(url) || !kHeaderBytes.holds(header) || url + header <= kMostHeadBytes)
            return;
        const bool isUrl = url > header;
        m_issues.push_back({isUrl ? "max-url" : "max-header",
                            "URL and header of " + printByteSizeSpaced(url) + " and " + printByteSizeSpaced(header)
                                + " are too much together",
                            printByteSize(kMostHeadBytes - (isUrl ? header : url)) + " or less with "
                                + (isUrl ? "--max-header " : "--max-url ") + printByteSize(isUrl ? header : url)});
    }

    [[nodiscard]] std::vector<ConfigIssue> issues() && { return std::move(m_issues); }

private:
    std::vector<ConfigIssue> m_issues;
};

} // namespace

std::vector<ConfigIssue> check(const HttpLimits &limits)
{
    HttpCheck check;
    check.size("max-url", limits.maxUrlBytes, kUrlBytes);
    check.size("max-header", limits.maxHeaderBytes, kHeaderBytes);
    check.head(limits.maxUrlBytes, limits.maxHeaderBytes);
    check.count("max-header-fields", limits.maxHeaderFields, kHeaderFields);
    check.size("max-body", limits.maxBodyBytes, kBodyBytes);
    check.count("max-connections", limits.maxConnections, kConnections);
    check.count("max-connections-per-address", limits.maxConnectionsPerAddress, kConnections);
    check.time("header-timeout", limits.headerTimeout, kTimeouts);
    check.time("body-timeout", limits.bodyTimeout, kTimeouts);
    check.time("idle-timeout", limits.idleTimeout, kTimeouts);
    check.size("max-unread", limits.maxUnreadBytes, kUnreadBytes);
    return std::move(check).issues();
}

} // namespace weir::config
