// SPDX-License-Identifier: GPL-3.0-only
// Holds answers against an OpenAPI description: path, method, status, media type and schema.
#pragma once

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>
#include <QStringList>

namespace weir::test {

/// As much of OpenAPI 3.1 as resources/openapi.json uses.
class OpenApi {
public:
    explicit OpenApi(const QByteArray &text) : m_document{QJsonDocument::fromJson(text).object()} {}

    /// Return what of an answer is not described; empty: all is. Notes that the status was seen.
    QString objection(const QString &method, const QString &path, int status, const QString &mediaType,
                      const QByteArray &body)
    {
        const QString pattern = patternOf(path);
        const QJsonObject item = at(m_document, {QStringLiteral("paths"), pattern});
        const QString verb = method == QLatin1String{"HEAD"} ? QStringLiteral("get") : method.toLower();
        if (item.isEmpty() || !item.contains(verb)) {
            const bool isExpected =
                status == 401 || status == 403 || status == 421 || status == (item.isEmpty() ? 404 : 405);
            return isExpected
                       ? objectionTo(schema("Problem"), QJsonDocument::fromJson(body).object(), QStringLiteral("body"))
                       : QStringLiteral("%1 %2 is not described").arg(method, path);
        }
        const QJsonObject responses = at(item, {verb, QStringLiteral("responses")});
        const QString code = QString::number(status);
        if (!responses.contains(code))
            return QStringLiteral("%1 %2 does not describe %3").arg(method, pattern, code);
        m_seen.insert(verb + QLatin1Char{' '} + pattern + QLatin1Char{' '} + code);
        const QJsonObject content = resolved(responses.value(code)).value(QLatin1String{"content"}).toObject();
        if (content.isEmpty())
            return body.isEmpty() ? QString{} : QStringLiteral("%1 %2 %3 has a body").arg(method, pattern, code);
        const QString type = mediaType.section(QLatin1Char{';'}, 0, 0);
        if (!content.contains(type))
            return QStringLiteral("%1 %2 %3 is not described as %4").arg(method, pattern, code, type);
        if (!type.endsWith(QLatin1String{"json"}))
            return {};
        QJsonParseError why{};
        const QJsonDocument json = QJsonDocument::fromJson(body, &why);
        if (why.error != QJsonParseError::NoError)
            return QStringLiteral("the body is no JSON: ") + why.errorString();
        const QString objection =
            objectionTo(at(content, {type, QStringLiteral("schema")}), json.object(), QStringLiteral("body"));
        return objection.isEmpty()
                   ? objection
                   : method + QLatin1Char{' '} + path + QLatin1Char{' '} + code + QLatin1String{": "} + objection;
    }

    /// Return "get /v1/status 200" of all that is described and was never seen, sorted.
    [[nodiscard]] QStringList unseen() const
    {
        QStringList list;
        const QJsonObject paths = at(m_document, {QStringLiteral("paths")});
        for (auto path = paths.begin(); path != paths.end(); ++path)
            for (const QString &verb :
                 {QStringLiteral("get"), QStringLiteral("put"), QStringLiteral("post"), QStringLiteral("delete")}) {
                const QJsonObject responses = at(path.value().toObject(), {verb, QStringLiteral("responses")});
                for (const QString &code : responses.keys())
                    if (const QString one = verb + QLatin1Char{' '} + path.key() + QLatin1Char{' '} + code;
                        !m_seen.contains(one))
                        list.append(one);
            }
        list.sort();
        return list;
    }

    /// Return what of `value` is not as the schema says; empty: nothing.
    [[nodiscard]] QString objectionTo(const QJsonValue &given, const QJsonValue &value, const QString &where) const
    {
        const QJsonObject schema = resolved(given);
        if (const QJsonValue any = schema.value(QLatin1String{"anyOf"}); any.isArray()) {
            for (const QJsonValue &one : any.toArray())
                if (objectionTo(one, value, where).isEmpty())
                    return {};
            return where + QLatin1String{" is none of what it may be"};
        }
        const QJsonValue type = schema.value(QLatin1String{"type"});
        const QJsonArray types = type.isArray() ? type.toArray() : QJsonArray{type};
        if (!type.isUndefined() && std::none_of(types.begin(), types.end(), [&](const QJsonValue &one) {
                return isOf(value, one.toString());
            }))
            return where + QLatin1String{" has another type"};
        if (const QJsonValue words = schema.value(QLatin1String{"enum"});
            words.isArray() && !words.toArray().contains(value))
            return where + QLatin1String{" is no word of its list"};
        if (value.isArray() && schema.contains(QLatin1String{"items"})) {
            const QJsonArray items = value.toArray();
            for (qsizetype i = 0; i < items.size(); ++i)
                if (const QString why = objectionTo(schema.value(QLatin1String{"items"}), items[i],
                                                    QStringLiteral("%1[%2]").arg(where).arg(i));
                    !why.isEmpty())
                    return why;
        }
        return value.isObject() ? objectionToObject(schema, value.toObject(), where) : QString{};
    }

    [[nodiscard]] QJsonObject schema(const char *name) const
    {
        return at(m_document, {QStringLiteral("components"), QStringLiteral("schemas"), QLatin1String{name}});
    }
    [[nodiscard]] const QJsonObject &document() const { return m_document; }

private:
    [[nodiscard]] QString objectionToObject(const QJsonObject &schema, const QJsonObject &object,
                                            const QString &where) const
    {
        const QJsonObject properties = schema.value(QLatin1String{"properties"}).toObject();
        for (const QJsonValue &name : schema.value(QLatin1String{"required"}).toArray())
            if (!object.contains(name.toString()))
                return where + QLatin1String{" lacks "} + name.toString();
        const QJsonValue others = schema.value(QLatin1String{"additionalProperties"});
        for (auto entry = object.begin(); entry != object.end(); ++entry) {
            const QString at = where + QLatin1Char{'.'} + entry.key();
            if (!properties.contains(entry.key()) && others == QJsonValue{false})
                return at + QLatin1String{" is not described"};
            const QJsonValue one = properties.contains(entry.key()) ? properties.value(entry.key()) : others;
            if (!one.isObject())
                continue;
            if (const QString why = objectionTo(one, entry.value(), at); !why.isEmpty())
                return why;
        }
        return {};
    }

    static bool isOf(const QJsonValue &value, const QString &type)
    {
        if (type == QLatin1String{"integer"})
            return value.isDouble() && static_cast<double>(value.toInteger(-1)) == value.toDouble();
        return (type == QLatin1String{"string"} && value.isString())
               || (type == QLatin1String{"number"} && value.isDouble())
               || (type == QLatin1String{"boolean"} && value.isBool())
               || (type == QLatin1String{"null"} && value.isNull())
               || (type == QLatin1String{"array"} && value.isArray())
               || (type == QLatin1String{"object"} && value.isObject());
    }

    static QJsonObject at(QJsonObject object, const QStringList &keys)
    {
        for (const QString &key : keys)
            object = object.value(key).toObject();
        return object;
    }

    // Follows "$ref": "#/components/schemas/Limit".
    [[nodiscard]] QJsonObject resolved(const QJsonValue &value) const
    {
        const QJsonObject object = value.toObject();
        const QString reference = object.value(QLatin1String{"$ref"}).toString();
        return reference.isEmpty() ? object : at(m_document, reference.mid(2).split(QLatin1Char{'/'}));
    }

    // "/v1/limits/{name}" of "/v1/limits/global?tokens=keep".
    [[nodiscard]] QString patternOf(const QString &target) const
    {
        const QStringList parts = target.section(QLatin1Char{'?'}, 0, 0).split(QLatin1Char{'/'});
        for (const QString &pattern : at(m_document, {QStringLiteral("paths")}).keys()) {
            const QStringList wanted = pattern.split(QLatin1Char{'/'});
            bool isSame = wanted.size() == parts.size();
            for (qsizetype i = 0; isSame && i < parts.size(); ++i)
                isSame = wanted[i] == QString::fromUtf8(QByteArray::fromPercentEncoding(parts[i].toUtf8()))
                         || wanted[i] == QLatin1String{"{name}"};
            if (isSame)
                return pattern;
        }
        return {};
    }

    QJsonObject m_document;
    QSet<QString> m_seen;
};

} // namespace weir::test
