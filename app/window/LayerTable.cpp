#include "window/LayerTable.h"

#include "widgets/views/Background.h"
#include "window/MessageBar.h"
#include "window/NetworkEnds.h"
#include "window/Pages.h"
#include "window/ResultPage.h"
#include "window/RunTitle.h"
#include "window/Session.h"

#include <QCoreApplication>

#include <algorithm>

namespace reticle {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("LayerTable", text);
}

/// What the worker tells of a model's layers; of an older worker without figures, or without memory.
Result layersOf(const Json &answer)
{
    if (answer.contains("result"))
        return Result::fromJson(answer.at("result"));
    Result r;
    r.summary = answer.value("summary", std::string());
    r.tables.push_back(Table::fromJson(answer.at("table")));
    r.tables.back().title = "Layers";
    if (answer.contains("memory"))
        r.tables.push_back(Table::fromJson(answer.at("memory")));
    return r;
}

const RunInfo *runOf(const Session &session, std::int64_t run)
{
    return run > 0 && session.project() ? session.project()->run(run) : nullptr;
}

} // namespace

QString layerTableTitle(const Session &session, std::int64_t run)
{
    const auto *info = runOf(session, run);
    return info ? tr("Layer table of run %1").arg(numberedRunTitle(*info)) : tr("Layer table");
}

QString layerTabTitle(const Session &session, std::int64_t run)
{
    return runOf(session, run) ? tr("Layers of run %1").arg(run) : tr("Layers");
}

void askForLayers(Session *session, QObject *receiver, LayerQuestion question)
{
    const Json &recipe = question.recipe;
    const Json data = recipe.value("data", Json::object()), train = recipe.value("train", Json::object());
    const auto *project = session->project();
    const auto *set = project ? project->dataSetOf(recipe) : nullptr;
    const std::int64_t side = train.value("crop", std::int64_t(256));
    const std::int64_t planes = 2 * data.value("context", std::int64_t(0)) + 1;
    const std::int64_t run = question.run;
    const Json params = {{"model", recipe.at("model")},
                         {"objective", recipe.value("objective", Json())},
                         {"train", train},
                         {"planes", planes},
                         {"height", side},
                         {"width", side},
                         {"batch", train.value("batch", std::int64_t(1))}};
    inBackground(
        receiver,
        [images = data.value("images", std::string()), labels = data.value("labels", std::string()), planes,
         classes = data.value("threshold", 0.0) > 0 ? std::int64_t(2) : std::int64_t(set ? set->classes : 0), run,
         folder = run > 0 && project ? project->store().runFolder(run) : std::filesystem::path()]() -> NetworkEnds {
            if (run > 0) {
                const auto trained = endsOfModel(folder);
                return trained.channels > 0 ? trained : endsOfData(images, labels, planes, classes);
            }
            // A recipe is still being made: what is wrong with its data is said when it is trained.
            const auto seen = endsOfData(images, {}, planes, classes);
            return seen.channels > 0 ? seen : NetworkEnds{planes, std::max<std::int64_t>(2, classes), {}};
        },
        [session, receiver, params, run, question = std::move(question)](const NetworkEnds &ends) {
            const auto wanted = [is = question.wanted] { return !is || is(); };
            if (!wanted())
                return;
            if (ends.channels < 1) {
                question.unknown(tr("Which channels and classes run %1 has is not known: it has kept no model, and its data "
                                    "tell nothing. %2")
                                     .arg(run)
                                     .arg(ends.problem));
                return;
            }
            Json all = params;
            all["channels"] = ends.channels;
            all["classes"] = ends.classes;
            session->service()->request(
                QStringLiteral("describe-model"), std::move(all), receiver,
                [wanted, then = question.then](const Json &answer) {
                    if (wanted())
                        then(layersOf(answer));
                },
                [wanted, failed = question.failed](const Failure &failure) {
                    if (wanted())
                        failed(failure);
                },
                question.channel);
        });
}

namespace {

/// The layers of a run; a tab that is opened again asks for them again.
const PageRegistration layers({
    .name = "layers",
    .title = nullptr, // the form of a run has a button for it
    .icon = "model",
    .of = ItemKey::Kind::Run,
    .fits = [](const OpenProject &project, const ItemKey &run) { return project.run(run.id) != nullptr; },
    .make = [](const PageContext &context, const ItemKey &run) -> QWidget * {
        auto *page = new ResultPage;
        const QString title = layerTableTitle(*context.session, run.id);
        page->setWindowTitle(layerTabTitle(*context.session, run.id));
        page->setResult({}, title);
        askForLayers(context.session, page,
                     {.recipe = context.session->project()->run(run.id)->recipe,
                      .run = run.id,
                      .then = [page, title](const Result &layers) { page->setResult(layers, title); },
                      .unknown = [page](const QString &sentence) { page->message()->say(MessageBar::Level::Warning, sentence); },
                      .failed = [page](const Failure &failure) { page->message()->sayFailure(failure); }});
        return page;
    },
});

} // namespace

} // namespace reticle
