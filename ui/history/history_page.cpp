// SPDX-License-Identifier: GPL-3.0-only
#include "ui/history/history_page.h"

#include <QBoxLayout>
#include <QButtonGroup>
#include <QDateTimeEdit>
#include <QFileDialog>
#include <QLabel>
#include <QHeaderView>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSaveFile>
#include <QTreeWidget>

#include <array>
#include <utility>

#include "ui/controls/menu_button.h"
#include "ui/controls/panel.h"
#include "ui/controls/plain_tool_tip.h"
#include "ui/controls/tabular_text.h"
#include "ui/controls/toggle.h"
#include "ui/history/history_chart.h"
#include "ui/history/history_text.h"
#include "ui/controls/legend_item.h"
#include "ui/look/scale.h"
#include "ui/window/live_feed.h"
#include "ui/words/format.h"

namespace weir::ui {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kHourS = 3600;
constexpr int kGap = 12;
constexpr QSize kSmallest{790, 430}; // below it, the page is scrolled
constexpr std::int64_t kMostRows = 600;
constexpr int kNameRoom = 110;

class Card : public Panel {
public:
    using Panel::body;
    using Panel::header;
    using Panel::Panel;
};

std::int64_t now()
{
    return QDateTime::currentSecsSinceEpoch();
}

QString stepText(std::int64_t stepS)
{
    return format::duration(std::chrono::seconds{stepS});
}

} // namespace

HistoryPage::HistoryPage(engine::ServicePort &service, LiveFeed &feed, QWidget *parent)
    : QWidget{parent}, m_service{service}, m_refresh{this}, m_delay{this}, m_span{lastOf(kDayS, now())}
{
    layOut();
    m_delay.setSingleShot(true);
    m_delay.setInterval(40ms);
    connect(&m_delay, &QTimer::timeout, this, &HistoryPage::ask);
    connect(&m_refresh, &QTimer::timeout, this, [this] {
        if (m_follows && isVisibleTo(window()) && window()->isVisible()) {
            m_span = lastOf(m_span.length(), now());
            ask();
        }
    });
    m_refresh.start(2s);
    connect(&feed, &LiveFeed::limitsPulled, this,
            [this](const std::shared_ptr<const config::LimitSet> &limits) { setLimits(*limits); });
    connect(m_chart, &HistoryChart::spanWished, this, &HistoryPage::setSpan);
}

void HistoryPage::layOut()
{
    setScaledMinimum(this, kSmallest.width(), kSmallest.height());
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    layout->setSpacing(kGap);
    auto *row = new QHBoxLayout;
    row->setSpacing(6);
    m_lengths = new QButtonGroup(this);
    const std::array<std::pair<QString, std::int64_t>, 4> lengths{
        {{tr("Hour"), kHourS}, {tr("Day"), kDayS}, {tr("Week"), kWeekS}, {tr("Month"), 30 * kDayS}}};
    for (const auto &[text, length] : lengths) {
        auto *button = new QPushButton(text, this);
        setRole(button, "flat");
        button->setCheckable(true);
        button->setChecked(length == kDayS);
        button->setToolTip(tr("The last %1, and on with the time").arg(text.toLower()));
        m_lengths->addButton(button);
        row->addWidget(button);
        connect(button, &QPushButton::clicked, this, [this, length = length] { follow(length); });
    }
    row->addSpacing(10);
    const auto edit = [this](const QString &name) {
        auto *box = new QDateTimeEdit(this);
        box->setDisplayFormat(QStringLiteral("yyyy-MM-dd HH:mm"));
        box->setAccessibleName(name);
        box->setToolTip(tr("%1 of the stretch, in local time").arg(name));
        box->setKeyboardTracking(false);
        box->setButtonSymbols(QAbstractSpinBox::NoButtons);
        return box;
    };
    m_from = edit(tr("Begin"));
    m_to = edit(tr("End"));
    row->addWidget(m_from);
    row->addWidget(new QLabel(tr("to"), this));
    row->addWidget(m_to);
    for (QDateTimeEdit *box : {m_from, m_to})
        connect(box, &QDateTimeEdit::dateTimeChanged, this, [this] {
            const HistorySpan wished{m_from->dateTime().toSecsSinceEpoch(), m_to->dateTime().toSecsSinceEpoch()};
            if (wished.length() >= kShortestSpanS)
                setSpan(wished);
        });
    row->addStretch(1);
    m_limit = new MenuButton(tr("All limits"), "plain", this);
    m_limit->setObjectName(QStringLiteral("historyLimit"));
    m_limit->setToolTip(tr("Whose requests are shown"));
    m_limit->setMenu(new QMenu(m_limit));
    row->addWidget(m_limit);
    m_export = new MenuButton(tr("Export"), "plain", this);
    m_export->setToolTip(tr("Write what is shown to a file"));
    auto *menu = new QMenu(m_export);
    menu->addAction(tr("Table (CSV)…"), this, [this] { save(tr("CSV (*.csv)"), QStringLiteral("csv")); });
    menu->addAction(tr("Data with what happened (JSON)…"), this,
                    [this] { save(tr("JSON (*.json)"), QStringLiteral("json")); });
    menu->addAction(tr("Picture (PNG)…"), this, [this] { save(tr("PNG (*.png)"), QStringLiteral("png")); });
    m_export->setMenu(menu);
    row->addWidget(m_export);
    layout->addLayout(row);

    auto *picture = new Card(tr("Requests"), this);
    m_card = picture;
    m_sums = new TabularLabel(picture);
    setRole(m_sums, "dim");
    m_sums->setAlignment(Qt::AlignRight);
    picture->header()->addWidget(m_sums);
    m_chart = new HistoryChart(picture);
    picture->body()->addWidget(m_chart, 1);
    auto *legend = new QHBoxLayout;
    legend->setSpacing(14);
    legend->addWidget(new LegendItem(LegendItem::Sign::Admitted, tr("admitted"), picture));
    legend->addWidget(new LegendItem(LegendItem::Sign::Refused, tr("refused"), picture));
    legend->addWidget(new LegendItem(LegendItem::Sign::Undecided, tr("503, or Redis away"), picture));
    m_beforeSign = new LegendItem(LegendItem::Sign::Tokens, tr("requests a week before"), picture);
    m_beforeSign->hide();
    legend->addWidget(m_beforeSign);
    legend->addWidget(new LegendItem(LegendItem::Sign::Change, tr("what happened"), picture), 1);
    auto *compare = new QLabel(tr("Week before"), this);
    m_compare = new Toggle(tr("Compare with the week before"), Toggle::Tone::Good, this);
    m_compare->setObjectName(QStringLiteral("compare"));
    compare->setBuddy(m_compare);
    for (QWidget *widget : {static_cast<QWidget *>(compare), static_cast<QWidget *>(m_compare)})
        setPlainToolTip(widget, tr("Draw the same stretch of a week earlier as a line"));
    connect(m_compare, &Toggle::toggled, this, &HistoryPage::ask);
    legend->addWidget(compare);
    legend->addWidget(m_compare);
    picture->body()->addLayout(legend);
    layout->addWidget(picture, 3);

    m_marks = new QTreeWidget(this);
    m_marks->setColumnCount(3);
    m_marks->setHeaderLabels({tr("When"), tr("Who"), tr("What happened")});
    m_marks->setRootIsDecorated(false);
    m_marks->setUniformRowHeights(true);
    m_marks->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    m_marks->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    m_marks->header()->setSectionsMovable(false);
    m_marks->setObjectName(QStringLiteral("historyMarks"));
    m_marks->setAccessibleName(
        tr("What happened in this stretch of time, newest first; Enter shows the minutes around it"));
    setScaledMinimum(m_marks, 0, 120);
    layout->addWidget(m_marks, 1);
    connect(m_marks, &QTreeWidget::itemActivated, this, [this](const QTreeWidgetItem *item) {
        constexpr std::int64_t kAroundS = 15 * 60;
        const std::int64_t at = item->data(0, Qt::UserRole).toLongLong() / 1000;
        setSpan(zoomed({at - kAroundS, at + kAroundS}, 1, 0.5, now()));
    });
    setLimits({});
}

void HistoryPage::follow(std::int64_t length)
{
    m_follows = true;
    m_span = lastOf(length, now());
    ask();
}

void HistoryPage::setSpan(const HistorySpan &span)
{
    m_follows = false;
    m_span = zoomed(span, 1, 0.5, now());
    m_lengths->setExclusive(false); // else one of them stays pressed
    for (QAbstractButton *button : m_lengths->buttons())
        button->setChecked(false);
    m_lengths->setExclusive(true);
    m_delay.start();
}

void HistoryPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_follows)
        m_span = lastOf(m_span.length(), now());
    ask();
}

void HistoryPage::ask()
{
    for (QDateTimeEdit *box : {m_from, m_to}) {
        const QSignalBlocker quiet{box};
        if (!box->hasFocus() || m_follows)
            box->setDateTime(QDateTime::fromSecsSinceEpoch(box == m_from ? m_span.fromS : m_span.toS));
    }
    const std::uint64_t number = ++m_asked;
    const bool compares = m_compare->isChecked();
    m_answer.reset();
    m_before.reset();
    m_isBeforeAwaited = compares;
    const auto askFor = [this, number](const HistorySpan &span, bool isBefore) {
        m_service.askHistory(
            {m_name, span.fromS, span.toS, kMostRows}, this,
            [this, number, isBefore](const Result<history::Answer> &answer) { takeAnswer(number, isBefore, answer); });
    };
    if (compares)
        askFor({m_span.fromS - kWeekS, m_span.toS - kWeekS}, true);
    askFor(m_span, false);
}

void HistoryPage::takeAnswer(std::uint64_t number, bool isBefore, const Result<history::Answer> &answer)
{
    if (number != m_asked)
        return;
    if (!answer) {
        m_isBeforeAwaited = m_isBeforeAwaited && !isBefore;
        QString why = QString::fromStdString(answer.error().detail);
        if (!why.isEmpty())
            why[0] = why.at(0).toUpper();
        return m_chart->setNotice(tr("There is nothing to show. %1.").arg(why));
    }
    (isBefore ? m_before : m_answer) = answer.value();
    if (m_answer && (m_before || !m_isBeforeAwaited))
        showAnswer();
}

void HistoryPage::showAnswer()
{
    m_chart->setNotice({});
    history::Counts sum;
    for (const history::Row &row : m_answer->rows) {
        sum.admitted += row.counts.admitted;
        sum.refused += row.counts.refused;
        sum.undecided += row.counts.undecided;
        sum.awayS += row.counts.awayS;
    }
    m_card->setTitle(tr("Requests in %1").arg(stepText(m_answer->stepS)));
    QString words = tr("%1 admitted · %2 refused (%3)")
                        .arg(format::count(sum.admitted), format::count(sum.refused),
                             format::share(sum.refused, sum.admitted + sum.refused));
    if (sum.undecided > 0)
        words += tr(" · %1 answered 503").arg(format::count(sum.undecided));
    if (sum.awayS > 0)
        words += tr(" · Redis away for %1").arg(stepText(sum.awayS));
    m_sums->setText(words);
    m_chart->show(m_span, *m_answer, m_before);
    m_beforeSign->setVisible(m_before.has_value());
    showMarks();
}

// Rebuilt only when something else happened, so that a choice stays.
void HistoryPage::showMarks()
{
    if (std::exchange(m_listed, m_answer->marks) == m_answer->marks)
        return;
    m_marks->clear();
    for (auto mark = m_listed.rbegin(); mark != m_listed.rend(); ++mark) {
        const QString what = QString::fromStdString(mark->sentence);
        auto *item = new QTreeWidgetItem(
            m_marks, {momentText(mark->atMs / 1000, 1),
                      mark->who.empty() ? tr("this Weir") : QString::fromStdString(mark->who), what});
        item->setData(0, Qt::UserRole, static_cast<qlonglong>(mark->atMs));
        item->setToolTip(2, plainToolTip(what));
    }
}

void HistoryPage::setLimits(const config::LimitSet &limits)
{
    QStringList names{QString{}};
    for (const config::LimitEntry &entry : limits.limits)
        names << QString::fromStdString(entry.name);
    if (std::exchange(m_names, names) == names)
        return;
    QMenu *menu = m_limit->menu();
    menu->clear();
    for (const QString &name : names) {
        QAction *action = menu->addAction(name.isEmpty() ? tr("All limits") : name);
        connect(action, &QAction::triggered, this, [this, name] { chooseLimit(name); });
    }
    if (!names.contains(QString::fromStdString(m_name)))
        chooseLimit({});
}

void HistoryPage::chooseLimit(const QString &name)
{
    m_name = name.toStdString();
    const QString text = name.isEmpty() ? tr("All limits") : name;
    m_limit->setText(m_limit->fontMetrics().elidedText(text, Qt::ElideRight, px(kNameRoom)));
    setPlainToolTip(m_limit, tr("Whose requests are shown: %1").arg(text));
    ask();
}

void HistoryPage::save(const QString &filter, const QString &suffix)
{
    if (!m_answer)
        return;
    const history::Answer answer = *m_answer; // as shown when the dialog was opened
    const QPixmap picture = m_chart->grab();
    const QString name =
        QStringLiteral("weir-history-%1.%2")
            .arg(QDateTime::fromSecsSinceEpoch(m_span.fromS).toString(QStringLiteral("yyyyMMdd-HHmm")), suffix);
    const QString path = QFileDialog::getSaveFileName(this, tr("Export the history"), name, filter);
    if (path.isEmpty())
        return;
    QSaveFile file{path};
    bool isWritten = file.open(QIODevice::WriteOnly);
    if (isWritten && suffix == u"png")
        isWritten = picture.save(&file, "PNG");
    else if (isWritten) {
        const QByteArray text = suffix == u"csv" ? historyAsCsv(answer) : historyAsJson(answer);
        isWritten = file.write(text) == text.size();
    }
    if (!isWritten || !file.commit())
        QMessageBox::warning(this, tr("Export the history"),
                             tr("%1 cannot be written: %2").arg(path, file.errorString()));
}

} // namespace weir::ui
