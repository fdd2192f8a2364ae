// SPDX-License-Identifier: GPL-3.0-only
#include "app/commands/ask/questions.h"

#include <utility>

#include <QDateTime>
#include <QJsonDocument>

#include "app/commands/ask/change_text.h"
#include "app/commands/ask/check_text.h"
#include "app/commands/ask/problem_text.h"
#include "app/commands/ask/shown_json.h"
#include "app/commands/ask/status_text.h"
#include "app/commands/ask/top_text.h"

namespace weir::app {
namespace {

using namespace Qt::StringLiterals;

constexpr int kWouldNotPass = 3;

QByteArray jsonLine(const QJsonObject &json)
{
    return QJsonDocument{json}.toJson(QJsonDocument::Compact) + '\n';
}

QString encoded(const QString &text)
{
    return QString::fromLatin1(QUrl::toPercentEncoding(text));
}

} // namespace

Questions::Questions(AdminClient &client, AskLine line, QString source)
    : m_client{client}, m_line{std::move(line)}, m_source{std::move(source)}
{
}

void Questions::ask(const Done &done)
{
    const QString &command = m_line.command;
    if (command == u"set"_s)
        return set(done);
    if (command == u"reset"_s)
        return reset(done);
    if (command == u"top"_s)
        return top(done);
    command == u"check"_s ? check(done) : status(done);
}

void Questions::status(const Done &done)
{
    expect({.path = u"/v1/status"_s}, done, [this, done](const AdminReply &status) {
        if (m_line.isJson)
            return done(good(status, {}));
        expect({.path = u"/v1/limits"_s}, done, [this, done, status](const AdminReply &limits) {
            done(good(status, statusText(status.json, limits.json)));
        });
    });
}

// What it was is needed to say what has changed, and to change a part of the match.
void Questions::set(const Done &done)
{
    m_client.ask({.path = limitPath()}, [this, done](const AdminReply &present) {
        const bool isThere = present.isGood(), isMissing = present.isWeirs && present.status == 404;
        if (!isThere && !(isMissing && m_line.isNew)) {
            AskOutcome outcome = failed(present);
            if (isMissing)
                outcome.problem += u"  To add it: --new.\n"_s;
            return done(outcome);
        }
        if (isThere && m_line.isNew)
            return done(
                {1,
                 {},
                 u"weir: there is a limit %1 already; without --new it is changed.\n"_s.arg(visible(m_line.limit))});
        change(isThere ? present.json : QJsonObject{}, done);
    });
}

void Questions::change(const QJsonObject &before, const Done &done)
{
    AdminAsk put{.method = "PUT", .path = limitPath(), .body = bodyOf(m_line.changes, before)};
    if (!m_line.tokens.isEmpty())
        put.query.addQueryItem(u"tokens"_s, m_line.tokens);
    expect(put, done,
           [this, done, before](const AdminReply &after) { done(good(after, changeText(before, after.json))); });
}

void Questions::reset(const Done &done)
{
    AdminAsk post{.method = "POST", .path = limitPath(m_line.isEmptied ? "/empty" : "/fill")};
    if (!m_line.subject.isEmpty())
        post.body.insert(u"key"_s, m_line.subject);
    expect(post, done, [this, done](const AdminReply &level) {
        const QString key = textOf(level.json.value(u"key"_s));
        done(good(level, u"%1%2: %3 tokens\n"_s.arg(textOf(level.json.value(u"limit"_s)),
                                                    key.isEmpty() ? QString{} : u' ' + key,
                                                    numberOf(level.json.value(u"tokens"_s)))));
    });
}

void Questions::top(const Done &done)
{
    expect({.path = limitPath("/top")}, done, [this, done](const AdminReply &top) {
        done(good(top, topText(top.json, QDateTime::currentDateTimeUtc())));
    });
}

void Questions::check(const Done &done)
{
    AdminAsk get{.path = u"/v1/check"_s};
    const auto add = [&get](const QString &name, const QString &value) {
        if (!value.isEmpty())
            get.query.addQueryItem(name, encoded(value));
    };
    add(u"path"_s, m_line.path);
    add(u"method"_s, m_line.method);
    add(u"client"_s, m_line.client);
    for (const QString &header : std::as_const(m_line.headers))
        add(u"header"_s, header);
    expect(get, done, [this, done](const AdminReply &check) {
        done(good(check, checkText(check.json), wouldPass(check.json) ? 0 : kWouldNotPass));
    });
}

QString Questions::limitPath(const char *rest) const
{
    return u"/v1/limits/"_s + encoded(m_line.limit) + QLatin1String{rest};
}

void Questions::expect(const AdminAsk &what, const Done &done, std::function<void(const AdminReply &)> next)
{
    m_client.ask(what, [this, done, next = std::move(next)](const AdminReply &reply) {
        reply.isGood() ? next(reply) : done(failed(reply));
    });
}

AskOutcome Questions::failed(const AdminReply &reply) const
{
    return {1, {}, problemText(reply, m_line.url, m_source)};
}

AskOutcome Questions::good(const AdminReply &reply, const QString &text, int code) const
{
    return {code, m_line.isJson ? jsonLine(reply.json) : text.toUtf8(), {}};
}

} // namespace weir::app
