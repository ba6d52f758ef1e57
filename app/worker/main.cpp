#include "AddressLimit.h"
#include "Catalog.h"
#include "DescribeModel.h"
#include "TrainingJob.h"
#include "files/StandardStreams.h"
#include "worker/commands/CommandRegistry.h"
#include "worker/commands/Commands.h"

#include <CLI/CLI.hpp>

#include <clocale>
#include <cstdio>

using namespace reticle;

namespace {

void addSets(CLI::App *command, std::vector<std::string> &sets, const std::string &help)
{
    command->add_option("--set", sets, help)->type_name("FIELD=VALUE")->allow_extra_args(false);
}

/// Every field of a schema as an option of its own. "output" is the file already, so what is written into it is
/// "--output-kind".
void addFields(CLI::App *command, const SchemaInfo &schema, std::map<std::string, std::string> &values)
{
    for (const auto &field : schema.fields) {
        CLI::Option *option = command->add_option_function<std::string>(
            field.name == "output" ? "--output-kind" : "--" + field.name,
            [&values, name = field.name](const std::string &v) { values[name] = v.empty() ? "true" : v; }, field.help);
        if (field.type == Field::Type::Bool)
            option->expected(0, 1);
    }
}

int commandLine(int argc, char **argv)
{
    CLI::App app("Trains, runs and studies models without a window.", "reticle-worker");
    app.set_version_flag("--version", RETICLE_VERSION);
    app.require_subcommand(1);

    ListCommand list;
    auto *listApp = app.add_subcommand("list", "What there is of each kind");
    listApp->add_option("kind", list.kind, "models, objectives, datasets, analyses or simulators");
    listApp->add_flag("--json", list.json, "As JSON");

    DescribeCommand describe;
    auto *describeApp = app.add_subcommand("describe", "The settings of one entry; of a model also its layers");
    auto *describeName = describeApp->add_option(
        "name", describe.name,
        "Name, such as unet, or with its kind, models/unet; or a recipe (JSON), whose network and training are described");
    describeApp->add_flag("--json", describe.json, "As JSON");
    addSets(describeApp, describe.sets,
            "A setting of the model whose layers are shown; of a recipe any field, such as train.minutes=30");
    describeApp->add_option("--project", describe.project, "Project folder of the run");
    describeApp->add_option("--run", describe.runNumber, "A run, whose network is described")->check(CLI::PositiveNumber);
    describeApp->add_option("--channels", describe.channels, "Channels of the model's input")->check(CLI::Range(1, 4096));
    describeApp->add_option("--classes", describe.classes, "Classes that it tells apart")->check(CLI::Range(1, 255));
    describeApp->add_option("--size", describe.size, "Input in pixels: its side, or HxW");
    describeApp->add_option("--batch", describe.batch, "Images at once")->check(CLI::PositiveNumber);
    describeApp->add_option("--objective", describe.objective, "Objective that decides the outputs, such as cross-entropy");
    describeApp->add_option("--train", describe.train, "A setting of the training, such as optimizer=sgd")->take_all();
    describeApp->add_option("--memory", describe.memory, "GiB that the largest batch is told for")->check(CLI::Range(0.001, 1e6));
    describeApp->add_option("--output", describe.output, "Write the tables (CSV) and figures into this folder");
    describeApp->add_flag("--markdown", describe.markdown, "The layer table as Markdown");
    describeApp->add_flag("--here", describe.here, "Do not use a process of its own for large networks")->group("");
    describe.arguments.assign(argv + 1, argv + argc);
    auto *describeModelApp =
        app.add_subcommand("describe-model", "Answer describe-model on standard input, for serve")->group("");
    describeApp->add_option("--reference", describe.reference, "Write the reference pages into this folder")->group("");

    RunCommand run;
    auto *runApp = app.add_subcommand("run", "Train by a recipe");
    runApp->add_option("recipe", run.recipe, "Recipe (JSON); not needed with --resume");
    runApp->add_option("--project", run.project, "Project folder, made where absent")->required();
    runApp->add_option("--device", run.device, "auto, cpu, cuda or cuda:N");
    addSets(
        runApp, run.sets,
        "Change a field of the recipe, such as train.minutes=15; several values to compare are compare.axes.train.minutes=5,15");
    runApp->add_option("--resume", run.resume, "Go on with this run")->check(CLI::PositiveNumber);
    runApp->add_flag("--events", run.events, "One JSON object a line");

    PredictCommand predict;
    auto *predictApp = app.add_subcommand("predict", "Apply a trained model to a picture or stack");
    predictApp->add_option("--project", predict.project, "Project folder")->required();
    predictApp->add_option("--run", predict.run_, "Number of the run")->required()->check(CLI::PositiveNumber);
    predictApp->add_option("--input", predict.input, "Picture, stack or folder of slices")->required();
    predictApp
        ->add_option("--output", predict.output,
                     "What to write, by its ending: .tif, .ome.tif, .npy, .png (one page), or a folder (no ending)")
        ->required();
    predictApp->add_flag("--events", predict.events, "One JSON object a line");
    addFields(predictApp, catalog().sections.at("predict"), predict.options);

    AnalyzeCommand analyze;
    auto *analyzeApp = app.add_subcommand("analyze", "Ask a question of a model or of data");
    analyzeApp->add_option("name", analyze.name, "Name of the analysis")->required();
    analyzeApp->add_option("--project", analyze.project, "Project folder; the result is kept in it");
    analyzeApp->add_option("--run", analyze.run_, "Number of the run")->check(CLI::PositiveNumber);
    addSets(analyzeApp, analyze.sets, "A setting of the analysis");
    analyzeApp->add_option("--output", analyze.output, "Folder for result.json, tables and figures")->required();
    analyzeApp->add_flag("--events", analyze.events, "One JSON object a line");

    SimulateCommand simulate;
    auto *simulateApp = app.add_subcommand("simulate", "Make data to order");
    simulateApp->add_option("name", simulate.name, "Name of the simulator")->required();
    simulateApp->add_option("--output", simulate.output, "Folder to write into")->required();
    simulateApp->add_option("--seed", simulate.seed, "The same seed gives the same data");
    addSets(simulateApp, simulate.sets, "A setting of the simulator");

    ServeCommand serve;
    auto *serveApp = app.add_subcommand("serve", "Answer frames on standard input, for the window");

    std::vector<std::pair<CLI::App *, std::function<int()>>> others;
    for (const auto &kind : CommandRegistry::instance().all()) {
        auto *command = app.add_subcommand(kind.name, kind.help);
        others.emplace_back(command, kind.declare(*command));
    }

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &e) {
        if (e.get_exit_code() == 0)
            return app.exit(e);
        throw Error({"command line", "", e.what(), "see reticle-worker --help"});
    }
    if (describeApp->parsed() && describe.runNumber > 0 && describe.project.empty())
        throw Error(Error::Kind::Input, "", "--run needs a project. Add --project DIR.");
    if (describeApp->parsed() && describe.runNumber == 0 && !describe.project.empty())
        throw Error(Error::Kind::Input, "", "--project needs a run. Add --run N.");
    if (describeApp->parsed() && describeName->count() == 0 && describe.reference.empty() && describe.runNumber == 0)
        throw Error({"describe", "a name that \"reticle-worker list\" shows", "none", {}});

    if (describeModelApp->parsed())
        return describeModelHere();
    if (listApp->parsed())
        return list.run();
    if (describeApp->parsed())
        return describe.run();
    if (runApp->parsed())
        return run.run();
    if (predictApp->parsed())
        return predict.run();
    if (analyzeApp->parsed())
        return analyze.run();
    if (simulateApp->parsed())
        return simulate.run();
    for (const auto &[command, act] : others)
        if (command->parsed())
            return act();
    return serveApp->parsed() ? serve.run() : 2;
}

} // namespace

int main(int argc, char **argv)
{
    // Numbers are read and written with a point, whatever the user's language.
    std::setlocale(LC_ALL, "C");
    endInASentenceAlways();
    files::secureStandardStreams();
    try {
        try {
            const int status = commandLine(argc, argv);
            if (const auto problem = files::standardOutputProblem(); !problem.empty())
                throw Error(Error::Kind::Failed, "", problem);
            return status;
        } catch (...) {
            rethrowAsError();
        }
    } catch (const Error &e) {
        std::fprintf(stderr, "reticle-worker: %s\n", e.what()); // one line, whatever it quotes
        return e.exitStatus();
    }
}
