// SPDX-License-Identifier: GPL-3.0-only
#include "app/commands/ask/change_text.h"

#include <QJsonArray>
#include <QJsonDocument>

#include "app/commands/ask/shown_json.h"

namespace weir::app {
namespace {

using namespace Qt::StringLiterals;

QString written(const QJsonValue &value)
{
    if (value.isString() && !value.toString().isEmpty())
        return textOf(value);
    const QByteArray list = QJsonDocument{QJsonArray{value}}.toJson(QJsonDocument::Compact);
    return visible(QString::fromUtf8(list.mid(1, list.size() - 2)));
}

} // namespace

QJsonObject bodyOf(const QJsonObject &changes, const QJsonObject &present)
{
    QJsonObject body = changes, match = present.value(u"match"_s).toObject();
    bool isMatchSaid = false;
    for (auto field = changes.begin(); field != changes.end(); ++field) {
        const QString part = field.key().section(u'.', 1);
        if (!field.key().startsWith(u"match."_s))
            continue;
        body.remove(field.key());
        isMatchSaid = true;
        if (field.value().isNull())
            match.remove(part);
        else
            match.insert(part, field.value());
    }
    if (isMatchSaid)
        body.insert(u"match"_s, match);
    return body;
}

QString changeText(const QJsonObject &before, const QJsonObject &after)
{
    const QString name = textOf(after.value(u"name"_s));
    QString text;
    for (auto field = after.begin(); field != after.end(); ++field) {
        if (before.isEmpty() && field.key() != u"name"_s)
            text += u"%1: %2 %3\n"_s.arg(name, visible(field.key()), written(field.value()));
        else if (!before.isEmpty() && before.value(field.key()) != field.value())
            text += u"%1: %2 %3 -> %4\n"_s.arg(name, visible(field.key()), written(before.value(field.key())),
                                               written(field.value()));
    }
    return text.isEmpty() ? u"%1: nothing is different\n"_s.arg(name) : text;
}

} // namespace weir::app
