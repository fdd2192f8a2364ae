// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/subject_key.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <QCryptographicHash>

namespace weir::policy {
namespace {

using Kind = config::KeyPart::Kind;

constexpr qsizetype kHashBytes = 16; // another key with the hash of a given one: 2^128 tries
constexpr std::size_t kIpv4At = 12;  // in the bytes of an address

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

// Stops when `out` is too long to be a subject.
void appendEscaped(std::string_view value, bool foldsCase, std::string &out)
{
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (kIsSafe[byte]) {
            out += foldsCase ? lowerOf(c) : c;
        } else {
            out += '%';
            out += kDigits[byte / 16];
            out += kDigits[byte % 16];
        }
        if (out.size() > kMaxSubjectBytes)
            return;
    }
}

// One long request must not make every later one keep its memory.
void releaseIfLarge(std::string &buffer)
{
    constexpr std::size_t kKept = 4096;
    if (buffer.capacity() > kKept)
        std::string{}.swap(buffer); // an assignment would keep it
}

QByteArrayView bytesOf(std::string_view text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}

} // namespace

SubjectKey::SubjectKey(const std::vector<config::KeyPart> &parts, const config::KeySettings &limitSet, bool foldsCase)
    : m_parts{parts.begin(), parts.end()}, m_ipv6Prefix{limitSet.ipv6Prefix}, m_foldsCase{foldsCase}
{
}

void SubjectKey::write(const RequestView &request, std::string &subject, std::string &buffer) const
{
    subject.clear();
    writeWhole(request, subject, buffer);
    if (subject.size() > kMaxSubjectBytes)
        subject = hashed(request, buffer);
    releaseIfLarge(buffer);
}

// Or as much as it takes to see that it is too long.
void SubjectKey::writeWhole(const RequestView &request, std::string &subject, std::string &buffer) const
{
    for (const ValueSource &part : m_parts) {
        if (&part != m_parts.data())
            subject += ',';
        const Said said = read(part, request, buffer);
        if (said.isWord)
            subject += said.text;
        else
            appendEscaped(said.text, m_foldsCase, subject);
        if (subject.size() > kMaxSubjectBytes)
            return;
    }
}

// Each part with its length before it, so that none can look like the end of another; a word has none.
std::string SubjectKey::hashed(const RequestView &request, std::string &buffer) const
{
    QCryptographicHash hash{QCryptographicHash::Blake2b_256};
    for (const ValueSource &part : m_parts) {
        const Said said = read(part, request, buffer);
        if (!said.isWord)
            hash.addData(bytesOf(std::to_string(said.text.size()) + ':'));
        const bool isFolded = m_foldsCase && !said.isWord;
        const std::string lower = isFolded ? lowerOf(said.text) : std::string{};
        hash.addData(bytesOf(isFolded ? std::string_view{lower} : said.text));
    }
    return '#' + hash.result().first(kHashBytes).toHex().toStdString();
}

SubjectKey::Said SubjectKey::read(const ValueSource &part, const RequestView &request, std::string &buffer) const
{
    if (part.kind == Kind::Ip) {
        buffer.clear();
        appendAddress(request.client, buffer);
        return {buffer, false};
    }
    ValueWalk walk{part, request, buffer};
    if (!walk.advance())
        return {kNoValue, true};
    for (ValueWalk ahead = walk; ahead.advance();)
        if (part.kind != Kind::Cookie || !ahead.hasValueOf(walk))
            return {kSeveralValues, true};
    const std::string_view value = walk.value();
    return value.empty() ? Said{kEmptyValue, true} : Said{value, false};
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
