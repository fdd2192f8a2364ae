// SPDX-License-Identifier: GPL-3.0-only
// What keys are called in Redis.
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

    /// `weir:{NAME}`, or in a group of another name `weir:{GROUP}:NAME`, so that all its buckets are in one slot of a cluster.
    [[nodiscard]] QByteArray bucket(const std::string &group, const std::string &name) const;
    /// Where it is kept what `instance` has settled of the bucket at that key.
    [[nodiscard]] static QByteArray mark(const QByteArray &bucket, const std::string &instance);
    /// The hash with all limits.
    [[nodiscard]] QByteArray limits() const { return withHead("limits"); }
    /// The instances that are there in that window.
    [[nodiscard]] QByteArray instances(std::int64_t window) const
    {
        return withHead("{instances}:") + QByteArray::number(static_cast<qlonglong>(window));
    }
    /// Never written: to ask for rights.
    [[nodiscard]] QByteArray permissions() const { return withHead("{permissions}"); }
    /// "weir:*", for people.
    [[nodiscard]] std::string all() const { return m_head + '*'; }

private:
    [[nodiscard]] QByteArray withHead(const char *rest) const { return QByteArray::fromStdString(m_head + rest); }

    std::string m_head;
};

} // namespace weir::redis
