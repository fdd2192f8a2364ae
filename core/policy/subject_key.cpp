// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/subject_key.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/policy/value_hash.h"

namespace weir::policy {
namespace {

using Kind = config::KeyPart::Kind;

constexpr std::size_t kIpv4At = 12; // in the bytes of an address

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

bool isCredential(const config::KeyPart &part)
{
    const std::string name = lowerOf(part.name);
    return part.kind == Kind::Cookie
           || (part.kind == Kind::Header && (name == "authorization" || name == "proxy-authorization"));
}

void addTo(ValueHash &hash, std::string_view value, bool foldsCase)
{
    if (foldsCase)
        hash.addValue(lowerOf(value));
    else
        hash.addValue(value);
}

void appendHash(std::string_view value, bool foldsCase, std::string &out)
{
    ValueHash hash;
    addTo(hash, value, foldsCase);
    out += hash.text();
}

/// Segment `number`, from 1, of "/a/b"; nothing where the path has fewer.
std::optional<std::string_view> segmentOf(std::string_view path, int number)
{
    for (;; --number) {
        if (!path.starts_with('/'))
            return std::nullopt;
        path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        if (number == 1)
            return path.substr(0, end);
        path.remove_prefix(end);
    }
}

} // namespace

bool isHidden(const config::KeyPart &part, config::HashKey hashKey)
{
    if (part.kind == Kind::Method || part.kind == Kind::Path)
        return false;
    return hashKey == config::HashKey::Always || (hashKey == config::HashKey::Credentials && isCredential(part));
}

SubjectKey::SubjectKey(const std::vector<config::KeyPart> &parts, const config::KeySettings &settings,
                       config::HashKey hashKey)
    : m_ipv6Prefix{settings.ipv6Prefix}, m_foldsCase{settings.folds}
{
    for (const config::KeyPart &part : parts)
        m_parts.push_back({ValueSource{part}, isHidden(part, hashKey)});
}

bool SubjectKey::asksFolded() const
{
    return m_foldsCase && std::any_of(m_parts.begin(), m_parts.end(), [](const Part &part) {
               return part.source.kind == Kind::Path;
           });
}

std::vector<ValueSource> SubjectKey::hiddenParameters() const
{
    std::vector<ValueSource> hidden;
    for (const Part &part : m_parts)
        if (part.isHashed && part.source.kind == Kind::Query)
            hidden.push_back(part.source);
    return hidden;
}

bool SubjectKey::write(const RequestView &request, std::string &subject, std::string &buffer) const
{
    subject.clear();
    const bool isWhole = writeWhole(request, subject, buffer);
    if (subject.size() > kMaxSubjectBytes)
        subject = hashed(request, buffer);
    releaseIfLarge(buffer);
    return isWhole;
}

bool SubjectKey::writeWhole(const RequestView &request, std::string &subject, std::string &buffer) const
{
    bool isWhole = true;
    for (const Part &part : m_parts) {
        if (&part != m_parts.data())
            subject += ',';
        const Said said = read(part.source, request, buffer);
        isWhole = isWhole && !(said.isWord && said.text == kNoValue);
        if (subject.size() > kMaxSubjectBytes)
            continue; // it is too long whatever else is in it
        if (said.isWord)
            subject += said.text;
        else if (part.isHashed)
            appendHash(said.text, m_foldsCase, subject);
        else
            appendEscaped(said.text, m_foldsCase && part.source.kind != Kind::Method, subject);
    }
    return isWhole;
}

std::string SubjectKey::hashed(const RequestView &request, std::string &buffer) const
{
    ValueHash hash;
    for (const Part &part : m_parts) {
        const Said said = read(part.source, request, buffer);
        if (said.isWord)
            hash.addWord(said.text);
        else
            addTo(hash, said.text, m_foldsCase);
    }
    return hash.text();
}

SubjectKey::Said SubjectKey::read(const ValueSource &part, const RequestView &request, std::string &buffer) const
{
    switch (part.kind) {
    case Kind::Ip:
        buffer.clear();
        appendAddress(request.client, buffer);
        return {buffer, false};
    case Kind::Method:
        return {request.method, false};
    case Kind::Path:
        return readPath(part, request);
    default:
        break;
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

// A folded path ends with a "/" that begins no segment.
SubjectKey::Said SubjectKey::readPath(const ValueSource &part, const RequestView &request) const
{
    std::string_view path = m_foldsCase ? request.folded : request.path;
    if (part.segment == 0)
        return {path, false};
    if (m_foldsCase && path.ends_with('/'))
        path.remove_suffix(1);
    const auto segment = segmentOf(path, part.segment);
    if (!segment)
        return {kNoValue, true};
    return segment->empty() ? Said{kEmptyValue, true} : Said{*segment, false};
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
