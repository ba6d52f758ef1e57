#include "ablation/AblationStudy.h"
#include "core/analysis/AnalysisFiles.h"
#include "support/TemporaryFolder.h"

#include <cmath>
#include <fstream>

using namespace reticle;
using namespace reticle::test;

namespace {

/// The validated recipe of a study over batch and learning rate with two seeds, as the program writes it, by hand.
Recipe studyRecipe()
{
    return Recipe(Json::parse(R"({"recipe": 1, "title": "Study", "seed": 1, "device": "cpu",
        "data": {"name": "segmentation", "images": "/data/cells.tif"}, "model": {"name": "unet"},
        "objective": {"name": "bce"}, "augment": {}, "train": {"batch": 4, "learning-rate": 0.001},
        "compare": {"settings": [
            {"title": "good recipe", "changes": {}, "_cell": 3},
            {"title": "bad recipe", "changes": {"train.batch": 2, "train.learning-rate": 0.1}, "_cell": 0},
            {"title": "good without batch", "changes": {"train.batch": 2}, "_cell": 2},
            {"title": "good without learning-rate", "changes": {"train.learning-rate": 0.1}, "_cell": 1}],
          "seeds": [1, 2],
          "_study": {"version": 1, "good": "run 3", "bad": "run 4",
            "axes": [{"name": "batch", "changes": [{"keys": ["train", "batch"], "good": 4, "bad": 2}]},
                     {"name": "learning-rate", "changes": [{"keys": ["train", "learning-rate"], "good": 0.001, "bad": 0.1}]}],
            "design": {"factorial": "full", "cells": [3, 0, 2, 1], "factorial-cells": [0, 1, 2, 3], "resolution": 0,
                       "words": [], "note": "Full factorial design."}}}})"));
}

/// The study and its runs in a project; a run of no study before them.
Project projectOf(const std::filesystem::path &folder)
{
    auto project = Project::openOrCreate(folder);
    Json alone = studyRecipe().json();
    alone.erase("compare");
    project.createRun(Recipe(alone));
    const auto id = project.createComparison(studyRecipe()).id;
    const double scores[] = {0.9, 0.5, 0.8, 0.7, 0.92, 0.5, 0.81, 0.7};
    const auto planned = studyRecipe().compared();
    for (std::size_t i = 0; i < planned.size(); ++i) {
        RunInfo run = project.createRun(planned[i], id);
        std::vector<Event> metrics;
        for (std::int64_t step : {10, 20})
            for (const char *name : {"train.loss", "validation.loss", "validation.dice"})
                metrics.push_back({.kind = Event::Kind::Metric,
                                   .step = step,
                                   .name = name,
                                   .value = scores[i] * static_cast<double>(step) / 20});
        project.addMetrics(run.id, metrics);
        run.status = RunStatus::Done;
        run.step = 20;
        run.summary = {{"target", "labels"}, {"best", {{"step", 20}, {"loss", 1 - scores[i]}, {"dice", scores[i]}}}};
        project.updateRun(run);
    }
    return project;
}

Result asked(Project *project, std::int64_t run, const Json &options = Json::object())
{
    Events events;
    RunControl control;
    const auto r = analyze("knockout-rescue", {project, run, options}, events, control);
    for (const auto &f : r.figures)
        for (const auto &p : f.problems())
            throw Error(Error::Kind::Failed, f.name, p);
    return r;
}

const Table *tableOf(const Result &r, const std::string &title)
{
    for (const auto &table : r.tables)
        if (table.title == title)
            return &table;
    return nullptr;
}

} // namespace

class AblationAnalysisTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theStudyOfTheProjectIsReported()
    {
        const TemporaryFolder folder;
        auto project = projectOf(folder / "P.reticle");
        const Result r = asked(&project, 0);
        QVERIFY2(r.summary.find("Dice is 0.9") == 0, r.summary.c_str());
        QVERIFY2(r.summary.find("batch: ") != std::string::npos && r.summary.find("learning-rate: ") != std::string::npos,
                 r.summary.c_str());
        // By hand: gaps 0.4 and 0.42; knockouts of batch 0.1 and 0.11, rescues 0.2 and 0.2.
        QVERIFY(std::abs(r.values["gap"].get<double>() - 0.41) < 1e-12);
        QVERIFY(std::abs(r.values["axes"][0]["knockout"].get<double>() - 0.105) < 1e-12);
        QVERIFY(std::abs(r.values["axes"][0]["rescue"].get<double>() - 0.2) < 1e-12);
        QVERIFY(std::abs(r.values["axes"][0]["share"].get<double>() - 0.1525) < 1e-12);
        QCOMPARE(r.values["axes"][1]["bad"].get<std::string>(), std::string("0.1"));
        for (const char *title : {"Effects", "Interactions", "Recipes", "Runs", "Curves", "Seeds"})
            QVERIFY2(tableOf(r, title), title);
        QCOMPARE(tableOf(r, "Curves")->rows(), std::size_t(8 * 4));
        QCOMPARE(tableOf(r, "Seeds")->columns.size(), std::size_t(10)); // stream, eight runs, whether they are equal
        QCOMPARE(tableOf(r, "Seeds")->text(0, 9), std::string("no"));
        QCOMPARE(r.figures.size(), std::size_t(4));
        QCOMPARE(r.figures[0].name, std::string("ablation-effects"));
        // It comes back from the project, and is written as files.
        const auto number = project.addResult(2, r, Json::object());
        QCOMPARE(project.result(number).summary, r.summary);
        r.save((folder / "out").string());
        QVERIFY(std::filesystem::exists(folder / "out" / "result.json"));
    }
    void ofARunOrANumberOrTheLatest()
    {
        const TemporaryFolder folder;
        auto project = projectOf(folder / "P.reticle");
        QCOMPARE(asked(&project, 5).summary, asked(&project, 0).summary);
        QCOMPARE(asked(&project, 0, {{"comparison", 1}}).summary, asked(&project, 0).summary);
        QVERIFY(std::abs(asked(&project, 0, {{"score", "loss"}}).values["gap"].get<double>() - 0.41) < 1e-12);
        EXPECT_ERROR(asked(&project, 1), "run 1, which belongs to no comparison");
        EXPECT_ERROR(asked(&project, 0, {{"comparison", 7}}), "one of the comparisons 1");
        EXPECT_ERROR(asked(&project, 0, {{"score", "psnr"}}), "a score that the runs have");
        EXPECT_ERROR(asked(nullptr, 0), "give --project DIR");
        const TemporaryFolder other;
        auto empty = Project::openOrCreate(other / "E.reticle");
        EXPECT_ERROR(asked(&empty, 0), "expected a study of knockouts and rescues, found none in this project");
        RunControl control;
        control.end(RunControl::End::Cancel);
        Events events;
        EXPECT_ERROR(analyze("knockout-rescue", {&project, 0, Json::object()}, events, control), "cancelled");
    }
};

RETICLE_TEST(AblationAnalysisTest)
#include "AblationAnalysisTest.moc"
