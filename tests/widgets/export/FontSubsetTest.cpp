#include "widgets/export/FontSubset.h"

#include "foundation/Random.h"
#include "support/Test.h"

#include <set>

using namespace reticle;

class FontSubsetTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    /// HarfBuzz 6.0 crashed on some sets of letters, "±" among them, when the font came to it table by table.
    void everySetOfLettersGivesAFont()
    {
        Random random(1);
        const QString all = QStringLiteral("0123456789.,-−±()abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ =µβσ²");
        for (int round = 0; round < 60; ++round) {
            std::set<uint> letters{'a', 0x00b1};
            for (int i = 0; i < 4 + round; ++i)
                letters.insert(all.at(random.below(all.size())).unicode());
            const QByteArray font = fontSubset(round % 2, false, letters);
            QVERIFY(font.size() > 500);
            QVERIFY(font.size() < 60000);
            QVERIFY(font.startsWith(QByteArray::fromHex("00010000")));
        }
    }
};

RETICLE_TEST(FontSubsetTest)
#include "FontSubsetTest.moc"
