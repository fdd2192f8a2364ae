// SPDX-License-Identifier: GPL-3.0-only
// The live buckets of the chosen limit, with their levels and actions.
#pragma once

#include "core/engine/port/service_port.h"
#include "ui/limits/bucket_model.h"
#include "ui/limits/bucket_delegate.h"
#include "ui/controls/panel.h"

class QAction;
class QLineEdit;
class QTableView;

namespace weir::ui {

class TabularLabel;

class BucketBrowser : public Panel {
    Q_OBJECT
public:
    explicit BucketBrowser(QWidget *parent = nullptr);

    /// Choose the limit; clears what is shown of another one. `hint`: why there can be no bucket, else empty.
    void setLimit(const QString &name, limit::Tokens capacity, const QString &hint);
    /// Set why no client of a bucket can be blocked; empty: each can.
    void setBlockHindrance(const QString &why);
    void showBuckets(const engine::BucketList &list); ///< of another limit: nothing
    void showCounts(const engine::LimitCounts *counts);
    void showOutcome(const QString &sentence, bool isBad);
    [[nodiscard]] QString search() const;
    [[nodiscard]] QString limit() const { return m_limit; }
    [[nodiscard]] QTableView *view() const { return m_view; }
    [[nodiscard]] const BucketModel &model() const { return *m_model; }
    [[nodiscard]] QString hint() const;
    [[nodiscard]] QString titleText() const { return m_titleText; }

Q_SIGNALS:
    void searchChanged();
    void levelWished(const QString &subject, weir::limit::StartLevel level);
    void blockWished(const QString &subject);
    void showWished(const QString &subject); ///< on the Live page

private:
    void buildHeader();
    void buildView();
    void buildActions();
    void doDeed(int row, BucketDelegate::Deed deed);
    void doCurrent(BucketDelegate::Deed deed);
    void copyCurrent() const;
    void refresh();

    BucketModel *m_model{nullptr};
    BucketDelegate *m_delegate{nullptr};
    QTableView *m_view{nullptr};
    QAction *m_block{nullptr};
    QLineEdit *m_search{nullptr};
    TabularLabel *m_outcome{nullptr};
    TabularLabel *m_hint{nullptr};
    QString m_limit;
    QString m_noBuckets;
    QString m_hindrance;
    QString m_titleText;
    limit::Tokens m_capacity{1};
    std::int64_t m_live{0};
    std::int64_t m_overflows{0};
};

} // namespace weir::ui
