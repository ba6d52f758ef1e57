#include "widgets/views/volume/SurfaceMesh.h"

#include "foundation/Error.h"
#include "support/Test.h"
#include "support/Volumes.h"
#include "widgets/export/SurfaceFile.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include <cmath>
#include <cstring>
#include <map>
#include <numbers>

using namespace reticle;
using reticle::test::ball;

namespace {

std::shared_ptr<const VolumeData> volume(Array a, VolumeData::Kind kind, std::int64_t maximum = 1 << 24, double per = 1)
{
    return loadVolume(*imageFromArray(std::move(a)), kind, -1, maximum, {1, 1, per});
}

struct Measured
{
    double volume = 0; ///< by the divergence theorem; positive when triangles face outwards
    std::array<double, 3> low{1e9, 1e9, 1e9}, high{-1e9, -1e9, -1e9};
    bool closed = true; ///< every edge is passed once in each direction
};

Measured measure(const std::vector<std::array<double, 3>> &points, const std::vector<std::array<std::size_t, 3>> &triangles)
{
    Measured m;
    std::map<std::pair<std::size_t, std::size_t>, int> edges;
    for (const auto &t : triangles) {
        const auto &a = points[t[0]], &b = points[t[1]], &c = points[t[2]];
        m.volume +=
            (a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) + a[2] * (b[0] * c[1] - b[1] * c[0])) / 6;
        for (std::size_t k = 0; k < 3; ++k)
            edges[{t[k], t[(k + 1) % 3]}] += 1;
        for (const auto i : t)
            for (std::size_t k = 0; k < 3; ++k) {
                m.low[k] = std::min(m.low[k], points[i][k]);
                m.high[k] = std::max(m.high[k], points[i][k]);
            }
    }
    for (const auto &[edge, count] : edges) {
        const auto back = edges.find({edge.second, edge.first});
        m.closed = m.closed && back != edges.end() && back->second == count;
    }
    return m;
}

Measured measure(const SurfaceMesh &mesh)
{
    std::vector<std::array<double, 3>> points(mesh.pointCount());
    for (std::size_t i = 0; i < points.size(); ++i)
        points[i] = {mesh.points[3 * i], mesh.points[3 * i + 1], mesh.points[3 * i + 2]};
    std::vector<std::array<std::size_t, 3>> triangles(mesh.triangleCount());
    for (std::size_t i = 0; i < triangles.size(); ++i)
        triangles[i] = {mesh.triangles[3 * i], mesh.triangles[3 * i + 1], mesh.triangles[3 * i + 2]};
    return measure(points, triangles);
}

template <class T> T take(const char *&p)
{
    T value;
    std::memcpy(&value, p, sizeof value);
    p += sizeof value;
    return value;
}

/// Reads a written file back, by its own rules.
Measured readBack(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray bytes = file.readAll();
    std::vector<std::array<double, 3>> points;
    std::vector<std::array<std::size_t, 3>> triangles;
    const char *p = bytes.constData();
    const auto point = [&] {
        const auto x = take<float>(p), y = take<float>(p), z = take<float>(p);
        return std::array<double, 3>{x, y, z};
    };
    if (path.endsWith("stl")) {
        p += 80;
        const auto count = take<std::uint32_t>(p);
        if (bytes.size() != 84 + 50 * static_cast<qsizetype>(count))
            return {};
        // Corners that are the same place are the same point.
        std::map<std::array<double, 3>, std::size_t> known;
        for (std::uint32_t i = 0; i < count; ++i) {
            point();
            std::array<std::size_t, 3> t{};
            for (auto &corner : t)
                corner = known.emplace(point(), known.size()).first->second;
            p += 2;
            triangles.push_back(t);
        }
        points.resize(known.size());
        for (const auto &[place, i] : known)
            points[i] = place;
    } else if (path.endsWith("ply")) {
        const auto body = bytes.indexOf("end_header\n") + 11;
        std::size_t nv = 0, nf = 0;
        for (const auto &line : bytes.left(body).split('\n')) {
            if (line.startsWith("element vertex "))
                nv = line.mid(15).toULongLong();
            if (line.startsWith("element face "))
                nf = line.mid(13).toULongLong();
        }
        p += body;
        for (std::size_t i = 0; i < nv; ++i) {
            points.push_back(point());
            p += 3;
        }
        for (std::size_t i = 0; i < nf; ++i) {
            p += 1;
            std::array<std::size_t, 3> t{};
            for (auto &corner : t)
                corner = static_cast<std::size_t>(take<std::int32_t>(p));
            triangles.push_back(t);
        }
    } else {
        for (const auto &line : bytes.split('\n')) {
            const auto words = line.split(' ');
            if (words[0] == "v")
                points.push_back({words[1].toDouble(), words[2].toDouble(), words[3].toDouble()});
            if (words[0] == "f")
                triangles.push_back({words[1].toULongLong() - 1, words[2].toULongLong() - 1, words[3].toULongLong() - 1});
        }
    }
    return measure(points, triangles);
}

constexpr double radius = 9, middle[3] = {15, 14, 13};

Array labelBall()
{
    return ball<std::uint8_t>(26, 28, 30, middle[0], middle[1], middle[2], radius, 3, 0);
}

double ballVolume(double r)
{
    return 4.0 / 3 * std::numbers::pi * r * r * r;
}

} // namespace

class SurfaceMeshTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aBallIsClosedAndOfItsSize_data()
    {
        QTest::addColumn<int>("smooth");
        QTest::newRow("steps") << 0;
        QTest::newRow("smoothed") << 20;
    }
    void aBallIsClosedAndOfItsSize()
    {
        QFETCH(int, smooth);
        SurfaceRequest request;
        request.smooth = smooth;
        const auto mesh = surfacesOf(*volume(labelBall(), VolumeData::Kind::Labels), request);
        QCOMPARE(mesh->pieces.size(), std::size_t(1));
        QCOMPARE(mesh->pieces[0].label, std::int64_t(3));
        const auto m = measure(*mesh);
        QVERIFY(m.closed);
        QVERIFY2(m.volume > ballVolume(radius - 0.5) && m.volume < ballVolume(radius + 0.5),
                 qPrintable(QString::number(m.volume)));
        for (std::size_t k = 0; k < 3; ++k) {
            QVERIFY2(std::abs(m.low[k] - (middle[k] - radius)) < 1, qPrintable(QString::number(m.low[k])));
            QVERIFY2(std::abs(m.high[k] - (middle[k] + radius)) < 1, qPrintable(QString::number(m.high[k])));
        }
    }
    void coarseMeshesLieInTheSamePlace()
    {
        SurfaceRequest request;
        const auto data = volume(labelBall(), VolumeData::Kind::Labels);
        const auto full = surfacesOf(*data, request);
        request.stride = 2;
        const auto coarse = surfacesOf(*data, request);
        QVERIFY(coarse->triangleCount() * 3 < full->triangleCount());
        const auto m = measure(*coarse);
        QVERIFY(m.closed);
        for (std::size_t k = 0; k < 3; ++k)
            QVERIFY(std::abs((m.low[k] + m.high[k]) / 2 - middle[k]) < 1.1);
    }
    void meshesForMovingAreSmall()
    {
        Array checks(DType::UInt8, {24, 48, 48}); // blocks of 2 voxels, inside and outside in turn
        auto *out = checks.data<std::uint8_t>();
        for (int z = 0; z < 24; ++z)
            for (int y = 0; y < 48; ++y)
                for (int x = 0; x < 48; ++x)
                    *out++ = (x / 2 + y / 2 + z / 2) % 2 ? 200 : 10;
        const auto data = volume(checks, VolumeData::Kind::Image);
        SurfaceRequest request;
        request.level = 100;
        request.smooth = 0;
        const auto full = surfacesOf(*data, request);
        QVERIFY2(full->triangleCount() > movingTriangles, qPrintable(QString::number(full->triangleCount())));
        const auto coarse = coarseSurfacesOf(*data, request, *full);
        QVERIFY(coarse && coarse->triangleCount() <= movingTriangles);
        QVERIFY(!coarseSurfacesOf(*data, request, *coarse)); // small enough already
    }
    void reducedVolumesStayInTheFilesVoxels()
    {
        const auto data = volume(labelBall(), VolumeData::Kind::Labels, 13 * 14 * 15);
        QCOMPARE(data->factor, (std::array<std::int64_t, 3>{2, 2, 2}));
        const auto m = measure(*surfacesOf(*data, {}));
        QVERIFY(m.closed);
        for (std::size_t k = 0; k < 3; ++k) {
            QVERIFY(std::abs(m.low[k] - (middle[k] - radius)) < 2);
            QVERIFY(std::abs(m.high[k] - (middle[k] + radius)) < 2);
        }
    }
    void objectsAtTheBorderAreClosedToo()
    {
        Array full(DType::UInt8, {4, 5, 6});
        for (auto &v : full.span<std::uint8_t>())
            v = 1;
        SurfaceRequest steps;
        steps.smooth = 0;
        const auto m = measure(*surfacesOf(*volume(full, VolumeData::Kind::Labels), steps));
        QVERIFY(m.closed);
        for (std::size_t k = 0; k < 3; ++k) {
            QVERIFY(std::abs(m.low[k]) < 0.6);
            QVERIFY(std::abs(m.high[k] - std::array<double, 3>{6, 5, 4}[k]) < 0.6);
        }
        const auto one =
            surfacesOf(*volume(Array(full).reshaped({4, 5, 6}).at(0).reshaped({1, 5, 6}), VolumeData::Kind::Labels), steps);
        QVERIFY(measure(*one).closed);
        QVERIFY(one->triangleCount() > 0);
    }
    void levelsOfAnImageAndOfItsDarkSide()
    {
        const auto data =
            volume(ball<float>(26, 28, 30, middle[0], middle[1], middle[2], radius, 0.9F, 0.1F), VolumeData::Kind::Image);
        SurfaceRequest request;
        request.level = 0.5;
        const auto bright = measure(*surfacesOf(*data, request));
        QVERIFY(bright.closed);
        QVERIFY(bright.volume > ballVolume(radius - 0.5) && bright.volume < ballVolume(radius + 0.5));
        request.dark = true;
        const auto dark = measure(*surfacesOf(*data, request));
        QVERIFY(dark.closed);
        const double rest = 26 * 28 * 30 - ballVolume(radius);
        QVERIFY2(std::abs(dark.volume - rest) < 0.1 * rest, qPrintable(QString::number(dark.volume)));
        request.dark = false;
        request.level = 2;
        QCOMPARE(surfacesOf(*data, request)->triangleCount(), std::size_t(0));
    }
    void labelsAreChosenAndApart()
    {
        Array a = labelBall();
        a.data<std::uint8_t>()[0] = 9;
        const auto data = volume(a, VolumeData::Kind::Labels);
        const auto both = surfacesOf(*data, {});
        QCOMPARE(both->pieces.size(), std::size_t(2));
        QCOMPARE(both->pieces[1].label, std::int64_t(9));
        QCOMPARE(both->pieces[1].firstPoint, both->pieces[0].points);
        SurfaceRequest request;
        request.labels = {9};
        QCOMPARE(surfacesOf(*data, request)->pieces.size(), std::size_t(1));
        request.labels = {5};
        QVERIFY(surfacesOf(*data, request)->pieces.empty());
    }
    void stopsAndLimits()
    {
        const auto data = volume(labelBall(), VolumeData::Kind::Labels);
        EXPECT_ERROR(surfacesOf(*data, {}, [](double f) { return f < 0.5; }), "not finished");
        SurfaceRequest request;
        // The count beforehand is exact: as many as there are will do, one less will not.
        const auto count = surfacesOf(*data, request)->triangleCount();
        request.mostTriangles = count;
        QCOMPARE(surfacesOf(*data, request)->triangleCount(), count);
        request.mostTriangles = count - 1;
        bool smoothed = false;
        EXPECT_ERROR(surfacesOf(*data, request,
                                [&](double f) {
                                    smoothed = f == 1;
                                    return true;
                                }),
                     "triangles");
        QVERIFY(!smoothed);
        Array noise(DType::UInt8, {20, 20, 20});
        unsigned n = 1;
        for (auto &v : noise.span<std::uint8_t>()) {
            n = n * 1664525U + 1013904223U;
            v = static_cast<std::uint8_t>(n >> 24);
        }
        const auto rough = volume(noise, VolumeData::Kind::Image);
        SurfaceRequest level;
        level.level = 128;
        level.smooth = 0;
        const auto all = surfacesOf(*rough, level)->triangleCount();
        QVERIFY(all > 10000);
        level.mostTriangles = all;
        QCOMPARE(surfacesOf(*rough, level)->triangleCount(), all);
        level.mostTriangles = all - 1;
        EXPECT_ERROR(surfacesOf(*rough, level), "triangles");
        // Stopped in the midst of smoothing: VTK asks too.
        SurfaceRequest slow;
        slow.smooth = 200;
        slow.mostTriangles = 20'000'000;
        int asked = 0;
        const auto count200 = [&](double) { return ++asked > 0; };
        (void)surfacesOf(*data, slow, count200);
        const int smoothing = asked;
        slow.smooth = 0;
        asked = 0;
        (void)surfacesOf(*data, slow, count200);
        QVERIFY2(smoothing > asked + 1, qPrintable(QStringLiteral("%1 %2").arg(smoothing).arg(asked)));
        const int stop = asked + 2;
        slow.smooth = 200;
        asked = 0;
        EXPECT_ERROR(surfacesOf(*data, slow, [&](double) { return ++asked < stop; }), "not finished");
        QVERIFY2(asked < smoothing, qPrintable(QString::number(asked)));
    }
    void filesHoldTheBallInPhysicalUnits_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"stl", "ply", "obj"})
            QTest::newRow(name) << QString(name);
    }
    void filesHoldTheBallInPhysicalUnits()
    {
        QFETCH(QString, name);
        const auto mesh = surfacesOf(*volume(labelBall(), VolumeData::Kind::Labels), {});
        QTemporaryDir folder;
        const QString path = folder.filePath("ball." + name);
        const auto scale = surfaceScale(500, 750, 2000); // pixels of 0.5 by 0.75 µm, slices 2 µm apart
        QCOMPARE(scale.unit, QString::fromUtf8("µm"));
        writeSurface(*mesh, scale, path);
        const auto m = readBack(path);
        QVERIFY(m.closed);
        const double voxel[3] = {0.5, 0.75, 2};
        for (std::size_t k = 0; k < 3; ++k) {
            QVERIFY(std::abs(m.low[k] - (middle[k] - radius) * voxel[k]) < voxel[k]);
            QVERIFY(std::abs(m.high[k] - (middle[k] + radius) * voxel[k]) < voxel[k]);
        }
        QVERIFY(m.volume > ballVolume(radius - 0.5) * 0.75 && m.volume < ballVolume(radius + 0.5) * 0.75);
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 1); // nothing was left beside it
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.read(200).contains("micrometres"));
    }
    void refusedFilesAreNamed()
    {
        const auto mesh = surfacesOf(*volume(labelBall(), VolumeData::Kind::Labels), {});
        QTemporaryDir folder;
        EXPECT_ERROR(writeSurface(*mesh, {}, folder.filePath("ball.xyz")), ".stl, .ply or .obj");
        EXPECT_ERROR(writeSurface(SurfaceMesh{}, {}, folder.filePath("ball.stl")), "none");
        EXPECT_ERROR(writeSurface(*mesh, {}, folder.filePath("not/there.stl")), "cannot be written");
        QVERIFY(QDir(folder.path()).entryList(QDir::Files).isEmpty());
        QCOMPARE(surfaceScale(0, 4, 50).unit, QStringLiteral("px"));
        QCOMPARE(surfaceScale(500, 0, 0).voxel, (Point3{0.5, 0.5, 0.5}));
    }
};

RETICLE_TEST(SurfaceMeshTest)
#include "SurfaceMeshTest.moc"
