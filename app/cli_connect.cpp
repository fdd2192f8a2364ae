// SPDX-License-Identifier: GPL-3.0-only
#include "app/cli_connect.h"

#include <algorithm>

#include <QFile>

#include "app/cli_options.h"
#include "app/option_reader.h"

namespace weir::app {
namespace {

using namespace Qt::StringLiterals;

constexpr qint64 kMostTokenBytes = 4096;

bool isOfToken(char c)
{
    return c > ' ' && c < '\x7f';
}

std::string readToken(OptionReader &reader, const QString &name)
{
    const bool isOfFile = reader.isFlagGiven(name);
    QByteArray text = reader.environment().value(u"WEIR_TOKEN"_s).toUtf8();
    if (isOfFile) {
        const QString path = reader.value(name).value_or(QString{});
        QFile file{path};
        if (path.isEmpty() || !file.open(QIODevice::ReadOnly)) {
            reader.fail(name, path.isEmpty() ? u"no file is given"_s : u"it cannot be read: "_s + file.errorString(),
                        u"the file with the token, as admin-token in the data folder of that Weir"_s);
            return {};
        }
        text = file.read(kMostTokenBytes);
    }
    const std::string token = text.trimmed().toStdString();
    if ((isOfFile && token.empty()) || !std::all_of(token.begin(), token.end(), isOfToken)) {
        reader.fail(name, isOfFile ? u"it holds no token"_s : u"what WEIR_TOKEN says is no token"_s,
                    u"a file with a token and nothing else"_s);
        return {};
    }
    return token;
}

} // namespace

// Nothing but where it is: what stands behind belongs to the questions, and a password would be seen by every process.
QUrl readAdminUrl(OptionReader &reader, const QString &otherwise)
{
    const QString name = u"connect"_s;
    const QUrl url{reader.value(name).value_or(otherwise), QUrl::StrictMode};
    const bool isWeb = url.scheme() == u"http" || url.scheme() == u"https";
    const bool isBare = (url.path().isEmpty() || url.path() == u"/") && !url.hasQuery() && !url.hasFragment()
                        && url.userInfo().isEmpty();
    if (!url.isValid() || !isWeb || url.host().isEmpty() || !isBare || url.port(1) == 0)
        reader.fail(name, u"it is not the address of an admin port"_s,
                    u"http://HOST:PORT, as in the line \"admin on http://...\" of that Weir"_s);
    return url;
}

std::optional<Connect> readConnect(OptionReader &reader, bool isServe)
{
    const QString name = u"connect"_s, tokenFile = u"token-file"_s;
    const auto text = reader.value(name);
    if (isServe || !text) {
        for (const QString &option : {name, tokenFile})
            if (reader.isFlagGiven(option))
                reader.fail(option, isServe ? u"serve has no panel"_s : u"there is no Weir elsewhere to show it to"_s,
                            isServe ? u"weir without serve"_s : u"--connect URL with it"_s);
        return std::nullopt;
    }
    const QString from = QString::fromStdString(reader.whereOf(name));
    for (const OptionInfo &option : allOptions())
        if (option.scope == OptionInfo::Scope::Server && option.name != u"log-format"
            && reader.isFlagGiven(option.name))
            reader.fail(option.name, u"it is for the server, which runs elsewhere with "_s + from,
                        u"it where that Weir is started, or none of both"_s);
    Connect connect;
    connect.url = readAdminUrl(reader).adjusted(QUrl::RemovePath).toString().toStdString();
    connect.token = readToken(reader, tokenFile);
    return connect;
}

} // namespace weir::app
