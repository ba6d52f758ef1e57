#include "widgets/forms/RecipeForm.h"

#include "widgets/forms/CompareForm.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/forms/Section.h"
#include "widgets/views/LetGo.h"
#include "widgets/views/Theme.h"

#include <QComboBox>
#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>

namespace reticle {

namespace {

/// The recipe's own settings with the devices that there are, and that of `recipe`, to choose from.
SchemaInfo generalSchema(const QStringList &devices, const Json &recipe)
{
    SchemaInfo s = Recipe::head();
    for (auto &device : s.fields)
        if (device.name == "device") {
            device.type = Field::Type::Choice;
            device.choices = {"auto", "cpu"};
            const auto add = [&](const std::string &name) {
                if (std::find(device.choices.begin(), device.choices.end(), name) == device.choices.end())
                    device.choices.push_back(name);
            };
            for (const auto &d : devices)
                add(d.toStdString());
            if (const auto own = recipe.value("device", Json("auto")); own.is_string())
                add(own.get<std::string>());
        }
    return s;
}

struct Part
{
    RecipeSection kind;
    Section *section = nullptr;
    QFrame *line = nullptr; ///< above it
    QComboBox *combo = nullptr;
    QLabel *title = nullptr;
    SchemaForm *form = nullptr;
    Json aside = Json::object(); ///< values of fields that mean nothing to the data, for when they do again
};

} // namespace

struct RecipeForm::Private
{
    RecipeForm *q;
    Catalog catalog;
    Json given = Json::object(); ///< as set; holds what the form does not know
    QStringList devices;
    QString base;
    QVBoxLayout *layout = nullptr;
    SchemaForm *general = nullptr;
    Section *compareSection = nullptr;
    CompareForm *compare = nullptr;
    std::vector<Part> parts;
    EntryFit fit; ///< what the data on show have
    bool readOnly = false, valid = true, loading = false;

    const std::vector<SchemaInfo> &entries(const RecipeSection &kind) const
    {
        static const std::vector<SchemaInfo> none;
        const auto it = catalog.kinds.find(kind.kind);
        return it == catalog.kinds.end() ? none : it->second;
    }

    const SchemaInfo *schemaOf(const Part &part) const
    {
        if (!*part.kind.kind) {
            const auto it = catalog.sections.find(part.kind.name);
            return it == catalog.sections.end() ? nullptr : &it->second;
        }
        const auto name = part.combo->currentData().toString().toStdString();
        for (const auto &s : entries(part.kind))
            if (s.name == name)
                return &s;
        return nullptr;
    }

    /// The fields that mean something to the data.
    SchemaInfo shownSchema(const Part &part) const
    {
        const auto *schema = schemaOf(part);
        SchemaInfo shown = schema ? *schema : SchemaInfo{};
        std::erase_if(shown.fields, [&](const Field &f) { return !f.about.empty() && !fit.has(f.about); });
        return shown;
    }

    /// A section of settings of which none means anything to the data is no part of the recipe.
    bool isShown(const Part &part) const
    {
        const auto *schema = schemaOf(part);
        return part.combo || !schema || schema->fields.empty() || !part.form->schema().fields.empty();
    }

    EntryFit dataFit() const
    {
        for (const auto &part : parts)
            if (part.combo && std::string(part.kind.name) == "data")
                return catalog.fitOf(part.kind.kind, part.combo->currentData().toString().toStdString());
        return {};
    }

    /// What does not go with the data says why and cannot be chosen.
    void offer(Part &part)
    {
        if (!part.combo || std::string(part.kind.name) == "data")
            return;
        auto *model = qobject_cast<QStandardItemModel *>(part.combo->model());
        for (int i = 0; i < part.combo->count(); ++i) {
            const auto name = part.combo->itemData(i).toString();
            const auto refusal = catalog.fitOf(part.kind.kind, name.toStdString()).refusal(fit);
            part.combo->setItemText(i,
                                    refusal.empty() ? name : QStringLiteral("%1: %2").arg(name, QString::fromStdString(refusal)));
            if (model)
                model->item(i)->setEnabled(refusal.empty());
        }
    }

    /// The first entry that goes with the data; -1 where none does.
    int firstOffered(const Part &part) const
    {
        for (int i = 0; i < part.combo->count(); ++i)
            if (catalog.fitOf(part.kind.kind, part.combo->itemData(i).toString().toStdString()).fits(fit))
                return i;
        return -1;
    }

    /// After another kind of data was chosen: what else can be chosen and set follows it.
    void followData()
    {
        const EntryFit now = dataFit();
        if (now == fit)
            return;
        fit = now;
        for (auto &part : parts) {
            if (std::string(part.kind.name) == "data")
                continue;
            Json values = part.aside;
            values.update(part.form->values());
            offer(part);
            if (part.combo) {
                const auto name = part.combo->currentData().toString().toStdString();
                if (const int first = firstOffered(part); first >= 0 && !catalog.fitOf(part.kind.kind, name).fits(fit))
                    part.combo->setCurrentIndex(first);
            }
            showSchema(part, values);
        }
    }

    Part *find(const std::string &name)
    {
        for (auto &p : parts)
            if (name == p.kind.name)
                return &p;
        return nullptr;
    }

    void formChanged()
    {
        if (loading)
            return;
        tellCompare();
        summarize();
        Q_EMIT q->changed();
    }

    /// How folds are cut is said next to their number and set in the data.
    void tellCompare()
    {
        if (const Part *data = find("data"); data && compare)
            compare->setData(data->form->values());
        if (!compare)
            return;
        compare->setAxisPaths(axisPaths());
        std::map<std::string, std::string> refused;
        if (const auto models = catalog.kinds.find("models"); models != catalog.kinds.end())
            for (const auto &m : models->second)
                if (auto why = catalog.fitOf("models", m.name).refusal(fit); !why.empty())
                    refused[m.name] = std::move(why);
        compare->setRefused(refused);
    }

    /// Whole sections that have a choice of entries, and the fields of all; models have ticks of their own.
    QStringList axisPaths() const
    {
        const auto &same = Recipe::withoutEffect();
        QStringList paths;
        for (const auto &part : parts) {
            const auto section = std::string(part.kind.name);
            if (part.combo && part.combo->count() > 1 && section != "model")
                paths << QString::fromStdString(section);
            for (const auto &field : part.form->schema().fields)
                if (const auto path = section + "." + field.name;
                    path != "data.fold" && path != "data.folds" && std::find(same.begin(), same.end(), path) == same.end())
                    paths << QString::fromStdString(path);
        }
        return paths;
    }

    Json axisValues(const std::string &path, const std::string &text) const
    {
        Json json = q->recipe();
        json.erase("compare");
        Recipe recipe(std::move(json));
        recipe.set("compare.axes." + path, text, catalog);
        return recipe.section("compare").at("axes").at(path);
    }

    void announceValidity()
    {
        summarize();
        if (!loading && q->isValid() != valid) {
            valid = !valid;
            Q_EMIT q->validityChanged(valid);
        }
    }

    void summarize()
    {
        for (auto &p : parts) {
            const auto count = p.form->problems().size();
            if (count)
                p.section->setSummary(tr("%n to correct", nullptr, static_cast<int>(count)), true);
            else if (p.combo)
                p.section->setSummary(p.combo->currentData().toString());
            else if (const auto changed = p.form->changedValues().size())
                p.section->setSummary(tr("%n changed", nullptr, static_cast<int>(changed)));
            else
                p.section->setSummary(tr("defaults"));
        }
        if (compare)
            compareSection->setSummary(compare->isValid() ? compare->summary() : tr("to correct"), !compare->isValid());
    }

    /// Puts the schema in place and keeps the values of fields that both have.
    void showSchema(Part &part, const Json &values)
    {
        const auto *schema = schemaOf(part);
        const SchemaInfo shown = shownSchema(part);
        part.aside = Json::object();
        for (std::size_t i = 0; schema && values.is_object() && i < schema->fields.size(); ++i)
            if (const auto &name = schema->fields[i].name; !shown.find(name) && values.contains(name))
                part.aside[name] = values.at(name);
        part.form->setSchema(shown);
        if (part.title) {
            part.title->setText(schema ? QString::fromStdString(schema->title) : QString());
            part.title->setToolTip(schema ? QString::fromStdString(schema->help) : QString());
            part.title->setVisible(schema && !schema->title.empty());
        }
        part.form->setValues(values);
        part.form->setBaseFolder(base);
        part.form->setReadOnly(readOnly);
        part.section->setVisible(isShown(part));
        if (part.line)
            part.line->setVisible(isShown(part));
    }

    /// A stored run's recipe compares nothing: the section is left out there.
    void buildCompare()
    {
        compare = nullptr;
        compareSection = nullptr;
        const auto models = catalog.kinds.find("models");
        if (models == catalog.kinds.end() || models->second.empty() || (readOnly && !given.contains("compare")))
            return;
        auto *line = new QFrame(q);
        line->setProperty("line", true);
        layout->addWidget(line);
        compareSection = new Section(tr("Compare models"), q);
        compareSection->setObjectName(QStringLiteral("compare"));
        compare = new CompareForm(models->second, compareSection);
        compare->setAxisReader([this](const std::string &path, const std::string &text) { return axisValues(path, text); });
        compare->setValue(given.value("compare", Json()));
        tellCompare();
        compare->setReadOnly(readOnly);
        compareSection->body()->addWidget(compare);
        compareSection->setExpanded(given.contains("compare"));
        layout->addWidget(compareSection);
        connect(compare, &CompareForm::changed, q, [this] { formChanged(); });
        connect(compare, &CompareForm::changed, q, [this] { announceValidity(); });
        connect(compare, &CompareForm::validityChanged, q, [this] { announceValidity(); });
    }

    void build()
    {
        loading = true;
        letGoOfChildren(q);
        delete layout;
        parts.clear();
        fit = {};
        layout = new QVBoxLayout(q);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        general = new SchemaForm(generalSchema(devices, given), q);
        general->setValues(given);
        general->setReadOnly(readOnly);
        layout->addWidget(general);
        layout->addSpacing(8);
        connect(general, &SchemaForm::changed, q, [this] { formChanged(); });
        connect(general, &SchemaForm::validityChanged, q, [this] { announceValidity(); });
        parts.reserve(Recipe::sections().size());
        for (const auto &kind : Recipe::sections()) {
            if (*kind.kind ? entries(kind).empty() : !catalog.sections.count(kind.name))
                continue;
            parts.push_back({kind});
            Part &part = parts.back();
            auto *line = new QFrame(q);
            line->setProperty("line", true);
            layout->addWidget(line);
            part.line = line;
            part.section = new Section(tr(kind.title), q);
            part.section->setObjectName(QString::fromLatin1(kind.name));
            const Json values = given.value(kind.name, Json::object());
            if (*kind.kind) {
                part.combo = new QComboBox(part.section);
                part.combo->setObjectName(QStringLiteral("name"));
                // An entry that says why it does not fit is wider than the panel.
                part.combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
                part.combo->setMinimumContentsLength(8);
                part.combo->setAccessibleName(tr(kind.title));
                part.combo->setFocusPolicy(Qt::StrongFocus);
                part.combo->installEventFilter(q);
                for (const auto &s : entries(kind))
                    part.combo->addItem(QString::fromStdString(s.name), QString::fromStdString(s.name));
                const auto named = values.is_object() ? values.find("name") : values.end();
                const auto name =
                    named != values.end() && named->is_string() ? named->get<std::string>() : std::string(kind.defaultName);
                int index = part.combo->findData(QString::fromStdString(name));
                if (std::string(kind.name) == "data") {
                    part.combo->setCurrentIndex(std::max(0, index));
                    fit = dataFit();
                } else {
                    offer(part);
                    // One that is not named is the first that goes with the data.
                    const bool given = named != values.end();
                    if (index < 0 || (!given && !catalog.fitOf(kind.kind, name).fits(fit)))
                        index = firstOffered(part);
                    part.combo->setCurrentIndex(std::max(0, index));
                }
                part.combo->setEnabled(!readOnly);
                setStyleFlag(part.combo, "locked", readOnly);
                part.section->body()->addWidget(part.combo);
                part.title = new QLabel(part.section);
                part.title->setProperty("muted", true);
                part.title->setWordWrap(true);
                part.section->body()->addWidget(part.title);
            }
            part.form = new SchemaForm(part.section);
            part.section->body()->addWidget(part.form);
            layout->addWidget(part.section);
            showSchema(part, values);
            part.section->setExpanded(*kind.kind && std::string(kind.name) != "objective");
            const std::size_t at = parts.size() - 1;
            connect(part.form, &SchemaForm::changed, q, [this] { formChanged(); });
            connect(part.form, &SchemaForm::validityChanged, q, [this] { announceValidity(); });
            if (part.combo)
                connect(part.combo, &QComboBox::currentIndexChanged, q, [this, at] {
                    if (loading)
                        return;
                    loading = true;
                    Json kept = parts[at].aside;
                    kept.update(parts[at].form->values());
                    showSchema(parts[at], kept);
                    followData();
                    loading = false;
                    formChanged();
                    announceValidity();
                });
        }
        buildCompare();
        layout->addStretch();
        loading = false;
        summarize();
    }
};

RecipeForm::RecipeForm(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>())
{
    d->q = this;
    d->build();
}

RecipeForm::RecipeForm(const Catalog &catalog, QWidget *parent) : RecipeForm(parent)
{
    setCatalog(catalog);
}

RecipeForm::~RecipeForm() = default;

void RecipeForm::setCatalog(const Catalog &catalog)
{
    d->given = recipe();
    d->catalog = catalog;
    d->build();
    d->announceValidity();
    Q_EMIT changed();
}

const Catalog &RecipeForm::catalog() const
{
    return d->catalog;
}

Json RecipeForm::recipe() const
{
    Json r = Json::object();
    r["recipe"] = d->given.value("recipe", Json(1));
    const Json general = d->general ? d->general->values() : Json::object();
    for (const auto &[key, value] : general.items())
        r[key] = value;
    for (const auto &[key, value] : d->given.items())
        if (!r.contains(key))
            r[key] = value;
    for (const auto &p : d->parts) {
        if (!d->isShown(p)) {
            r.erase(p.kind.name);
            continue;
        }
        Json section = Json::object();
        if (p.combo)
            section["name"] = p.combo->currentData().toString().toStdString();
        const Json values = p.form->values();
        for (const auto &[key, value] : values.items())
            section[key] = value;
        r[p.kind.name] = std::move(section);
    }
    if (d->compare) {
        r.erase("compare");
        if (Json compare = d->compare->value(); !compare.is_null())
            r["compare"] = std::move(compare);
    }
    return r;
}

void RecipeForm::setRecipe(const Json &recipe)
{
    std::map<std::string, bool> expanded;
    for (const auto &p : d->parts)
        expanded[p.kind.name] = p.section->isExpanded();
    d->given = recipe.is_object() ? recipe : Json::object();
    d->build();
    for (const auto &[name, open] : expanded)
        setSectionExpanded(QString::fromStdString(name), open);
    d->announceValidity();
    Q_EMIT changed();
}

bool RecipeForm::isValid() const
{
    if (d->general && !d->general->isValid())
        return false;
    for (const auto &p : d->parts)
        if (!p.form->isValid())
            return false;
    return !d->compare || d->compare->isValid();
}

QStringList RecipeForm::problems() const
{
    QStringList all = d->general ? d->general->problems() : QStringList();
    for (const auto &p : d->parts)
        for (const auto &s : p.form->problems())
            all << QString::fromLatin1(p.kind.name) + QStringLiteral(".") + s;
    if (d->compare)
        for (const auto &s : d->compare->problems())
            all << QStringLiteral("compare.") + s;
    return all;
}

bool RecipeForm::setProblem(const QString &path, const QString &sentence)
{
    const auto dot = path.indexOf(QLatin1Char('.'));
    if (dot < 0)
        return d->general->setProblem(path, sentence);
    if (path.startsWith(QStringLiteral("compare.")) && d->compare)
        return d->compare->setProblem(path.mid(dot + 1), sentence);
    Part *p = d->find(path.left(dot).toStdString());
    if (!p || !p->form->setProblem(path.mid(dot + 1), sentence))
        return false;
    p->section->setExpanded(true);
    d->summarize();
    return true;
}

void RecipeForm::setReadOnly(bool readOnly)
{
    if (readOnly != d->readOnly && d->compareSection)
        d->compareSection->setVisible(!readOnly || d->given.contains("compare"));
    d->readOnly = readOnly;
    d->general->setReadOnly(readOnly);
    if (d->compare)
        d->compare->setReadOnly(readOnly);
    for (const auto &p : d->parts) {
        p.form->setReadOnly(readOnly);
        if (p.combo) {
            p.combo->setEnabled(!readOnly);
            setStyleFlag(p.combo, "locked", readOnly);
        }
    }
}

void RecipeForm::setBaseFolder(const QString &folder)
{
    d->base = folder;
    for (const auto &p : d->parts)
        p.form->setBaseFolder(folder);
}

void RecipeForm::setDevices(const QStringList &devices)
{
    if (d->devices == devices)
        return;
    const Json values = d->general->values();
    d->devices = devices;
    d->loading = true;
    d->general->setSchema(generalSchema(devices, values));
    d->general->setValues(values);
    d->general->setReadOnly(d->readOnly);
    d->loading = false;
}

void RecipeForm::setSectionExpanded(const QString &section, bool expanded)
{
    if (Part *p = d->find(section.toStdString()))
        p->section->setExpanded(expanded);
}

CompareForm *RecipeForm::compare() const
{
    return d->compare;
}

bool RecipeForm::shows(const QString &section) const
{
    const Part *p = d->find(section.toStdString());
    return p && d->isShown(*p);
}

SchemaForm *RecipeForm::section(const QString &section) const
{
    Part *p = d->find(section.toStdString());
    return p ? p->form : nullptr;
}

bool RecipeForm::eventFilter(QObject *watched, QEvent *event)
{
    // A combo box passed by while scrolling the form keeps its choice.
    if (event->type() == QEvent::Wheel && !static_cast<QWidget *>(watched)->hasFocus()) {
        event->ignore();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace reticle
