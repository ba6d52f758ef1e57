#include "files/InputScale.h"

#include "foundation/Error.h"
#include "imaging/Scaling.h"
#include "support/Test.h"

using namespace reticle;

namespace {

ValueSpan of(DType dtype, const std::vector<double> &values, int bits = 0)
{
    ValueSpan s;
    s.dtype = dtype;
    s.bits = bits;
    s.typed = true;
    if (!values.empty())
        s.add(Array::of<double>({1, static_cast<std::int64_t>(values.size())}, values).as(dtype));
    return s;
}

InputScale scaled(const ValueSpan &trained, const ValueSpan &input, const char *range = "auto")
{
    return inputScale(trained, input, InputRange::parse(range, "input-range"), "cells.tif");
}

} // namespace

class InputScaleTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void convertsWhereItIsPlain_data()
    {
        QTest::addColumn<ValueSpan>("trained");
        QTest::addColumn<ValueSpan>("input");
        QTest::addColumn<double>("factor");
        const auto eight = of(DType::UInt8, {}), sixteen = of(DType::UInt16, {300, 60000, 7}),
                   unit = of(DType::Float32, {0.1, 0.9});
        QTest::newRow("8, 16 bit times 257") << eight << of(DType::UInt16, {257, 257 * 90}) << 1 / 257.0;
        QTest::newRow("8, 16 bit times 256") << eight << of(DType::UInt16, {256, 256 * 90}) << 1 / 256.0;
        QTest::newRow("8, full 16 bit") << eight << of(DType::UInt16, {9, 60000, 7}) << 1 / 257.0;
        QTest::newRow("8, 12 bit by its file") << eight << of(DType::UInt16, {9, 3000}, 12) << 255 / 4095.0;
        QTest::newRow("8, 12 bit, saturated") << eight << of(DType::UInt16, {9, 4095}) << 255 / 4095.0;
        QTest::newRow("8, 8 in 16 bit") << eight << of(DType::UInt16, {9, 240}) << 1.0;
        QTest::newRow("8, 8 in signed 16 bit") << eight << of(DType::Int16, {9, 240}) << 1.0;
        QTest::newRow("8, floats to 1") << eight << of(DType::Float32, {0, 0.7}) << 255.0;
        QTest::newRow("8, doubles to 1") << eight << of(DType::Float64, {0, 1}) << 255.0;
        QTest::newRow("8, floats to 255") << eight << of(DType::Float32, {0.5, 200}) << 1.0;
        QTest::newRow("8, whole floats") << eight << of(DType::Float32, {0, 60}) << 1.0;
        QTest::newRow("8, floats to 65535") << eight << of(DType::Float32, {0, 60000.5}) << 1 / 257.0;
        QTest::newRow("16, 8 bit") << sixteen << eight << 257.0;
        QTest::newRow("16, floats to 1") << sixteen << unit << 65535.0;
        QTest::newRow("16, 32 bit") << sixteen << of(DType::Int32, {0, 65000}) << 1.0;
        QTest::newRow("12 by its file, 8") << of(DType::UInt16, {40, 3000}, 12) << eight << 4095 / 255.0;
        QTest::newRow("12 by its file, floats to 1") << of(DType::UInt16, {40, 3000}, 12) << unit << 4095.0;
        QTest::newRow("16, dim, the same as 32 bit") << of(DType::UInt16, {40, 3001}) << of(DType::UInt32, {40, 2801}) << 1.0;
        QTest::newRow("floats to 1, 8") << unit << eight << 1 / 255.0;
        QTest::newRow("floats to 1, 16") << unit << of(DType::UInt16, {7, 60000}) << 1 / 65535.0;
        QTest::newRow("floats to 1, floats to 255") << unit << of(DType::Float32, {0.5, 201}) << 1 / 255.0;
        QTest::newRow("floats to 255, floats to 1") << of(DType::Float32, {0.5, 201}) << unit << 255.0;
        QTest::newRow("numbers of CT, as floats")
            << of(DType::Int16, {-1024, 3071}) << of(DType::Float32, {-1000, 2800.5}) << 1.0;
        QTest::newRow("signed 16 bit, unsigned of that span")
            << of(DType::Int16, {0, 3071}) << of(DType::UInt16, {3, 2999}) << 1.0;
    }
    void convertsWhereItIsPlain()
    {
        QFETCH(ValueSpan, trained);
        QFETCH(ValueSpan, input);
        QFETCH(double, factor);
        const auto s = scaled(trained, input);
        QCOMPARE(s.factor, factor);
        QCOMPARE(s.offset, 0.0);
        QVERIFY(!s.note.empty());
        QVERIFY(needsSpan(trained, input.dtype, {}) || input.dtype == DType::UInt8);
    }
    void leavesTheTrainedTypeAlone()
    {
        for (const auto dtype : {DType::UInt8, DType::UInt16, DType::Int16, DType::Int32})
            for (const double high : {7.0, 100.0}) {
                const auto s = scaled(of(dtype, {0, 90}), of(dtype, {0, high}));
                QVERIFY(s.same() && s.note.empty());
                QVERIFY(!needsSpan(of(dtype, {0, 90}), dtype, {}));
            }
        // Floating point that reaches a little beyond 1, as interpolation leaves it, and numbers about 0.
        QVERIFY(scaled(of(DType::Float32, {0, 0.9}), of(DType::Float32, {-0.03, 1.04})).same());
        QVERIFY(scaled(of(DType::Float32, {-3, 4}), of(DType::Float32, {-1, 1})).same());
        QVERIFY(scaled(of(DType::Float32, {-3, 400}), of(DType::Float32, {0, 1})).same());
        // What is all black is so in every type.
        QVERIFY(scaled(of(DType::UInt8, {}), of(DType::UInt16, {0, 0})).same());
    }
    void saysWhatItDid()
    {
        QCOMPARE(scaled(of(DType::UInt8, {}), of(DType::UInt16, {257, 514})).note,
                 std::string("The images are 16 bit, the model was trained on 8 bit: values were divided by 257."));
        QCOMPARE(scaled(of(DType::UInt8, {}), of(DType::Float32, {0, 0.75})).note,
                 std::string("The images are floating point from 0 to 0.75, the model was trained on 8 bit: values were "
                             "multiplied by 255."));
        QCOMPARE(scaled(of(DType::UInt8, {}), of(DType::UInt16, {3, 200})).note,
                 std::string("The images are 16 bit, the model was trained on 8 bit: values were taken as they are."));
    }
    void asksWhereItIsNotPlain_data()
    {
        QTest::addColumn<ValueSpan>("trained");
        QTest::addColumn<ValueSpan>("input");
        const auto eight = of(DType::UInt8, {});
        QTest::newRow("12 bit or dim 16 bit") << eight << of(DType::UInt16, {90, 3021});
        QTest::newRow("numbers of CT") << eight << of(DType::Int16, {-1024, 3071});
        QTest::newRow("percent") << eight << of(DType::Float32, {0.5, 99.5});
        QTest::newRow("z-scores") << eight << of(DType::Float32, {-2.5, 3.5});
        QTest::newRow("trained on dim 16 bit") << of(DType::UInt16, {90, 3021}) << eight;
        QTest::newRow("trained on an older 16 bit") << of(DType::UInt16, {}) << eight;
        QTest::newRow("trained on CT") << of(DType::Int16, {-1024, 3071}) << eight;
        QTest::newRow("floats to 1, floats to 100") << of(DType::Float32, {0, 0.9}) << of(DType::Float32, {0.5, 99.5});
    }
    void asksWhereItIsNotPlain()
    {
        QFETCH(ValueSpan, trained);
        QFETCH(ValueSpan, input);
        EXPECT_ERROR(scaled(trained, input), "cells.tif: The images are");
        EXPECT_ERROR(scaled(trained, input), "input-range");
        const auto left = scaled(trained, input, "as-is");
        QVERIFY(left.same() && !left.note.empty());
    }
    void takesTheUsersWord()
    {
        const auto s = scaled(of(DType::UInt8, {}), of(DType::UInt16, {90, 3021}), "0..4095");
        QVERIFY(std::abs(4095 * s.factor + s.offset - 255) < 1e-9 && s.offset == 0);
        const auto ct = scaled(of(DType::UInt8, {}), of(DType::Int16, {}), "-1000..1000");
        QVERIFY(std::abs(-1000 * ct.factor + ct.offset) < 1e-9 && std::abs(1000 * ct.factor + ct.offset - 255) < 1e-9);
        // Black and white of images whose white is not known are their least and largest number.
        const auto to = scaled(of(DType::Int16, {-1024, 3071}), of(DType::UInt8, {}), "0..255");
        QVERIFY(std::abs(to.offset + 1024) < 1e-9 && std::abs(255 * to.factor + to.offset - 3071) < 1e-9);
        QVERIFY(scaled(of(DType::UInt16, {}), of(DType::UInt8, {}), "0..255").factor == 257);
        EXPECT_ERROR(scaled(ValueSpan(), of(DType::UInt8, {}), "0..255"), "input-range");
        for (const char *wrong : {"4095", "5..5", "9..1", "a..b", "0..", "..7", "0..nan", "0..1e999", "0..255x"})
            EXPECT_ERROR(InputRange::parse(wrong, "input-range"), "0..4095");
    }
    void modelsThatDoNotSayTheirTypeTakeAllAsItIs()
    {
        const auto s = scaled(ValueSpan(), of(DType::UInt16, {90, 3021}));
        QVERIFY(s.same() && s.note.empty());
        QVERIFY(!needsSpan(ValueSpan(), DType::UInt16, {}));
    }
    void scalingOfBeforeTellsItsType()
    {
        const auto type = [](double factor) { return Scaling::fromJson({{"offset", 0}, {"factor", factor}}).span; };
        QVERIFY(type(1 / 255.0).dtype == DType::UInt8);
        QCOMPARE(type(1 / 255.0).white(), 255.0);
        QVERIFY(type(1 / 65535.0).dtype == DType::UInt16);
        QCOMPARE(type(1 / 65535.0).white(), 0.0); // 12 bit, maybe
        QVERIFY(type(1 / 32767.0).dtype == DType::Int16);
        QCOMPARE(type(1).white(), 1.0);
        QVERIFY(!type(0.37).typed);
        QVERIFY(scaled(type(1), of(DType::Float32, {0, 200})).same()); // as before
        QVERIFY(scaled(type(1 / 65535.0), of(DType::UInt16, {0, 90})).same());
    }
};

RETICLE_TEST(InputScaleTest)
#include "InputScaleTest.moc"
