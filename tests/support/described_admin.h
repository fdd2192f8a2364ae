// SPDX-License-Identifier: GPL-3.0-only
// An admin API whose every answer must be as resources/openapi.json describes it.
#pragma once

#include <QFile>
#include <QJsonArray>
#include <QStringList>

#include "tests/support/admin_asking.h"
#include "tests/support/openapi.h"

namespace weir::test {

class DescribedAdmin {
public:
    explicit DescribedAdmin(
        engine::ServicePort &port, OpenApi &description, admin::AdminRules rules = adminRules(),
        std::function<std::string()> metrics = [] { return std::string{"weir_redis_up 1\n"}; })
        : m_description{description}, m_api{port, std::move(rules), std::move(metrics)}
    {
    }

    [[nodiscard]] static QByteArray text()
    {
        QFile file{QStringLiteral(WEIR_SOURCE_DIR "/resources/openapi.json")};
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray{};
    }

    /// Return the answer; the test fails when it is not as it is described.
    AdminHeard ask(const AdminAsk &what)
    {
        AdminHeard heard = test::ask(m_api, what);
        const QString objection = m_description.objection(
            QString::fromStdString(what.method), QString::fromStdString(what.target), heard.answer.status,
            QString::fromStdString(heard.answer.type), QByteArray::fromStdString(heard.answer.body));
        if (!objection.isEmpty())
            QTest::qFail(qPrintable(objection), __FILE__, __LINE__);
        return heard;
    }
    [[nodiscard]] admin::AdminApi &api() { return m_api; }
    AdminHeard get(const std::string &target) { return ask({.target = target}); }
    AdminHeard put(const std::string &target, const std::string &body)
    {
        return ask({.method = "PUT", .target = target, .body = body});
    }
    AdminHeard post(const std::string &target, const std::string &body = {})
    {
        return ask({.method = "POST", .target = target, .body = body});
    }

private:
    OpenApi &m_description;
    admin::AdminApi m_api;
};

/// Return the fields that a problem names, in their order.
inline QStringList fieldsOf(const AdminHeard &heard)
{
    QStringList fields;
    for (const QJsonValue &error : heard.json.value(QLatin1String{"errors"}).toArray())
        fields.append(error[QLatin1String{"field"}].toString());
    return fields;
}

} // namespace weir::test
