// SPDX-License-Identifier: GPL-3.0-only
// Why a request was answered as it was: its limit, the numbers, the wait, and what each limit would say to it now.
#pragma once

#include <QDialog>
#include <QTimer>

#include "core/engine/port/service_port.h"
#include "core/policy/question.h"

class QFormLayout;
class QLabel;
class QPushButton;
class QTreeWidget;

namespace weir::ui {

class CalmButton;
class TabularLabel;

/// Not modal; Escape closes it.
class RequestInspector : public QDialog {
    Q_OBJECT
public:
    explicit RequestInspector(engine::ServicePort &service, QWidget *parent = nullptr);

    /// Show this request in place of the one before, and ask the limits about it.
    void inspect(const telemetry::RequestRecord &record);

private:
    QLabel *addFact(QFormLayout &form, const QString &name, const char *objectName);
    void build();
    void showFacts();
    void showWait();
    void ask();
    void showNow(const policy::Question &question, const std::vector<std::size_t> &asked,
                 const Result<std::vector<engine::BucketPeek>> &peeks);
    void copyCurl();
    void sendAgain();

    engine::ServicePort &m_service;
    telemetry::RequestRecord m_record;
    std::uint64_t m_asked{0}; ///< number of the last question
    QTimer m_clock;           ///< while a wait is counted down

    TabularLabel *m_request{nullptr};
    QLabel *m_reason{nullptr};
    QLabel *m_answer{nullptr};
    QLabel *m_client{nullptr};
    QLabel *m_limit{nullptr};
    QLabel *m_key{nullptr};
    QLabel *m_tokens{nullptr};
    QLabel *m_wait{nullptr};
    QLabel *m_by{nullptr};
    QTreeWidget *m_now{nullptr};
    QLabel *m_report{nullptr};
    QPushButton *m_copy{nullptr};
    CalmButton *m_send{nullptr};
};

} // namespace weir::ui
