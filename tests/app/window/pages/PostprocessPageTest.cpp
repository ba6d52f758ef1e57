#include "window/pages/PostprocessPage.h"

#include "project/Project.h"
#include "protocol/Frame.h"
#include "support/WindowSandbox.h"
#include "widgets/forms/SchemaForm.h"
#include "window/session/ImageData.h"
#include "window/session/Session.h"

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
    /// Of the real worker: the steps that are previewed, and none of the files that the analysis asks for.
    void theFormIsThatOfTheLiveQuery()
    {
        test::WindowSandbox box("reticle-worker");
        const QStringList files = box.makeStack("cells", 2, 32);
        const QString folder = box.path("p.reticle");
        Project::openOrCreate(folder.toStdString());
        Session session;
        session.connectToWorker();
        QTRY_VERIFY_WITH_TIMEOUT(session.catalog().has_value(), 60000); // a loaded machine starts LibTorch slowly
        session.setProject(OpenProject::open(folder));
        ImageData data;
        data.images = files[0];
        data.labels = files[1];
        data.foreground = QStringLiteral("bright");
        PostprocessPage page(&session, 1, data);

        const SchemaInfo &live = session.catalog()->find("live-queries", "postprocess");
        QVERIFY(page.form()->schema().toJson() == live.toJson());
        QVERIFY(live.find("closing-radius") && page.form()->editor("closing-radius"));
        for (const auto &field : page.form()->schema().fields)
            QVERIFY2(field.type != Field::Type::Path, field.name.c_str());
        // Applied to all slices, it is what the analysis takes.
        try {
            session.catalog()->find("analyses", "postprocess").validate(page.form()->values());
        } catch (const Error &e) {
            QFAIL(e.what());
        }
    }
};

RETICLE_TEST(PostprocessPageTest)
#include "PostprocessPageTest.moc"
