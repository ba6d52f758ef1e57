#include "app/window/shell/MainWindowFixture.h"

#include "widgets/forms/SchemaForm.h"
#include "window/pages/ImagePage.h"
#include "window/pages/PostprocessPage.h"
#include "window/session/Predictions.h"
#include "window/shell/MessageBar.h"

#include <QFileDialog>

using namespace reticle;
using test::shown;

/// What the buttons of a page do is about the data on that page, whatever the run was trained on.
class ShownDataTest : public test::MainWindowFixture
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        makeBox();
        open();
        dropAndTrain();
        setRecipe("short");
        clickTrain();
        QTRY_VERIFY(!m_window->session()->jobs()->all().empty() && newestJob()->state() == Job::State::Done);
        const auto made = m_box->makeStack("other");
        m_other = made[0];
        m_truth = m_box->path("truth.tif");
        QVERIFY(QFile::rename(made[1], m_truth));
        m_input = project().addData(imageSection(m_other, {}), "A stack of 4 slices.");
        QVERIFY(m_window->pages()->open({ItemKey::Kind::Data, m_input, {}}));
        m_page = page<ImagePage>();
        QVERIFY(m_page);
        m_page->setShownRun(1);
    }
    void cleanup() { removeBox(); }

    void dataWithoutLabelsAreNotEvaluatedAsOthers()
    {
        const auto before = m_window->session()->jobs()->all().size();
        click("evaluate");
        QVERIFY(m_window->session()->jobs()->all().size() == before);
        QVERIFY2(m_page->message()->text().contains("other"), qPrintable(m_page->message()->text()));
        choose(m_other); // the images themselves: no labels
        QTRY_VERIFY2(m_page->message()->text().contains("labels"), qPrintable(m_page->message()->text()));
        QVERIFY(ImageData(*project().dataSet(m_input)).labels.isEmpty());
        QVERIFY(m_window->session()->jobs()->all().size() == before);
        click("evaluate");
        choose(m_truth);
        QTRY_VERIFY(m_window->session()->jobs()->all().size() > before);
        const Json options = asked();
        QCOMPARE(options.at("images").get<std::string>(), m_other.toStdString());
        QCOMPARE(options.at("labels").get<std::string>(), m_truth.toStdString());
        QVERIFY2(newestJob()->title().contains("other"), qPrintable(newestJob()->title()));
        // They are kept, and asked for no more.
        QCOMPARE(ImageData(*project().dataSet(m_input)).labels, m_truth);
        QCOMPARE(project().dataSets().size(), std::size_t(2));
        QTRY_COMPARE(newestJob()->state(), Job::State::Done);
        click("evaluate");
        QVERIFY(m_window->session()->jobs()->all().size() == before + 2);
    }
    void ownDataAreEvaluatedOnWhatWasKeptBack()
    {
        QVERIFY(m_window->pages()->open({ItemKey::Kind::Data, 1, {}}));
        page<ImagePage>()->setShownRun(1);
        m_page = page<ImagePage>();
        click("evaluate");
        QVERIFY(asked().empty());
    }
    void cleaningUpOtherDataMakesAStackOfThem()
    {
        click("postprocess");
        auto *cleaning = page<PostprocessPage>();
        QVERIFY(cleaning);
        QTRY_VERIFY(cleaning->form()->isValid() && shown<QPushButton>(m_window.get(), "applyPostprocess")->isEnabled());
        QTest::mouseClick(shown<QPushButton>(m_window.get(), "applyPostprocess"), Qt::LeftButton);
        QCOMPARE(asked().at("images").get<std::string>(), m_other.toStdString());
        const QString file = QString::fromStdString(asked().at("output").get<std::string>());
        QCOMPARE(QFileInfo(file).fileName(), QString("other-cleaned.tif"));
        QCOMPARE(predictedData(project(), 1, QFileInfo(file).fileName())->input, m_input);
        // What is there is not written over.
        QVERIFY(QFile::copy(m_other, file));
        QCOMPARE(QFileInfo(madeFile(project(), 1, *project().dataSet(m_input), "cleaned")).fileName(),
                 QString("other-cleaned-2.tif"));
        QCOMPARE(predictedData(project(), 1, "other-cleaned-2.tif")->input, m_input);
    }
    void cleaningUpOwnDataIsAboutAllSlices()
    {
        QVERIFY(m_window->pages()->open(ItemKey::page("postprocess", {ItemKey::Kind::Run, 1})));
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "applyPostprocess")->isEnabled());
        QTest::mouseClick(shown<QPushButton>(m_window.get(), "applyPostprocess"), Qt::LeftButton);
        QVERIFY(!asked().contains("images"));
        QCOMPARE(asked().at("part").get<std::string>(), std::string("all"));
    }
    void instancesOfOtherDataAreAskedForInTheirForm()
    {
        click("instances");
        QTRY_VERIFY(shown<QPushButton>(m_window->side(), "startAnalysis"));
        QTest::mouseClick(shown<QPushButton>(m_window->side(), "startAnalysis"), Qt::LeftButton);
        QCOMPARE(asked().at("images").get<std::string>(), m_other.toStdString());
        QVERIFY(asked().at("output").get<std::string>().find("other-instances.tif") != std::string::npos);
    }

private:
    OpenProject &project() { return *m_window->session()->project(); }
    Json asked() { return newestJob()->asked().params.at("options"); }
    void click(const char *button)
    {
        QTRY_VERIFY(m_page->findChild<QPushButton *>(button)->isEnabled());
        m_page->findChild<QPushButton *>(button)->click();
    }
    /// By the button of the page's message.
    void choose(const QString &labels)
    {
        QTRY_VERIFY(shown<QPushButton>(m_page->message(), "messageAction"));
        auto *action = shown<QPushButton>(m_page->message(), "messageAction");
        QTest::mouseClick(action, Qt::LeftButton);
        auto *dialog = m_page->findChild<QFileDialog *>("chooseLabels");
        QVERIFY(dialog);
        Q_EMIT dialog->fileSelected(labels);
        delete dialog;
    }

    QString m_other, m_truth;
    std::int64_t m_input = 0;
    ImagePage *m_page = nullptr;
};

RETICLE_TEST(ShownDataTest)
#include "ShownDataTest.moc"
