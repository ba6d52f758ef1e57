#include "documents/Cbor.h"

#include "foundation/Error.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes operator+(Bytes a, const Bytes &b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

Bytes times(std::size_t n, const Bytes &one)
{
    Bytes all;
    for (std::size_t i = 0; i < n; ++i)
        all.insert(all.end(), one.begin(), one.end());
    return all;
}

} // namespace

class CborTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsWhatIsWritten()
    {
        const Json all{{"null", nullptr},
                       {"yes", true},
                       {"no", false},
                       {"numbers", {0, 23, 24, 255, 256, 65535, 65536, 4294967295u, 4294967296, -1, -24, -25, -256, -257}},
                       {"most", {std::numeric_limits<std::uint64_t>::max(), std::numeric_limits<std::int64_t>::min()}},
                       {"reals", {0.5, -1e300, 1.0f / 3, 1.0 / 3}},
                       {"text", std::string(300, 'a') + "größer"},
                       {"bytes", Json::binary(Bytes(70000, 7))},
                       {"empty", {"", Json::array(), Json::object(), Json::binary({})}},
                       {"nested", {{{"a", {1, {2, {3}}}}}}}};
        QVERIFY(readCbor(Json::to_cbor(all)) == all);
        // The order of fields stays.
        QCOMPARE(readCbor(Json::to_cbor(Json{{"b", 1}, {"a", 2}})).dump(), std::string("{\"b\":1,\"a\":2}"));
    }
    void readsTheExamplesOfTheStandard()
    {
        // RFC 8949, appendix A.
        const auto json = [](const Bytes &bytes) { return readCbor(bytes).dump(); };
        QCOMPARE(json({0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), std::string("18446744073709551615"));
        QCOMPARE(json({0x39, 0x03, 0xe7}), std::string("-1000"));
        QCOMPARE(json({0xf9, 0x3c, 0x00}), std::string("1.0"));
        QCOMPARE(json({0xf9, 0x7b, 0xff}), std::string("65504.0"));
        QCOMPARE(readCbor(Bytes{0xf9, 0x00, 0x01}).get<double>(), 5.960464477539063e-8);
        QCOMPARE(readCbor(Bytes{0xf9, 0xc4, 0x00}).get<double>(), -4.0);
        QVERIFY(std::isinf(readCbor(Bytes{0xf9, 0x7c, 0x00}).get<double>()));
        QVERIFY(std::isnan(readCbor(Bytes{0xf9, 0x7e, 0x00}).get<double>()));
        QCOMPARE(json({0xfa, 0x47, 0xc3, 0x50, 0x00}), std::string("100000.0"));
        QCOMPARE(json({0x7f, 0x65, 's', 't', 'r', 'e', 'a', 0x64, 'm', 'i', 'n', 'g', 0xff}), std::string("\"streaming\""));
        QCOMPARE(json({0x9f, 0x01, 0x82, 0x02, 0x03, 0x9f, 0x04, 0x05, 0xff, 0xff}), std::string("[1,[2,3],[4,5]]"));
        QCOMPARE(json({0xbf, 0x61, 'a', 0x01, 0x61, 'b', 0x9f, 0x02, 0x03, 0xff, 0xff}), std::string("{\"a\":1,\"b\":[2,3]}"));
        QVERIFY(readCbor(Bytes{0x5f, 0x42, 1, 2, 0x43, 3, 4, 5, 0xff}) == Json::binary({1, 2, 3, 4, 5}));
    }
    /// Each level costs a reader that calls itself a piece of its stack.
    void deepNestingIsRefused()
    {
        constexpr std::size_t deep = 1000000;
        for (const auto &[level, found] :
             std::vector<std::pair<Bytes, std::string>>{{{0x81}, "levels of nesting"},
                                                        {{0x9f}, "levels of nesting"},
                                                        {{0xa1, 0x61, 'a'}, "levels of nesting"},
                                                        {{0xbf, 0x61, 'a'}, "levels of nesting"},
                                                        {{0x7f}, "pieces are no plain strings"},
                                                        {{0x5f}, "pieces are no plain strings"},
                                                        {{0x5f, 0x7f}, "pieces are no plain strings"},
                                                        {{0xc1}, "a tag"},
                                                        {{0xa1, 0x7f}, "pieces are no plain strings"}})
            EXPECT_ERROR(readCbor(times(deep, level)), found);
        // As deep as it may be.
        QVERIFY(readCbor(times(99, {0x81}) + Bytes{0x81, 0x01}).is_array());
        EXPECT_ERROR(readCbor(times(100, {0x81}) + Bytes{0x81, 0x01}), "more than 100 levels");
    }
    /// A length says nothing about how much there is: memory is taken for what has come.
    void hugeLengthsAreRefused()
    {
        for (const std::uint8_t kind : {0x5b, 0x7b, 0x9b, 0xbb})
            for (const Bytes &length : {Bytes(8, 0xff), Bytes{0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
                                        Bytes{0, 0, 0, 1, 0, 0, 0, 0}, Bytes{0, 0, 0, 0, 0, 0, 0, 9}})
                EXPECT_ERROR(readCbor(Bytes{kind} + length + Bytes(8, 0x61)), "an end within a value");
        // A list of so many in so few bytes would take sixteen times their size.
        EXPECT_ERROR(readCbor(Bytes{0x9a, 0x01, 0x7d, 0x78, 0x40} + Bytes(25000000, 0xf6)), "more than 20000000 values");
    }
    void whatIsNotOursIsRefused()
    {
        for (const auto &[bytes, found] : std::vector<std::pair<Bytes, std::string>>{
                 {{}, "an end within"},
                 {{0xff}, "begins no value"},
                 {{0x1c}, "begins no value"},
                 {{0x1f}, "begins no value"},
                 {{0xf7}, "neither true, false nor null"},
                 {{0xe0}, "neither true, false nor null"},
                 {{0xf8, 0x20}, "neither true, false nor null"},
                 {{0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, "more than 64 bits"},
                 {{0x01, 0x01}, "bytes after the end"},
                 {{0xa1, 0x01, 0x01}, "a name that is no text"},
                 {{0xa2, 0x61, 'a', 0x01, 0x61, 'a', 0x02}, "the field \"a\" twice"},
                 {{0x82, 0x01}, "an end within"},
                 {{0x9f, 0x01}, "an end within"},
                 {{0x7f, 0x61, 'a'}, "an end within"},
                 {{0x7f, 0x41, 'a', 0xff}, "pieces are no plain strings"},
                 {{0xbf, 0x61, 'a', 0xff}, "begins no value"}})
            EXPECT_ERROR(readCbor(bytes), found);
    }
    void manyFieldsTakeNoQuadraticTime()
    {
        Bytes bytes{0xbf};
        for (int i = 0; i < 65536; ++i)
            bytes = std::move(bytes) + Bytes{0x64} +
                    Bytes{static_cast<std::uint8_t>('a' + i % 16), static_cast<std::uint8_t>('a' + i / 16 % 16),
                          static_cast<std::uint8_t>('a' + i / 256 % 16), static_cast<std::uint8_t>('a' + i / 4096), 0x01};
        QCOMPARE(readCbor(bytes + Bytes{0xff}).size(), std::size_t(65536));
        EXPECT_ERROR(readCbor(bytes + Bytes{0x61, 'z', 0x01, 0xff}), "more than 65536 fields");
        EXPECT_ERROR(readCbor(Bytes(bytes.begin(), bytes.end() - 60) + Bytes{0x64, 'a', 'a', 'a', 'a', 0x01, 0xff}), "twice");
    }
    /// Whatever is cut, flipped or put in, it is a value or an Error.
    void damagedBytesAreReadOrRefused()
    {
        const Bytes whole = Json::to_cbor(Json{{"a", {1, 2.5, "x", nullptr}}, {"b", Json::binary({1, 2})}, {"c", {{"d", -9}}}});
        std::uint64_t s = 1;
        int read = 0;
        for (int round = 0; round < 20000; ++round) {
            Bytes bytes = whole;
            for (int k = 0; k < 3; ++k) {
                s = s * 6364136223846793005ULL + 1442695040888963407ULL;
                bytes[(s >> 33) % bytes.size()] = static_cast<std::uint8_t>(s >> 56);
            }
            if (round % 3 == 0)
                bytes.resize((s >> 20) % bytes.size());
            try {
                readCbor(bytes).dump(-1, ' ', false, Json::error_handler_t::replace);
                ++read;
            } catch (const Error &) {
            }
        }
        QVERIFY(read > 100 && read < 19000);
    }
};

RETICLE_TEST(CborTest)
#include "CborTest.moc"
