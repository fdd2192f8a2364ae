// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/limit_form.h"

#include <QBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <algorithm>

#include "core/config/limit_fields.h"
#include "ui/look/scale.h"
#include "ui/look/icons.h"
#include "ui/words/panel_words.h"
#include "ui/words/limit_words.h"
#include "ui/controls/choice_button.h"
#include "ui/limits/limit_choices.h"
#include "ui/controls/escape_key.h"
#include "ui/controls/field_row.h"
#include "ui/limits/key_picker.h"
#include "ui/controls/line_list_edit.h"
#include "ui/controls/panel.h"
#include "ui/controls/tabular_text.h"
#include "ui/controls/toggle.h"

namespace weir::ui {
namespace {

constexpr int kLeastValueWidth = 84; // "1,000,000"

// What stands behind the disclosure.
std::vector<LimitField> rareFields()
{
    std::vector<LimitField> fields{LimitField::Networks, LimitField::Headers, LimitField::Start, LimitField::Routes,
                                   LimitField::CostHeader};
    for (const config::PlainField &plain : config::plainFields())
        if (plain.isGeneric)
            fields.push_back(plain.field);
    return fields;
}

limit::Algorithm algorithmOf(const LimitText &text)
{
    return limit::algorithmOf(text[LimitField::Algorithm].toStdString()).value_or(limit::Algorithm::TokenBucket);
}

void setTextKeepingCursor(QLineEdit *line, const QString &text)
{
    if (line->text() != text)
        line->setText(text);
}

} // namespace

LimitForm::LimitForm(QWidget *parent) : QWidget(parent)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 2, 8, 2); // the scroll bar's side
    layout->setSpacing(6);
    buildName();
    buildMatch();
    buildKey();
    buildNumbers();
    buildCost();
    buildMore();
    layout->addStretch(1);
    showLimit(textOf({}), true);
}

FieldRow *LimitForm::addRow(const QString &name, QWidget *parent)
{
    auto *row = new FieldRow(name, parent);
    static_cast<QVBoxLayout *>(parent->layout())->addWidget(row);
    return row;
}

void LimitForm::place(FieldRow *row, LimitField field, QWidget *widget)
{
    m_rows[static_cast<std::size_t>(field)] = row;
    m_fields[static_cast<std::size_t>(field)] = widget;
}

QLineEdit *LimitForm::addLine(FieldRow *row, LimitField field, const QString &placeholder, const QString &name,
                              const QString &toolTip, int stretch)
{
    auto *line = new QLineEdit(row);
    setScaledHeight(line, 28);
    line->setPlaceholderText(placeholder);
    line->setAccessibleName(name);
    line->setToolTip(toolTip);
    row->add(line, stretch);
    place(row, field, line);
    connect(line, &QLineEdit::textEdited, this, [this, field](const QString &text) { edit(field, text); });
    connect(line, &QLineEdit::returnPressed, this, &LimitForm::applyWished);
    revertOnEscape(line);
    return line;
}

ValueEdit *LimitForm::addValue(FieldRow *row, LimitField field, const QString &name, ValueEdit::Notation notation,
                               std::function<QString(qint64)> print)
{
    auto *value = new ValueEdit(std::move(notation), row);
    value->setAccessibleName(name);
    setScaledMinimum(value, kLeastValueWidth, 0);
    row->add(value);
    place(row, field, value);
    connect(value, &ValueEdit::entered, this, &LimitForm::applyWished);
    connect(value, &ValueEdit::edited, this, [this, field, value, print = std::move(print)] {
        const auto number = value->value();
        edit(field, number ? print(*number) : value->text());
    });
    return value;
}

LineListEdit *LimitForm::addLines(FieldRow *row, LimitField field, const QString &placeholder, const QString &name,
                                  const QString &toolTip)
{
    auto *lines = new LineListEdit(1, 4, row);
    lines->setPlaceholderText(placeholder);
    lines->setAccessibleName(name);
    lines->setToolTip(toolTip);
    row->add(lines, 1);
    place(row, field, lines);
    connect(lines, &LineListEdit::edited, this, [this, field, lines] { edit(field, lines->lines()); });
    return lines;
}

void LimitForm::buildName()
{
    FieldRow *row = addRow(tr("Na&me"), this);
    m_name = addLine(row, LimitField::Name, tr("a-z, 0-9 and -"), tr("Name"),
                     tr("What the limit is called, also in its answers to clients"), 1);
    m_name->setObjectName(QStringLiteral("editName"));
    const auto addToggle = [&](const QString &text, LimitField field, const QString &toolTip) {
        auto *toggle = new Toggle(text, Toggle::Tone::Good, row);
        toggle->setToolTip(toolTip);
        row->addWord(text)->setToolTip(toolTip);
        row->add(toggle);
        place(row, field, toggle);
        connect(toggle, &Toggle::clicked, this, [this, field](bool isOn) { edit(field, isOn ? kYes : kNo); });
        return toggle;
    };
    m_on = addToggle(tr("On"), LimitField::IsOn, tr("Off: no request is asked for it"));
    m_shadow = addToggle(tr("Shadow"), LimitField::IsShadow,
                         tr("It counts and shows what it would refuse, and refuses nothing"));
    m_on->setObjectName(QStringLiteral("editOn"));
    m_shadow->setObjectName(QStringLiteral("editShadow"));
}

void LimitForm::buildMatch()
{
    FieldRow *row = addRow(tr("Appl&ies to"), this);
    m_methods = addLine(row, LimitField::Methods, tr("any method"), tr("Methods"),
                        tr("GET, POST: one of these; empty: any"), 2);
    m_path = addLine(row, LimitField::Path, tr("any path"), tr("Path"),
                     tr("/api/*: * stands for any characters, also none; empty: any path"), 3);
    m_methods->setObjectName(QStringLiteral("editMethods"));
    m_path->setObjectName(QStringLiteral("editPath"));
}

void LimitForm::buildKey()
{
    FieldRow *row = addRow(tr("One &bucket per"), this);
    m_key = new KeyPicker(row);
    row->add(m_key, 1);
    place(row, LimitField::Key, m_key->line());
    connect(m_key, &KeyPicker::edited, this, [this](const QString &key) { edit(LimitField::Key, key); });
}

void LimitForm::buildNumbers()
{
    FieldRow *row = addRow(tr("Al&gorithm"), this);
    m_algorithm = new ChoiceButton(tr("Algorithm"), algorithmChoices(), row);
    m_algorithm->setObjectName(QStringLiteral("editAlgorithm"));
    row->add(m_algorithm);
    row->add(algorithmHelp(row));
    m_algorithmHint = new TabularLabel(row);
    setRole(m_algorithmHint, "dim");
    row->add(m_algorithmHint, 1);
    place(row, LimitField::Algorithm, m_algorithm);
    connect(m_algorithm, &ChoiceButton::chosen, this, [this](const QString &name) {
        // A window has no refill of its own; what it would be is shown as soon as it is asked for.
        if (limit::isWindow(algorithmOf(m_text)))
            m_text[LimitField::Refill] = m_text[LimitField::Capacity];
        showNumber(m_refill, m_text[LimitField::Refill]);
        edit(LimitField::Algorithm, name);
        showNumberNames();
    });

    const auto number = [](qint64 value) { return QString::number(value); };
    m_numbers = addRow(QString(), this);
    m_capacity = addValue(m_numbers, LimitField::Capacity, QString(), countNotation(), number);
    m_refillName = m_numbers->addWord(QString());
    m_refill = addValue(m_numbers, LimitField::Refill, QString(), countNotation(), number);
    m_everyName = m_numbers->addWord(QString());
    m_every = addValue(m_numbers, LimitField::Every, QString(), durationNotation(),
                       [](qint64 value) { return QString::fromStdString(printDuration(Micros{value})); });
    m_numbers->addStretch();
    m_capacity->setObjectName(QStringLiteral("editCapacity"));
    m_refill->setObjectName(QStringLiteral("editRefill"));
    m_every->setObjectName(QStringLiteral("editEvery"));
    m_every->setToolTip(tr("A time such as 500 ms, 10 s, 1 min, 1 h, 1 d"));
}

QPushButton *LimitForm::algorithmHelp(QWidget *parent)
{
    auto *button = new QPushButton(icon(Icon::Help), QString(), parent);
    button->setObjectName(QStringLiteral("compareAlgorithms"));
    button->setAccessibleName(tr("What do they allow?"));
    button->setToolTip(tr("What do they allow? A picture of all seven at a window's edge and after a pause"));
    setScaledIcon(button, kIconAlone);
    setScaledSize(button, 28, 28);
    setRole(button, "flat");
    connect(button, &QPushButton::clicked, this, &LimitForm::algorithmHelpWished);
    return button;
}

void LimitForm::buildCost()
{
    FieldRow *row = addRow(tr("C&ost"), this);
    m_cost = addValue(row, LimitField::Cost, tr("Cost of a request"), countNotation(),
                      [](qint64 value) { return QString::number(value); });
    m_cost->setObjectName(QStringLiteral("editCost"));
    m_cost->setToolTip(tr("Tokens that a request takes"));
    row->addWord(tr("each"));
    row->addStretch();
    row->addWord(tr("If Redis fails"));
    m_onFailure = new ChoiceButton(tr("If Redis fails"), policyChoices(), row);
    m_onFailure->setObjectName(QStringLiteral("editOnFailure"));
    row->add(m_onFailure);
    place(row, LimitField::OnStoreFailure, m_onFailure);
    connect(m_onFailure, &ChoiceButton::chosen, this,
            [this](const QString &policy) { edit(LimitField::OnStoreFailure, policy); });
}

void LimitForm::buildMore()
{
    m_more = new QPushButton(this);
    m_more->setObjectName(QStringLiteral("editMore"));
    m_more->setCheckable(true);
    m_more->setToolTip(tr("Conditions on networks and headers, costs that differ, the first level"));
    setRole(m_more, "disclosure");
    layout()->addWidget(m_more);
    static_cast<QVBoxLayout *>(layout())->setAlignment(m_more, Qt::AlignLeft);
    m_moreFields = new QWidget(this);
    auto *fields = new QVBoxLayout(m_moreFields);
    fields->setContentsMargins(0, 0, 0, 0);
    fields->setSpacing(6);
    layout()->addWidget(m_moreFields);
    m_networks = addLine(addRow(tr("From networks"), m_moreFields), LimitField::Networks, tr("anywhere"),
                         tr("Networks"), tr("10.0.0.0/8, 2001:db8::/32: the client is in one of them"), 1);
    m_headers = addLines(
        addRow(tr("With headers"), m_moreFields), LimitField::Headers, tr("any, or X-Plan: free"), tr("Headers"),
        tr("A line each, NAME: VALUE; all of them must be there. Several lines of one name: one of the "
           "values. NAME alone: any value. !NAME: not there"));
    FieldRow *start = addRow(tr("New buckets"), m_moreFields);
    m_start = new ChoiceButton(
        tr("New buckets"),
        {{kFull, tr("Start full"), tr("Whoever comes for the first time may send at once")},
         {kEmpty, tr("Start empty"), tr("Whoever comes for the first time waits for the first token")}},
        start);
    start->add(m_start);
    start->addStretch();
    place(start, LimitField::Start, m_start);
    connect(m_start, &ChoiceButton::chosen, this, [this](const QString &level) { edit(LimitField::Start, level); });
    m_routes = addLines(addRow(tr("Cost by route"), m_moreFields), LimitField::Routes, tr("none, or POST /export = 10"),
                        tr("Cost by route"), tr("A line each; the first that matches counts"));
    m_costHeader =
        addLine(addRow(tr("Cost from header"), m_moreFields), LimitField::CostHeader, tr("none"),
                tr("Header with the cost"), tr("Its number is the cost; believed of trusted proxies only"), 1);
    m_networks->setObjectName(QStringLiteral("editNetworks"));
    m_headers->setObjectName(QStringLiteral("editHeaders"));
    m_start->setObjectName(QStringLiteral("editStart"));
    m_routes->setObjectName(QStringLiteral("editRoutes"));
    m_costHeader->setObjectName(QStringLiteral("editCostHeader"));
    buildGeneric();
    m_moreFields->hide();
    connect(m_more, &QPushButton::toggled, this, [this](bool isOn) {
        m_moreFields->setVisible(isOn);
        showMoreTitle();
        Q_EMIT moreToggled();
    });
}

// Fields without a place of their own: a row each, by the form of their value.
void LimitForm::buildGeneric()
{
    for (const config::PlainField &plain : config::plainFields()) {
        if (!plain.isGeneric)
            continue;
        const LimitField field = plain.field;
        const QString help = QString::fromStdString(plain.row.help), name = fieldName(field, {});
        FieldRow *row = addRow(name.left(1).toUpper() + name.mid(1), m_moreFields);
        if (plain.row.form == config::Form::Switch) {
            auto *toggle = new Toggle(name, Toggle::Tone::Good, row);
            toggle->setToolTip(help);
            row->add(toggle);
            row->addStretch();
            place(row, field, toggle);
            connect(toggle, &Toggle::clicked, this, [this, field](bool isOn) { edit(field, isOn ? kYes : kNo); });
        } else if (!plain.row.words.empty()) {
            std::vector<ChoiceButton::Choice> choices;
            for (const std::string &word : plain.row.words)
                choices.push_back({QString::fromStdString(word), wordName(field, word), {}});
            auto *choice = new ChoiceButton(name, choices, row);
            choice->setToolTip(help);
            row->add(choice);
            row->addStretch();
            place(row, field, choice);
            connect(choice, &ChoiceButton::chosen, this, [this, field](const QString &word) { edit(field, word); });
        } else {
            addLine(row, field, {}, name, help, 1);
        }
        m_fields[static_cast<std::size_t>(field)]->setObjectName(QStringLiteral("edit_")
                                                                 + QString::fromStdString(plain.row.key));
    }
}

void LimitForm::showGeneric()
{
    for (const config::PlainField &plain : config::plainFields()) {
        QWidget *widget = plain.isGeneric ? m_fields[static_cast<std::size_t>(plain.field)] : nullptr;
        if (auto *toggle = qobject_cast<Toggle *>(widget))
            toggle->setChecked(m_text[plain.field] == kYes);
        else if (auto *choice = qobject_cast<ChoiceButton *>(widget))
            choice->setValue(m_text[plain.field]);
        else if (auto *line = qobject_cast<QLineEdit *>(widget))
            setTextKeepingCursor(line, m_text[plain.field]);
    }
}

void LimitForm::edit(LimitField field, const QString &text)
{
    m_text[field] = text;
    showMoreTitle();
    Q_EMIT edited();
}

void LimitForm::showNumberNames()
{
    const limit::Algorithm algorithm = algorithmOf(m_text);
    const NumberNames names = numberNames(algorithm);
    m_algorithmHint->setText(algorithmHint(algorithm));
    m_algorithmHint->setToolTip(algorithmHint(algorithm));
    m_numbers->setName(names.capacity);
    m_capacity->setAccessibleName(names.capacity);
    m_refillName->setText(names.refill);
    m_refill->setAccessibleName(names.refill);
    m_refillName->setVisible(!names.refill.isEmpty());
    m_refill->setVisible(!names.refill.isEmpty());
    m_everyName->setText(names.every);
    m_every->setAccessibleName(names.every);
}

void LimitForm::showMoreTitle()
{
    const limit::Algorithm algorithm = algorithmOf(m_text);
    const LimitText plain = textOf({});
    QStringList said;
    for (const LimitField field : rareFields()) {
        if (m_text[field].trimmed() != plain[field])
            said << fieldName(field, algorithm);
    }
    const QString sign = m_more->isChecked() ? QStringLiteral("▾") : QStringLiteral("▸");
    const QString title =
        said.isEmpty() || m_more->isChecked() ? tr("More") : tr("More: %1").arg(said.join(QStringLiteral(", ")));
    m_more->setText(sign + QStringLiteral("  ") + title);
    m_more->setAccessibleName(title);
}

void LimitForm::showLimit(const LimitText &text, bool isOther)
{
    m_text = text;
    m_key->showKey(text[LimitField::Key], isOther);
    setTextKeepingCursor(m_name, text[LimitField::Name]);
    m_on->setChecked(text.isOn());
    m_shadow->setChecked(text.isShadow());
    setTextKeepingCursor(m_methods, text[LimitField::Methods]);
    setTextKeepingCursor(m_path, text[LimitField::Path]);
    m_algorithm->setValue(text[LimitField::Algorithm]);
    showNumber(m_capacity, text[LimitField::Capacity]);
    showNumber(m_refill, text[LimitField::Refill]);
    showTime(m_every, text[LimitField::Every]);
    showNumber(m_cost, text[LimitField::Cost]);
    m_onFailure->setValue(text[LimitField::OnStoreFailure]);
    setTextKeepingCursor(m_networks, text[LimitField::Networks]);
    m_headers->setLines(text[LimitField::Headers]);
    m_start->setValue(text[LimitField::Start]);
    m_routes->setLines(text[LimitField::Routes]);
    setTextKeepingCursor(m_costHeader, text[LimitField::CostHeader]);
    showGeneric();
    showNumberNames();
    showMoreTitle();
}

void LimitForm::setIpv6Prefix(int bits)
{
    m_key->setIpv6Prefix(bits);
}

void LimitForm::setIssues(const std::vector<FieldIssue> &issues)
{
    std::vector<std::pair<FieldRow *, QStringList>> rows;
    for (FieldRow *row : m_rows) {
        if (std::none_of(rows.begin(), rows.end(), [&](const auto &each) { return each.first == row; }))
            rows.push_back({row, {}});
    }
    for (std::size_t i = 0; i < kLimitFields; ++i) {
        QStringList sentences;
        for (const FieldIssue &issue : issues) {
            if (static_cast<std::size_t>(issue.field) == i && !sentences.contains(issue.sentence))
                sentences << issue.sentence;
        }
        setFieldWrong(m_fields[i], !sentences.isEmpty(), sentences.join(u' '));
        for (auto &[row, said] : rows) {
            if (row == m_rows[i])
                said << sentences;
        }
    }
    for (const auto &[row, sentences] : rows)
        row->setIssue(sentences.join(u'\n'));
    const std::vector<LimitField> rare = rareFields();
    const bool isRareWrong = std::any_of(issues.begin(), issues.end(), [&rare](const FieldIssue &issue) {
        return std::find(rare.begin(), rare.end(), issue.field) != rare.end();
    });
    if (isRareWrong)
        setMoreShown(true);
}

QString LimitForm::issueOf(LimitField field) const
{
    return m_rows[static_cast<std::size_t>(field)]->issue();
}

void LimitForm::focusName()
{
    m_name->setFocus();
    m_name->selectAll();
}

bool LimitForm::isMoreShown() const
{
    return m_more->isChecked();
}

void LimitForm::setMoreShown(bool isShown)
{
    m_more->setChecked(isShown);
}

} // namespace weir::ui
