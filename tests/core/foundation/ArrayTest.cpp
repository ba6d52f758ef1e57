#include "foundation/Array.h"
#include "foundation/Error.h"
#include "support/Test.h"

#include <limits>

using namespace reticle;

class ArrayTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void startsAtZeroAndSharesItsBuffer()
    {
        Array a(DType::UInt16, {2, 3});
        QCOMPARE(a.size(), std::int64_t(6));
        QCOMPARE(a.bytes(), std::size_t(12));
        QCOMPARE(a.value(5), 0.0);
        Array b = a, c = a.clone();
        a.data<std::uint16_t>()[4] = 7;
        QCOMPARE(b.value(4), 7.0);
        QCOMPARE(c.value(4), 0.0);
        QCOMPARE(a.at(1).value(1), 7.0);
        QVERIFY(a.reshaped({3, 2}).at(2).value(0) == 7.0);
        QVERIFY(a == b);
        QVERIFY(!(a == c));
    }
    void convertsByRoundingAndClamping()
    {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const float values[] = {-1.f, 0.5f, 1.5f, 254.7f, 1e9f, nan};
        const auto a = Array::of<float>({6}, values).as(DType::UInt8);
        const std::uint8_t expected[] = {0, 0, 2, 255, 255, 0};
        QVERIFY(a == Array::of<std::uint8_t>({6}, expected));
        const std::int32_t wide[] = {-5, 70000, 12};
        const std::uint16_t clamped[] = {0, 65535, 12};
        QVERIFY(Array::of<std::int32_t>({3}, wide).as(DType::UInt16) == Array::of<std::uint16_t>({3}, clamped));
    }
    void survivesBothJsonForms()
    {
        const double inf = std::numeric_limits<double>::infinity();
        const double values[] = {0.1, -inf, inf, 1e-300};
        const auto a = Array::of<double>({2, 2}, values);
        QVERIFY(Array::fromJson(a.toJson()) == a);
        QVERIFY(Array::fromJson(Json::parse(a.toJson(true).dump())) == a);
        const auto cbor = Json::from_cbor(Json::to_cbor(a.toJson()));
        QVERIFY(Array::fromJson(cbor) == a);
    }
    void refusesWhatDoesNotFit()
    {
        Json j = Array(DType::UInt8, {2, 2}).toJson(true);
        j["shape"] = {3, 2};
        EXPECT_ERROR(Array::fromJson(j), "expected 6 values for shape 3 x 2, found 4");
        j["dtype"] = "complex";
        EXPECT_ERROR(Array::fromJson(j), "number type");
        EXPECT_ERROR(Array::fromJson(Json(3)), "dtype, shape");
        EXPECT_ERROR(Array(DType::UInt8, {-1}), "fits in memory");
        const std::int64_t huge = std::int64_t(1) << 40;
        EXPECT_ERROR(Array(DType::UInt8, {huge, huge}), "fits in memory");
    }
};

RETICLE_TEST(ArrayTest)
#include "ArrayTest.moc"
