// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/value_hash.h"

#include <algorithm>

namespace weir::policy {
namespace {

constexpr qsizetype kBytes = 16;

QByteArrayView bytesOf(std::string_view text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}

} // namespace

void ValueHash::addValue(std::string_view value)
{
    m_hash.addData(bytesOf(std::to_string(value.size()) + ':'));
    m_hash.addData(bytesOf(value));
}

void ValueHash::addWord(std::string_view word)
{
    m_hash.addData(bytesOf(word));
}

std::string ValueHash::text() const
{
    return '#' + m_hash.result().first(kBytes).toHex().toStdString();
}

std::string valueHash(std::string_view value)
{
    ValueHash hash;
    hash.addValue(value);
    return hash.text();
}

bool isValueHash(std::string_view text)
{
    return text.size() == 1 + 2 * kBytes && text.front() == '#'
           && std::all_of(text.begin() + 1, text.end(),
                          [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

} // namespace weir::policy
