#include "learn/Models.h"

#include "support/Test.h"

using namespace reticle;

namespace {

const std::vector<std::int64_t> &whole(const Table &table, const char *name)
{
    return std::get<std::vector<std::int64_t>>(table.find(name)->values);
}

const std::vector<std::string> &text(const Table &table, const char *name)
{
    return std::get<std::vector<std::string>>(table.find(name)->values);
}

using Numbers = std::vector<std::int64_t>;
using Texts = std::vector<std::string>;

} // namespace

class ModelsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void agreesWithCountsByHand()
    {
        const Json model{{"name", "unet"}, {"depth", 1}, {"widths", {2, 3, 4}}};
        const auto d = describeModel(model, 1, 1, 8, 6);
        QCOMPARE(text(d.layers, "name"), (Texts{"e0", "", "bottom", "", "d0", "out"}));
        QCOMPARE(text(d.layers, "type"), (Texts{"convolution", "average pool", "convolution", "bilinear, joined with skip",
                                                "convolution", "convolution"}));
        QCOMPARE(text(d.layers, "input")[3], std::string("3 \u00d7 4 \u00d7 3"));
        QCOMPARE(text(d.layers, "output")[3], std::string("5 \u00d7 8 \u00d7 6"));
        // 3 * 3 * in * out + out
        QCOMPARE(whole(d.layers, "weights"), (Numbers{20, 0, 57, 0, 184, 5}));
        // 3 * 3 * in * out * pixels
        QCOMPARE(whole(d.layers, "MACs"), (Numbers{18 * 48, 0, 54 * 12, 0, 180 * 48, 4 * 48}));
        // 4 bytes * out * pixels
        QCOMPARE(whole(d.layers, "activation"), (Numbers{4 * 96, 4 * 24, 4 * 36, 4 * 240, 4 * 192, 4 * 48}));
        QCOMPARE(d.weights, std::int64_t(266));
        QCOMPARE(d.macs, std::int64_t(864 + 648 + 8640 + 192));
        QCOMPARE(d.activationBytes, std::int64_t(4 * (96 + 24 + 36 + 240 + 192 + 48)));
        QCOMPARE(d.widths, (Numbers{2, 3, 4}));
        QVERIFY(d.summary.starts_with("U-Net, 266 weights, widths 2 3 4"));
    }

    void countsTheBatchAndTheMirroredBorder()
    {
        const Json model{{"name", "unet"}, {"depth", 1}, {"widths", {2, 3, 4}}};
        const auto one = describeModel(model, 1, 1, 8, 6), four = describeModel(model, 1, 1, 8, 6, 4);
        QCOMPARE(four.macs, 4 * one.macs);
        QCOMPARE(describeModel(model, 1, 1, 7, 5).macs, one.macs);
    }

    void saysWhatIsMissing()
    {
        EXPECT_ERROR(describeModel(Json{{"name", "unet"}}, 0, 1, 8, 8), "channels");
        EXPECT_ERROR(describeModel(Json{{"name", "nothing"}}, 1, 1, 8, 8), "unet");
    }
};

RETICLE_TEST(ModelsTest)
#include "ModelsTest.moc"
