#include "widgets/forms/SchemaForm.h"

#include "foundation/Error.h"
#include "widgets/forms/EntryFields.h"
#include "widgets/forms/FieldEditor.h"
#include "widgets/forms/PathEdit.h"
#include "widgets/views/LetGo.h"
#include "widgets/views/Theme.h"

#include <QApplication>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <map>

namespace reticle {

namespace {

constexpr int filterAbove = 12;

QString fieldTitle(const Field &field)
{
    QString text = QString::fromStdString(field.title.empty() ? field.name : field.title);
    if (field.title.empty()) {
        text.replace(QLatin1Char('-'), QLatin1Char(' '));
        if (!text.isEmpty())
            text[0] = text[0].toUpper();
    }
    return text;
}

QString valueAsText(const Json &v)
{
    if (v.is_boolean())
        return v.get<bool>() ? QObject::tr("on") : QObject::tr("off");
    if (v.is_number_float())
        return numberText(v.get<double>());
    if (v.is_array() && v.empty())
        return QObject::tr("empty");
    const QString text = QString::fromStdString(v.is_string() ? v.get<std::string>() : v.dump());
    return text.isEmpty() ? QObject::tr("empty") : text;
}

/// "2 to 200 px", "at least 0"; empty where all goes.
QString rangeOf(const Field &f)
{
    QString s;
    if (f.min && f.max)
        s = QObject::tr("%1 to %2").arg(numberText(*f.min), numberText(*f.max));
    else if (f.min)
        s = QObject::tr("at least %1").arg(numberText(*f.min));
    else if (f.max)
        s = QObject::tr("at most %1").arg(numberText(*f.max));
    if (!s.isEmpty() && !f.unit.empty())
        s += QLatin1Char(' ') + QString::fromStdString(f.unit);
    return s;
}

QString tipOf(const Field &f)
{
    QString tip = QStringLiteral("<p style='margin:0'>%1</p>").arg(QString::fromStdString(f.help).toHtmlEscaped());
    QStringList facts;
    if (const auto range = rangeOf(f); !range.isEmpty())
        facts << QObject::tr("Range: %1").arg(range);
    facts << QObject::tr("Default: %1").arg(valueAsText(f.defaultValue).toHtmlEscaped());
    tip += QStringLiteral("<p style='margin:4px 0 0 0'>%1</p>").arg(facts.join(QStringLiteral("<br>")));
    return tip;
}

struct Row
{
    Field field;
    QWidget *widget = nullptr;
    QLabel *label = nullptr;
    FieldEditor *editor = nullptr;
    QToolButton *reset = nullptr;
    QLabel *problem = nullptr;
    Json accepted;
    QString sentence;     ///< what is wrong with what is shown; empty = nothing
    bool foreign = false; ///< the sentence came from elsewhere: the value itself is accepted
    QLabel *heading = nullptr;
};

} // namespace

struct SchemaForm::Private
{
    SchemaForm *q;
    SchemaInfo given, schema; ///< as set; as rows, with the fields of entries among them
    EntryFields entries;
    std::vector<std::unique_ptr<Row>> rows;
    QVBoxLayout *layout = nullptr;
    QLineEdit *filter = nullptr;
    QLabel *nothing = nullptr;
    QToolButton *more = nullptr;
    bool readOnly = false, advanced = false, valid = true;
    QString base;

    Row *find(const std::string &name) const
    {
        for (const auto &r : rows)
            if (r->field.name == name)
                return r.get();
        return nullptr;
    }

    void setSchema(const SchemaInfo &wanted)
    {
        given = wanted;
        entries = EntryFields(wanted);
        schema = entries.flat();
    }

    Json flatValues() const
    {
        Json j = Json::object();
        for (const auto &f : schema.fields) // the schema's order, not the form's
            if (const Row *r = find(f.name))
                j[f.name] = r->accepted;
        return j;
    }

    QLabel *addHeading(const std::string &text)
    {
        auto *heading = new QLabel(QString::fromStdString(text), q);
        heading->setFont(themeFont(FontRole::Strong));
        heading->setContentsMargins(0, 8, 0, 0);
        layout->addWidget(heading);
        return heading;
    }

    void addRow(const Field &field, QLabel *heading)
    {
        auto row = std::make_unique<Row>();
        row->field = field;
        row->accepted = field.defaultValue;
        row->heading = heading;
        row->widget = new QWidget(q);
        auto *grid = addGrid(row->widget);
        addLabel(*row);
        addEditor(*row);
        addReset(*row);
        addProblem(*row);
        grid->addWidget(row->label, 0, 0, Qt::AlignVCenter);
        grid->addWidget(row->editor, 0, 1);
        grid->addWidget(row->reset, 0, 2, Qt::AlignVCenter);
        grid->addWidget(row->problem, 1, 0, 1, 3);
        describe(*row);
        row->editor->setValue(field.defaultValue);
        followEdits(*row);
        if (auto *path = qobject_cast<PathEdit *>(row->editor->input()))
            path->setBaseFolder(base);
        row->editor->setReadOnly(readOnly);
        layout->addWidget(row->widget);
        rows.push_back(std::move(row));
    }

    static QGridLayout *addGrid(QWidget *widget)
    {
        auto *grid = new QGridLayout(widget);
        grid->setContentsMargins(0, 0, 0, 0);
        grid->setHorizontalSpacing(8);
        grid->setVerticalSpacing(2);
        // Widths come from the stretch alone, so that the editors of all rows stand under one another.
        grid->setColumnStretch(0, 9);
        grid->setColumnStretch(1, 11);
        return grid;
    }

    static void addLabel(Row &row)
    {
        const Field &field = row.field;
        row.label = new QLabel(row.widget);
        row.label->setTextFormat(Qt::PlainText);
        row.label->setText(field.unit.empty()
                               ? fieldTitle(field)
                               : QStringLiteral("%1 (%2)").arg(fieldTitle(field), QString::fromStdString(field.unit)));
        row.label->setWordWrap(true);
        row.label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    }

    static void addEditor(Row &row)
    {
        const Field &field = row.field;
        row.editor = makeEditor(field, row.widget);
        row.editor->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
        QWidget *input = row.editor->input();
        row.label->setBuddy(input);
        input->setObjectName(QString::fromStdString(field.name));
        input->setAccessibleName(field.unit.empty()
                                     ? fieldTitle(field)
                                     : fieldTitle(field) + QStringLiteral(", ") + QString::fromStdString(field.unit));
    }

    /// The button that takes a row back to its default.
    static void addReset(Row &row)
    {
        row.reset = new QToolButton(row.widget);
        row.reset->setIcon(themeIcon(QStringLiteral("reset"), ColorRole::TextMuted));
        row.reset->setIconSize({14, 14});
        row.reset->setFocusPolicy(Qt::TabFocus);
        row.reset->setAccessibleName(tr("Reset %1").arg(fieldTitle(row.field)));
        // Its room stays while it is hidden: an editor does not change its width when its value does.
        auto policy = row.reset->sizePolicy();
        policy.setRetainSizeWhenHidden(true);
        row.reset->setSizePolicy(policy);
        row.reset->hide();
    }

    /// The line below an editor that says why its value is refused.
    static void addProblem(Row &row)
    {
        row.problem = new QLabel(row.widget);
        row.problem->setProperty("problem", true);
        row.problem->setFont(themeFont(FontRole::Small));
        row.problem->setWordWrap(true);
        row.problem->setTextFormat(Qt::PlainText);
        row.problem->hide();
    }

    void followEdits(Row &row)
    {
        Row *r = &row;
        connect(r->editor, &FieldEditor::edited, q, [this, r] { takeEdit(*r); });
        connect(r->reset, &QToolButton::clicked, q, [this, r] {
            r->editor->input()->setFocus();
            r->editor->setValue(r->field.defaultValue);
            takeEdit(*r);
        });
    }

    /// What a user has done to a row: the form says what came of it.
    void takeEdit(Row &row)
    {
        if (take(row)) {
            if (row.field.type == Field::Type::Choice)
                applyFilter(); // other fields may belong to it
            Q_EMIT q->changed();
        }
        announceValidity();
    }

    /// What is to be read of range and default.
    void describe(Row &row)
    {
        const Field &field = row.field;
        const QString tip = tipOf(field);
        row.label->setToolTip(tip);
        QWidget *input = row.editor->input();
        if (field.type != Field::Type::Path)
            input->setToolTip(tip);
        const QString range = rangeOf(field);
        input->setAccessibleDescription(QString::fromStdString(field.help) +
                                        (range.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(range)));
        row.reset->setToolTip(tr("Back to the default: %1").arg(valueAsText(field.defaultValue)));
    }

    /// Whether its editors do for `other` too.
    bool hasFieldsOf(const SchemaInfo &other) const
    {
        return !rows.empty() && std::equal(schema.fields.begin(), schema.fields.end(), other.fields.begin(), other.fields.end(),
                                           [](const Field &a, const Field &b) {
                                               return a.name == b.name && a.title == b.title && a.type == b.type &&
                                                      a.unit == b.unit && a.help == b.help && a.group == b.group &&
                                                      a.advanced == b.advanced;
                                           });
    }

    /// Another range, other choices, another value. What is being typed and cannot be read yet is not taken away.
    void adapt(Row &row, const Field &field, const Json &wanted)
    {
        row.field = field;
        row.editor->setField(field);
        describe(row);
        const QWidget *focus = QApplication::focusWidget();
        const bool typing = focus && field.type != Field::Type::Choice && !row.sentence.isEmpty() && !row.foreign &&
                            row.editor->isAncestorOf(focus);
        try {
            row.accepted = schema.validate(Json{{field.name, wanted}}).at(field.name);
        } catch (const Error &) {
            row.accepted = field.defaultValue;
        }
        if (!typing && row.editor->value() != wanted)
            row.editor->setValue(wanted);
        take(row);
    }

    /// Judges what the editor shows; true when the accepted value changed by it.
    bool take(Row &row)
    {
        bool changed = false;
        row.foreign = false;
        try {
            const Json valid = schema.validate(Json{{row.field.name, row.editor->value()}});
            row.sentence.clear();
            changed = row.accepted != valid.at(row.field.name);
            row.accepted = valid.at(row.field.name);
        } catch (const Error &e) {
            row.sentence = QObject::tr("Expected %1, found %2.")
                               .arg(QString::fromStdString(e.parts().expected), QString::fromStdString(e.parts().found));
        }
        show(row);
        return changed;
    }

    void show(Row &row)
    {
        row.problem->setText(row.sentence);
        row.problem->setVisible(!row.sentence.isEmpty());
        row.editor->setProblem(!row.sentence.isEmpty());
        row.reset->setVisible(!readOnly && (row.accepted != row.field.defaultValue || (!row.sentence.isEmpty() && !row.foreign)));
        if (!row.sentence.isEmpty() && row.field.advanced && !advanced)
            q->setAdvancedVisible(true);
    }

    void announceValidity()
    {
        if (q->isValid() != valid) {
            valid = !valid;
            Q_EMIT q->validityChanged(valid);
        }
    }

    void applyFilter()
    {
        const QString wanted = filter ? filter->text().trimmed() : QString();
        std::map<QLabel *, bool> headings;
        int count = 0, folded = 0;
        const Json values = flatValues();
        for (const auto &r : rows) {
            const bool inForce = entries.isInForce(r->field.name, values);
            const bool match = wanted.isEmpty() || fieldTitle(r->field).contains(wanted, Qt::CaseInsensitive) ||
                               QString::fromStdString(r->field.name).contains(wanted, Qt::CaseInsensitive) ||
                               QString::fromStdString(r->field.help).contains(wanted, Qt::CaseInsensitive) ||
                               QString::fromStdString(r->field.group).contains(wanted, Qt::CaseInsensitive);
            const bool visible = inForce && match && (!r->field.advanced || advanced || !wanted.isEmpty());
            r->widget->setVisible(visible);
            if (r->heading)
                headings[r->heading] |= visible;
            count += visible;
            folded += inForce && r->field.advanced;
        }
        for (const auto &[heading, visible] : headings)
            heading->setVisible(visible);
        if (more) {
            more->setVisible(wanted.isEmpty() && folded > 0);
            more->setText(tr("Advanced (%1)").arg(folded));
            more->setIcon(
                themeIcon(advanced ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right"), ColorRole::TextMuted));
        }
        if (nothing)
            nothing->setVisible(count == 0 && !wanted.isEmpty());
    }

    void build()
    {
        rows.clear();
        delete layout;
        letGoOfChildren(q);
        filter = nullptr;
        nothing = nullptr;
        more = nullptr;
        layout = new QVBoxLayout(q);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(8);
        if (given.fields.size() > filterAbove) {
            filter = new QLineEdit(q);
            filter->setObjectName(QStringLiteral("filter"));
            filter->setPlaceholderText(tr("Find a setting"));
            filter->setAccessibleName(tr("Find a setting"));
            filter->setClearButtonEnabled(true);
            filter->addAction(themeIcon(QStringLiteral("search"), ColorRole::TextMuted), QLineEdit::LeadingPosition);
            layout->addWidget(filter);
            nothing = new QLabel(tr("No setting of that name."), q);
            nothing->setProperty("muted", true);
            layout->addWidget(nothing);
            connect(filter, &QLineEdit::textChanged, q, [this] { applyFilter(); });
        }
        for (const bool folded : {false, true}) {
            // Groups keep the order in which the schema first names them.
            std::vector<std::string> groups;
            bool any = false;
            for (const auto &f : schema.fields)
                if (f.advanced == folded) {
                    any = true;
                    if (std::find(groups.begin(), groups.end(), f.group) == groups.end())
                        groups.push_back(f.group);
                }
            if (folded && any) {
                more = new QToolButton(q);
                more->setObjectName(QStringLiteral("advanced"));
                more->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
                more->setIconSize({14, 14});
                more->setFocusPolicy(Qt::StrongFocus);
                layout->addWidget(more, 0, Qt::AlignLeft);
                connect(more, &QToolButton::clicked, q, [this] { q->setAdvancedVisible(!advanced); });
            }
            for (const auto &group : groups) {
                QLabel *heading = group.empty() ? nullptr : addHeading(group);
                for (const auto &f : schema.fields)
                    if (f.advanced == folded && f.group == group)
                        addRow(f, heading);
            }
        }
        layout->addStretch();
        for (std::size_t i = 1; i < rows.size(); ++i) {
            QWidget::setTabOrder(rows[i - 1]->editor->input(), rows[i - 1]->reset);
            QWidget::setTabOrder(rows[i - 1]->reset, rows[i]->editor->input());
        }
        applyFilter();
    }
};

SchemaForm::SchemaForm(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>())
{
    d->q = this;
}

SchemaForm::SchemaForm(const SchemaInfo &schema, QWidget *parent) : SchemaForm(parent)
{
    setSchema(schema);
}

SchemaForm::~SchemaForm() = default;

void SchemaForm::setSchema(const SchemaInfo &schema)
{
    d->setSchema(schema);
    d->build();
    d->announceValidity();
    Q_EMIT changed();
}

void SchemaForm::setSchema(const SchemaInfo &schema, const Json &values)
{
    const EntryFields entries(schema);
    if (!d->hasFieldsOf(entries.flat())) {
        setSchema(schema);
        setValues(values);
        return;
    }
    d->setSchema(schema);
    const Json flat = entries.flattened(values);
    for (const auto &field : d->schema.fields)
        d->adapt(*d->find(field.name), field, flat.value(field.name, field.defaultValue));
    d->applyFilter();
    d->announceValidity();
    Q_EMIT changed();
}

const SchemaInfo &SchemaForm::schema() const
{
    return d->given;
}

Json SchemaForm::values() const
{
    return d->entries.gathered(d->flatValues());
}

Json SchemaForm::changedValues() const
{
    Json j = Json::object();
    const Json all = values();
    for (const auto &f : d->given.fields)
        if (all.at(f.name) != f.defaultValue)
            j[f.name] = all.at(f.name);
    return j;
}

void SchemaForm::setValues(const Json &values)
{
    bool any = false;
    const Json flat = d->entries.flattened(values);
    for (const auto &r : d->rows)
        if (flat.is_object() && flat.contains(r->field.name)) {
            r->editor->setValue(flat.at(r->field.name));
            any |= d->take(*r);
        }
    d->applyFilter();
    d->announceValidity();
    if (any)
        Q_EMIT changed();
}

void SchemaForm::resetAll()
{
    setValues(d->schema.defaults()); // of entries that are not chosen too
}

bool SchemaForm::isValid() const
{
    const Json values = d->flatValues();
    for (const auto &r : d->rows)
        if (!r->sentence.isEmpty() && !r->foreign && d->entries.isInForce(r->field.name, values))
            return false;
    return true;
}

QStringList SchemaForm::problems() const
{
    QStringList all;
    const Json values = d->flatValues();
    for (const auto &r : d->rows)
        if (!r->sentence.isEmpty() && d->entries.isInForce(r->field.name, values))
            all << fieldTitle(r->field) + QStringLiteral(": ") + r->sentence;
    return all;
}

bool SchemaForm::setProblem(const QString &field, const QString &sentence)
{
    Row *r = d->find(d->entries.fieldOf(field.toStdString(), d->flatValues()));
    if (!r)
        return false;
    r->sentence = sentence;
    r->foreign = true;
    d->show(*r);
    return true;
}

void SchemaForm::setReadOnly(bool readOnly)
{
    d->readOnly = readOnly;
    for (const auto &r : d->rows) {
        r->editor->setReadOnly(readOnly);
        d->show(*r);
    }
}

bool SchemaForm::isReadOnly() const
{
    return d->readOnly;
}

void SchemaForm::setAdvancedVisible(bool visible)
{
    d->advanced = visible;
    d->applyFilter();
}

bool SchemaForm::isAdvancedVisible() const
{
    return d->advanced;
}

void SchemaForm::setBaseFolder(const QString &folder)
{
    d->base = folder;
    for (const auto &r : d->rows)
        if (auto *path = qobject_cast<PathEdit *>(r->editor->input()))
            path->setBaseFolder(folder);
}

QWidget *SchemaForm::editor(const QString &field) const
{
    const Row *r = d->find(d->entries.fieldOf(field.toStdString(), d->flatValues()));
    return r ? r->editor->input() : nullptr;
}

} // namespace reticle
