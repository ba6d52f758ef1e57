#include "support/FakeImages.h"
#include "support/Test.h"
#include "widgets/forms/RecipeForm.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/LogView.h"
#include "widgets/views/TableView.h"
#include "widgets/views/Theme.h"
#include "widgets/views/image/ExampleStrip.h"
#include "widgets/views/image/StackViewer.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSlider>
#include <QTabWidget>
#include <QToolButton>
#include <QTreeWidget>

#include <cmath>
#include <functional>

using namespace reticle;
using reticle::test::FakeImages;

namespace {

Field field(const char *name, Field::Type type, Json value, const char *help, const char *unit = "", const char *group = "")
{
    Field f;
    f.name = name;
    f.type = type;
    f.defaultValue = std::move(value);
    f.help = help;
    f.unit = unit;
    f.group = group;
    return f;
}

SchemaInfo trainSchema()
{
    SchemaInfo s;
    s.name = "train";
    s.title = "Training";
    s.fields = {
        field("epochs", Field::Type::Integer, 50, "Passes over the training slices"),
        field("minutes", Field::Type::Real, 15.0, "Ends after so long", "min"),
        field("batch-size", Field::Type::Integer, 4, "Crops a step"),
        field("crop", Field::Type::Integer, 256, "Side of a crop", "px"),
        field("learning-rate", Field::Type::Real, 1e-3, "Of the optimizer"),
        field("optimizer", Field::Type::Choice, "adamw", "How weights are moved"),
        field("mixed-precision", Field::Type::Bool, true, "bf16 where the processor has it"),
        field("validation-slices", Field::Type::IntegerList, Json({20, 21, 22, 23}), "Slices kept for validation", "", "Data"),
        field("checkpoint-folder", Field::Type::Path, "", "Where checkpoints go", "", "Data"),
        field("weight-decay", Field::Type::Real, 1e-5, "Pull towards zero"),
        field("early-stopping-patience", Field::Type::Integer, 20, "Epochs without gain"),
        field("clip", Field::Type::Real, 1.0, "Largest gradient norm"),
        field("average", Field::Type::Bool, false, "Average the weights"),
        field("warm-up", Field::Type::Integer, 100, "Steps of rising rate", "steps")};
    s.fields[5].choices = {"adam", "adamw", "sgd"};
    for (auto &f : s.fields)
        if (f.type == Field::Type::Integer || f.type == Field::Type::Real)
            f.min = 0;
    for (std::size_t i = 9; i < s.fields.size(); ++i)
        s.fields[i].advanced = true;
    return s;
}

std::shared_ptr<FakeImages> cells(bool labels)
{
    auto s = std::make_shared<FakeImages>(24, 384, 384);
    s->info().pixelSizeX = s->info().pixelSizeY = 4;
    s->value = [labels](auto page, auto y, auto x, auto) {
        const double u = double(x) / 46 + std::sin(double(y) / 37 + double(page) * 0.2),
                     v = double(y) / 52 + std::cos(double(x) / 41);
        const double fu = u - std::floor(u), fv = v - std::floor(v);
        const bool membrane = fu < 0.12 || fv < 0.12;
        if (labels)
            return membrane ? 1.0 : 0.0;
        const double noise = double((x * 7919 + y * 104729 + page * 31) % 97) / 97 * 40;
        return (membrane ? 50 : 150 + 30 * std::sin(fu * 6) * std::cos(fv * 5)) + noise;
    };
    return s;
}

/// All kinds of plain controls, as the style sheet draws them.
std::unique_ptr<QWidget> controls()
{
    auto w = std::make_unique<QWidget>();
    w->setAutoFillBackground(true);
    auto *grid = new QGridLayout(w.get());
    grid->setContentsMargins(16, 16, 16, 16);
    grid->setSpacing(12);
    auto *heading = new QLabel(QStringLiteral("Drop a stack, train, see"));
    heading->setFont(themeFont(FontRole::Heading));
    grid->addWidget(heading, 0, 0, 1, 4);
    auto *muted = new QLabel(QStringLiteral("Secondary text explains in a sentence what comes next."));
    muted->setProperty("muted", true);
    grid->addWidget(muted, 1, 0, 1, 4);
    const char *flags[] = {"", "primary", "quiet", "danger"};
    for (int i = 0; i < 4; ++i)
        for (const bool on : {true, false}) {
            auto *b = new QPushButton(QString::fromLatin1(i ? flags[i] : "default"));
            if (i)
                b->setProperty(flags[i], true);
            b->setEnabled(on);
            if (i < 2)
                b->setIcon(themeIcon(QStringLiteral("play"), i == 1 ? ColorRole::AccentText : ColorRole::Text));
            grid->addWidget(b, on ? 2 : 3, i);
        }
    auto *line = new QLineEdit(QStringLiteral("Text field"));
    auto *combo = new QComboBox;
    combo->addItems({QStringLiteral("unet"), QStringLiteral("fcn")});
    auto *check = new QCheckBox(QStringLiteral("Checked"));
    check->setChecked(true);
    auto *off = new QCheckBox(QStringLiteral("Disabled"));
    off->setEnabled(false);
    grid->addWidget(line, 4, 0);
    grid->addWidget(combo, 4, 1);
    grid->addWidget(check, 4, 2);
    grid->addWidget(off, 4, 3);
    auto *bar = new QProgressBar;
    bar->setValue(62);
    grid->addWidget(bar, 5, 0, 1, 2);
    auto *slider = new QSlider(Qt::Horizontal);
    slider->setValue(40);
    grid->addWidget(slider, 5, 2, 1, 2);
    auto *tabs = new QTabWidget;
    auto *tree = new QTreeWidget;
    tree->setHeaderHidden(true);
    auto *runs = new QTreeWidgetItem(tree, {QStringLiteral("Runs")});
    auto *one = new QTreeWidgetItem(runs, {QStringLiteral("Run 1, U-Net")});
    one->setIcon(0, themeIcon(QStringLiteral("done"), ColorRole::Positive));
    new QTreeWidgetItem(runs, {QStringLiteral("Run 2, interrupted")});
    tree->expandAll();
    tree->setCurrentItem(one);
    tabs->addTab(tree, themeIcon(QStringLiteral("stack")), QStringLiteral("Project"));
    tabs->addTab(new QWidget, QStringLiteral("Figures"));
    tabs->setTabsClosable(true);
    grid->addWidget(tabs, 6, 0, 1, 4);
    auto *icons = new QGridLayout;
    icons->setSpacing(6);
    int i = 0;
    for (const auto &file : QDir(QStringLiteral(":/icons")).entryList()) {
        auto *b = new QToolButton;
        b->setIcon(themeIcon(file.chopped(4)));
        b->setIconSize({20, 20});
        icons->addWidget(b, i / 16, i % 16);
        ++i;
    }
    grid->addLayout(icons, 7, 0, 1, 4);
    w->resize(620, 640);
    return w;
}

} // namespace

/// Shows every widget with something in it, in both themes, and looks for what a person would see at once: nothing drawn,
/// text in the color of its background. With RETICLE_SHOTS=FOLDER the pictures are written there to be looked at.
class GalleryTest : public QObject
{
    Q_OBJECT

    void keep(
        QWidget &w, const QString &name, const std::function<void()> &justBefore = [] {})
    {
        w.show();
        QCoreApplication::processEvents();
        justBefore();
        const QImage p = w.grab().toImage();
        QCOMPARE(p.size(), (QSizeF(w.size()) * w.devicePixelRatioF()).toSize());
        QSet<QRgb> colors;
        for (int y = 0; y < p.height(); y += 2)
            for (int x = 0; x < p.width(); x += 2)
                colors.insert(p.pixel(x, y));
        QVERIFY2(colors.size() > 16, qPrintable(name));
        w.hide(); // or it lies over the next one, under the mouse
        const QString folder = qEnvironmentVariable("RETICLE_SHOTS");
        if (!folder.isEmpty())
            QVERIFY(p.save(QStringLiteral("%1/%2-%3-%4x.png")
                               .arg(folder, name, themeIsDark() ? QStringLiteral("dark") : QStringLiteral("light"))
                               .arg(w.devicePixelRatioF())));
    }

private Q_SLOTS:
    void everyWidget_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void everyWidget()
    {
        QFETCH(bool, dark);
        applyTheme(*qApp, dark ? Theme::Dark : Theme::Light);

        auto plain = controls();
        keep(*plain, QStringLiteral("controls"));

        StackViewer viewer;
        viewer.resize(1000, 620);
        viewer.show();
        viewer.setSource(cells(false));
        ImageOverlay labels;
        labels.name = QStringLiteral("Labels");
        labels.source = cells(true);
        labels.classNames = {"background", "membrane"};
        ImageOverlay probability;
        probability.name = QStringLiteral("Probability of membrane");
        probability.kind = ImageOverlay::Kind::Probability;
        probability.values = Array(DType::Float32, {200, 200});
        for (int i = 0; i < 40000; ++i)
            probability.values.data<float>()[i] = static_cast<float>(i % 200) / 200;
        probability.offset = {184, 184};
        viewer.setOverlays({labels, probability});
        QVERIFY(QTest::qWaitFor([&] { return viewer.view()->isReady(); }, 20000));
        const auto hover = [&viewer] { QTest::mouseMove(viewer.view(), viewer.view()->fromImage({240.5, 250.5}).toPoint()); };
        keep(viewer, QStringLiteral("viewer"), hover);
        viewer.setTitle(QStringLiteral("Image"));
        viewer.setSourceAt(1, nullptr, QStringLiteral("Prediction"));
        viewer.setOverlaysAt(1, {labels});
        viewer.setViews(2);
        viewer.resize(1024, 560);
        viewer.view()->setView({250, 250}, 2.2);
        QVERIFY(QTest::qWaitFor([&] { return viewer.view()->isReady() && viewer.viewAt(1)->isReady(); }, 20000));
        keep(viewer, QStringLiteral("split"), hover);

        ImageView empty;
        empty.resize(420, 240);
        empty.setErrorText(QStringLiteral(
            "train-volume.tif: page 7: expected a strip of 8192 bytes, found 311; check that the copy was complete."));
        keep(empty, QStringLiteral("error"));

        QWidget side;
        side.setAutoFillBackground(true);
        side.resize(340, 620);
        auto *form = new SchemaForm(trainSchema(), &side);
        auto *layout = new QVBoxLayout(&side);
        layout->setContentsMargins(12, 12, 12, 12);
        layout->addWidget(form);
        form->setValues({{"epochs", 80}, {"learning-rate", -0.5}, {"checkpoint-folder", "/data/runs/checkpoints"}});
        keep(side, QStringLiteral("form"));

        Catalog catalog;
        auto unet = trainSchema();
        unet.name = "unet";
        unet.title = "U-Net with skip connections";
        unet.fields.resize(5);
        SchemaInfo data;
        data.name = "segmentation";
        data.title = "Images with labels";
        data.fields = {field("images", Field::Type::Path, "", "Stack, picture or folder"),
                       field("labels", Field::Type::Path, "", "As many pages of the same size"),
                       field("foreground", Field::Type::Choice, "bright", "Which value of a mask is the class")};
        data.fields[2].choices = {"bright", "dark"};
        catalog.kinds["datasets"] = {data};
        catalog.kinds["models"] = {unet};
        catalog.kinds["objectives"] = {unet};
        catalog.sections["augment"] = unet;
        catalog.sections["train"] = trainSchema();
        QScrollArea area;
        area.setAutoFillBackground(true);
        area.setObjectName(QStringLiteral("area"));
        area.setStyleSheet(QStringLiteral("QScrollArea#area { background: %1; }").arg(themeColor(ColorRole::Surface).name()));
        area.setWidgetResizable(true);
        auto *recipe = new RecipeForm(catalog);
        recipe->setContentsMargins(12, 12, 12, 12);
        area.setWidget(recipe);
        area.resize(360, 720);
        keep(area, QStringLiteral("recipe"));
        recipe->setReadOnly(true);
        keep(area, QStringLiteral("recipe-read-only"));

        QWidget page;
        page.setAutoFillBackground(true);
        page.resize(640, 620);
        auto *column = new QVBoxLayout(&page);
        auto *strip = new ExampleStrip;
        const auto picture = cells(false)->readRegion(0, 0, 0, 256, 256), target = cells(true)->readRegion(0, 0, 0, 256, 256);
        strip->setExamples({picture, target, target.as(DType::Float32)},
                           {QStringLiteral("Input"), QStringLiteral("Target"), QStringLiteral("Prediction")});
        column->addWidget(strip);
        auto *table = new TableView;
        Table t;
        t.columns = {{"run", "", std::vector<std::string>{"U-Net", "FCN", "Atrous"}},
                     {"weights", "", std::vector<std::int64_t>{488417, 488003, 487990}},
                     {"pixel error", "", std::vector<double>{0.0712, 0.0803, 0.0791}, 4},
                     {"V_Rand", "", std::vector<double>{0.9751, 0.962, std::nan("")}, 4}};
        table->setTable(t);
        table->selectRow(1);
        column->addWidget(table);
        auto *log = new LogView;
        log->append(LogView::Level::Info, QStringLiteral("Run 1 began on the CPU with 2 threads"), QStringLiteral("12:00:01"));
        log->append(LogView::Level::Warning, QStringLiteral("The BLAS in use is the reference one"), QStringLiteral("12:00:02"));
        log->append(LogView::Level::Error, QStringLiteral("The worker ended unexpectedly; the run can be resumed"),
                    QStringLiteral("12:03:40"));
        column->addWidget(log);
        page.show();
        QTRY_VERIFY(log->findChild<QWidget *>() != nullptr);
        QTest::qWait(60); // the log shows at most 30 times a second
        keep(page, QStringLiteral("results"));
    }
};

RETICLE_TEST(GalleryTest)
#include "GalleryTest.moc"
