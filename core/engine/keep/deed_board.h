// SPDX-License-Identifier: GPL-3.0-only
// What the other Weirs of this store have done, told within a second; and what this one has, to them.
#pragma once

#include <optional>
#include <set>
#include <string>

#include <QObject>
#include <QTimer>

#include "core/store/deed_store.h"

namespace weir::engine {

/// Thread: lives in one thread, with its store.
class DeedBoard : public QObject {
    Q_OBJECT
public:
    /// The promise is a second from the deed to the window, which looks four times in it.
    static constexpr std::chrono::milliseconds kLookEvery{400};

    /// `name`: as store::Deed::author. Looks from now on.
    DeedBoard(store::DeedStore &store, std::string name, QObject *parent = nullptr);

    /// Its author is this instance, whatever it says.
    void tell(store::Deed deed);

Q_SIGNALS:
    /// Another instance has done that, since this one looks; once for each.
    void heard(const weir::store::Deed &deed);

private:
    void look();
    void take(const std::vector<store::Deed> &deeds);

    store::DeedStore &m_store;
    std::string m_name;
    QTimer m_timer;
    std::optional<std::set<std::string>> m_known; ///< the ids that were there last; none: never looked
    bool m_isLooking{false};
};

} // namespace weir::engine
