// SPDX-License-Identifier: GPL-3.0-only
// Changes of the limits by the panel, which are written to the file, and by the file.
#pragma once

#include <functional>
#include <string>

#include "app/change_queue.h"
#include "app/file_reload.h"
#include "app/limits_file.h"
#include "app/limits_in_force.h"

namespace weir::app {

/// Runs them in the order in which they were asked for. Thread: the service thread.
class LimitChanges {
public:
    using Applied = LimitsInForce::Applied;
    /// `store` returns null while there is no store to ask. `whenAdopted` calls back, later, once every worker decides
    /// by what is in force now.
    struct Surroundings {
        std::function<store::BucketStore *()> store;
        std::function<void(std::function<void()>)> whenAdopted;
    };

    /// Both references outlive this.
    LimitChanges(LimitsInForce &inForce, LimitsFile &file, Surroundings around);

    /// Follow the file from now on.
    void start() { m_reload.start(); }
    void stop() { m_reload.stop(); }
    /// Bring into force, again if need be, what the file says, or the command line if there is none.
    void applyFile() { m_reload.wish(); }

    /// As ServicePort::changeLimits().
    void change(const config::LimitSet &next, limit::TokenMode mode, Applied done);
    /// Set the policy of that limit, whichever is shown when its turn comes.
    void setPolicy(const std::string &limit, config::StoreFailurePolicy policy, Applied done);
    /// As Service::readConfigAgain().
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
