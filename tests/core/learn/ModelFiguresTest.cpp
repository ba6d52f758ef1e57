#include "learn/ModelFigures.h"

#include "support/Test.h"

using namespace reticle;

class ModelFiguresTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void layersBelongToBlocks()
    {
        QCOMPARE(blockOf("down0_layer3"), std::string("down0"));
        QCOMPARE(blockOf("e1b"), std::string("e1"));
        QCOMPARE(blockOf("b2r4"), std::string("b2"));
        QCOMPARE(blockOf("out"), std::string("out"));
    }
    void costsOfABlockAddUp()
    {
        std::vector<BlockCost> blocks;
        addToBlock(blocks, "e0", 10, 1000);
        addToBlock(blocks, "e1a", 20, 2000);
        addToBlock(blocks, "e1b", 30, 3000);
        addToBlock(blocks, "e0", 1, 1);
        QCOMPARE(blocks.size(), std::size_t(2));
        QCOMPARE(blocks[0].name, std::string("e0"));
        QCOMPARE(blocks[0].weights, std::int64_t(11));
        QCOMPARE(blocks[1].weights, std::int64_t(50));
        QCOMPARE(blocks[1].macs, std::int64_t(5000));
        const auto figure = blockFigure(blocks, "Net", "1 image");
        const std::string text = figure.toJson().dump();
        QVERIFY(text.find("e0") != std::string::npos && text.find("e1") != std::string::npos);
        QVERIFY(text.find("5000") != std::string::npos);
        QVERIFY(figure.problems().empty());
        const auto &bars = std::get<XYPanel>(figure.panels[1].content);
        QCOMPARE(bars.y.categories, (std::vector<std::string>{"e0", "e1"}));
        QCOMPARE(bars.series[0].x, (std::vector<double>{1001, 5000}));
        QVERIFY(Figure::fromJson(figure.toJson()).toJson() == figure.toJson());
    }
};

RETICLE_TEST(ModelFiguresTest)
#include "ModelFiguresTest.moc"
