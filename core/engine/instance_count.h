// SPDX-License-Identifier: GPL-3.0-only
// How many instances share the bucket: each counts itself once in every window of the store's clock.
#pragma once

#include <functional>
#include <optional>

#include <QObject>
#include <QTimer>

#include "core/engine/standby.h"
#include "core/store/bucket_store.h"

namespace weir::engine {

/// Thread: lives in one thread, with its store. An instance that ends is counted for two windows more,
/// one that begins is known to the others after one: too many are assumed rather than too few, except
/// for that window.
class InstanceCount : public QObject {
    Q_OBJECT
public:
    /// The time of the store, as well as it is known; nothing before its first answer: nobody is counted then.
    using StoreTime = std::function<std::optional<Micros>()>;
    InstanceCount(store::BucketStore &store, Standby &standby, StoreTime storeTime, QObject *parent = nullptr);

    void start();
    /// As last counted; at least 1.
    [[nodiscard]] std::int64_t instances() const { return m_instances; }

private:
    void count();
    void onCounted(std::int64_t window, bool isFirst, const Result<store::InstanceCounts> &result);

    store::BucketStore &m_store;
    Standby &m_standby;
    StoreTime m_storeTime;
    QTimer m_timer;
    std::int64_t m_window{0};      ///< the last one that this instance counted itself in
    std::int64_t m_firstWindow{0}; ///< before it the others did not know of us
    std::int64_t m_instances{1};
    bool m_isUnderWay{false};
};

} // namespace weir::engine
