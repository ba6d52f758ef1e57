#include "documents/FigureNotes.h"

#include "support/SampleFigures.h"
#include "support/Test.h"

using namespace reticle;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> notesOf(decltype(Panel::content) content, const std::string &letter = {})
{
    Figure figure;
    figure.panels.push_back({.letter = letter, .content = std::move(content)});
    return figureNotes(figure);
}

XYPanel logLog(Series s)
{
    XYPanel panel;
    panel.x.scale = panel.y.scale = Axis::Scale::Log;
    panel.series = {std::move(s)};
    return panel;
}

using Notes = std::vector<std::string>;

} // namespace

class FigureNotesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void linearFiguresHaveNone()
    {
        QVERIFY(figureNotes(test::everything()).empty());
        XYPanel panel;
        panel.series = {{.x = {0, -1}, .y = {-1, 0}}};
        QVERIFY(notesOf(panel).empty());
        QVERIFY(notesOf(logLog({.x = {1, 2, 3}, .y = {0.1, none, 1e-300}})).empty());
    }
    void valuesThatALogAxisLacksAreCounted()
    {
        QCOMPARE(notesOf(logLog({.name = "loss", .x = {1, 2, 3, 4}, .y = {1, 0.1, 0, 0.01}})),
                 (Notes{"Panel 1: series \"loss\" has 1 y value that is not above 0. The log axis cannot show it, so there is "
                        "a gap."}));
        QCOMPARE(notesOf(logLog({.x = {0, -1, 2}, .y = {1, 1, 1}}), "b"),
                 (Notes{"Panel b: series 1 has 2 x values that are not above 0. The log axis cannot show them, so there is a "
                        "gap."}));
        QCOMPARE(notesOf(logLog({.kind = SeriesKind::Bar, .x = {1}, .y = {-0.0}})).size(), std::size_t(1));
    }
    void bandsAndErrorBarsThatReachZero()
    {
        for (const auto kind : {SeriesKind::Band, SeriesKind::ErrorBar})
            QCOMPARE(notesOf(logLog({.name = "s", .kind = kind, .x = {1, 2}, .lower = {0, 1}, .upper = {2, 3}})),
                     (Notes{"Panel 1: series \"s\" reaches down to 0 or below at 1 place. It ends at the edge of the plot, "
                            "because the axis is logarithmic."}));
        QCOMPARE(notesOf(logLog({.kind = SeriesKind::Band, .x = {1, 2}, .lower = {-2, -2}, .upper = {0, -1}})).size(),
                 std::size_t(1));
    }
    void histograms()
    {
        HistogramPanel panel;
        panel.histograms = {{"h", {0, 1, 2}, {3, 0}, ""}};
        QVERIFY(notesOf(panel).empty());
        panel.y.scale = Axis::Scale::Log;
        QVERIFY(notesOf(panel).empty()); // an empty bin has no bar on any axis
        panel.x.scale = Axis::Scale::Log;
        QCOMPARE(notesOf(panel),
                 (Notes{"Panel 1: histogram \"h\" has 1 bin that begins at 0 or below. The log axis cannot show it."}));
    }
};

RETICLE_TEST(FigureNotesTest)
#include "FigureNotesTest.moc"
