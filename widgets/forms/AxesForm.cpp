#include "widgets/forms/AxesForm.h"

#include "foundation/Error.h"
#include "widgets/views/Theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace reticle {

namespace {

/// "0.001, 0.01" where that says it all, else as JSON.
QString axisText(const Json &values)
{
    QStringList parts;
    for (const auto &value : values) {
        const auto text = QString::fromStdString(value.is_string() ? value.get<std::string>()
                                                                   : value.dump(-1, ' ', false, Json::error_handler_t::replace));
        if (value.is_structured() || text.contains(QLatin1Char(',')) || text.isEmpty())
            return QString::fromStdString(values.dump(-1, ' ', false, Json::error_handler_t::replace));
        parts << text;
    }
    return parts.join(QStringLiteral(", "));
}

} // namespace

struct AxesForm::Private
{
    struct Row
    {
        QWidget *widget = nullptr;
        QComboBox *path = nullptr;
        QLineEdit *values = nullptr;
        QPushButton *remove = nullptr;
        QLabel *error = nullptr;
        Json accepted = Json::array();
        QString problem;
        bool twice = false; ///< the problem is that another row has its field
    };

    AxesForm *q;
    QVBoxLayout *layout = nullptr;
    QPushButton *add = nullptr;
    QStringList paths;
    Reader reader;
    std::vector<std::unique_ptr<Row>> rows;
    bool readOnly = false, loading = false;

    void say(Row &row, const QString &problem)
    {
        row.problem = problem;
        row.error->setText(problem);
        row.error->setVisible(!problem.isEmpty());
        setStyleFlag(row.values, "problem", !problem.isEmpty());
    }

    bool isTwice(const Row &row) const
    {
        return std::any_of(rows.begin(), rows.end(), [&](const auto &other) {
            return other.get() != &row && !other->values->text().trimmed().isEmpty() &&
                   other->path->currentText() == row.path->currentText();
        });
    }

    void read(Row &row)
    {
        row.accepted = Json::array();
        row.twice = false;
        if (row.values->text().trimmed().isEmpty()) {
            say(row, {}); // not said yet
        } else if (isTwice(row)) {
            row.twice = true;
            say(row, tr("This field is chosen twice. Write all of its values in one line."));
        } else {
            try {
                if (reader)
                    row.accepted = reader(row.path->currentText().toStdString(), row.values->text().toStdString());
                say(row, {});
            } catch (const std::exception &e) {
                say(row, QString::fromUtf8(e.what()));
            }
        }
        if (!loading)
            Q_EMIT q->changed();
    }

    /// A row whose field was chosen twice may have it to itself now.
    void readTwice()
    {
        for (auto &row : rows)
            if (row->twice && !isTwice(*row))
                read(*row);
    }

    void offer(Row &row)
    {
        const bool before = std::exchange(loading, true);
        const auto own = row.path->currentText();
        const QSignalBlocker blocker(row.path);
        row.path->clear();
        row.path->addItems(paths);
        if (!own.isEmpty() && !paths.contains(own))
            row.path->addItem(own);
        row.path->setCurrentText(own.isEmpty() && !paths.isEmpty() ? paths.front() : own);
        loading = before;
    }

    Row &addRow()
    {
        rows.push_back(std::make_unique<Row>());
        Row *row = rows.back().get();
        row->widget = new QWidget(q);
        auto *column = new QVBoxLayout(row->widget);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(2);
        auto *line = new QHBoxLayout;
        row->path = new QComboBox(row->widget);
        row->path->setObjectName(QStringLiteral("axisPath"));
        row->path->setAccessibleName(AxesForm::tr("Field that varies"));
        row->path->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        row->path->setMinimumContentsLength(12);
        row->values = new QLineEdit(row->widget);
        row->values->setObjectName(QStringLiteral("axisValues"));
        row->values->setAccessibleName(AxesForm::tr("Values of the field"));
        row->values->setPlaceholderText(AxesForm::tr("values, such as 0.001, 0.01"));
        row->remove = new QPushButton(themeIcon(QStringLiteral("close")), QString(), row->widget);
        row->remove->setObjectName(QStringLiteral("removeAxis"));
        row->remove->setToolTip(AxesForm::tr("Do not vary this field"));
        row->remove->setAccessibleName(AxesForm::tr("Do not vary this field"));
        line->addWidget(row->path, 1);
        line->addWidget(row->values, 1);
        line->addWidget(row->remove);
        column->addLayout(line);
        row->error = new QLabel(row->widget);
        row->error->setWordWrap(true);
        row->error->setTextFormat(Qt::PlainText);
        row->error->setProperty("problem", true);
        row->error->hide();
        column->addWidget(row->error);
        offer(*row);
        lock(*row);
        layout->insertWidget(static_cast<int>(rows.size()) - 1, row->widget);
        QObject::connect(row->values, &QLineEdit::textChanged, q, [this, row] {
            read(*row);
            readTwice();
        });
        QObject::connect(row->path, &QComboBox::currentTextChanged, q, [this, row] {
            read(*row);
            readTwice();
        });
        QObject::connect(row->remove, &QPushButton::clicked, q, [this, row] { remove(row); });
        return *row;
    }

    void remove(const Row *row)
    {
        const auto it = std::find_if(rows.begin(), rows.end(), [&](const auto &one) { return one.get() == row; });
        if (it == rows.end())
            return;
        (*it)->widget->hide();
        (*it)->widget->deleteLater(); // its button is at work
        (*it)->values->disconnect(q);
        (*it)->path->disconnect(q);
        rows.erase(it);
        readTwice();
        Q_EMIT q->changed();
    }

    void lock(Row &row)
    {
        row.path->setEnabled(!readOnly);
        row.values->setReadOnly(readOnly);
        row.remove->setVisible(!readOnly);
    }
};

AxesForm::AxesForm(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>())
{
    d->q = this;
    d->layout = new QVBoxLayout(this);
    d->layout->setContentsMargins(0, 0, 0, 0);
    d->layout->setSpacing(4);
    d->add = new QPushButton(tr("Also vary…"), this);
    d->add->setObjectName(QStringLiteral("addAxis"));
    d->add->setToolTip(tr("Train with several values of a field of the recipe, with each combination of them"));
    d->layout->addWidget(d->add, 0, Qt::AlignLeft);
    connect(d->add, &QPushButton::clicked, this, [this] { d->addRow().path->setFocus(); });
}

AxesForm::~AxesForm() = default;

void AxesForm::setPaths(const QStringList &paths)
{
    if (paths == d->paths)
        return;
    d->paths = paths;
    for (auto &row : d->rows)
        d->offer(*row);
}

void AxesForm::setReader(Reader reader)
{
    d->reader = std::move(reader);
}

Json AxesForm::value() const
{
    Json axes = Json::object();
    for (const auto &row : d->rows)
        if (!row->accepted.empty()) // also of one that the worker has refused: it is still what the form shows
            axes[row->path->currentText().toStdString()] = row->accepted;
    return axes;
}

void AxesForm::setValue(const Json &axes)
{
    d->loading = true;
    for (auto &row : d->rows) {
        row->widget->hide();
        row->widget->deleteLater();
    }
    d->rows.clear();
    if (axes.is_object())
        for (const auto &[path, values] : axes.items()) {
            if (!values.is_array() || path.empty() || path[0] == '_')
                continue;
            auto &row = d->addRow();
            const auto name = QString::fromStdString(path);
            if (row.path->findText(name) < 0)
                row.path->addItem(name);
            row.path->setCurrentText(name);
            row.values->setText(axisText(values));
            d->say(row, {});
            row.twice = false;
            row.accepted = values; // sections with fields of their own stay as they are
        }
    d->loading = false;
}

QStringList AxesForm::problems() const
{
    QStringList all;
    for (const auto &row : d->rows)
        if (!row->problem.isEmpty())
            all << row->problem;
    return all;
}

bool AxesForm::setProblem(const QString &path, const QString &sentence)
{
    for (auto &row : d->rows)
        if (path == row->path->currentText() || path.startsWith(row->path->currentText() + QLatin1Char('['))) {
            d->say(*row, sentence);
            return true;
        }
    return false;
}

void AxesForm::setReadOnly(bool readOnly)
{
    d->readOnly = readOnly;
    d->add->setVisible(!readOnly);
    for (auto &row : d->rows)
        d->lock(*row);
}

} // namespace reticle
