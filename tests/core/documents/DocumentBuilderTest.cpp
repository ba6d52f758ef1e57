#include "documents/DocumentBuilder.h"

#include "support/Test.h"

using namespace reticle;

class DocumentBuilderTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void buildsWhatIsSaid()
    {
        Json root;
        DocumentBuilder builder(root);
        std::string name = "list", text = "caf\xe9", other = "other";
        Json::binary_t bytes({1, 2});
        QVERIFY(builder.start_object() && builder.key(name) && builder.start_array() && builder.number_integer(-1) &&
                builder.string(text) && builder.binary(bytes) && builder.null() && builder.end_array() && builder.key(other) &&
                builder.boolean(true) && builder.end_object());
        QVERIFY((root == Json{{"list", {-1, "caf\xef\xbf\xbd", Json::binary({1, 2}), nullptr}}, {"other", true}}));
        QVERIFY(builder.refusal().empty());
    }
    void namesThatOnlyDifferInBadBytesAreOne()
    {
        Json root;
        DocumentBuilder builder(root);
        std::string first = "a\xe9", second = "a\xe8";
        QVERIFY(builder.start_object() && builder.key(first) && builder.null());
        QVERIFY(!builder.key(second));
        QVERIFY(builder.refusal().find("twice") != std::string::npos);
    }
    void theFirstRefusalStands()
    {
        Json root;
        DocumentBuilder builder(root);
        QVERIFY(!builder.refuse("first"));
        QVERIFY(!builder.refuse("second"));
        QCOMPARE(builder.refusal(), std::string("first"));
    }
};

RETICLE_TEST(DocumentBuilderTest)
#include "DocumentBuilderTest.moc"
