#include "widgets/forms/CompareForm.h"

#include "compare/ComparisonPlan.h"
#include "widgets/forms/SchemaForm.h"

#include <QCheckBox>
#include <QFileInfo>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace reticle {

struct CompareForm::Private
{
    explicit Private(CompareForm *shown) : q(shown) {}

    CompareForm *q;
    std::vector<std::pair<std::string, QCheckBox *>> boxes;
    std::map<std::string, std::string> refused; ///< models that do not go with the data, with why
    bool readOnly = false;
    Json given = Json::array();    ///< models as they were set
    Json settings;                 ///< listed one by one, as they were set; null where there are none
    Json remarks = Json::object(); ///< what stands with them under keys that begin with '_'
    QWidget *listed = nullptr;     ///< shows them, in place of models and axes
    QListWidget *titles = nullptr;
    QPushButton *drop = nullptr;
    QLabel *words = nullptr;
    std::vector<std::string> ownSize; ///< models whose design has a number of weights of its own
    SchemaForm *form = nullptr;
    AxesForm *axes = nullptr;
    QLabel *note = nullptr;
    QString groups, groupColumn; ///< of the data: the table's name, and its column where one is given
    QString foldsTip;            ///< what the schema says of the number of folds
    bool loading = false;

    std::vector<std::string> ticked() const
    {
        std::vector<std::string> names;
        for (const auto &[name, box] : boxes)
            if (box->isChecked())
                names.push_back(name);
        return names;
    }
    std::int64_t folds() const
    {
        const Json values = form->values();
        const Json n = values.value("folds", Json());
        return n.is_number_integer() ? n.get<std::int64_t>() : 0;
    }
    bool isListed() const { return !settings.is_null(); }
    bool some() const { return isListed() || folds() != 0 || !ticked().empty() || !axes->value().empty(); }
    std::size_t settingCount() const { return settings.is_array() ? settings.size() : 0; }
    void showSettings()
    {
        titles->clear();
        for (std::size_t i = 0; i < settingCount(); ++i) {
            const Json &setting = settings[i];
            const Json title = setting.is_object() ? setting.value("title", Json()) : Json();
            const Json changes = setting.is_object() ? setting.value("changes", Json()) : Json();
            auto *item = new QListWidgetItem(
                title.is_string() ? QString::fromStdString(title.get<std::string>()) : tr("Setting %1").arg(i + 1), titles);
            QStringList lines;
            if (changes.is_object())
                for (const auto &[path, value] : changes.items())
                    lines << QStringLiteral("%1: %2").arg(
                        QString::fromStdString(path),
                        value.is_null() ? tr("default")
                                        : QString::fromStdString(value.dump(-1, ' ', false, Json::error_handler_t::replace)));
            item->setToolTip(lines.isEmpty() ? tr("The recipe without changes") : lines.join(QLatin1Char('\n')));
        }
        listed->setVisible(isListed());
        words->setVisible(!isListed());
        axes->setVisible(!isListed());
        for (const auto &[name, box] : boxes)
            box->setVisible(!isListed());
    }
    /// How the data are cut into folds.
    QString cut() const
    {
        if (groups.isEmpty())
            return tr("Folds are runs of neighboring slices: slices that lie together stay together.");
        return groupColumn.isEmpty()
                   ? tr("Folds are whole groups, by the table %1: the slices of a group stay together.").arg(groups)
                   : tr("Folds are whole groups, by the column %1 of %2: the slices of a group stay together.")
                         .arg(groupColumn, groups);
    }
    /// How many runs it is; said where fields vary, since a grid grows fast.
    QString grid() const
    {
        Json compare = form->values();
        if (isListed()) {
            compare["settings"] = settings;
        } else {
            compare["models"] = ticked();
            compare["axes"] = axes->value();
        }
        return QString::fromStdString(gridText(compare));
    }
    void showNote()
    {
        const auto names = ticked();
        const bool varies = !axes->value().empty();
        note->setVisible(some());
        const QString folded =
            (folds() != 0 ? QLatin1Char(' ') + cut() : QString()) + (varies ? QLatin1Char(' ') + grid() : QString());
        if (isListed()) {
            note->setText(tr("The recipe is trained with the changes of each setting.") +
                          (folds() != 0 ? QLatin1Char(' ') + cut() : QString()) + QLatin1Char(' ') + grid());
            return;
        }
        if (names.empty() && varies && folds() == 0) {
            note->setText(tr("The model of the section Model is trained with each value.") + folded);
            return;
        }
        if (names.empty()) {
            note->setText(tr("The model of the section Model is trained once for each fold, which is kept back for the test.") +
                          folded);
            return;
        }
        QString text = tr("The section Model is not looked at: the ticked models are trained in its place, each with the "
                          "settings of its kind.");
        QStringList own;
        for (const auto &name : names)
            if (std::find(ownSize.begin(), ownSize.end(), name) != ownSize.end())
                own << QString::fromStdString(name);
        const Json values = form->values();
        if (!own.isEmpty() && values.value("weights", std::int64_t(0)) != 0)
            text +=
                QLatin1Char(' ') +
                tr("The number of weights is not for %1, whose design has one of its own.").arg(own.join(QStringLiteral(", ")));
        note->setText(text + folded);
    }
    void edited()
    {
        showNote();
        if (!loading)
            Q_EMIT q->changed();
    }
    /// What is ticked and refused by now can still be taken off.
    void enableBoxes()
    {
        for (const auto &[name, box] : boxes) {
            const auto why = refused.find(name);
            box->setEnabled(!readOnly && (why == refused.end() || box->isChecked()));
            const auto shown = QString::fromStdString(name);
            box->setText(why == refused.end() ? shown : QStringLiteral("%1: %2").arg(shown, QString::fromStdString(why->second)));
        }
    }
    void buildModels(const std::vector<SchemaInfo> &models, QVBoxLayout *column);
    void buildNote(QVBoxLayout *column);
    void buildSettings(QVBoxLayout *column);
    static std::string nameOf(const Json &model)
    {
        if (model.is_string())
            return model.get<std::string>();
        return model.is_object() && model.contains("name") && model.at("name").is_string() ? model.at("name").get<std::string>()
                                                                                           : std::string();
    }
};

void CompareForm::Private::buildModels(const std::vector<SchemaInfo> &models, QVBoxLayout *column)
{
    words = new QLabel(
        tr("Tick the models to train one after another, alike in everything else. With folds, each is trained and tested on "
           "several parts of the data in turn."),
        q);
    words->setWordWrap(true);
    words->setProperty("muted", true);
    column->addWidget(words);
    for (const auto &m : models) {
        auto *box = new QCheckBox(QString::fromStdString(m.name), q);
        box->setObjectName(QStringLiteral("compare-") + QString::fromStdString(m.name));
        box->setToolTip(QString::fromStdString(m.title));
        column->addWidget(box);
        boxes.emplace_back(m.name, box);
        if (!m.find("weights"))
            ownSize.push_back(m.name);
        connect(box, &QCheckBox::toggled, q, [this] { edited(); });
    }
}

void CompareForm::Private::buildNote(QVBoxLayout *column)
{
    note = new QLabel(q);
    note->setObjectName(QStringLiteral("compareNote"));
    note->setWordWrap(true);
    note->setTextFormat(Qt::PlainText); // names of files and columns are shown as they are
    note->setProperty("muted", true);
    note->hide();
    column->addWidget(note);
}

void CompareForm::Private::buildSettings(QVBoxLayout *column)
{
    listed = new QWidget(q);
    auto *listColumn = new QVBoxLayout(listed);
    listColumn->setContentsMargins(0, 0, 0, 0);
    listColumn->setSpacing(4);
    auto *listWords = new QLabel(tr("Settings of this comparison. Point at one to see what it changes in the recipe."), listed);
    listWords->setWordWrap(true);
    listWords->setProperty("muted", true);
    listColumn->addWidget(listWords);
    titles = new QListWidget(listed);
    titles->setObjectName(QStringLiteral("compareSettings"));
    titles->setAccessibleName(tr("Settings"));
    titles->setMaximumHeight(160);
    listColumn->addWidget(titles);
    drop = new QPushButton(tr("Remove the settings"), listed);
    drop->setObjectName(QStringLiteral("removeSettings"));
    drop->setToolTip(tr("To compare models or values of settings instead"));
    listColumn->addWidget(drop, 0, Qt::AlignLeft);
    listed->hide();
    column->addWidget(listed);
    connect(drop, &QPushButton::clicked, q, [this] {
        settings = Json();
        remarks = Json::object();
        showSettings();
        showNote();
        Q_EMIT q->changed();
    });
}

CompareForm::CompareForm(const std::vector<SchemaInfo> &models, QWidget *parent)
    : QWidget(parent), d(std::make_unique<Private>(this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    d->buildModels(models, column);
    d->form = new SchemaForm(Recipe::compareSchema(), this);
    d->axes = new AxesForm(this);
    if (const auto *folds = d->form->editor(QStringLiteral("folds")))
        d->foldsTip = folds->toolTip();
    d->buildNote(column);
    d->buildSettings(column);
    column->addWidget(d->axes);
    column->addWidget(d->form);
    connect(d->axes, &AxesForm::changed, this, [this] { d->edited(); });
    connect(d->form, &SchemaForm::changed, this, [this] { d->edited(); });
    connect(d->form, &SchemaForm::validityChanged, this, &CompareForm::validityChanged);
}

CompareForm::~CompareForm() = default;

Json CompareForm::value() const
{
    const auto names = d->ticked();
    if (!d->some())
        return {};
    if (d->isListed()) {
        Json compare{{"settings", d->settings}};
        const Json values = d->form->values();
        for (const auto &[key, value] : values.items())
            compare[key] = value;
        for (const auto &[key, value] : d->remarks.items())
            compare[key] = value;
        return compare;
    }
    Json models = Json::array();
    for (const auto &m : d->given) // several of one name stay several
        if (std::find(names.begin(), names.end(), Private::nameOf(m)) != names.end())
            models.push_back(m);
    for (const auto &name : names)
        if (std::none_of(models.begin(), models.end(), [&](const Json &m) { return Private::nameOf(m) == name; }))
            models.push_back(name);
    Json compare = Json::object();
    if (!models.empty())
        compare["models"] = std::move(models);
    if (Json axes = d->axes->value(); !axes.empty())
        compare["axes"] = std::move(axes);
    const Json values = d->form->values();
    for (const auto &[key, value] : values.items())
        compare[key] = value;
    return compare;
}

void CompareForm::setValue(const Json &compare)
{
    d->loading = true;
    const bool some = compare.is_object() && compare.contains("models") && compare.at("models").is_array();
    d->given = some ? compare.at("models") : Json::array();
    for (const auto &[name, box] : d->boxes)
        box->setChecked(
            std::any_of(d->given.begin(), d->given.end(), [&, n = name](const Json &m) { return Private::nameOf(m) == n; }));
    d->settings = listsSettings(compare) ? compare.at("settings") : Json();
    d->remarks = Json::object();
    if (d->isListed())
        for (const auto &[key, value] : compare.items())
            if (key.starts_with('_'))
                d->remarks[key] = value;
    d->showSettings();
    d->form->resetAll();
    d->axes->setValue(compare.is_object() ? compare.value("axes", Json()) : Json());
    if (compare.is_object())
        d->form->setValues(compare);
    d->showNote();
    d->loading = false;
}

void CompareForm::setData(const Json &data)
{
    const auto textOf = [&](const char *field) {
        const auto it = data.is_object() ? data.find(field) : data.end();
        return data.is_object() && it != data.end() && it->is_string() ? QString::fromStdString(it->get<std::string>())
                                                                       : QString();
    };
    d->groups = QFileInfo(textOf("groups")).fileName();
    d->groupColumn = textOf("group-column");
    if (auto *folds = d->form->editor(QStringLiteral("folds")))
        folds->setToolTip(d->foldsTip + QStringLiteral("<p style='margin:4px 0 0 0'>%1</p>").arg(d->cut().toHtmlEscaped()));
    d->showNote();
}

void CompareForm::setAxisPaths(const QStringList &paths)
{
    d->axes->setPaths(paths);
}

void CompareForm::setAxisReader(AxesForm::Reader reader)
{
    d->axes->setReader(std::move(reader));
}

bool CompareForm::isValid() const
{
    return d->axes->isValid() && (!d->some() || d->form->isValid());
}

QStringList CompareForm::problems() const
{
    return d->axes->problems() + (d->some() ? d->form->problems() : QStringList());
}

bool CompareForm::setProblem(const QString &field, const QString &sentence)
{
    if (const auto axis = QStringLiteral("axes."); field.startsWith(axis))
        return d->axes->setProblem(field.mid(axis.size()), sentence);
    return d->form->setProblem(field, sentence);
}

void CompareForm::setReadOnly(bool readOnly)
{
    d->readOnly = readOnly;
    d->enableBoxes();
    d->drop->setEnabled(!readOnly);
    d->axes->setReadOnly(readOnly);
    d->form->setReadOnly(readOnly);
}

void CompareForm::setRefused(const std::map<std::string, std::string> &refused)
{
    d->refused = refused;
    d->enableBoxes();
}

QString CompareForm::summary() const
{
    QStringList names;
    for (const auto &name : d->ticked())
        names << QString::fromStdString(name);
    const Json values = d->form->values();
    const auto seeds = values.contains("seeds") ? static_cast<int>(values.at("seeds").size()) : 0;
    const auto folds = static_cast<int>(d->folds());
    if (d->isListed())
        names = {tr("%n settings", nullptr, static_cast<int>(d->settingCount()))};
    QStringList parts{names.isEmpty() ? tr("one model") : names.join(QStringLiteral(", "))};
    const Json axes = d->isListed() ? Json::object() : d->axes->value();
    for (const auto &[path, list] : axes.items())
        parts << tr("%1 values of %2").arg(list.size()).arg(QString::fromStdString(path));
    if (folds > 1)
        parts << (d->groups.isEmpty() ? tr("%n folds", nullptr, folds) : tr("%n folds by groups", nullptr, folds));
    if (seeds > 1 && d->some())
        parts << tr("%n seeds", nullptr, seeds);
    return parts.join(QStringLiteral(" · "));
}

} // namespace reticle
