#include "protocol/Frame.h"
#include "foundation/Array.h"
#include "foundation/Error.h"
#include "support/Test.h"

using namespace reticle;

class FrameTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void lengthIsLittleEndian()
    {
        const auto f = encodeFrame(Json{{"id", 1}}); // a1 62 69 64 01
        QCOMPARE(f.size(), size_t(9));
        QVERIFY((f == std::vector<std::uint8_t>{5, 0, 0, 0, 0xa1, 0x62, 'i', 'd', 1}));
    }
    void mendsBrokenStrings()
    {
        // {"a": "x\xe9"}: a file name in Latin-1 is no UTF-8, and could not be written as JSON.
        FrameReader reader;
        reader.append(std::vector<std::uint8_t>{6, 0, 0, 0, 0xa1, 0x61, 'a', 0x62, 'x', 0xe9});
        const auto message = reader.next();
        QVERIFY(message.has_value());
        QCOMPARE(message->at("a").get<std::string>(), std::string("x\xef\xbf\xbd"));
        message->dump();
    }
    void refusesEndlessLists()
    {
        FrameReader reader;
        reader.append(std::vector<std::uint8_t>{9, 0, 0, 0, 0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
        EXPECT_ERROR(reader.next(), "expected CBOR, found an end within a value");
    }
    void readsInAnyPieces()
    {
        Array a(DType::Float32, {2, 3});
        a.data<float>()[5] = 7;
        const Json first{{"id", 1}, {"array", a.toJson()}}, second{{"id", 2}, {"text", "größer"}};
        auto bytes = encodeFrame(first);
        const auto more = encodeFrame(second);
        bytes.insert(bytes.end(), more.begin(), more.end());
        for (const std::size_t piece : {std::size_t(1), std::size_t(3), std::size_t(17), bytes.size()}) {
            FrameReader reader;
            std::vector<Json> got;
            for (std::size_t i = 0; i < bytes.size(); i += piece) {
                reader.append(std::span(bytes).subspan(i, std::min(piece, bytes.size() - i)));
                while (auto m = reader.next())
                    got.push_back(*m);
            }
            QCOMPARE(got.size(), size_t(2));
            QVERIFY(got[0] == first);
            QVERIFY(got[1] == second);
            QVERIFY(Array::fromJson(got[0]["array"]) == a);
        }
    }
    void refusesWhatIsNoFrame()
    {
        FrameReader tooLong;
        tooLong.append(std::vector<std::uint8_t>{'H', 'T', 'T', 'P'});
        EXPECT_ERROR(tooLong.next(), "a length of");
        QVERIFY(tooLong.lost());
        QVERIFY(!tooLong.next());
        FrameReader bad;
        bad.append(std::vector<std::uint8_t>{2, 0, 0, 0, 0xff, 0xff});
        EXPECT_ERROR(bad.next(), "expected CBOR");
        FrameReader cut;
        cut.append(std::vector<std::uint8_t>{2, 0, 0, 0, 0x82, 0x01}); // a list of two with one entry
        EXPECT_ERROR(cut.next(), "expected CBOR");
        FrameReader trailing;
        trailing.append(std::vector<std::uint8_t>{2, 0, 0, 0, 0x01, 0x01});
        EXPECT_ERROR(trailing.next(), "bytes after the end");
    }
    void refusesDeepNesting()
    {
        // Lists of one and pieces of text, each inside the one before.
        for (const auto &[level, found] : {std::pair(0x81, "levels of nesting"), std::pair(0x7f, "pieces")}) {
            std::vector<std::uint8_t> deep(4 + 1000000, static_cast<std::uint8_t>(level));
            for (int i = 0; i < 4; ++i)
                deep[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(1000000 >> (8 * i));
            FrameReader reader;
            reader.append(deep);
            EXPECT_ERROR(reader.next(), found);
        }
    }
    void theMessageAfterABadOneIsRead()
    {
        const auto good = encodeFrame(Json{{"id", 7}});
        std::vector<std::uint8_t> bytes = good;
        bytes.insert(bytes.end(), {3, 0, 0, 0, 0x7f, 0x7f, 0x7f});
        bytes.insert(bytes.end(), good.begin(), good.end());
        bytes.insert(bytes.end(), {0, 0, 0, 0}); // nothing in it
        bytes.insert(bytes.end(), good.begin(), good.end());
        FrameReader reader;
        reader.append(bytes);
        QVERIFY(reader.next().value() == (Json{{"id", 7}}));
        EXPECT_ERROR(reader.next(), "message: expected CBOR");
        QVERIFY(!reader.lost());
        QVERIFY(reader.next().value() == (Json{{"id", 7}}));
        EXPECT_ERROR(reader.next(), "an end within a value");
        QVERIFY(reader.next().value() == (Json{{"id", 7}}));
        QVERIFY(!reader.next());
    }
    void survivesRandomBytes()
    {
        // Whatever comes, it is a message or an Error.
        std::uint64_t s = 1;
        int refused = 0, read = 0;
        for (int round = 0; round < 2000; ++round) {
            std::vector<std::uint8_t> bytes{24, 0, 0, 0};
            for (int i = 0; i < 24; ++i) {
                s = s * 6364136223846793005ULL + 1442695040888963407ULL;
                bytes.push_back(static_cast<std::uint8_t>(s >> 56));
            }
            FrameReader reader;
            reader.append(bytes);
            try {
                read += reader.next().has_value();
            } catch (const Error &) {
                ++refused;
            }
        }
        QCOMPARE(read + refused, 2000);
        QVERIFY(refused > 0);
    }
};

RETICLE_TEST(FrameTest)
#include "FrameTest.moc"
