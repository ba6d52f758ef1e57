#include "files/formats/Palette.h"

#include "foundation/Random.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;
using namespace reticle::files;

namespace {

template <class F> Palette made(int entries, F color)
{
    Palette p;
    for (int i = 0; i < entries; ++i)
        p.push_back(color(i));
    return p;
}

std::uint8_t byte(double v)
{
    return static_cast<std::uint8_t>(std::clamp(v, 0.0, 255.0));
}

using Color = std::array<std::uint8_t, 3>;

} // namespace

class PaletteTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rampsOfFalseColorsLeaveTheNumbers()
    {
        const auto fire = made(256, [](int i) {
            return Color{byte(i * 3.0), byte(i * 1.6 - 120), byte(i < 60 ? i * 2.0 : i > 220 ? (i - 220) * 7.0 : 120 - (i - 60))};
        });
        QCOMPARE(useOf(fire, 8, false), PaletteUse::Numbers);
        const auto green = made(256, [](int i) { return Color{0, byte(i), 0}; });
        QCOMPARE(useOf(green, 8, false), PaletteUse::Numbers);
        // Gray with its ends marked, as for exposure.
        const auto marked = made(256, [](int i) {
            return i == 0 ? Color{0, 0, 255} : i == 255 ? Color{255, 0, 0} : Color{byte(i), byte(i), byte(i)};
        });
        QCOMPARE(useOf(marked, 8, false), PaletteUse::Numbers);
        const auto spectrum = made(256, [](int i) {
            const auto wave = [&](double at) { return byte(128 + 127 * std::cos((i / 256.0 - at) * 6.2831853)); };
            return Color{wave(0), wave(0.33), wave(0.67)};
        });
        QCOMPARE(useOf(spectrum, 8, false), PaletteUse::Numbers);
    }
    void photographsAndDrawingsAreColors()
    {
        Random random(5);
        const auto photograph = made(256, [&](int) {
            return Color{byte(random.below(256)), byte(random.below(256)), byte(random.below(256))};
        });
        QCOMPARE(useOf(photograph, 8, false), PaletteUse::Colors);
        const auto drawing = made(256, [](int i) {
            return i == 1 ? Color{255, 0, 0} : i == 2 ? Color{0, 255, 0} : Color{0, 0, 0};
        });
        QCOMPARE(useOf(drawing, 8, false), PaletteUse::Colors);
        QCOMPARE(useOf(made(4, [](int i) { return Color{byte(i * 80), 0, 0}; }), 2, false), PaletteUse::Colors);
        // A ramp that is cut short is none.
        QCOMPARE(useOf(made(200, [](int i) { return Color{0, byte(i), 0}; }), 8, false), PaletteUse::Colors);
    }
    void graysAreOneChannel()
    {
        QCOMPARE(useOf(made(256, [](int i) { return Color{byte(i), byte(i), byte(i)}; }), 8, false), PaletteUse::Gray);
        QCOMPARE(useOf(made(2,
                            [](int i) {
                                return Color{byte(255 - 255 * i), byte(255 - 255 * i), byte(255 - 255 * i)};
                            }),
                       1, false),
                 PaletteUse::Gray);
    }
    void whatIsMeasuredStaysNumbers()
    {
        const auto red = made(256, [](int i) { return i % 2 ? Color{255, 0, 0} : Color{0, 0, 0}; });
        QCOMPARE(useOf(red, 8, true), PaletteUse::Numbers);
        QCOMPARE(useOf(made(65536, [](int) { return Color{1, 2, 3}; }), 16, false), PaletteUse::Numbers);
    }
    void colorsAreLookedUp()
    {
        const auto p = made(3, [](int i) { return Color{byte(i), byte(10 * i), byte(100 * i)}; });
        const Array numbers = Array::of<std::uint8_t>({1, 4}, std::vector<std::uint8_t>{0, 2, 1, 7});
        QVERIFY(looked(numbers, p, PaletteUse::Colors) ==
                Array::of<std::uint8_t>({1, 4, 3}, std::vector<std::uint8_t>{0, 0, 0, 2, 20, 200, 1, 10, 100, 0, 0, 0}));
        QVERIFY(looked(numbers, p, PaletteUse::Gray) == Array::of<std::uint8_t>({1, 4}, std::vector<std::uint8_t>{0, 2, 1, 0}));
    }
};

RETICLE_TEST(PaletteTest)
#include "PaletteTest.moc"
