// SPDX-License-Identifier: GPL-3.0-only
// From bytes to a request: core/http/request_parser.
#include <cstdlib>
#include <string>

#include "core/http/request_parser.h"
#include "tests/bench/micro/operation.h"

namespace weir::micro {
namespace {

using http::RequestParser;

constexpr std::string_view kSmall = "GET / HTTP/1.1\r\nHost: localhost:8000\r\n\r\n";

// Fourteen fields, as a browser sends them.
constexpr std::string_view kBrowser =
    "GET /api/orders?page=2&token=abc HTTP/1.1\r\n"
    "Host: shop.example:8000\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Referer: https://shop.example/orders\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: theme=dark; sid=0123456789abcdef0123456789abcdef; consent=yes\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-User: ?1\r\n"
    "Priority: u=1\r\n\r\n";

// Four chunks of 64 bytes.
std::string chunked()
{
    std::string bytes = "POST / HTTP/1.1\r\nHost: localhost:8000\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 4; ++i)
        bytes += "40\r\n" + std::string(64, 'x') + "\r\n";
    return bytes + "0\r\n\r\n";
}

// All requests of `bytes`; the bytes of their heads, or a crash of the benchmark if one is not read as one.
std::size_t readAll(RequestParser &parser, std::string_view bytes)
{
    std::size_t made = 0;
    while (!bytes.empty()) {
        bytes.remove_prefix(parser.feed(bytes));
        if (parser.state() != RequestParser::State::Complete)
            std::abort();
        made += parser.head().text.size();
        parser.reset();
    }
    return made;
}

} // namespace

void addParser(Operations &operations)
{
    const auto add = [&operations](const char *name, std::string bytes) {
        operations.add(
            name, [parser = RequestParser{}, bytes = std::move(bytes)]() mutable { return readAll(parser, bytes); });
    };
    std::string pipelined;
    for (int i = 0; i < 32; ++i)
        pipelined += kSmall;
    add("parser/small head", std::string{kSmall});
    add("parser/head of a browser", std::string{kBrowser});
    add("parser/32 small heads at once", pipelined);
    add("parser/chunked body", chunked());
}

} // namespace weir::micro
