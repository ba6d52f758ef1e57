#include "widgets/views/Dialogs.h"

#include "support/SampleFigures.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"
#include "widgets/export/ExportDialog.h"
#include "widgets/forms/PathEdit.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/image/OverlayList.h"

#include <QAction>
#include <QApplication>
#include <QColorDialog>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QMenu>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>
#include <QVBoxLayout>

#include <memory>

using namespace reticle;

namespace {

QString pathOf(const std::filesystem::path &path)
{
    return QString::fromStdString(path.string());
}

SchemaInfo schemaOf(const std::string &field)
{
    SchemaInfo info;
    info.fields = {{.name = field, .type = Field::Type::Path, .defaultValue = ""}};
    return info;
}

/// A dialog of the window that is on the screen.
template <class T> T *openIn(QWidget *window)
{
    for (auto *dialog : window->findChildren<T *>())
        if (dialog->isVisible())
            return dialog;
    return nullptr;
}

} // namespace

/// Dialogs and menus are open while what asked for them changes or goes, and no file is replaced unasked.
class DialogsTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<QWidget> m_window;

    template <class T, class... Args> T *place(Args &&...args)
    {
        auto *widget = new T(std::forward<Args>(args)...);
        m_window->layout()->addWidget(widget);
        widget->show();
        return widget;
    }
    void press(const char *button)
    {
        auto *box = openIn<QMessageBox>(m_window.get());
        QVERIFY(box);
        box->findChild<QPushButton *>(QString::fromLatin1(button))->click();
    }

private Q_SLOTS:
    void init()
    {
        m_window = std::make_unique<QWidget>();
        new QVBoxLayout(m_window.get());
        m_window->resize(600, 400);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }
    void cleanup() { m_window.reset(); }

    void aChosenPathComesToTheForm()
    {
        auto *form = place<SchemaForm>(schemaOf("images"));
        auto *line = form->findChild<PathEdit *>();
        QVERIFY(line);
        line->browse(false);
        const QPointer<QFileDialog> dialog = openIn<QFileDialog>(m_window.get());
        QVERIFY(dialog);
        Q_EMIT dialog->fileSelected(QStringLiteral("/data/a.tif"));
        QCOMPARE(form->values().at("images").get<std::string>(), std::string("/data/a.tif"));
        dialog->close();
        QTRY_VERIFY(!dialog);
    }
    void aFormIsBuiltAgainUnderItsDialog()
    {
        // Also where the form is the window that the dialog belongs to.
        SchemaForm alone(schemaOf("images"));
        alone.show();
        for (auto *form : {place<SchemaForm>(schemaOf("images")), &alone})
            for (const bool folder : {false, true}) {
                form->setSchema(schemaOf("images"));
                auto *line = form->findChild<PathEdit *>();
                QVERIFY(line);
                line->browse(folder);
                const QPointer<QFileDialog> dialog = openIn<QFileDialog>(form->window());
                QVERIFY(dialog);
                form->setSchema(schemaOf("others"));
                QTRY_VERIFY(!dialog); // nobody is there to take the path
                QVERIFY(form->editor(QStringLiteral("others")));
            }
    }
    void aFigureGoesUnderItsExport()
    {
        auto *view = place<FigureView>();
        view->setFigure(test::curves());
        view->exportDialog();
        const QPointer<ExportDialog> dialog = openIn<ExportDialog>(m_window.get());
        QVERIFY(dialog);
        dialog->findChild<QPushButton *>(QStringLiteral("export"))->click();
        const QPointer<QFileDialog> files = openIn<QFileDialog>(dialog);
        QVERIFY(files);
        delete view;
        QTRY_VERIFY(!dialog && !files);
    }
    void aWidgetGoesUnderItsMenu()
    {
        auto *view = place<FigureView>();
        view->setFigure(test::curves());
        QContextMenuEvent event(QContextMenuEvent::Mouse, {20, 20}, view->mapToGlobal(QPoint(20, 20)));
        QApplication::sendEvent(view, &event);
        const QPointer<QMenu> menu = qobject_cast<QMenu *>(QApplication::activePopupWidget());
        QVERIFY(menu);
        delete view;
        QVERIFY(!menu);
        QVERIFY(!QApplication::activePopupWidget());
    }
    void aColorIsChosenWhileOverlaysCome()
    {
        auto *list = place<OverlayList>();
        ImageOverlay labels, prediction;
        labels.name = QStringLiteral("Labels");
        prediction.name = QStringLiteral("Prediction");
        prediction.kind = ImageOverlay::Kind::Probability;
        list->setOverlays({labels});
        auto *menu = list->findChild<QToolButton *>(QStringLiteral("style"))->menu();
        menu->actions().back()->trigger();
        const QPointer<QColorDialog> dialog = openIn<QColorDialog>(m_window.get());
        QVERIFY(dialog);
        list->setOverlays({prediction, labels});
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        QVERIFY(dialog && dialog->isVisible());
        QSignalSpy edited(list, &OverlayList::edited);
        Q_EMIT dialog->colorSelected(QColor(Qt::red));
        QCOMPARE(edited.size(), 1);
        QCOMPARE(edited.front().front().toInt(), 1);
        QCOMPARE(edited.front().back().value<ImageOverlay>().color, QColor(Qt::red));
        // Of one that is gone nothing changes.
        list->setOverlays({prediction});
        Q_EMIT dialog->colorSelected(QColor(Qt::blue));
        QCOMPARE(edited.size(), 1);
        dialog->reject();
        QTRY_VERIFY(!dialog);
    }

    void theWholeNameIsAskedAbout()
    {
        const test::TemporaryFolder folder;
        test::writeAll(folder / "there.png", "old");
        QString saved;
        const auto ask = [&] {
            askWhereToSave(m_window.get(), {QStringLiteral("Save"), pathOf(folder / "x.png"), {QStringLiteral("PNG (*.png)")}},
                           [&](const QString &path) { saved = path; });
        };
        const auto choose = [&](const std::string &name) {
            QTRY_VERIFY(openIn<QFileDialog>(m_window.get()));
            auto *dialog = openIn<QFileDialog>(m_window.get());
            Q_EMIT dialog->fileSelected(pathOf(folder / name));
            dialog->close();
        };
        ask();
        choose("new");
        QTRY_COMPARE(saved, pathOf(folder / "new.png"));
        saved.clear();
        // There is no "there", but "there.png" would be replaced.
        ask();
        choose("there");
        QTRY_VERIFY(openIn<QMessageBox>(m_window.get()));
        QVERIFY2(openIn<QMessageBox>(m_window.get())->text().startsWith("there.png already exists"),
                 qPrintable(openIn<QMessageBox>(m_window.get())->text()));
        QVERIFY(saved.isEmpty());
        press("chooseAnother");
        choose("there.png");
        QTRY_VERIFY(openIn<QMessageBox>(m_window.get()));
        QVERIFY(saved.isEmpty());
        press("replace");
        QCOMPARE(saved, pathOf(folder / "there.png"));
    }
    void allFilesOfAnExportAreAskedAbout()
    {
        const test::TemporaryFolder folder;
        test::writeAll(folder / "fig.pdf", "old");
        test::writeAll(folder / "fig.figure.json", "old");
        auto *dialog = new ExportDialog(test::curves(), m_window.get());
        QSignalSpy exported(dialog, &ExportDialog::exported);
        openDialog(dialog, m_window.get());
        const auto choose = [&] {
            QTRY_VERIFY(openIn<QFileDialog>(dialog));
            auto *files = openIn<QFileDialog>(dialog);
            Q_EMIT files->fileSelected(pathOf(folder / "fig"));
            files->close();
            QTRY_VERIFY(openIn<QMessageBox>(dialog));
        };
        dialog->findChild<QPushButton *>(QStringLiteral("exportAll"))->click();
        choose();
        auto *box = openIn<QMessageBox>(dialog);
        QVERIFY2(box->text().startsWith("2 files already exist"), qPrintable(box->text()));
        QVERIFY2(box->informativeText().contains("fig.pdf, fig.figure.json"), qPrintable(box->informativeText()));
        QCOMPARE(test::readAll(folder / "fig.pdf"), std::string("old"));
        QVERIFY(!std::filesystem::exists(folder / "fig.svg"));
        press("chooseAnother");
        choose();
        press("replace");
        QCOMPARE(exported.size(), 1);
        QCOMPARE(exported.front().front().toString(), pathOf(folder / "fig"));
        QVERIFY(test::readAll(folder / "fig.pdf").starts_with("%PDF"));
        QVERIFY(std::filesystem::exists(folder / "fig.svg") && std::filesystem::exists(folder / "fig.png"));
    }
};

RETICLE_TEST(DialogsTest)
#include "DialogsTest.moc"
