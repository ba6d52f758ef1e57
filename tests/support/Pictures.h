#pragma once

#include <QDir>
#include <QImage>
#include <QString>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace reticle::test {

/// Mean absolute difference of the channels, 0..255; 255 for pictures of different size.
inline double meanDifference(const QImage &a, const QImage &b)
{
    if (a.size() != b.size() || a.isNull())
        return 255;
    const QImage p = a.convertToFormat(QImage::Format_RGB32), q = b.convertToFormat(QImage::Format_RGB32);
    double sum = 0;
    for (int y = 0; y < p.height(); ++y) {
        const auto *u = reinterpret_cast<const QRgb *>(p.constScanLine(y)),
                   *v = reinterpret_cast<const QRgb *>(q.constScanLine(y));
        for (int x = 0; x < p.width(); ++x)
            sum +=
                std::abs(qRed(u[x]) - qRed(v[x])) + std::abs(qGreen(u[x]) - qGreen(v[x])) + std::abs(qBlue(u[x]) - qBlue(v[x]));
    }
    return sum / (3.0 * p.width() * p.height());
}

/// Structural similarity of the gray values over 8 x 8 tiles (Wang et al. 2004), mean; 1 = equal.
inline double similarity(const QImage &a, const QImage &b)
{
    if (a.size() != b.size() || a.isNull())
        return 0;
    const QImage p = a.convertToFormat(QImage::Format_Grayscale8), q = b.convertToFormat(QImage::Format_Grayscale8);
    constexpr int tile = 8;
    constexpr double c1 = 6.5025, c2 = 58.5225;
    double sum = 0;
    int tiles = 0;
    for (int y = 0; y + tile <= p.height(); y += tile)
        for (int x = 0; x + tile <= p.width(); x += tile) {
            double mp = 0, mq = 0, pp = 0, qq = 0, pq = 0;
            for (int j = 0; j < tile; ++j)
                for (int i = 0; i < tile; ++i) {
                    const double u = p.constScanLine(y + j)[x + i], v = q.constScanLine(y + j)[x + i];
                    mp += u;
                    mq += v;
                    pp += u * u;
                    qq += v * v;
                    pq += u * v;
                }
            constexpr double n = tile * tile;
            mp /= n;
            mq /= n;
            const double vp = pp / n - mp * mp, vq = qq / n - mq * mq, cov = pq / n - mp * mq;
            sum += (2 * mp * mq + c1) * (2 * cov + c2) / ((mp * mp + mq * mq + c1) * (vp + vq + c2));
            ++tiles;
        }
    return sum / std::max(1, tiles);
}

/// Compares with tests/baselines/NAME.png. Where they differ both pictures are left in BUILD/pictures. A missing baseline
/// fails too; set RETICLE_UPDATE_BASELINES=1 to write it, and look at it.
inline bool matchesBaseline(const QImage &picture, const QString &name, QString &why)
{
    const QString path = QStringLiteral(RETICLE_SOURCE_DIR "/tests/baselines/") + name + ".png";
    if (qEnvironmentVariableIsSet("RETICLE_UPDATE_BASELINES")) {
        picture.save(path);
        return true;
    }
    const QImage baseline(path);
    const double difference = meanDifference(picture, baseline), alike = similarity(picture, baseline);
    if (difference < 2 && alike > 0.97)
        return true;
    const QString folder = QStringLiteral(RETICLE_BINARY_DIR "/pictures/");
    QDir().mkpath(folder);
    picture.save(folder + name + ".png");
    baseline.save(folder + name + "-baseline.png");
    why = QStringLiteral("%1: mean difference %2, similarity %3; see %4").arg(name).arg(difference).arg(alike).arg(folder);
    return false;
}

} // namespace reticle::test
