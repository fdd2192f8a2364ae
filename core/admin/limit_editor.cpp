// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/limit_editor.h"

#include <utility>

#include "core/admin/admin_answers.h"

namespace weir::admin {

void LimitEditor::add(Change change)
{
    m_waiting.push_back(std::move(change));
    next();
}

void LimitEditor::next()
{
    while (!m_isBusy && !m_waiting.empty()) {
        const Change change = std::move(m_waiting.front());
        m_waiting.pop_front();
        const ReadLimits edited = change.edit(*m_port.limits());
        if (!edited.faults.empty()) {
            change.reply(change.refuse(edited.faults));
            continue;
        }
        m_isBusy = true;
        m_port.changeLimits(edited.set, change.mode, &m_context,
                            [this, change, isNew = edited.isNew](const Result<Done> &done) {
                                m_isBusy = false;
                                change.reply(done ? change.answer(isNew) : problemOf(done.error()));
                                next();
                            });
    }
}

} // namespace weir::admin
