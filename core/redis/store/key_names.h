// SPDX-License-Identifier: GPL-3.0-only
// The names of keys in Redis.
#pragma once

#include <string>

#include <QByteArray>

namespace weir::redis {

/// All begin with `weir:`, or with `weir:PREFIX:`, so that two environments on one Redis do not meet. Any thread.
class KeyNames {
public:
    /// `prefix`: without braces; empty: none.
    explicit(false) KeyNames(const std::string &prefix = {}) : m_head{prefix.empty() ? "weir:" : "weir:" + prefix + ':'}
    {
    }

    /// Return `weir:{NAME}`, or in a group of another name `weir:{GROUP}:NAME`, so that all its buckets are in one slot
    /// of a cluster.
    [[nodiscard]] QByteArray bucket(const std::string &group, const std::string &name) const;
    /// Return the key of the settle mark of `instance`, beside the bucket at that key.
    [[nodiscard]] static QByteArray mark(const QByteArray &bucket, const std::string &instance);
    /// Return the key of the register, a hash with all limits.
    [[nodiscard]] QByteArray limits() const { return withHead("limits"); }
    /// Return the key of the hash with what instances have told each other.
    [[nodiscard]] QByteArray deeds() const { return withHead("deeds"); }
    /// Return the key of the instances marked in that window.
    [[nodiscard]] QByteArray instances(std::int64_t window) const
    {
        return withHead("{instances}:") + QByteArray::number(static_cast<qlonglong>(window));
    }
    /// Return a key that is never written, to ask for rights.
    [[nodiscard]] QByteArray permissions() const { return withHead("{permissions}"); }
    /// Return "weir:*", for people.
    [[nodiscard]] std::string all() const { return m_head + '*'; }

private:
    [[nodiscard]] QByteArray withHead(const char *rest) const { return QByteArray::fromStdString(m_head + rest); }

    std::string m_head;
};

} // namespace weir::redis
