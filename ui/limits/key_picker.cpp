// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/key_picker.h"

#include <QBoxLayout>
#include <QLabel>
#include <QLineEdit>

#include "ui/look/scale.h"
#include "ui/words/word_list.h"
#include "ui/controls/choice_button.h"
#include "ui/controls/panel.h"

namespace weir::ui {
namespace {

const QString kAll = QStringLiteral("all");
const QString kIp = QStringLiteral("ip");
const QString kHeader = QStringLiteral("header");
const QString kCookie = QStringLiteral("cookie");
const QString kQuery = QStringLiteral("query");
const QString kMethod = QStringLiteral("method");
const QString kPath = QStringLiteral("path");
const QString kSegment = QStringLiteral("segment");
const QString kSeveral = QStringLiteral("several");

/// "header" for "header:X-Api-Key"; kSeveral for a list.
QString kindOf(const QString &key)
{
    const auto words = splitWords(key);
    if (!words || words->size() > 1)
        return kSeveral;
    if (words->isEmpty())
        return kAll;
    for (const QString &kind : {kIp, kMethod, kPath})
        if (words->first() == kind)
            return kind;
    if (words->first().startsWith(QStringLiteral("path:")))
        return kSegment;
    const QString kind = words->first().section(u':', 0, 0);
    const bool isNamed = words->first().contains(u':') && (kind == kHeader || kind == kCookie || kind == kQuery);
    return isNamed ? kind : kSeveral;
}

bool takesName(const QString &kind)
{
    return kind != kAll && kind != kIp && kind != kMethod && kind != kPath;
}

/// How a part of this kind begins in a key.
QString prefixOf(const QString &kind)
{
    return (kind == kSegment ? kPath : kind) + u':';
}

QString nameOf(const QString &key)
{
    const QStringList words = splitWords(key).value_or(QStringList());
    return words.size() == 1 ? words.first().section(u':', 1) : QString();
}

} // namespace

KeyPicker::KeyPicker(QWidget *parent) : QWidget(parent)
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    m_kind = new ChoiceButton(
        tr("One bucket per"),
        {{kAll, tr("All requests together"), tr("One bucket that everybody shares")},
         {kIp, tr("IP address"), tr("Each client address has its own; of IPv6 each network")},
         {kHeader, tr("Header …"), tr("Each value of a header has its own"), tr("Header")},
         {kCookie, tr("Cookie …"), tr("Each value of a cookie has its own"), tr("Cookie")},
         {kQuery, tr("Parameter …"), tr("Each value of a parameter of the query has its own"), tr("Parameter")},
         {kMethod, tr("Method"), tr("Each method has its own: GET, POST")},
         {kPath, tr("Path"), tr("Each path has its own; whoever makes paths up has a new one each time")},
         {kSegment, tr("Path segment …"),
          tr("Each value of one segment of the path has its own: of /users/7 the second is 7"), tr("Segment")},
         {kSeveral, tr("Several joined …"), tr("Each combination of several parts has its own"), tr("Several joined")}},
        this);
    m_kind->setObjectName(QStringLiteral("editKeyKind"));
    m_line = new QLineEdit(this);
    m_line->setObjectName(QStringLiteral("editKey"));
    setScaledHeight(m_line, 28);
    m_hint = new QLabel(this);
    setRole(m_hint, "field");
    layout->addWidget(m_kind);
    layout->addWidget(m_line, 1);
    layout->addWidget(m_hint);
    layout->addStretch(0);
    setFocusProxy(m_kind);
    connect(m_kind, &ChoiceButton::chosen, this, &KeyPicker::choose);
    connect(m_line, &QLineEdit::textEdited, this, [this](const QString &text) {
        const QString kind = m_kind->value();
        m_key = kind == kSeveral ? text : asWord(prefixOf(kind) + text.trimmed());
        Q_EMIT edited(m_key);
    });
    refresh();
}

void KeyPicker::showKey(const QString &key, bool isOther)
{
    m_key = key;
    if (isOther)
        m_isSeveral = kindOf(key) == kSeveral;
    refresh();
}

void KeyPicker::setIpv6Prefix(int bits)
{
    m_ipv6Prefix = bits;
    refresh();
}

void KeyPicker::choose(const QString &kind)
{
    m_isSeveral = kind == kSeveral;
    if (kind == kAll)
        m_key.clear();
    else if (!takesName(kind))
        m_key = kind;
    else if (kind == kSegment)
        m_key = QStringLiteral("path:1");
    else if (kind != kSeveral)
        m_key = asWord(prefixOf(kind) + nameOf(m_key));
    refresh();
    Q_EMIT edited(m_key);
    if (!m_line->isHidden())
        m_line->setFocus();
}

void KeyPicker::refresh()
{
    const QString kind = m_isSeveral ? kSeveral : kindOf(m_key);
    m_kind->setValue(kind);
    m_line->setVisible(takesName(kind));
    const QString text = kind == kSeveral ? m_key : nameOf(m_key);
    if (m_line->text() != text && m_line->text().trimmed() != text) // a space that is just being typed
        m_line->setText(text);
    m_line->setAccessibleName(kind == kSeveral   ? tr("Parts of the key")
                              : kind == kSegment ? tr("Number of the segment")
                                                 : tr("Name"));
    m_line->setPlaceholderText(kind == kSeveral  ? tr("ip, header:X-Api-Key")
                               : kind == kHeader ? tr("X-Api-Key")
                                                 : tr("its name"));
    m_hint->setText(tr("IPv6 by /%1").arg(m_ipv6Prefix));
    m_hint->setVisible(kind == kIp);
}

} // namespace weir::ui
