#include "app/window/shell/MainWindowFixture.h"

#include "widgets/forms/RecipeForm.h"
#include "widgets/views/image/ImageView.h"
#include "widgets/views/image/StackViewer.h"
#include "window/pages/ImagePage.h"
#include "window/pages/PageOpener.h"

using namespace reticle;
using test::shown;

/// The window comes back as it was left.
class SessionViewsTest : public test::MainWindowFixture
{
    Q_OBJECT
private Q_SLOTS:
    void init() { makeBox(); }
    void cleanup() { removeBox(); }

    void slicesZoomAndOverlaysComeBack()
    {
        open();
        dropAndTrain();
        const QString folder = m_window->session()->project()->folder();
        auto *image = page<ImagePage>();
        QTRY_VERIFY(image && image->viewer()->view()->isReady() && !image->viewer()->overlays().empty());
        image->viewer()->setPage(3);
        QTRY_VERIFY(image->viewer()->view()->isReady());
        image->viewer()->view()->setView({20, 30}, 9);
        image->viewer()->view()->setContrast(40, 180);
        image->viewer()->setViews(2);
        image->viewer()->setViews(1);
        auto overlays = image->viewer()->overlays();
        overlays.front().visible = false;
        overlays.front().opacity = 0.2;
        image->viewer()->setOverlays(overlays);
        again(folder);
        image = page<ImagePage>();
        QVERIFY(image);
        QTRY_VERIFY(image->viewer()->view()->isReady() && !image->viewer()->overlays().empty());
        QCOMPARE(image->viewer()->page(), std::int64_t(3));
        auto *view = image->viewer()->view();
        QCOMPARE(view->zoom(), 9.0);
        QVERIFY((view->center() - QPointF(20, 30)).manhattanLength() < 1);
        QCOMPARE(view->contrast(), std::pair(40.0, 180.0));
        QCOMPARE(image->viewer()->overlays().front().visible, false);
        QCOMPARE(image->viewer()->overlays().front().opacity, 0.2);
        // A tab that was closed too.
        const ItemKey key = m_window->tabs()->currentKey();
        image->viewer()->setPage(1);
        m_window->tabs()->close(key);
        QVERIFY(m_window->pages()->open(key));
        QTRY_VERIFY(page<ImagePage>()->viewer()->view()->isReady());
        QCOMPARE(page<ImagePage>()->viewer()->page(), std::int64_t(1));
        QCOMPARE(page<ImagePage>()->viewer()->view()->zoom(), 9.0);
    }
    void whatIsNotRestoredYetIsNotForgotten()
    {
        open();
        dropAndTrain();
        const QString folder = m_window->session()->project()->folder();
        QTRY_VERIFY(page<ImagePage>()->viewer()->view()->isReady());
        page<ImagePage>()->viewer()->setPage(2);
        again(folder);
        again(folder); // before the images are there
        QTRY_VERIFY(page<ImagePage>()->viewer()->view()->isReady());
        QCOMPARE(page<ImagePage>()->viewer()->page(), std::int64_t(2));
    }
    void thePredictionOnShowComesBack()
    {
        open();
        dropAndTrain();
        setRecipe("short");
        clickTrain();
        QTRY_VERIFY(!m_window->session()->jobs()->all().empty() && newestJob()->state() == Job::State::Done);
        QVERIFY(m_window->pages()->open({ItemKey::Kind::Data, 1, {}}));
        page<ImagePage>()->setShownRun(1);
        QTRY_VERIFY(page<ImagePage>()->hasPrediction());
        again(m_window->session()->project()->folder());
        QTRY_VERIFY(page<ImagePage>() && page<ImagePage>()->hasPrediction());
        QCOMPARE(page<ImagePage>()->shownRun(), std::int64_t(1));
    }
    void whatWasTypedForATrainingComesBack()
    {
        open();
        dropAndTrain();
        setRecipe("typed by hand", 77);
        again(m_window->session()->project()->folder());
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "train"));
        const Json recipe = m_window->side()->trainForm()->recipe();
        QCOMPARE(recipe.at("title").get<std::string>(), std::string("typed by hand"));
        QCOMPARE(recipe.at("train").at("steps").get<int>(), 77);
    }
    void theWindowHasItsSize()
    {
        open();
        m_window->resize(911, 633);
        QVERIFY(m_window->close());
        m_window = std::make_unique<MainWindow>();
        QCOMPARE(m_window->size(), QSize(911, 633));
    }
    void damagedViewsAreLeftAlone()
    {
        open();
        dropAndTrain();
        const QString folder = m_window->session()->project()->folder();
        const QString setting = "views/" + QString::number(qHash(folder));
        for (const char *text :
             {"", "[", "{}", "[1,[2]]", "[[\"data:1\",5]]", "[[\"data:1\",{\"slice\":\"x\",\"views\":99,\"zoom\":-1}]]",
              "[[\"data:1\",{\"slice\":1e9,\"center\":[1],\"overlays\":{\"Labels\":3},\"run\":77}]]"}) {
            m_window->close();
            m_window.reset();
            Settings::setValue(setting, QString::fromLatin1(text));
            open();
            QVERIFY2(m_window->openProject(folder), text);
            QTRY_VERIFY2(page<ImagePage>() && page<ImagePage>()->viewer()->view()->isReady(), text);
        }
    }

private:
    /// Closed as a person does, and opened again.
    void again(const QString &folder)
    {
        QVERIFY(m_window->close());
        m_window.reset();
        open();
        QVERIFY(m_window->openProject(folder));
    }
};

RETICLE_TEST(SessionViewsTest)
#include "SessionViewsTest.moc"
