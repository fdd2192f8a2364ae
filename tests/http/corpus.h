// SPDX-License-Identifier: GPL-3.0-only
// The raw requests of tests/data/http; the README there tells the format.
#pragma once

#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QList>

#include <string_view>

namespace weir::test {

/// What is expected of the server at one point of a conversation.
struct CorpusAnswer {
    int status{0};
    bool hasNoBody{false}; ///< to a HEAD
};

/// Bytes that go out together, and the answers to them.
struct CorpusStep {
    QByteArray bytes;
    QList<CorpusAnswer> answers;
};

struct CorpusCase {
    QByteArray name;
    QList<CorpusStep> steps;
    bool isClosed{false};   ///< the server ends the connection after the last answer
    bool halfCloses{false}; ///< the client ends its half after its last byte

    [[nodiscard]] QByteArray bytes() const
    {
        QByteArray all;
        for (const CorpusStep &step : steps)
            all += step.bytes;
        return all;
    }
    /// Without the "100 Continue" ones.
    [[nodiscard]] QList<int> statuses() const
    {
        QList<int> all;
        for (const CorpusStep &step : steps)
            for (const CorpusAnswer &answer : step.answers)
                if (answer.status != 100)
                    all += answer.status;
        return all;
    }
};

namespace corpus {

[[noreturn]] inline void fail(const QByteArray &where, const char *what)
{
    qFatal("%s: %s", where.constData(), what);
}

inline QByteArray unescape(const QByteArray &text, const QByteArray &where)
{
    QByteArray out;
    for (qsizetype at = 0; at < text.size(); ++at) {
        if (text[at] == '{') { // {TEXT*COUNT}
            const qsizetype end = text.indexOf('}', at);
            const qsizetype star = text.lastIndexOf('*', end);
            if (end < 0 || star < at)
                fail(where, "{ without *COUNT}");
            const QByteArray part = unescape(text.mid(at + 1, star - at - 1), where);
            out += part.repeated(text.mid(star + 1, end - star - 1).toInt());
            at = end;
        } else if (text[at] == '\\') {
            const char code = ++at < text.size() ? text[at] : '?';
            if (code == 'x') {
                out += QByteArray::fromHex(text.mid(at + 1, 2));
                at += 2;
                continue;
            }
            const qsizetype known = QByteArrayView{"rnt0\\"}.indexOf(code);
            if (known < 0)
                fail(where, "an unknown escape");
            out += "\r\n\t\0\\"[known];
        } else {
            out += text[at];
        }
    }
    return out;
}

inline void readWant(CorpusCase &current, const QByteArray &words, const QByteArray &where)
{
    for (const QByteArray &word : words.split(' ')) {
        if (word == "closed")
            current.isClosed = true;
        else if (const int status = word.left(3).toInt(); status > 0)
            current.steps.back().answers += {status, word.endsWith("/head")};
        else if (word != "kept")
            fail(where, "want: takes statuses, then kept or closed");
    }
}

inline QList<CorpusCase> readFile(const QString &path)
{
    QFile file{path};
    if (!file.open(QIODevice::ReadOnly))
        fail(path.toLocal8Bit(), "cannot be read");
    QList<CorpusCase> cases;
    int number = 0;
    for (const QByteArray &line : file.readAll().split('\n')) {
        const QByteArray where = path.toLocal8Bit() + ':' + QByteArray::number(++number);
        if (line.isEmpty() || line.startsWith('#'))
            continue;
        if (line.startsWith('[')) {
            cases.append(CorpusCase{});
            cases.back().name = line.mid(1, line.indexOf(']') - 1);
            continue;
        }
        if (cases.isEmpty())
            fail(where, "a line before the first [NAME]");
        CorpusCase &current = cases.back();
        if (line.startsWith("send: ")) {
            if (current.steps.isEmpty() || !current.steps.back().answers.isEmpty())
                current.steps.append(CorpusStep{});
            current.steps.back().bytes += unescape(line.mid(6), where);
        } else if (line == "fin:") {
            current.halfCloses = true;
        } else if (line.startsWith("want: ") && !current.steps.isEmpty()) {
            readWant(current, line.mid(6), where);
        } else {
            fail(where, "not one of send: fin: want:");
        }
    }
    return cases;
}

} // namespace corpus

/// All cases of all files, in the order of the names of the files.
inline QList<CorpusCase> readCorpus()
{
    const QDir folder{QStringLiteral(WEIR_SOURCE_DIR "/tests/data/http")};
    QList<CorpusCase> cases;
    for (const QString &name : folder.entryList({QStringLiteral("*.txt")}, QDir::Files, QDir::Name))
        cases += corpus::readFile(folder.filePath(name));
    return cases;
}

} // namespace weir::test
