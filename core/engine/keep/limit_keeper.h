// SPDX-License-Identifier: GPL-3.0-only
// The numbers of all limits in force, with their epochs: read at the start, changed on request, learnt from other
// instances.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <QObject>
#include <QTimer>

#include "core/config/config.h"
#include "core/engine/decide/limit_book.h"
#include "core/engine/known/bucket_table.h"
#include "core/store/bucket_store.h"

namespace weir::engine {

/// The only part of an instance that changes limits. Thread: lives in one thread, with its store.
class LimitKeeper : public QObject {
    Q_OBJECT
public:
    using Limits = std::vector<limit::Limit>;
    using Done = std::function<void(Result<Limits>)>;
    /// How often the register is read for changes by other instances, which must hold within 100 ms. Buckets without a
    /// key tell of a newer limit in their answers; when all limits are without a key, the register is only read in case
    /// it has lost something.
    static constexpr std::chrono::milliseconds kLookEvery{80}, kLookWithoutKeys{400};

    /// `name`: the name of this process in the register (store::Author).
    /// Its calls carry what `table` knows of a bucket, and teach it.
    LimitKeeper(store::BucketStore &store, BucketTable &table, std::string name = {}, QObject *parent = nullptr);

    /// Bring the limits of `book` into force with its numbers. Numbers that the register has already keep their epoch;
    /// others get a larger one. `mode` says what becomes of the tokens in buckets without a key whose limit gets other
    /// numbers; buckets by key keep theirs. `done` gets the limits by which every later request is decided. An Error
    /// changes nothing here.
    void apply(const LimitBookPtr &book, limit::TokenMode mode, Done done);
    /// Likewise for a book with one limit without a key: numbers and algorithm that `wish` leaves out are those of the
    /// store. Invalid when the two together are no limit.
    void apply(const LimitBookPtr &book, const config::LimitWish &wish, limit::TokenMode mode, Done done);

    /// Apply without telling the buckets, while some are still to be settled: the settlement, or the first request,
    /// tells them.
    void enter(const LimitBookPtr &book, const std::optional<config::LimitWish> &wish, Done done);

    /// Set the bucket of `subject` to so many tokens; more than the capacity fills it. `done` gets the new level. One round
    /// trip.
    void setLevel(std::size_t limit, const std::string &subject, limit::Tokens tokens,
                  std::function<void(Result<limit::Tokens>)> done);

    /// Take over a limit that another instance has changed. An older one is ignored.
    void learn(const limit::Limit &limit);

    [[nodiscard]] const Limits &limits() const { return m_limits; }

Q_SIGNALS:
    /// Other instances have changed limits.
    void changed();
    /// This Weir has overruled the numbers that another one gave the limit (tookOver), or the other way round
    /// (wasOverruled, a little later than changed()). `other`: the name of the other one, empty: not known.
    void tookOver(const weir::limit::Limit &before, const weir::limit::Limit &after, const std::string &other);
    void wasOverruled(const weir::limit::Limit &before, const weir::limit::Limit &after, const std::string &other);

private:
    using Known = Result<std::vector<std::optional<limit::Limit>>>;
    /// A change that is being made.
    struct Change {
        LimitBookPtr book;
        std::optional<config::LimitWish> wish;
        limit::TokenMode mode;
        Done done;
        bool tellsBuckets{true};
        std::size_t attempts{0};
        Limits next{};
        std::vector<limit::TokenMode> modes{}; ///< of each
        std::vector<std::size_t> pending{};    ///< limits whose buckets are to be told, by their places
        std::vector<std::size_t> made{};       ///< that the register does not have so yet, likewise
        Limits overruled{};                    ///< as the register has them
        std::vector<store::Author> authors{};
    };
    using ChangePtr = std::shared_ptr<Change>;

    void attempt(const ChangePtr &change);
    void onLoaded(const ChangePtr &change, const Known &known);
    /// Returns the numbers that `change` gives the limit at that place, or why they are invalid; `registered`: those of
    /// the store.
    [[nodiscard]] Result<limit::LimitSpec> specOf(const Change &change, std::size_t place,
                                                  const std::optional<limit::Limit> &registered) const;
    void askWhoseTheyAre(const ChangePtr &change);
    void enact(const ChangePtr &change);
    using Told = std::function<void(Result<limit::BucketOutput>)>;
    /// Sends a call about one bucket.
    void tell(store::TakeRequest request, Told told);
    void adopt(const Change &change);
    void tellOverruled(const Change &change);
    void save(const limit::Limit &limit);
    void askWhoChanged();
    void look();
    [[nodiscard]] store::TakeRequest requestFor(const LimitBook &book, std::size_t place, const limit::Limit &limit,
                                                const std::string &subject, limit::TokenMode mode) const;

    /// A limit that others have changed, and nobody has been told by whom.
    struct Learnt {
        limit::Limit before;
        int looks{0};
    };

    store::BucketStore &m_store;
    BucketTable &m_table;
    std::string m_name;
    LimitBookPtr m_book;
    Limits m_limits;                            ///< as in m_book
    std::map<std::string, std::int64_t> m_made; ///< epochs of this process' own making, by limit
    std::map<std::string, Learnt> m_learnt;
    std::map<std::string, std::int64_t> m_ahead; ///< epochs that buckets have and the register has not, by limit
    QTimer m_timer;
    bool m_isLooking{false};
};

} // namespace weir::engine
