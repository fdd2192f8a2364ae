// SPDX-License-Identifier: GPL-3.0-only
// Metrics in the text format of Prometheus, as a test reads them; and promtool, which says whether they are well formed.
#pragma once

#include <QByteArray>
#include <QProcess>

#include <map>
#include <optional>
#include <set>
#include <string>

#include "tests/support/program_of.h"

namespace weir::test {

class MetricsPage {
public:
    explicit MetricsPage(const std::string &text)
    {
        for (const QByteArray &line : QByteArray::fromStdString(text).split('\n')) {
            const QList<QByteArray> words = line.split(' ');
            if (line.startsWith("# HELP "))
                m_helps[words.value(2)] = words.mid(3).join(' ');
            else if (line.startsWith("# TYPE "))
                m_types[words.value(2)] = words.value(3);
            else if (const qsizetype end = line.lastIndexOf(' '); end > 0)
                m_samples[line.left(end)] = line.mid(end + 1).toDouble();
        }
    }
    /// The sample of `name`, with its labels as they stand: weir_tokens{limit="global"}; nothing: there is none.
    [[nodiscard]] std::optional<double> value(const QByteArray &name) const
    {
        const auto it = m_samples.find(name);
        return it == m_samples.end() ? std::nullopt : std::optional{it->second};
    }
    /// Of all samples that begin so.
    [[nodiscard]] double sum(const QByteArray &begin) const
    {
        double all = 0;
        for (const auto &[name, number] : m_samples)
            all += name.startsWith(begin) ? number : 0;
        return all;
    }
    [[nodiscard]] const std::map<QByteArray, double> &samples() const { return m_samples; }
    [[nodiscard]] const std::map<QByteArray, QByteArray> &helps() const { return m_helps; } ///< by name
    [[nodiscard]] const std::map<QByteArray, QByteArray> &types() const { return m_types; } ///< by name

private:
    std::map<QByteArray, double> m_samples;
    std::map<QByteArray, QByteArray> m_helps, m_types;
};

/// What promtool has to say: all that it wrote when it failed, or why it could not be run; else nothing.
inline QByteArray promtoolSays(const QStringList &arguments, const QByteArray &input = {})
{
    if (programOf("promtool").isEmpty())
        return "promtool is not installed (Debian: prometheus); ./dev installs it";
    QProcess promtool;
    promtool.setProcessChannelMode(QProcess::MergedChannels);
    promtool.start(programOf("promtool"), arguments);
    promtool.write(input);
    promtool.closeWriteChannel();
    constexpr int kEndMs = 60'000;
    if (!promtool.waitForFinished(kEndMs) || promtool.exitStatus() != QProcess::NormalExit)
        return "promtool does not end";
    return promtool.exitCode() == 0 ? QByteArray{} : "promtool: " + promtool.readAll();
}

} // namespace weir::test
