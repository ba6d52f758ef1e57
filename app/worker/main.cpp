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

CLI::App *declareList(CLI::App &app, ListCommand &list)
{
    auto *command = app.add_subcommand("list", "What there is of each kind");
    command->add_option("kind", list.kind, "models, objectives, datasets, analyses or simulators");
    command->add_flag("--json", list.json, "As JSON");
    return command;
}

CLI::App *declareDescribe(CLI::App &app, DescribeCommand &describe)
{
    auto *command = app.add_subcommand("describe", "The settings of one entry; of a model also its layers");
    command->add_option(
        "name", describe.name,
        "Name, such as unet, or with its kind, models/unet; or a recipe (JSON), whose network and training are described");
    command->add_flag("--json", describe.json, "As JSON");
    addSets(command, describe.sets,
            "A setting of the model whose layers are shown; of a recipe any field, such as train.minutes=30");
    command->add_option("--project", describe.project, "Project folder of the run");
    command->add_option("--run", describe.runNumber, "A run, whose network is described")->check(CLI::PositiveNumber);
    command->add_option("--channels", describe.channels, "Channels of the model's input")->check(CLI::Range(1, 4096));
    command->add_option("--classes", describe.classes, "Classes that it tells apart")->check(CLI::Range(1, 255));
    command->add_option("--size", describe.size, "Input in pixels: its side, or HxW");
    command->add_option("--batch", describe.batch, "Images at once")->check(CLI::PositiveNumber);
    command->add_option("--objective", describe.objective, "Objective that decides the outputs, such as cross-entropy");
    command->add_option("--train", describe.train, "A setting of the training, such as optimizer=sgd")->take_all();
    command->add_option("--memory", describe.memory, "GiB that the largest batch is told for")->check(CLI::Range(0.001, 1e6));
    command->add_option("--output", describe.output, "Write the tables (CSV) and figures into this folder");
    command->add_flag("--markdown", describe.markdown, "The layer table as Markdown");
    command->add_flag("--here", describe.here, "Do not use a process of its own for large networks")->group("");
    command->add_option("--reference", describe.reference, "Write the reference pages into this folder")->group("");
    return command;
}

/// What the parser cannot see: which options go together.
void requireDescribable(const DescribeCommand &describe, bool named)
{
    if (describe.runNumber > 0 && describe.project.empty())
        throw Error(Error::Kind::Input, "", "--run needs a project. Add --project DIR.");
    if (describe.runNumber == 0 && !describe.project.empty())
        throw Error(Error::Kind::Input, "", "--project needs a run. Add --run N.");
    if (!named && describe.reference.empty() && describe.runNumber == 0)
        throw Error({"describe", "a name that \"reticle-worker list\" shows", "none", {}});
}

CLI::App *declareRun(CLI::App &app, RunCommand &run)
{
    auto *command = app.add_subcommand("run", "Train by a recipe");
    command->add_option("recipe", run.recipe, "Recipe (JSON); not needed with --resume");
    command->add_option("--project", run.project, "Project folder, made where absent")->required();
    command->add_option("--device", run.device, "auto, cpu, cuda or cuda:N");
    addSets(
        command, run.sets,
        "Change a field of the recipe, such as train.minutes=15; several values to compare are compare.axes.train.minutes=5,15");
    command->add_option("--resume", run.resume, "Go on with this run")->check(CLI::PositiveNumber);
    command->add_flag("--events", run.events, "One JSON object a line");
    return command;
}

CLI::App *declarePredict(CLI::App &app, PredictCommand &predict)
{
    auto *command = app.add_subcommand("predict", "Apply a trained model to a picture or stack");
    command->add_option("--project", predict.project, "Project folder")->required();
    command->add_option("--run", predict.run_, "Number of the run")->required()->check(CLI::PositiveNumber);
    command->add_option("--input", predict.input, "Picture, stack or folder of slices")->required();
    command
        ->add_option("--output", predict.output,
                     "What to write, by its ending: .tif, .ome.tif, .npy, .png (one page), or a folder (no ending)")
        ->required();
    command->add_flag("--events", predict.events, "One JSON object a line");
    addFields(command, catalog().sections.at("predict"), predict.options);
    return command;
}

CLI::App *declareAnalyze(CLI::App &app, AnalyzeCommand &analyze)
{
    auto *command = app.add_subcommand("analyze", "Ask a question of a model or of data");
    command->add_option("name", analyze.name, "Name of the analysis")->required();
    command->add_option("--project", analyze.project, "Project folder; the result is kept in it");
    command->add_option("--run", analyze.run_, "Number of the run")->check(CLI::PositiveNumber);
    addSets(command, analyze.sets, "A setting of the analysis");
    command->add_option("--output", analyze.output, "Folder for result.json, tables and figures")->required();
    command->add_flag("--events", analyze.events, "One JSON object a line");
    return command;
}

CLI::App *declareSimulate(CLI::App &app, SimulateCommand &simulate)
{
    auto *command = app.add_subcommand("simulate", "Make data to order");
    command->add_option("name", simulate.name, "Name of the simulator")->required();
    command->add_option("--output", simulate.output, "Folder to write into")->required();
    command->add_option("--seed", simulate.seed, "The same seed gives the same data");
    addSets(command, simulate.sets, "A setting of the simulator");
    return command;
}

int commandLine(int argc, char **argv)
{
    CLI::App app("Trains, runs and studies models without a window.", "reticle-worker");
    app.set_version_flag("--version", RETICLE_VERSION);
    app.require_subcommand(1);

    ListCommand list;
    DescribeCommand describe;
    RunCommand run;
    PredictCommand predict;
    AnalyzeCommand analyze;
    SimulateCommand simulate;
    ServeCommand serve;
    describe.arguments.assign(argv + 1, argv + argc);
    std::vector<std::pair<CLI::App *, std::function<int()>>> commands; // in the order of the help
    commands.emplace_back(declareList(app, list), [&list] { return list.run(); });
    auto *describeApp = declareDescribe(app, describe);
    commands.emplace_back(describeApp, [&describe, name = describeApp->get_option("name")] {
        requireDescribable(describe, name->count() > 0);
        return describe.run();
    });
    commands.emplace_back(app.add_subcommand("describe-model", "Answer describe-model on standard input, for serve")->group(""),
                          describeModelHere);
    commands.emplace_back(declareRun(app, run), [&run] { return run.run(); });
    commands.emplace_back(declarePredict(app, predict), [&predict] { return predict.run(); });
    commands.emplace_back(declareAnalyze(app, analyze), [&analyze] { return analyze.run(); });
    commands.emplace_back(declareSimulate(app, simulate), [&simulate] { return simulate.run(); });
    commands.emplace_back(app.add_subcommand("serve", "Answer frames on standard input, for the window"),
                          [&serve] { return serve.run(); });
    for (const auto &kind : CommandRegistry::instance().all()) {
        auto *command = app.add_subcommand(kind.name, kind.help);
        commands.emplace_back(command, kind.declare(*command));
    }

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &e) {
        if (e.get_exit_code() == 0)
            return app.exit(e);
        throw Error({"command line", "", e.what(), "see reticle-worker --help"});
    }
    for (const auto &[command, act] : commands)
        if (command->parsed())
            return act();
    return 2;
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
