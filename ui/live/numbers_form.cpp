// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/numbers_form.h"

#include <algorithm>

#include <QBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSlider>
#include <QStyle>

#include "core/base/duration.h"
#include "ui/look/scale.h"
#include "ui/words/format.h"
#include "ui/words/limit_words.h"
#include "ui/words/panel_words.h"
#include "ui/words/visible_text.h"
#include "ui/live/number_field.h"
#include "ui/controls/calm_button.h"
#include "ui/controls/menu_button.h"
#include "ui/controls/plain_tool_tip.h"
#include "ui/live/mode_picker.h"

namespace weir::ui {
namespace {

// Below this height the sliders yield to the fields.
constexpr int kHeightWithSliders = 390;
constexpr std::chrono::milliseconds kOutcomeShown{6000};
constexpr std::chrono::seconds kLateStatus{2};

struct Preset {
    const char *name;
    limit::LimitSpec spec;
};

constexpr Micros kSecond{1'000'000};
constexpr Micros kMinute{60 * kSecond};
constexpr Micros kHour{60 * kMinute};

// Published limits: docs.github.com "Rate limits for the REST API" (60 an hour without, 5,000 with a
// token), Google Maps Platform web services (50 queries per second).
constexpr Preset kPresets[] = {
    {QT_TRANSLATE_NOOP("weir::ui::NumbersForm", "5 per minute, as Weir starts"), {5, 5, kMinute}},
    {QT_TRANSLATE_NOOP("weir::ui::NumbersForm", "GitHub without token: 60 per hour"), {60, 60, kHour}},
    {QT_TRANSLATE_NOOP("weir::ui::NumbersForm", "GitHub with token: 5,000 per hour"), {5000, 5000, kHour}},
    {QT_TRANSLATE_NOOP("weir::ui::NumbersForm", "Google Maps: 50 per second"), {50, 50, kSecond}},
    {QT_TRANSLATE_NOOP("weir::ui::NumbersForm", "Smooth: 1 per second, bursts of 10"), {10, 1, kSecond}},
};

CalmButton *plainButton(const QString &text, const char *role, const QString &toolTip, QWidget *parent)
{
    auto *button = new CalmButton(text, parent);
    setRole(button, role);
    button->setToolTip(toolTip);
    setScaledHeight(button, 30);
    setScaledMinimum(button, 60, 0);
    return button;
}

/// " A month is 28 to 31 days long: write days."; empty: the units say it all.
QString hintOf(const NumberField &interval)
{
    QString hint = QString::fromStdString(durationHint(interval.edit()->text().simplified().toLower().toStdString()));
    if (hint.isEmpty())
        return {};
    hint[0] = hint.at(0).toUpper();
    return u' ' + hint + u'.';
}

void setLabelRole(QLabel *label, const char *role)
{
    if (label->property("role").toString() == QLatin1String(role))
        return;
    setRole(label, role);
    label->style()->unpolish(label);
    label->style()->polish(label);
}

} // namespace

NumbersForm::NumbersForm(QWidget *parent)
    : Panel(tr("Limit"), parent), m_check{[](const std::string &, const limit::LimitSpec &spec) {
          return config::check(spec);
      }}
{
    buildPresets();
    buildFields();
    buildButtons();
    nameFields();
    m_isBusy = true; // until the first limit in force is known
    m_outcomeEnd.setSingleShot(true);
    connect(&m_outcomeEnd, &QTimer::timeout, this, [this] { showOutcome({}, false); });
    refresh();
}

void NumbersForm::setCheck(Check check)
{
    m_check = std::move(check);
    refresh();
}

void NumbersForm::buildPresets()
{
    m_presets = new MenuButton(tr("Prese&ts"), "flat", this);
    m_presets->setObjectName(QStringLiteral("presets"));
    m_presets->setToolTip(tr("Limits of well-known services; nothing changes before Apply"));
    auto *menu = new QMenu(m_presets);
    for (const Preset &preset : kPresets)
        connect(menu->addAction(tr(preset.name)), &QAction::triggered, this, [this, &preset] { choose(preset.spec); });
    m_presets->setMenu(menu);
    header()->addWidget(m_presets);
}

void NumbersForm::buildFields()
{
    m_capacity = new NumberField(tr("Capac&ity"), tokenNotation(), tokenLadder(), this);
    m_refill = new NumberField(tr("&Refill"), tokenNotation(), tokenLadder(), this);
    m_interval = new NumberField(tr("Ever&y"), durationNotation(), durationLadder(), this);
    m_capacity->edit()->setObjectName(QStringLiteral("capacity"));
    m_refill->edit()->setObjectName(QStringLiteral("refill"));
    m_interval->edit()->setObjectName(QStringLiteral("interval"));
    for (NumberField *field : {m_capacity, m_refill, m_interval}) {
        body()->addWidget(field);
        connect(field->edit(), &ValueEdit::entered, this, &NumbersForm::apply);
    }
    connect(m_capacity, &NumberField::edited, this, &NumbersForm::capacityEdited);
    connect(m_refill, &NumberField::edited, this, &NumbersForm::refillEdited);
    connect(m_interval, &NumberField::edited, this, &NumbersForm::fieldEdited);
    m_sentence = new QLabel(this);
    m_sentence->setObjectName(QStringLiteral("sentence"));
    m_sentence->setTextFormat(Qt::PlainText);
    m_sentence->setWordWrap(true);
    m_sentence->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_sentence->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Ignored);
    setRole(m_sentence, "dim");
    body()->addWidget(m_sentence, 1);
}

void NumbersForm::buildButtons()
{
    m_mode = new ModePicker(this);
    body()->addWidget(m_mode);

    m_apply = plainButton(tr("&Apply"), "primary",
                          tr("Put this limit into force for every instance that shares the bucket"), this);
    m_revert = plainButton(tr("Re&vert"), "plain", tr("Show the limit in force again"), this);
    m_fill = plainButton(tr("Fill &up"), "plain", tr("Fill the bucket now"), this);
    m_empty = plainButton(tr("&Empty"), "plain", tr("Empty the bucket now"), this);
    m_apply->setObjectName(QStringLiteral("apply"));
    m_revert->setObjectName(QStringLiteral("revert"));
    m_fill->setObjectName(QStringLiteral("fill"));
    m_empty->setObjectName(QStringLiteral("empty"));
    auto *limitRow = new QHBoxLayout;
    auto *levelRow = new QHBoxLayout;
    for (QHBoxLayout *row : {limitRow, levelRow}) {
        row->setSpacing(8);
        body()->addLayout(row);
    }
    limitRow->addWidget(m_apply, 1);
    limitRow->addWidget(m_revert, 1);
    levelRow->addWidget(m_fill, 1);
    levelRow->addWidget(m_empty, 1);

    connect(m_apply, &QPushButton::clicked, this, &NumbersForm::apply);
    connect(m_revert, &QPushButton::clicked, this, &NumbersForm::revert);
    connect(m_fill, &QPushButton::clicked, this, [this] { Q_EMIT levelRequested(limit::StartLevel::Full); });
    connect(m_empty, &QPushButton::clicked, this, [this] { Q_EMIT levelRequested(limit::StartLevel::Empty); });
}

void NumbersForm::setInForce(const limit::Limit &limit, bool isOneOfSeveral)
{
    setTitle(isOneOfSeveral ? tr("Limit “%1”").arg(visibleText(limit.name)) : tr("Limit"));
    // A status read before a change was confirmed may arrive after it. Later on, an older epoch is a
    // store that began anew, and its limit is the one in force.
    const bool isOther = limit.name != m_inForce.name; // what was written was not meant for that one
    const bool isLate =
        !isOther && limit.epoch < m_inForce.epoch && std::chrono::steady_clock::now() - m_acceptedAt < kLateStatus;
    if (m_isKnown && (isLate || limit == m_inForce))
        return;
    if (!m_isKnown)
        m_isBusy = false;
    else if (m_isEdited && !isOther && !m_isBusy)
        showOutcome(tr("The limit was changed elsewhere meanwhile; Revert shows it."), false);
    const limit::LimitSpec before = std::exchange(m_inForce, limit).spec;
    if (std::exchange(m_isKnown, true) && m_isEdited && !isOther)
        followFields(before, limit.spec);
    else
        showFields(limit.spec);
    m_isEdited = spec() != limit.spec;
    nameFields();
    refresh();
}

// As the algorithm in force uses them.
void NumbersForm::nameFields()
{
    const limit::Algorithm algorithm = m_inForce.spec.algorithm;
    if (m_namedFor == algorithm)
        return;
    m_namedFor = algorithm;
    using limit::Algorithm;
    const bool isBucket = algorithm == Algorithm::TokenBucket || algorithm == Algorithm::TokenBucketSmooth;
    m_capacity->setLabel(isBucket                              ? tr("Capac&ity")
                         : algorithm == Algorithm::Gcra        ? tr("&Burst")
                         : algorithm == Algorithm::LeakyBucket ? tr("&Queue")
                                                               : tr("At &most"));
    m_refill->setLabel(isBucket ? tr("&Refill") : algorithm == Algorithm::Gcra ? tr("Pace") : tr("Outflo&w"));
    m_interval->setLabel(limit::isWindow(algorithm)     ? tr("&Within")
                         : algorithm == Algorithm::Gcra ? tr("Per")
                                                        : tr("Ever&y"));
    const QString hint = algorithmName(algorithm) + QStringLiteral(": ") + algorithmHint(algorithm);
    m_capacity->edit()->setToolTip(isBucket ? tr("The most tokens the bucket holds: the largest burst") : hint);
    m_refill->edit()->setToolTip(isBucket ? tr("Tokens that each interval adds, up to the capacity") : hint);
    m_interval->edit()->setToolTip(isBucket ? tr("Time between refills, such as 500 ms, 10 s, 1 min, 1 h, 1 d")
                                            : tr("A time such as 500 ms, 10 s, 1 min, 1 h, 1 d"));
}

void NumbersForm::setLevel(std::optional<limit::Tokens> level)
{
    if (level == m_level)
        return;
    m_level = level;
    refreshPreview();
}

void NumbersForm::setBusy(bool isBusy)
{
    m_isBusy = isBusy;
    refresh();
}

void NumbersForm::accept(const limit::Limit &limit)
{
    m_isEdited = false;
    m_isKnown = true;
    m_inForce = limit;
    m_acceptedAt = std::chrono::steady_clock::now();
    showFields(limit.spec);
    m_mode->button(limit::TokenMode::Keep)->setChecked(true); // who refilled once does not mean to with every change
    refresh();
}

void NumbersForm::showOutcome(const QString &sentence, bool isBad)
{
    m_outcome = sentence;
    m_isOutcomeBad = isBad;
    // Good news may go by itself, bad news stays until something is done about it.
    m_outcomeEnd.stop();
    if (!sentence.isEmpty() && !isBad)
        m_outcomeEnd.start(kOutcomeShown);
    refresh();
}

std::optional<limit::LimitSpec> NumbersForm::spec() const
{
    const auto capacity = m_capacity->value();
    const auto refill = isWindow() ? capacity : m_refill->value();
    const auto interval = m_interval->value();
    if (!capacity || !refill || !interval)
        return std::nullopt;
    limit::LimitSpec spec = m_inForce.spec;
    spec.capacity = *capacity;
    spec.refill = isWindow() ? *capacity : *refill;
    spec.interval = Micros{*interval};
    return spec;
}

QString NumbersForm::sentence() const
{
    return m_sentence->text();
}

QString NumbersForm::refillRemark() const
{
    return m_refill->remark();
}

// Its numbers alone.
void NumbersForm::choose(const limit::LimitSpec &preset)
{
    showFields(preset);
    fieldEdited();
}

void NumbersForm::showFields(const limit::LimitSpec &spec)
{
    m_capacity->setValue(spec.capacity);
    m_refill->setValue(spec.refill);
    m_interval->setValue(spec.interval.count());
    m_refillMeant = spec.refill;
    m_refill->setRemark({});
}

// What nobody has edited.
void NumbersForm::followFields(const limit::LimitSpec &before, const limit::LimitSpec &now)
{
    if (m_capacity->value() == before.capacity)
        m_capacity->setValue(now.capacity);
    if (m_refill->value() == before.refill) {
        m_refill->setValue(now.refill);
        m_refillMeant = now.refill;
    }
    if (m_interval->value() == before.interval.count())
        m_interval->setValue(now.interval.count());
}

void NumbersForm::capacityEdited()
{
    if (isWindow())
        return fieldEdited();
    // From the refill that was meant, not from the one shown: "15" is typed as "1" first.
    if (const auto capacity = m_capacity->value()) {
        const limit::Tokens refill = std::clamp<limit::Tokens>(*capacity, 1, m_refillMeant);
        m_refill->setValue(refill);
        m_refill->setRemark(refill < m_refillMeant ? tr("was %1").arg(format::shortCount(m_refillMeant)) : QString());
    }
    fieldEdited();
}

void NumbersForm::refillEdited()
{
    m_refillMeant = m_refill->value().value_or(m_refillMeant);
    m_refill->setRemark({});
    fieldEdited();
}

void NumbersForm::fieldEdited()
{
    m_isEdited = spec() != m_inForce.spec;
    showOutcome({}, false);
}

void NumbersForm::revert()
{
    m_isEdited = false;
    showFields(m_inForce.spec);
    showOutcome({}, false);
}

void NumbersForm::apply()
{
    if (const auto wanted = spec(); wanted && m_apply->isUsable())
        Q_EMIT applyRequested(*wanted, m_mode->mode());
}

QStringList NumbersForm::problems(const std::vector<config::ConfigIssue> &issues) const
{
    QStringList sentences;
    const QString capacity = m_capacity->edit()->accessibleName();
    const QString refill = m_refill->edit()->accessibleName();
    const QString interval = m_interval->edit()->accessibleName();
    if (!m_capacity->value())
        sentences << tr("%1: write a whole number of tokens.").arg(capacity);
    if (!isWindow() && !m_refill->value())
        sentences << tr("%1: write a whole number of tokens.").arg(refill);
    if (!m_interval->value())
        sentences << tr("%1: write a time such as 500 ms, 10 s, 1 min, 1 h or 1 d.").arg(interval)
                         + hintOf(*m_interval);
    std::vector<config::ConfigIssue> named = issues;
    for (config::ConfigIssue &issue : named) {
        if (issue.where == "capacity")
            issue.where = capacity.toStdString();
        else if (issue.where == "refill")
            issue.where = refill.toStdString();
        else if (issue.where == "every")
            issue.where = interval.toStdString();
    }
    return sentences + issueSentences(named);
}

void NumbersForm::refresh()
{
    const auto wanted = spec();
    const auto issues = wanted ? m_check(m_inForce.name, *wanted) : std::vector<config::ConfigIssue>{};
    const QStringList wrong = problems(issues);
    m_isUsable = wrong.isEmpty() && wanted.has_value();
    const QString meant = m_isUsable ? limitMeaning(*wanted) : wrong.join(u'\n');
    const QString text = m_outcome.isEmpty() ? meant : m_outcome;
    if (m_sentence->text() != text) {
        m_sentence->setText(text);
        setPlainToolTip(m_sentence, text); // should it not fit
    }
    setLabelRole(m_sentence, (m_outcome.isEmpty() ? !m_isUsable : m_isOutcomeBad) ? "bad" : "dim");
    m_mode->setVisible(m_isUsable); // what is no limit gives no level; the room is for the reasons

    const auto isNamed = [&](const char *where) {
        return std::any_of(issues.begin(), issues.end(),
                           [where](const config::ConfigIssue &issue) { return issue.where == where; });
    };
    // What is neither of the other two is more than the capacity.
    const bool isCapacityNamed = std::any_of(issues.begin(), issues.end(), [](const config::ConfigIssue &issue) {
        return issue.where != "refill" && issue.where != "every";
    });
    m_capacity->edit()->setWrong(!m_capacity->value() || isCapacityNamed);
    m_refill->setVisible(!isWindow());
    const QList<QAction *> presets = m_presets->menu()->actions();
    for (qsizetype i = 0; i < presets.size(); ++i) // one with a refill of its own says something else of a window
        presets[i]->setEnabled(!isWindow() || kPresets[i].spec.refill == kPresets[i].spec.capacity);
    m_refill->edit()->setWrong(!m_refill->value() || isNamed("refill"));
    m_interval->edit()->setWrong(!m_interval->value() || isNamed("every"));

    refreshPreview();
    m_apply->setUsable(m_isUsable && m_isEdited && !m_isBusy);
    m_revert->setUsable(m_isEdited && !m_isBusy);
    m_fill->setUsable(!m_isBusy);
    m_empty->setUsable(!m_isBusy);
}

void NumbersForm::refreshPreview()
{
    const auto wanted = spec();
    m_mode->setPreview(m_isUsable ? m_level : std::nullopt, m_inForce.spec.capacity, m_isUsable ? wanted->capacity : 1);
}

void NumbersForm::resizeEvent(QResizeEvent *event)
{
    Panel::resizeEvent(event);
    for (NumberField *field : {m_capacity, m_refill, m_interval})
        field->setSliderShown(height() >= px(kHeightWithSliders));
}

} // namespace weir::ui
