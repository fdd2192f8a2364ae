// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/keep/deed_board.h"

#include <utility>

namespace weir::engine {

DeedBoard::DeedBoard(store::DeedStore &store, std::string name, QObject *parent)
    : QObject{parent}, m_store{store}, m_name{std::move(name)}, m_timer{this}
{
    connect(&m_timer, &QTimer::timeout, this, &DeedBoard::look);
    m_timer.start(kLookEvery);
    look();
}

void DeedBoard::tell(store::Deed deed)
{
    deed.author = m_name;
    m_store.tellDeed(deed);
}

void DeedBoard::look()
{
    if (std::exchange(m_isLooking, true))
        return;
    m_store.loadDeeds([this](const Result<std::vector<store::Deed>> &deeds) {
        m_isLooking = false;
        if (deeds)
            take(deeds.value());
    });
}

// By their ids and not by a number: a store that was emptied counts anew.
void DeedBoard::take(const std::vector<store::Deed> &deeds)
{
    std::set<std::string> ids;
    for (const store::Deed &deed : deeds)
        ids.insert(deed.id);
    const auto known = std::exchange(m_known, std::move(ids));
    for (const store::Deed &deed : deeds)
        if (known && deed.author != m_name && !known->contains(deed.id))
            Q_EMIT heard(deed);
}

} // namespace weir::engine
