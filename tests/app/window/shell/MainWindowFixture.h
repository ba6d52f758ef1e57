// The whole window over a folder of its own, for tests that click through it.
#pragma once

#include "support/WindowSandbox.h"
#include "widgets/forms/RecipeForm.h"
#include "window/session/Settings.h"
#include "window/shell/MainWindow.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"

#include <QPushButton>

#include <memory>

namespace reticle::test {

class MainWindowFixture : public QObject
{
protected:
    void makeBox() { m_box = std::make_unique<WindowSandbox>(); }
    void removeBox()
    {
        m_window.reset();
        m_box.reset();
    }
    void open()
    {
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 800);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY(m_window->session()->catalog().has_value());
    }
    /// Drops a stack with labels and asks for a training.
    void dropAndTrain(const QString &name = "cells")
    {
        dropOn(m_window.get(), {m_box->makeStack(name).first()});
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "trainSegmentation"));
        auto *train = shown<QPushButton>(m_window.get(), "trainSegmentation");
        QTRY_VERIFY(train->isEnabled());
        QTest::mouseClick(train, Qt::LeftButton);
        QVERIFY(!m_window->showsStart());
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "train"));
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "train")->isEnabled());
    }
    void setRecipe(const std::string &title, int steps = 20)
    {
        Json recipe = m_window->side()->trainForm()->recipe();
        recipe["title"] = title;
        recipe["train"]["steps"] = steps;
        m_window->side()->trainForm()->form()->setRecipe(recipe);
    }
    void clickTrain() { QTest::mouseClick(shown<QPushButton>(m_window.get(), "train"), Qt::LeftButton); }
    template <class T> T *page() { return qobject_cast<T *>(m_window->tabs()->currentPage()); }
    Job *newestJob() { return m_window->session()->jobs()->all().front(); }

    std::unique_ptr<WindowSandbox> m_box;
    std::unique_ptr<MainWindow> m_window;
};

} // namespace reticle::test
