#include "window/shell/AskMenu.h"

#include "project/Project.h"
#include "window/session/Session.h"
#include "window/shell/Text.h"

#include <QAction>
#include <QCoreApplication>
#include <QMenu>

namespace reticle {

namespace {

QString trAsk(const char *text)
{
    return QCoreApplication::translate("reticle::AskMenu", text);
}

std::optional<std::vector<std::string>> optionsFor(const Capabilities &all, const std::string &analysis,
                                                   const AskedSubject &subject)
{
    for (const auto &kind : subject.kinds)
        if (auto options = all.optionsFor(analysis, kind))
            return options;
    return {};
}

} // namespace

AskedSubject AskedSubject::ofRun(const RunInfo &run)
{
    AskedSubject subject;
    if (run.comparison > 0)
        subject.kinds.push_back("comparison");
    subject.kinds.push_back("run");
    subject.made = run.recipe.is_object() ? run.recipe : Json::object();
    if (run.summary.is_object() && run.summary.contains("task"))
        subject.made["task"] = {{"name", run.summary.at("task")}};
    subject.none = trAsk("No analysis can be asked of this run");
    return subject;
}

AskedSubject AskedSubject::ofData(const Json &section)
{
    return {{"data"}, {{"data", section}}, trAsk("No analysis can be asked of data alone")};
}

Capabilities capabilitiesOf(const Session &session)
{
    const Json &hello = session.machine();
    return Capabilities::fromJson(hello.is_object() ? hello.value("asking", Json()) : Json());
}

std::optional<std::vector<std::string>> optionsThatMustBeGiven(const Session &session, const std::string &analysis,
                                                               const AskedSubject &subject)
{
    return optionsFor(capabilitiesOf(session), analysis, subject);
}

void fillAskMenu(QMenu *menu, const Session &session, const AskedSubject &subject,
                 const std::function<void(const QString &analysis)> &chosen)
{
    menu->clear();
    if (!session.catalog())
        return;
    const auto it = session.catalog()->kinds.find("analyses");
    if (it == session.catalog()->kinds.end())
        return;
    const Capabilities all = capabilitiesOf(session);
    for (const auto &schema : it->second) {
        if (!optionsFor(all, schema.name, subject))
            continue;
        const QString name = qs(schema.name);
        const QString title = schema.title.empty() ? name : qs(schema.title);
        auto *action = menu->addAction(title);
        action->setObjectName(name);
        action->setToolTip(qs(schema.help));
        if (const auto refusal = all.refusal(schema.name, subject.made); !refusal.empty()) {
            // The reason is read at once, not only under the pointer.
            action->setText(QStringLiteral("%1: %2").arg(title, qs(refusal)));
            action->setEnabled(false);
        }
        QObject::connect(action, &QAction::triggered, menu, [chosen, name] { chosen(name); });
    }
    if (menu->isEmpty())
        menu->addAction(subject.none)->setEnabled(false);
}

Json optionsOfData(const SchemaInfo &analysis, const SchemaInfo &dataset, const Json &section)
{
    Json options = Json::object();
    if (!section.is_object())
        return options;
    for (const auto &field : analysis.fields) {
        const auto *given = dataset.find(field.name);
        if (!given || given->type != field.type || !section.contains(field.name))
            continue;
        const bool same =
            field.type == Field::Type::Path || (field.type == Field::Type::Choice && given->choices == field.choices);
        if (same)
            options[field.name] = section.at(field.name);
    }
    return options;
}

QString pathOfData(const SchemaInfo &dataset, const Json &section)
{
    for (const auto &field : dataset.fields)
        if (field.type == Field::Type::Path && section.is_object() && section.contains(field.name) &&
            section.at(field.name).is_string())
            if (const auto path = section.at(field.name).get<std::string>(); !path.empty())
                return qs(path);
    return {};
}

QString fieldTitle(const SchemaInfo &schema, const std::string &field)
{
    const auto *f = schema.find(field);
    if (f && !f->title.empty())
        return qs(f->title);
    QString title = qs(field);
    title.replace('-', ' ');
    if (!title.isEmpty())
        title[0] = title[0].toUpper();
    return title;
}

} // namespace reticle
