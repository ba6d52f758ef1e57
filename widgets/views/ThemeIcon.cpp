#include "widgets/views/Theme.h"

#include <QFile>
#include <QHash>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace reticle {

namespace {

const QByteArray &iconSource(const QString &name)
{
    static QHash<QString, QByteArray> sources;
    auto it = sources.find(name);
    if (it == sources.end()) {
        QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
        it = sources.insert(name, file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray());
    }
    return *it;
}

/// Draws the line icon in the color that its role has at the time of painting.
class ThemeIconEngine : public QIconEngine
{
public:
    ThemeIconEngine(QString name, ColorRole role) : m_name(std::move(name)), m_role(role) {}

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override
    {
        const double ratio = painter->device()->devicePixelRatioF();
        painter->drawPixmap(rect, scaledPixmap(rect.size() * ratio, mode, state, ratio));
    }
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        return scaledPixmap(size, mode, state, 1);
    }
    /// `size` is in device pixels.
    QPixmap scaledPixmap(const QSize &size, QIcon::Mode mode, QIcon::State, qreal) override
    {
        if (size.isEmpty())
            return {};
        const QColor color = themeColor(mode == QIcon::Disabled ? ColorRole::TextDisabled : m_role);
        const QString key = QStringLiteral("reticle-%1-%2-%3x%4").arg(m_name, color.name()).arg(size.width()).arg(size.height());
        QPixmap pixmap;
        if (QPixmapCache::find(key, &pixmap))
            return pixmap;
        QImage image(size, QImage::Format_ARGB32_Premultiplied);
        image.fill(Qt::transparent);
        QByteArray svg = iconSource(m_name);
        if (!svg.isEmpty()) {
            svg.replace("currentColor", color.name().toLatin1());
            QSvgRenderer renderer(svg);
            QPainter p(&image);
            const int side = qMin(size.width(), size.height());
            renderer.render(&p, QRectF((size.width() - side) / 2.0, (size.height() - side) / 2.0, side, side));
        }
        pixmap = QPixmap::fromImage(std::move(image));
        QPixmapCache::insert(key, pixmap);
        return pixmap;
    }
    QIconEngine *clone() const override { return new ThemeIconEngine(m_name, m_role); }
    QString key() const override { return QStringLiteral("ThemeIcon"); }
    bool isNull() override { return iconSource(m_name).isEmpty(); }
    QString iconName() override { return m_name; }

private:
    QString m_name;
    ColorRole m_role;
};

} // namespace

QIcon themeIcon(const QString &name)
{
    return themeIcon(name, ColorRole::Text);
}

QIcon themeIcon(const QString &name, ColorRole role)
{
    return QIcon(new ThemeIconEngine(name, role));
}

} // namespace reticle
