#include "project/SealedText.h"

#include "foundation/Error.h"
#include "support/Test.h"

using namespace reticle;

class SealedTextTest : public QObject
{
    Q_OBJECT
    const Json m_json{{"name", "scores"}, {"values", {{"dice", 0.875}, {"name", "µ"}}}, {"list", {1, 2, 3}}};

private Q_SLOTS:
    void readsWhatWasSealed()
    {
        const auto text = sealed(m_json.dump(1));
        QVERIFY(readSealed(text, "x.json") == m_json);
        QCOMPARE(Json::parse(text)["values"]["dice"].get<double>(), 0.875); // by any program
        QVERIFY(readSealed(m_json.dump(1), "x.json") == m_json);            // written by somebody else
    }
    void everyFlippedBitIsFound()
    {
        const auto text = sealed(m_json.dump(1) + "\n");
        for (std::size_t i = 0; i < text.size(); ++i)
            for (int bit = 0; bit < 8; ++bit) {
                auto bytes = text;
                bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
                try {
                    const Json read = readSealed(bytes, "x.json");
                    // Only a changed name of the field itself is left to who knows the fields.
                    QVERIFY2(read.size() == m_json.size() + 1 && !read.contains("sha256"), bytes.c_str());
                } catch (const Error &e) {
                    QVERIFY2(std::string(e.what()).find("x.json") == 0, e.what());
                }
            }
    }
    void aChangeIsNamedWithItsWayOut()
    {
        auto text = sealed(m_json.dump(1));
        text.replace(text.find("0.875"), 5, "0.975");
        EXPECT_ERROR(readSealed(text, "x.json"), "remove the line with \"sha256\"");
        EXPECT_ERROR(readSealed(Json::parse(sealed(m_json.dump(1))).dump(), "x.json"), "changed"); // another layout
        EXPECT_ERROR(readSealed("{\"a\": ", "x.json"), "damaged");
        EXPECT_ERROR(readSealed("{\"a\": ", "x.json"), "x.json: line 1");
    }
    void whatNoReaderCanBearIsRefused()
    {
        EXPECT_ERROR(readSealed(std::string(1000000, '['), "x.json"), "levels of nesting");
        std::string many = "{\n\"0\": 0";
        for (int i = 1; i < 200000; ++i)
            many += ", \"" + std::to_string(i) + "\": 0";
        EXPECT_ERROR(readSealed(many + "}", "x.json"), "more than 65536 fields");
        EXPECT_ERROR(readSealed("{\n\"a\": 1, \"a\": 2}", "x.json"), "twice");
    }
};

RETICLE_TEST(SealedTextTest)
#include "SealedTextTest.moc"
