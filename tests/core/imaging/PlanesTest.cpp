#include "imaging/Planes.h"

#include "support/Test.h"

using namespace reticle;

class PlanesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theMostLikelyClass()
    {
        Array p(DType::Float32, {3, 1, 3});
        const float values[] = {0.5f, 0.2f, 0.4f, 0.3f, 0.2f, 0.4f, 0.2f, 0.6f, 0.2f};
        std::copy_n(values, 9, p.data<float>());
        const Array best = mostLikely(p);
        QCOMPARE(best.shape(), (std::vector<std::int64_t>{1, 3}));
        QCOMPARE(int(best.data<std::uint8_t>()[0]), 0);
        QCOMPARE(int(best.data<std::uint8_t>()[1]), 2);
        QCOMPARE(int(best.data<std::uint8_t>()[2]), 0); // of equals the first
    }
    void channelsOfAPixelComeTogether()
    {
        Array planes(DType::Float32, {2, 1, 2});
        const float values[] = {1, 2, 3, 4};
        std::copy_n(values, 4, planes.data<float>());
        const Array page = channelsTogether(planes);
        QCOMPARE(page.shape(), (std::vector<std::int64_t>{1, 2, 2}));
        QCOMPARE(page.data<float>()[1], 3.f);
        QCOMPARE(channelsTogether(Array(DType::Float32, {1, 3, 4})).shape(), (std::vector<std::int64_t>{3, 4}));
    }
};

RETICLE_TEST(PlanesTest)
#include "PlanesTest.moc"
