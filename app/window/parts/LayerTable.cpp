#include "window/parts/LayerTable.h"

#include "widgets/views/Background.h"
#include "window/pages/Pages.h"
#include "window/pages/ResultPage.h"
#include "window/parts/NetworkEnds.h"
#include "window/parts/RunTitle.h"
#include "window/session/ImageData.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"

#include <QCoreApplication>

#include <algorithm>

namespace reticle {

namespace {

QString trLayers(const char *text)
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

/// The array that a model takes; empty where the worker does not say.
std::string takenBy(const Session &session, const Json &model)
{
    if (!session.catalog() || !model.is_object())
        return {};
    const auto arrays = session.catalog()->fitOf("models", model.value("name", std::string())).arrays;
    return arrays.empty() ? std::string() : arrays.front();
}

} // namespace

QString layerTableTitle(const Session &session, std::int64_t run)
{
    const auto *info = runOf(session, run);
    return info ? trLayers("Layer table of run %1").arg(numberedRunTitle(*info)) : trLayers("Layer table");
}

QString layerTabTitle(const Session &session, std::int64_t run)
{
    return runOf(session, run) ? trLayers("Layers of run %1").arg(run) : trLayers("Layers");
}

void askForLayers(Session *session, QObject *receiver, LayerQuestion question)
{
    const Json &recipe = question.recipe;
    const Json data = recipe.value("data", Json::object()), train = recipe.value("train", Json::object());
    const auto *project = session->project();
    const auto *set = project ? project->dataSetOf(recipe) : nullptr;
    const bool images = isOfImages(data) || !data.contains("name");
    const std::int64_t side = images ? train.value("crop", std::int64_t(256)) : 1;
    const std::int64_t planes = 2 * data.value("context", std::int64_t(0)) + 1;
    const std::int64_t run = question.run;
    const auto takes = takenBy(*session, recipe.at("model"));
    const Json params = {{"model", recipe.at("model")},
                         {"objective", recipe.value("objective", Json())},
                         {"train", train},
                         {"planes", planes},
                         {"height", side},
                         {"width", side},
                         {"batch", train.value("batch", std::int64_t(1))}};
    inBackground(
        receiver,
        [data, images, pictures = data.value("images", std::string()), labels = data.value("labels", std::string()), planes,
         takes, classes = data.value("threshold", 0.0) > 0 ? std::int64_t(2) : std::int64_t(set ? ImageData(*set).classes : 0),
         run, folder = run > 0 && project ? project->store().runFolder(run) : std::filesystem::path()]() -> NetworkEnds {
            if (run > 0)
                if (const auto trained = endsOfModel(folder); trained.channels > 0)
                    return trained;
            if (!images) {
                const auto seen = endsOfSection(data, takes, classes);
                return run > 0 || seen.channels > 0 ? seen : NetworkEnds{1, std::max<std::int64_t>(1, classes), {}};
            }
            if (run > 0)
                return endsOfData(pictures, labels, planes, classes);
            // A recipe is still being made: what is wrong with its data is said when it is trained.
            const auto seen = endsOfData(pictures, {}, planes, classes);
            return seen.channels > 0 ? seen : NetworkEnds{planes, std::max<std::int64_t>(2, classes), {}};
        },
        [session, receiver, params, run, question = std::move(question)](const NetworkEnds &ends) {
            const auto wanted = [is = question.wanted] { return !is || is(); };
            if (!wanted())
                return;
            if (ends.channels < 1) {
                question.unknown(
                    trLayers("Which channels and classes run %1 has is not known: it has kept no model, and its data "
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
