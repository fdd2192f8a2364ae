// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/access_form.h"

#include <QBoxLayout>
#include <QLabel>
#include <algorithm>

#include "ui/words/format.h"
#include "ui/controls/field_row.h"
#include "ui/controls/line_list_edit.h"
#include "ui/controls/panel.h"
#include "ui/controls/toggle.h"
#include "ui/controls/value_edit.h"
#include "ui/limits/limit_text.h"

namespace weir::ui {
namespace {

ValueEdit::Notation plainNotation(const std::function<QString(qint64)> &print, qint64 page)
{
    const auto parse = [](const QString &text) -> std::optional<qint64> {
        bool isNumber = false;
        const qint64 number = text.simplified().remove(u',').remove(u'/').toLongLong(&isNumber);
        return isNumber ? std::optional(number) : std::nullopt;
    };
    const auto step = [page](qint64 value, int steps) {
        return std::abs(steps) == 1 ? value + steps : value + (steps > 0 ? page : -page);
    };
    return {print, parse, step};
}

} // namespace

AccessForm::AccessForm(QWidget *parent) : QWidget(parent)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 2, 8, 2);
    layout->setSpacing(6);
    auto *words = new QLabel(tr("Before any limit is asked. Who is on both lists is turned away."), this);
    words->setWordWrap(true);
    setRole(words, "dim");
    layout->addWidget(words);
    addLines(AccessField::BlockNetworks, QStringLiteral("blockNetworks"), tr("Tu&rn away"),
             tr("nobody, or 203.0.113.0/24"),
             tr("Networks or addresses, a line each: their requests are refused without asking a limit"));
    addLines(AccessField::BlockPaths, QStringLiteral("blockPaths"), tr("… on the path"), tr("no path, or /admin/*"),
             tr("Paths, a line each; * stands for any characters: requests for them are refused"));
    addLines(AccessField::BlockKeys, QStringLiteral("blockKeys"), tr("… with the key"),
             tr("no key, or header:X-Api-Key=abc"),
             tr("Keys, a line each: header, cookie or query, its name and its value"));
    addLines(AccessField::AllowNetworks, QStringLiteral("allowNetworks"), tr("L&et through"),
             tr("nobody, or 10.0.0.0/8"), tr("Networks or addresses, a line each: no limit is asked for them"));
    addLines(AccessField::AllowPaths, QStringLiteral("allowPaths"), tr("… on the path"), tr("no path, or /health"),
             tr("Paths, a line each; * stands for any characters: no limit is asked for them, as for health checks"));
    addLines(AccessField::AllowKeys, QStringLiteral("allowKeys"), tr("… with the key"),
             tr("no key, or header:X-Api-Key=abc"),
             tr("Keys, a line each: header, cookie or query, its name and its value"));

    auto *prefix = new FieldRow(tr("I&Pv6 client"), this);
    layout->addWidget(prefix);
    m_prefix = new ValueEdit(plainNotation([](qint64 bits) { return QStringLiteral("/%1").arg(bits); }, 8), prefix);
    m_prefix->setObjectName(QStringLiteral("ipv6Prefix"));
    m_prefix->setAccessibleName(tr("Bits of an IPv6 address that make a client"));
    m_prefix->setToolTip(
        tr("Bits of an IPv6 address that make a client, 32 to 128: one client usually has a whole /64"));
    prefix->add(m_prefix);
    prefix->addStretch();
    auto *spellings = new FieldRow(tr("&Spellings"), this);
    layout->addWidget(spellings);
    m_folds = new Toggle(tr("Take other spellings for the same"), Toggle::Tone::Good, spellings);
    m_folds->setObjectName(QStringLiteral("folds"));
    m_folds->setToolTip(
        tr("Limits and prices by path mean its other spellings too, such as /LOGIN/ and //login, and keys that "
           "differ in case only are one"));
    spellings->add(m_folds);
    spellings->addWord(tr("other spellings of a path or a key are the same"));
    spellings->addStretch();
    m_rows[static_cast<std::size_t>(AccessField::Folds)] = spellings;
    m_fields[static_cast<std::size_t>(AccessField::Folds)] = m_folds;
    connect(m_folds, &Toggle::clicked, this, [this](bool isOn) { edit(AccessField::Folds, isOn ? kYes : kNo); });
    auto *live = new FieldRow(tr("Live &keys"), this);
    layout->addWidget(live);
    m_maxLive = new ValueEdit(plainNotation([](qint64 n) { return format::count(n); }, 10'000), live);
    m_maxLive->setObjectName(QStringLiteral("maxLive"));
    m_maxLive->setAccessibleName(tr("Most live keys of one limit"));
    m_maxLive->setToolTip(tr("What comes beyond shares one bucket, so that no flood of keys fills the memory"));
    live->addWord(tr("at most"));
    live->add(m_maxLive);
    live->addWord(tr("for each limit"));
    live->addStretch();
    const auto place = [this](AccessField field, FieldRow *row, ValueEdit *edit) {
        m_rows[static_cast<std::size_t>(field)] = row;
        m_fields[static_cast<std::size_t>(field)] = edit;
        connect(edit, &ValueEdit::edited, this, [this, field, edit] {
            const auto number = edit->value();
            this->edit(field, number ? QString::number(*number) : edit->text());
        });
    };
    place(AccessField::Ipv6Prefix, prefix, m_prefix);
    place(AccessField::MaxLive, live, m_maxLive);
    layout->addStretch(1);
    showAccess(accessTextOf({}));
}

void AccessForm::addLines(AccessField field, const QString &objectName, const QString &name, const QString &placeholder,
                          const QString &toolTip)
{
    auto *row = new FieldRow(name, this);
    layout()->addWidget(row);
    auto *lines = new LineListEdit(2, 6, row);
    lines->setObjectName(objectName);
    lines->setPlaceholderText(placeholder);
    lines->setToolTip(toolTip);
    lines->setAccessibleName(toolTip);
    row->add(lines, 1);
    const auto i = static_cast<std::size_t>(field);
    m_rows[i] = row;
    m_fields[i] = lines;
    m_lines[i] = lines;
    connect(lines, &LineListEdit::edited, this, [this, field, lines] { edit(field, lines->lines()); });
}

void AccessForm::edit(AccessField field, const QString &text)
{
    m_text[field] = text;
    Q_EMIT edited();
}

void AccessForm::showAccess(const AccessText &text)
{
    m_text = text;
    for (std::size_t i = 0; i < kAccessFields; ++i) {
        if (m_lines[i])
            m_lines[i]->setLines(text.texts[i]);
    }
    showNumber(m_prefix, text[AccessField::Ipv6Prefix]);
    m_folds->setChecked(text[AccessField::Folds] == kYes);
    showNumber(m_maxLive, text[AccessField::MaxLive]);
}

void AccessForm::setIssues(const std::vector<AccessIssue> &issues)
{
    for (std::size_t i = 0; i < kAccessFields; ++i) {
        QStringList sentences;
        for (const AccessIssue &issue : issues) {
            if (static_cast<std::size_t>(issue.field) == i)
                sentences << issue.sentence;
        }
        setFieldWrong(m_fields[i], !sentences.isEmpty(), sentences.join(u' '));
        m_rows[i]->setIssue(sentences.join(u'\n'));
    }
}

QString AccessForm::issueOf(AccessField field) const
{
    return m_rows[static_cast<std::size_t>(field)]->issue();
}

} // namespace weir::ui
