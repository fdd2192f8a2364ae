// SPDX-License-Identifier: GPL-3.0-only
#include "app/commands/ask/token_source.h"

#include <algorithm>

#include <QFile>
#include <QFileInfo>

#include "core/base/ip_address.h"

namespace weir::app {
namespace {

using namespace Qt::StringLiterals;

constexpr qint64 kMostCharacters = 512; // as AdminToken takes it

Error problem(const QString &sentence)
{
    return {Error::Code::Configuration, sentence.toStdString(), false};
}

// What may stand behind "Bearer " (RFC 6750, 2.1): above all no line end.
bool isToken(const QByteArray &text)
{
    return !text.isEmpty() && text.size() <= kMostCharacters && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
               || QByteArrayView{"-._~+/="}.contains(c);
    });
}

Result<FoundToken> tokenIn(const QString &path, bool isSaid)
{
    const QString other =
        isSaid ? QString{}
               : u"; name the data folder of that Weir by --data-dir DIR, or its file by --token-file FILE"_s;
    if (!QFileInfo::exists(path))
        return problem(u"there is no token file %1%2"_s.arg(path, other));
    QFile file{path};
    if (!QFileInfo{path}.isFile() || !file.open(QIODevice::ReadOnly))
        return problem(
            u"the token file %1 cannot be read (%2); run this as the user of that Weir, or set WEIR_TOKEN"_s.arg(
                path, QFileInfo{path}.isFile() ? file.errorString() : u"it is no file"_s));
    const QByteArray token = file.read(kMostCharacters + 2).trimmed();
    if (!isToken(token))
        return problem(u"the file %1 holds no token%2"_s.arg(path, other));
    return FoundToken{token, u"the file "_s + path};
}

} // namespace

Result<FoundToken> tokenFor(const AskLine &line, const QProcessEnvironment &environment, bool isNeeded)
{
    const QString variable = u"WEIR_TOKEN"_s;
    if (const QByteArray token = environment.value(variable).toUtf8(); !token.isEmpty())
        return isToken(token) ? Result<FoundToken>{FoundToken{token, variable}}
                              : problem(u"WEIR_TOKEN holds no token; it is what is in the file admin-token"_s);
    if (!line.tokenFile.isEmpty())
        return tokenIn(line.tokenFile, true);
    if (!isNeeded)
        return FoundToken{};
    if (!isLoopback(line.url))
        return problem(
            u"this needs the token of the Weir at %1; name a file that holds it by --token-file FILE, or set "
            "WEIR_TOKEN"_s.arg(line.url.toString(QUrl::StripTrailingSlash)));
    if (line.dataDir.isEmpty())
        return problem(u"nobody says where the token is; name the data folder of that Weir by --data-dir DIR"_s);
    return tokenIn(line.dataDir + u"/admin-token"_s, false);
}

bool isLoopback(const QUrl &url)
{
    const auto address = parseIpAddress(url.host().toStdString());
    return url.host() == u"localhost"_s || (address && address->isLoopback());
}

} // namespace weir::app
