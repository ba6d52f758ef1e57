#include "window/PostprocessPage.h"

#include "base/Frame.h"
#include "support/Test.h"

using namespace reticle;

class PostprocessPageTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aPageIsPreviewedWhole()
    {
        QCOMPARE(PostprocessPage::previewRegion(2048, 1024, 2), QRect(0, 0, 2048, 1024));
        QCOMPARE(PostprocessPage::previewRegion(1, 1, 200), QRect(0, 0, 1, 1));
    }
    void ofAVeryLargePageTheMiddleIs()
    {
        for (const std::int64_t classes : {2, 7, 255}) {
            const auto region = PostprocessPage::previewRegion(60000, 30000, classes);
            QVERIFY(4.0 * double(classes) * region.width() * region.height() < maxFrameBytes);
            QVERIFY(region.width() > 500 && qAbs(region.width() - 2 * region.height()) <= 2);
            QVERIFY(qAbs(region.center().x() - 30000) <= 1 && qAbs(region.center().y() - 15000) <= 1);
        }
    }
};

RETICLE_TEST(PostprocessPageTest)
#include "PostprocessPageTest.moc"
