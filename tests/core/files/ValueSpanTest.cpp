#include "files/ValueSpan.h"

#include "files/ImageSource.h"
#include "foundation/Error.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;

namespace {

ValueSpan of(DType dtype, const std::vector<double> &values, int bits = 0)
{
    ValueSpan s;
    s.dtype = dtype;
    s.bits = bits;
    s.typed = true;
    s.add(Array::of<double>({1, static_cast<std::int64_t>(values.size())}, values).as(dtype));
    return s;
}

} // namespace

class ValueSpanTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void findsLeastMostAndStep()
    {
        auto s = of(DType::UInt16, {512, 256, 1024});
        QVERIFY(s.known && s.whole);
        QCOMPARE(s.low, 256.0);
        QCOMPARE(s.high, 1024.0);
        QCOMPARE(s.step, std::int64_t(256));
        s.add(Array::of<std::uint16_t>({1, 2}, std::vector<std::uint16_t>{0, 3}));
        QCOMPARE(s.low, 0.0);
        QCOMPARE(s.step, std::int64_t(1));
        const auto part = of(DType::Float32, {0.25, 3, -1});
        QVERIFY(!part.whole);
        QCOMPARE(part.low, -1.0);
        QCOMPARE(part.step, std::int64_t(0));
    }
    void opacityAndValuesThatAreNotFiniteDoNotCount()
    {
        ValueSpan s;
        s.add(Array::of<std::uint8_t>({1, 2, 2}, std::vector<std::uint8_t>{7, 255, 9, 255}), true);
        QCOMPARE(s.high, 9.0);
        ValueSpan r;
        r.dtype = DType::Float32;
        r.add(Array::of<float>({1, 4}, std::vector<float>{NAN, 2, INFINITY, 3}));
        QCOMPARE(r.low, 2.0);
        QCOMPARE(r.high, 3.0);
        ValueSpan none;
        none.dtype = DType::Float32;
        none.add(Array::of<float>({1, 1}, std::vector<float>{NAN}));
        QVERIFY(!none.known);
    }
    void white_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<std::vector<double>>("values");
        QTest::addColumn<int>("bits");
        QTest::addColumn<double>("white");
        const auto row = [](const char *name, DType type, std::vector<double> values, double white, int bits = 0) {
            QTest::newRow(name) << static_cast<int>(type) << std::move(values) << bits << white;
        };
        row("8 bit", DType::UInt8, {3, 40}, 255);
        row("4 bit", DType::UInt8, {3, 15}, 15, 4);
        row("12 bit by its file", DType::UInt16, {90, 3021}, 4095, 12);
        row("16 bit", DType::UInt16, {90, 50021}, 65535);
        row("8 bit times 257", DType::UInt16, {257, 257 * 80}, 65535);
        row("8 bit times 256", DType::UInt16, {256, 256 * 80}, 65280);
        row("8 bit times 16", DType::UInt16, {16, 16 * 201}, 4080);
        row("8 bit in 16", DType::UInt16, {5, 201}, 255);
        row("full of 12 bit", DType::UInt16, {5, 4095}, 4095);
        row("full of 10 bit", DType::UInt16, {5, 1023}, 1023);
        row("full of 14 bit", DType::UInt16, {5, 16383}, 16383);
        row("nothing to tell it by", DType::UInt16, {91, 3021}, 0);
        row("signed with negative numbers", DType::Int16, {-1024, 3071}, 0);
        row("signed 8 bit in 16", DType::Int16, {0, 201}, 255);
        row("signed 16 bit, full", DType::Int16, {7, 32767}, 32767);
        row("32 bit that hold 16", DType::Int32, {7, 60001}, 65535);
        row("0 to 1", DType::Float32, {0.1, 0.8}, 1);
        row("all black", DType::Float32, {0, 0}, 1);
        row("double, 0 to 1", DType::Float64, {0, 1}, 1);
        row("0 to 255 with fractions", DType::Float32, {0.5, 201.25}, 255);
        row("0 to 255, whole", DType::Float32, {0, 90}, 255);
        row("0 to 65535 with fractions", DType::Float32, {0.5, 50201.25}, 65535);
        row("percent", DType::Float32, {0.5, 99.5}, 0);
        row("about 0", DType::Float32, {-2.1, 3.3}, 0);
    }
    void white()
    {
        QFETCH(int, type);
        QFETCH(std::vector<double>, values);
        QFETCH(int, bits);
        QFETCH(double, white);
        QCOMPARE(of(static_cast<DType>(type), values, bits).white(), white);
    }
    void isKeptAsJson()
    {
        for (const auto &s : {of(DType::UInt16, {90, 3021}, 12), of(DType::Float32, {-0.5, 2})}) {
            const auto back = ValueSpan::fromJson(Json::parse(s.toJson().dump()));
            QVERIFY(back.toJson() == s.toJson());
            QVERIFY(back.typed && back.known && back.dtype == s.dtype && back.whole == s.whole);
            QCOMPARE(back.white(), s.white());
        }
        QVERIFY(!ValueSpan::fromJson(Json::object()).typed);
        EXPECT_ERROR(ValueSpan::fromJson({{"type", "uint9"}}), "uint9");
    }
    void isOfTheWholeStack()
    {
        Array stack(DType::UInt16, {5, 3, 4});
        stack.data<std::uint16_t>()[4 * 12 + 7] = 60000; // on the last page
        const auto s = spanOf(*imageFromArray(stack));
        QCOMPARE(s.high, 60000.0);
        QVERIFY(s.typed);
        QVERIFY(!typeOf(*imageFromArray(stack)).known);
        QCOMPARE(spanOf(*imageFromArray(Array(DType::UInt16, {3, 4}))).high, 0.0); // of one page
    }
    void inWords()
    {
        QCOMPARE(of(DType::UInt16, {90, 3021}).text(), std::string("16 bit"));
        QCOMPARE(of(DType::UInt16, {90, 3021}).text(true), std::string("16 bit with values from 90 to 3021"));
        QCOMPARE(of(DType::UInt16, {90, 3021}, 12).text(), std::string("12 bit"));
        QCOMPARE(of(DType::Int16, {-5, 3021}).text(), std::string("signed 16 bit"));
        QCOMPARE(of(DType::Float32, {0.25, 1}).text(), std::string("floating point from 0.25 to 1"));
    }
};

RETICLE_TEST(ValueSpanTest)
#include "ValueSpanTest.moc"
