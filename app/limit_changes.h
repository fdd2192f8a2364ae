// SPDX-License-Identifier: GPL-3.0-only
// Changes of the limits by people: the panel's, which are written to the file, and the file's own.
#pragma once

#include <functional>
#include <string>

#include "app/change_queue.h"
#include "app/file_reload.h"
#include "app/limits_file.h"
#include "app/limits_in_force.h"

namespace weir::app {

/// One after the other, in the order they were asked for. Thread: the service thread.
class LimitChanges {
public:
    using Applied = LimitsInForce::Applied;
    /// What is around it: the store, null while there is none to ask; and `whenAdopted` calls back, later, once every worker
    /// goes by what is in force now.
    struct Surroundings {
        std::function<store::BucketStore *()> store;
        std::function<void(std::function<void()>)> whenAdopted;
    };

    /// Both outlive it.
    LimitChanges(LimitsInForce &inForce, LimitsFile &file, Surroundings around);

    /// From here on the file is followed.
    void start() { m_reload.start(); }
    void stop() { m_reload.stop(); }
    /// What the file says now, or what Weir was told if there is none, is brought into force (again).
    void applyFile() { m_reload.wish(); }

    /// As ServicePort says.
    void change(const config::LimitSet &next, limit::TokenMode mode, Applied done);
    /// Of that limit, whichever is shown when its turn comes.
    void setPolicy(const std::string &limit, config::StoreFailurePolicy policy, Applied done);
    /// As Service says.
    void readAgain(const std::function<void(Done)> &done);

private:
    void writeAndApply(const config::LimitSet &next, limit::TokenMode mode, const Applied &done);
    void writeAndSet(const std::string &limit, config::StoreFailurePolicy policy, const Applied &done);

    LimitsInForce &m_inForce;
    LimitsFile &m_file;
    Surroundings m_around;
    ChangeQueue m_changes;
    FileReload m_reload;
};

} // namespace weir::app
