// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/subject_key.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <QCryptographicHash>

namespace weir::policy {
namespace {

using Kind = config::KeyPart::Kind;

constexpr std::size_t kHashBytes = 16; // a second key with the same hash: 2^128 tries
constexpr std::size_t kIpv4At = 12;    // in the bytes of an address

constexpr std::array<bool, 256> safeTable()
{
    std::array<bool, 256> table{};
    for (const char c : std::string_view{"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~@:/=+"})
        table[static_cast<unsigned char>(c)] = true;
    return table;
}

constexpr std::array<bool, 256> kIsSafe = safeTable();

void appendIpv4(const IpAddress &address, std::string &out)
{
    std::array<char, 15> text{};
    char *at = text.data();
    for (std::size_t index = kIpv4At; index < address.bytes.size(); ++index) {
        if (index > kIpv4At)
            *at++ = '.';
        at = std::to_chars(at, text.data() + text.size(), address.bytes[index]).ptr;
    }
    out.append(text.data(), at);
}

IpAddress cutTo(int bits, IpAddress address)
{
    for (std::size_t index = 0; index < address.bytes.size(); ++index) {
        const int bitsOfByte = std::clamp(bits - static_cast<int>(index) * 8, 0, 8);
        address.bytes[index] &= static_cast<std::uint8_t>(0xff00 >> bitsOfByte);
    }
    return address;
}

void appendValue(std::string_view value, std::string &out)
{
    if (value.empty())
        out += kEmptyValue;
    else
        appendEscaped(value, out);
}

void appendPart(const ValueSource &part, const RequestView &request, std::string &out, std::string &buffer)
{
    ValueWalk walk{part, request, buffer};
    const auto value = walk.next();
    if (!value) {
        out += kNoValue;
        return;
    }
    const std::size_t start = out.size();
    appendValue(*value, out); // now, for the next one may need the buffer
    if (part.kind != Kind::Cookie && walk.next())
        out.replace(start, std::string::npos, kSeveralValues);
}

// One long request must not make every later one keep its memory.
void shrinkIfLarge(std::string &text)
{
    constexpr std::size_t kKept = 4096;
    if (text.capacity() <= kKept)
        return;
    text.resize(std::min(text.size(), kKept));
    text.shrink_to_fit();
}

std::string hashed(std::string_view subject)
{
    const QByteArray digest = QCryptographicHash::hash(
        QByteArray::fromRawData(subject.data(), static_cast<qsizetype>(subject.size())), QCryptographicHash::Sha256);
    return '#' + digest.first(kHashBytes).toHex().toStdString();
}

} // namespace

void appendEscaped(std::string_view value, std::string &out)
{
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (kIsSafe[byte]) {
            out += c;
            continue;
        }
        out += '%';
        out += kDigits[byte / 16];
        out += kDigits[byte % 16];
    }
}

SubjectKey::SubjectKey(const std::vector<config::KeyPart> &parts, const config::KeyRules &rules)
    : m_parts{parts.begin(), parts.end()}, m_ipv6Prefix{rules.ipv6Prefix}
{
}

void SubjectKey::write(const RequestView &request, std::string &subject, std::string &buffer) const
{
    subject.clear();
    for (const ValueSource &part : m_parts) {
        if (&part != m_parts.data())
            subject += ',';
        if (part.kind == Kind::Ip)
            appendAddress(request.client, subject);
        else
            appendPart(part, request, subject, buffer);
    }
    if (subject.size() > kMaxSubjectBytes)
        subject = hashed(subject);
    shrinkIfLarge(subject);
    shrinkIfLarge(buffer);
}

void SubjectKey::appendAddress(const IpAddress &client, std::string &out) const
{
    constexpr int kAllBits = 128;
    if (client.isIpv4())
        appendIpv4(client, out);
    else if (m_ipv6Prefix >= kAllBits)
        out += printIpAddress(client);
    else
        out += printNetwork({cutTo(m_ipv6Prefix, client), m_ipv6Prefix});
}

} // namespace weir::policy
