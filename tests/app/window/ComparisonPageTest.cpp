#include "window/ComparisonPage.h"

#include "support/WindowSandbox.h"
#include "widgets/forms/CompareForm.h"
#include "widgets/forms/RecipeForm.h"
#include "widgets/views/ExampleStrip.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/TableView.h"
#include "window/MainWindow.h"
#include "window/MessageBar.h"
#include "window/PageOpener.h"
#include "window/ProjectTree.h"
#include "window/ResultPage.h"
#include "window/SidePanel.h"
#include "window/TabArea.h"

#include <QCheckBox>
#include <QPushButton>
#include <QSignalSpy>

using namespace reticle;
using test::shown;

/// A comparison of two autoencoders with the real worker, from the form to the report.
class ComparisonPageTest : public QObject
{
    Q_OBJECT
private:
    static constexpr int patience = 120000; // ms; a loaded machine starts LibTorch slowly

    std::unique_ptr<test::WindowSandbox> m_box;
    std::unique_ptr<MainWindow> m_window;

    ComparisonPage *page() const { return qobject_cast<ComparisonPage *>(m_window->tabs()->currentPage()); }
    static std::size_t curvesOf(const FigureView *view)
    {
        return std::get<XYPanel>(view->figure().panels.at(0).content).series.size();
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_box = std::make_unique<test::WindowSandbox>("reticle-worker");
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 1000);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session()->catalog().has_value(), patience);
        // Images alone, taken in to look at.
        const QString images = m_box->makeStack("cells", 4, 48).first();
        QVERIFY(QFile::remove(m_box->path("cells-labels.tif")));
        test::dropOn(m_window.get(), {images});
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "justLook"));
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "justLook")->isEnabled());
        QTest::mouseClick(shown<QPushButton>(m_window.get(), "justLook"), Qt::LeftButton);
        QTRY_VERIFY(m_window->session()->project() && m_window->session()->project()->dataSets().size() == 1);
    }
    void cleanupTestCase() { m_window.reset(); }

    void imagesAloneAreForAnAutoencoder()
    {
        const Json recipe = m_window->session()->recipeFor(m_window->session()->project()->dataSets().front());
        QCOMPARE(recipe["data"]["name"].get<std::string>(), std::string("images"));
        QCOMPARE(recipe["objective"]["name"].get<std::string>(), std::string("mse"));
        QVERIFY(!recipe["data"].contains("labels"));
    }
    void trainsTheModelsThatAreTicked()
    {
        const auto input = m_window->session()->project()->dataSets().front().input;
        m_window->pages()->trainOn(input);
        auto *form = m_window->findChild<TrainForm *>(QStringLiteral("trainForm"));
        QVERIFY(form);
        Json recipe = form->recipe();
        QVERIFY(!recipe.contains("compare"));
        recipe["device"] = "cpu";
        recipe["model"] = {{"name", "fcn"}};
        recipe["train"]["minutes"] = 0;
        recipe["train"]["steps"] = 8;
        recipe["train"]["batch"] = 1;
        recipe["train"]["crop"] = 32;
        recipe["train"]["threads"] = 1;
        recipe["train"]["validate-steps"] = 4;
        form->setRecipe(recipe, QStringLiteral("Try"));
        auto *recipeForm = form->findChild<RecipeForm *>();
        recipeForm->setSectionExpanded(QStringLiteral("compare"), true);
        auto *compare = recipeForm->compare();
        QVERIFY(compare && compare->value().is_null());
        for (const char *name : {"compare-fcn", "compare-unet"})
            compare->findChild<QCheckBox *>(QLatin1String(name))->setChecked(true);
        QVERIFY(form->recipe()["compare"]["models"] == (Json{"fcn", "unet"}));
        Json values = compare->value();
        values["weights"] = 1000;
        values["seeds"] = {1, 2};
        compare->setValue(values);
        QVERIFY2(compare->summary().contains("2 seeds") || compare->summary().contains("2 seed"),
                 qPrintable(compare->summary()));
        QTest::mouseClick(form->findChild<QPushButton *>(QStringLiteral("train")), Qt::LeftButton);

        QTRY_VERIFY_WITH_TIMEOUT(page(), patience); // the comparison's page, not that of its first run
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session()->works()->active().empty(), patience);
        QCOMPARE(page()->runs().size(), std::size_t(4));
        QVERIFY2(page()->state().contains("4 of 4 runs are done"), qPrintable(page()->state()));
        QVERIFY(page()->message()->isHidden());
        QCOMPARE(page()->models()->table().rows(), std::size_t(2));
        QCOMPARE(page()->tests()->table().rows(), std::size_t(1));
        QCOMPARE(page()->figure()->figure().panels.size(), std::size_t(3));
        QCOMPARE(page()->examples()->count(), 3); // the original and two outputs
        // Four runs with a faint, a smooth and a dashed line with marks each; two names of two lines in the legend.
        QCOMPARE(curvesOf(page()->curves()), std::size_t(16));
        int names = 0;
        for (const auto &s : std::get<XYPanel>(page()->curves()->figure().panels[0].content).series)
            names += !s.name.empty();
        QCOMPARE(names, 4);
        QCOMPARE(m_window->session()->project()->results().size(), std::size_t(1));
    }
    void aPageOpenedLaterShowsTheKeptStrip()
    {
        m_window->tabs()->close({ItemKey::Kind::Comparison, 1, {}});
        QVERIFY(m_window->pages()->open({ItemKey::Kind::Comparison, 1, {}}));
        QVERIFY(page());
        QCOMPARE(curvesOf(page()->curves()), std::size_t(16));
        QVERIFY(!page()->examples()->isVisibleTo(page()));
        auto *tree = m_window->findChild<ProjectTree *>();
        QVERIFY(tree->contains({ItemKey::Kind::Comparison, 1, {}}) && tree->contains({ItemKey::Kind::Run, 4, {}}));
        QCOMPARE(ItemKey::fromText(QStringLiteral("comparison:1")), (ItemKey{ItemKey::Kind::Comparison, 1, {}}));
    }
    void theReportIsAResult()
    {
        QTest::mouseClick(page()->findChild<QPushButton *>(QStringLiteral("comparisonReport")), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(qobject_cast<ResultPage *>(m_window->tabs()->currentPage()), patience);
        QCOMPARE(m_window->session()->project()->results().size(), std::size_t(2));
    }
};

RETICLE_TEST(ComparisonPageTest)
#include "ComparisonPageTest.moc"
