#include "learn/Training.h"
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
        const Json given{{"steps", 12}, {"optimiser", "sgd"}, {"learning-rate", 0.01}, {"precision", "float32"}, {"averaging", 0}};
        const auto o = schema.read(given, "train");
        QCOMPARE(o.steps, std::int64_t(12));
        QCOMPARE(o.optimiser, std::string("sgd"));
        QCOMPARE(o.averaging, 0.0);
        const Json written = schema.write(o);
        for (const auto &[key, value] : given.items())
            QVERIFY2(written.at(key) == value, key.c_str());
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("section");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("no crops") << R"({"batch": 0})" << "train.batch";
        QTest::newRow("tiny crop") << R"({"crop": 7})" << "train.crop";
        QTest::newRow("standing still") << R"({"learning-rate": 0})" << "train.learning-rate";
        QTest::newRow("all warm-up") << R"({"warmup": 0.6})" << "train.warmup";
        QTest::newRow("never forgets") << R"({"averaging": 1})" << "train.averaging";
        QTest::newRow("other optimiser") << R"({"optimiser": "lion"})" << "adam, adamw, sgd";
        QTest::newRow("other schedule") << R"({"schedule": "linear"})" << "constant, cosine, poly, step";
        QTest::newRow("text") << R"({"steps": "many"})" << "train.steps";
        QTest::newRow("unknown") << R"({"minuets": 3})" << "minuets";
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
        for (const auto &field : info.fields)
            QVERIFY2(field.help.size() > 10, field.name.c_str());
    }
};

RETICLE_TEST(TrainOptionsTest)
#include "TrainOptionsTest.moc"
