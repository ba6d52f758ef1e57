#include "foundation/Sha256.h"
#include "support/Test.h"

using namespace reticle;

class Sha256Test : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void agreesWithTheStandard_data()
    {
        QTest::addColumn<bool>("plain");
        QTest::newRow("plain instructions") << true;
        QTest::newRow("the processor's own") << false;
    }
    void agreesWithTheStandard()
    {
        // Examples of FIPS 180-4 and its test suite.
        QFETCH(bool, plain);
        const auto hash = [plain](const std::string &text) {
            Sha256 h(plain);
            h.add(text);
            return h.finish();
        };
        QCOMPARE(hash(""), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        QCOMPARE(hash("abc"), std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        QCOMPARE(hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                 std::string("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
        QCOMPARE(hash(std::string(1000000, 'a')),
                 std::string("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
    }
    void bothWaysAgreeOnEveryLength()
    {
        std::string text;
        for (int i = 0; i < 300; ++i) {
            Sha256 plain(true), fast;
            plain.add(text);
            fast.add(text);
            QCOMPARE(fast.finish(), plain.finish());
            text += static_cast<char>(7 * i);
        }
    }
    void piecesDoNotMatter()
    {
        const std::string text(200, 'x');
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            Sha256 pieces, whole;
            pieces.add(text.substr(0, cut));
            pieces.add(text.substr(cut));
            whole.add(text);
            QCOMPARE(pieces.finish(), whole.finish());
        }
    }
};

RETICLE_TEST(Sha256Test)
#include "Sha256Test.moc"
