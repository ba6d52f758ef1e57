#include "learn/TrainOptions.h"
#include "support/Catalog.h"
#include "support/Test.h"

using namespace reticle;

class TrainOptionsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void defaultsAreValid()
    {
        const auto schema = TrainOptions::schema();
        const TrainOptions o = schema.read(Json::object(), "train");
        QVERIFY(o.minutes > 0 && o.steps == 0 && o.epochs == 0);
        QVERIFY(schema.read(schema.write(o), "train").learningRate == o.learningRate);
    }

    void keepsWhatItIsTold()
    {
        const auto schema = TrainOptions::schema();
        const Json given{
            {"steps", 12}, {"optimizer", "sgd"}, {"learning-rate", 0.01}, {"precision", "float32"}, {"averaging", 0}};
        const auto o = schema.read(given, "train");
        QCOMPARE(o.steps, std::int64_t(12));
        QCOMPARE(o.optimizer.name, std::string("sgd"));
        QCOMPARE(o.averaging, 0.0);
        const Json written = schema.write(o);
        for (const auto &[key, value] : given.items())
            QVERIFY2(written.at(key) == value, key.c_str());
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("section");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("no crops") << R"({"batch": 0})"
                                  << "train.batch";
        QTest::newRow("tiny crop") << R"({"crop": 7})"
                                   << "train.crop";
        QTest::newRow("standing still") << R"({"learning-rate": 0})"
                                        << "train.learning-rate";
        QTest::newRow("all warm-up") << R"({"warmup": 0.6})"
                                     << "train.warmup";
        QTest::newRow("never forgets") << R"({"averaging": 1})"
                                       << "train.averaging";
        QTest::newRow("other optimizer") << R"({"optimizer": "lion"})"
                                         << "adadelta, adam, adamw, rmsprop, sgd";
        QTest::newRow("other optimizer, as before") << R"({"optimiser": "lion"})"
                                                    << "train.optimizer";
        QTest::newRow("both names") << R"({"optimizer": "adam", "optimiser": "sgd"})"
                                    << "train.optimiser";
        QTest::newRow("field of another optimizer") << R"({"optimizer": {"name": "adam", "rho": 0.5}})"
                                                    << "train.optimizer.rho";
        QTest::newRow("one beta") << R"({"optimizer": {"name": "adam", "betas": [0.5]}})"
                                  << "train.optimizer.betas: expected a list of 2 numbers";
        QTest::newRow("momentum of 1, as before") << R"({"momentum": 1})"
                                                  << "train.momentum";
        QTest::newRow("other schedule") << R"({"schedule": "linear"})"
                                        << "constant, cosine, exponential, inverse, milestones, poly, step";
        QTest::newRow("text") << R"({"steps": "many"})"
                              << "train.steps";
        QTest::newRow("unknown") << R"({"minuets": 3})"
                                 << "minuets";
    }

    void refuses()
    {
        QFETCH(QString, section);
        QFETCH(QString, sentence);
        EXPECT_ERROR(TrainOptions::schema().read(Json::parse(section.toStdString()), "train"), sentence.toStdString());
    }

    void everyFieldSaysWhatItIs()
    {
        const auto info = TrainOptions::schema().info();
        for (const auto &field : info.fields) {
            QVERIFY2(field.help.size() > 10, field.name.c_str());
            for (const auto &entry : field.entries) {
                QVERIFY2(!entry.title.empty() && entry.help.size() > 10, entry.name.c_str());
                for (const auto &own : entry.fields)
                    QVERIFY2(own.help.size() > 10, (entry.name + " " + own.name).c_str());
            }
        }
    }

    void recipesAndCommandLinesOfBefore()
    {
        const auto catalog = test::catalog();
        Recipe before(Json{{"data", {{"name", "segmentation"}}},
                           {"model", {{"name", "unet"}, {"normalisation", "batch"}}},
                           {"objective", {{"name", "bce"}, {"normalised", false}}},
                           {"train", {{"optimiser", "adam"}}}});
        before.set("train.momentum", "0.9", catalog);
        before.set("train.optimizer", "sgd", catalog);
        before.set("model.normalization", "group", catalog);
        Recipe now(Json{{"data", {{"name", "segmentation"}}},
                        {"model", {{"name", "unet"}, {"normalization", "group"}}},
                        {"objective", {{"name", "bce"}, {"normalized", false}}},
                        {"train", {{"optimizer", {{"name", "sgd"}, {"momentum", 0.9}}}}}});
        QCOMPARE(Recipe::differences(before.validated(catalog), now.validated(catalog)), std::vector<std::string>());
        now.set("train.optimizer", "adam", catalog);
        now.set("train.optimizer.betas", "0.5,0.9", catalog);
        QCOMPARE(now.validated(catalog).section("train").at("optimizer").dump(),
                 std::string(R"({"name":"adam","betas":[0.5,0.9]})"));
        EXPECT_ERROR(now.set("train.optimizer.rho", "0.5", catalog), "train.optimizer.rho");
        EXPECT_ERROR(now.set("train.optimizer.betas", "0.5", catalog), "train.optimizer.betas: expected a list of 2 numbers");
    }

    void readsSectionsOfBefore_data()
    {
        QTest::addColumn<QString>("section");
        QTest::addColumn<QString>("optimizer");
        QTest::newRow("as all were written") << R"({"optimiser": "adam", "momentum": 0.99})"
                                             << R"("adam")";
        QTest::newRow("without effect") << R"({"optimiser": "adamw", "momentum": 0.5})"
                                        << R"("adamw")";
        QTest::newRow("default momentum") << R"({"optimiser": "sgd", "momentum": 0.99})"
                                          << R"("sgd")";
        QTest::newRow("another momentum") << R"({"momentum": 0.9, "optimiser": "sgd"})"
                                          << R"({"name":"sgd","momentum":0.9})";
        QTest::newRow("momentum alone") << R"({"momentum": 0.9})"
                                        << R"("adam")";
        QTest::newRow("RMSprop has its own") << R"({"momentum": 0.9, "optimizer": "rmsprop"})"
                                             << R"("rmsprop")";
    }
    void readsSectionsOfBefore()
    {
        QFETCH(QString, section);
        QFETCH(QString, optimizer);
        const auto schema = TrainOptions::schema();
        const Json valid = schema.info().validate(Json::parse(section.toStdString()), "train");
        QCOMPARE(QString::fromStdString(valid.at("optimizer").dump()), optimizer);
        QVERIFY(!valid.contains("optimiser") && !valid.contains("momentum"));
        QVERIFY(schema.write(schema.read(valid)) == valid);
    }
};

RETICLE_TEST(TrainOptionsTest)
#include "TrainOptionsTest.moc"
