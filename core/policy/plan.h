// SPDX-License-Identifier: GPL-3.0-only
// A LimitSet prepared for deciding: which limits a request must pay, for which subject, and how much.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/config/limit_entry.h"
#include "core/policy/access_list.h"
#include "core/policy/cost.h"
#include "core/policy/matcher.h"
#include "core/policy/request_view.h"
#include "core/policy/subject_key.h"

namespace weir::policy {

/// What one limit asks of one request.
struct Charge {
    std::size_t limit{0}; ///< its place in LimitSet::limits
    limit::Tokens cost{1};
    bool isShadow{false}; ///< counted and shown; it refuses no request
    std::string subject;  ///< empty: all requests share the limit's bucket
    friend bool operator==(const Charge &, const Charge &) = default;
};

struct Decree {
    Access access{Access::Limited};
    std::span<const Charge> charges{};       ///< in the order of the limits; none unless Limited
    std::optional<std::size_t> lacksKeyOf{}; ///< the limit for whose key it lacks a part, if that is why it is Blocked
};

/// Memory that decide() uses again and again: one for each thread. What a Decree shows lies in it, or in the plan.
class PlanBuffers {
    friend class Plan;
    Charge &nextCharge();
    void dropCharge() { --m_used; }

    std::vector<Charge> m_charges; // the first m_used are valid; the others keep their strings' memory
    std::size_t m_used{0};
    std::string m_path;
    std::string m_folded;
    std::string m_spare;
    std::string m_value;
};

/// The parts of a request that decide() looks at.
struct PlanNeeds {
    bool method{false};
    bool path{false};
    bool query{false};
    bool client{false};
    std::vector<std::string> headers; ///< names in lower case, sorted, each once
    friend bool operator==(const PlanNeeds &, const PlanNeeds &) = default;
};

/// Immutable: any thread, each with buffers of its own. Limits that are off are not in it.
class Plan {
public:
    explicit Plan(const config::LimitSet &set);

    /// Tell whether every request is charged the same: decide() then looks at nothing and returns a prepared result.
    [[nodiscard]] bool isFixed() const { return m_isFixed; }
    [[nodiscard]] const PlanNeeds &needs() const { return m_needs; }
    /// Return the parameters of the query whose values are hidden.
    [[nodiscard]] const std::vector<ValueSource> &hiddenParameters() const { return m_hidden; }

    /// Decide what `request` must pay; its path is as it was sent. The result holds until the next call with these
    /// buffers. Linear in the number of limits; allocates nothing once the buffers have grown, long values (SubjectKey)
    /// excepted.
    [[nodiscard]] Decree decide(const RequestView &request, PlanBuffers &buffers) const;

    /// Tell whether a request may pay both limits, given by their places in LimitSet::limits. False is certain.
    [[nodiscard]] bool mayMeet(std::size_t limit, std::size_t other) const;

    /// Return the group of a limit, named by the place of its first limit. Limits that a request may have to pay
    /// together are in one group, and so are those linked by others: what must be taken in one call is always within
    /// one group. A limit that is off is a group by itself.
    [[nodiscard]] std::size_t groupOf(std::size_t limit) const { return m_groups[limit]; }

private:
    struct Compiled {
        bool isOn;
        bool isShadow;
        bool isOtherwise;
        config::WithoutKey withoutKey;
        Matcher matcher;
        SubjectKey key;
        Cost cost;
    };
    void findNeeds(const config::LimitSet &set);
    void findGroups();

    AccessGate m_gate;
    std::vector<Compiled> m_limits;
    std::vector<std::size_t> m_groups;
    std::vector<Charge> m_fixed;
    PlanNeeds m_needs;
    std::vector<ValueSource> m_hidden;
    bool m_asksFolded{false};
    bool m_isFixed{false};
};

} // namespace weir::policy
