// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/curl_command.h"

#include <algorithm>

#include "ui/live/request_words.h"

namespace weir::ui {
namespace {

bool isPlain(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7F; });
}

// A single quote cannot stand between single quotes. What is not ASCII a terminal may change or run when it is pasted.
QString shellWord(std::string_view text)
{
    QString word = isPlain(text) ? QStringLiteral("'") : QStringLiteral("$'");
    for (const char c : text) {
        if (isPlain(text))
            word += c == '\'' ? QStringLiteral("'\\''") : QString(QLatin1Char(c));
        else
            word +=
                QStringLiteral("\\x%1").arg(static_cast<uint>(static_cast<unsigned char>(c)), 2, 16, QLatin1Char('0'));
    }
    return word + u'\'';
}

} // namespace

QString curlCommand(const telemetry::RequestRecord &record, const QString &url)
{
    const std::string_view method = record.method.view(), target = record.target.view();
    if (isTurnedAway(record) || record.method.isCut() || record.target.isCut() || method.empty() || target.empty())
        return {};
    QString command = QStringLiteral("curl --globoff --path-as-is --include");
    if (method == "HEAD")
        command += QStringLiteral(" --head");
    else if (method != "GET")
        command += QStringLiteral(" --request ") + shellWord(method);
    // curl would take what follows # for its own, and anything but a path for a part of the address.
    if (target.front() == '/' && isPlain(target) && target.find('#') == std::string_view::npos)
        return command + u' ' + shellWord(url.toStdString() + std::string{target});
    return command + QStringLiteral(" --request-target ") + shellWord(target) + u' ' + shellWord(url.toStdString());
}

} // namespace weir::ui
