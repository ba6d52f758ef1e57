#include "foundation/Packing.h"
#include "foundation/Array.h"
#include "foundation/Error.h"
#include "support/Test.h"

#include <cmath>
#include <limits>

using namespace reticle;

namespace {

std::span<const std::byte> bytesOf(const std::string &text)
{
    return std::as_bytes(std::span(text.data(), text.size()));
}

} // namespace

class PackingTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void agreesWithAnotherProgram()
    {
        // Python: base64.b64encode(zlib.compress(b"reticle " * 40))
        const std::string packed = "eJwrSi3JTM5JVSgapcmiATmEeUE=", plain = [] {
            std::string s;
            for (int i = 0; i < 40; ++i)
                s += "reticle ";
            return s;
        }();
        std::string out(plain.size(), ' ');
        unpackText(packed, std::as_writable_bytes(std::span(out.data(), out.size())));
        QCOMPARE(out, plain);
    }

    void everyLengthComesBack()
    {
        for (const std::size_t length : {0, 1, 2, 3, 4, 5, 255, 1000}) {
            std::string plain, out(length, ' ');
            for (std::size_t i = 0; i < length; ++i)
                plain += static_cast<char>(i * 37 + length);
            const std::string packed = packedText(bytesOf(plain));
            QVERIFY(packed.size() % 4 == 0 && mayHold(packed, length));
            unpackText(packed, std::as_writable_bytes(std::span(out.data(), out.size())));
            QCOMPARE(out, plain);
        }
    }

    void longArraysOfEveryTypeArePackedExactly()
    {
        for (const DType type : {DType::UInt8, DType::Int8, DType::UInt16, DType::Int16, DType::UInt32, DType::Int32,
                                 DType::Int64, DType::Float32, DType::Float64}) {
            Array a(type, {5, 7, 11});
            for (std::size_t i = 0; i < a.bytes(); ++i)
                a.raw()[i] = static_cast<std::byte>(i * i + 3 * i);
            const Json json = Json::parse(a.toJson(true).dump(1));
            QVERIFY(json.contains("packed") && !json.contains("values"));
            QVERIFY2(Array::fromJson(json) == a, std::string(nameOf(type)).c_str());
        }
        // Numbers that are none keep their every bit.
        Array odd(DType::Float32, {300});
        odd.data<float>()[0] = std::numeric_limits<float>::quiet_NaN();
        odd.data<float>()[1] = -std::numeric_limits<float>::infinity();
        odd.data<float>()[2] = -0.0f;
        QVERIFY(Array::fromJson(Json::parse(odd.toJson(true).dump())) == odd);
        // A picture takes no more room than its bytes need, and less where it repeats.
        const Array flat(DType::UInt8, {512, 512});
        QVERIFY(flat.toJson(true).dump(1).size() < 1000);
    }

    void shortAndEmptyArraysStayReadable()
    {
        const Array small(DType::Int16, {16, 16}), none(DType::Float64, {0, 3});
        for (const Array &a : {small, none}) {
            QVERIFY(a.toJson(true).contains("values"));
            QVERIFY(Array::fromJson(a.toJson(true)) == a);
        }
        // Lists are read at any length: documents of version 1 hold nothing else.
        Json old = {{"dtype", "uint16"}, {"shape", {1000}}, {"values", Json::array()}};
        for (int i = 0; i < 1000; ++i)
            old["values"].push_back(i);
        QCOMPARE(Array::fromJson(old).value(999), 999.0);
        // And so is a short array that someone packed.
        Json packed = {{"dtype", "float64"}, {"shape", {0, 3}}, {"packed", packedText({})}};
        QVERIFY(Array::fromJson(packed) == none);
    }

    void damageIsSaid()
    {
        const Array a(DType::Float32, {40, 40});
        const Json whole = a.toJson(true);
        const auto with = [&](const std::string &text) {
            Json json = whole;
            json["packed"] = text;
            return json;
        };
        const std::string text = whole["packed"];
        EXPECT_ERROR(Array::fromJson(with(text.substr(0, text.size() - 3))), "cut short");
        EXPECT_ERROR(Array::fromJson(with(text.substr(0, text.size() - 8))), "end early");
        std::string changed = text;
        changed[3] = '*';
        EXPECT_ERROR(Array::fromJson(with(changed)), "none of base64 at place 3");
        changed = text;
        std::swap(changed[text.size() / 2], changed[2]);
        changed[8] = changed[8] == 'A' ? 'B' : 'A';
        EXPECT_ERROR(Array::fromJson(with(changed)), "expected packed numbers (zlib, then base64)");
        EXPECT_ERROR(Array::fromJson(with("AAAA")), "cannot hold them");
        EXPECT_ERROR(Array::fromJson(with(packedText(bytesOf("too few")))), "7 bytes instead of 6400");
        Json other = whole;
        other["shape"] = {30, 30};
        EXPECT_ERROR(Array::fromJson(other), "hold more than 3600 bytes");
        // A claim of terabytes is refused before memory is taken.
        other["shape"] = {std::int64_t(1) << 20, std::int64_t(1) << 20};
        EXPECT_ERROR(Array::fromJson(other), "cannot hold them");
        other["packed"] = 7;
        EXPECT_ERROR(Array::fromJson(other), "dtype, shape");
    }
};

RETICLE_TEST(PackingTest)
#include "PackingTest.moc"
