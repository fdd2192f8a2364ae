// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/proxy_preface.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/base/carried_ipv4.h"

namespace weir::http {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kLineStart = "PROXY ";
constexpr std::string_view kSignature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t kFixed = 16; // signature, version and command, family, length

std::uint8_t byteAt(std::string_view bytes, std::size_t at)
{
    return static_cast<std::uint8_t>(bytes[at]);
}

bool begins(std::string_view bytes, std::string_view with)
{
    const std::size_t size = std::min(bytes.size(), with.size());
    return bytes.substr(0, size) == with.substr(0, size);
}

} // namespace

std::size_t ProxyPreface::feed(std::string_view bytes)
{
    std::size_t taken = 0;
    while (m_state == State::Incomplete && taken < bytes.size()) {
        m_bytes += bytes[taken++];
        if (begins(m_bytes, kSignature)) {
            if (m_bytes.size() >= kFixed)
                readBinary();
        } else if (!begins(m_bytes, kLineStart) || m_bytes.size() > kMostLine) {
            m_state = State::Broken;
        } else if (m_bytes.ends_with("\r\n")) {
            readLine(std::string_view{m_bytes}.substr(0, m_bytes.size() - 2));
        }
    }
    return taken;
}

// "PROXY TCP4 SOURCE DESTINATION PORT PORT", single spaces; "PROXY UNKNOWN" and anything.
void ProxyPreface::readLine(std::string_view line)
{
    line.remove_prefix(kLineStart.size());
    if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) {
        m_state = State::Complete;
        return;
    }
    std::vector<std::string_view> words;
    for (;;) {
        const auto space = line.find(' ');
        words.push_back(line.substr(0, space));
        if (space == std::string_view::npos)
            break;
        line.remove_prefix(space + 1);
    }
    m_state = State::Broken;
    if (words.size() != 5 || (words[0] != "TCP4" && words[0] != "TCP6"))
        return;
    const auto source = parseIpAddress(words[1]);
    const bool isIpv6Text = words[1].find(':') != std::string_view::npos;
    if (!source || isIpv6Text != (words[0] == "TCP6"))
        return;
    m_source = clientOf(*source);
    m_state = State::Complete;
}

void ProxyPreface::readBinary()
{
    const std::string_view bytes{m_bytes};
    const int version = byteAt(bytes, 12) >> 4, command = byteAt(bytes, 12) & 0xF, family = byteAt(bytes, 13);
    const std::size_t length = static_cast<std::size_t>(byteAt(bytes, 14)) << 8 | byteAt(bytes, 15);
    if (version != 2 || command > 1 || length > kMostBytes - kFixed) {
        m_state = State::Broken;
        return;
    }
    if (bytes.size() < kFixed + length)
        return;
    m_state = State::Complete;
    if (command == 0) // LOCAL: a health check of the proxy itself
        return;
    IpAddress source;
    if (family == 0x11 && length >= 12) { // TCP over IPv4
        source.bytes[10] = source.bytes[11] = 0xff;
        std::copy_n(bytes.begin() + kFixed, 4, source.bytes.begin() + 12);
    } else if (family == 0x21 && length >= 36) { // TCP over IPv6
        std::copy_n(bytes.begin() + kFixed, 16, source.bytes.begin());
    } else {
        if (family == 0x11 || family == 0x21)
            m_state = State::Broken; // cut short
        return;
    }
    m_source = clientOf(source);
}

} // namespace weir::http
