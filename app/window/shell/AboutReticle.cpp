#include "window/shell/AboutReticle.h"

#include "window/shell/ModalOverlay.h"
#include "window/shell/Text.h"

#include <QClipboard>
#include <QCoreApplication>
#include <QGridLayout>
#include <QGuiApplication>
#include <QLabel>
#include <QPushButton>
#include <QScreen>
#include <QSysInfo>

#include <vtkVersion.h>

namespace reticle {

namespace {

QString aboutText(const char *text)
{
    return QCoreApplication::translate("AboutReticle", text);
}

QString helloText(const Json &hello, const char *key)
{
    return hello.is_object() && hello.contains(key) && hello.at(key).is_string() ? qs(hello.at(key).get<std::string>())
                                                                                 : QString();
}

} // namespace

std::vector<std::pair<QString, QString>> versionsOf(const Json &hello)
{
    std::vector<std::pair<QString, QString>> all{{QStringLiteral("Reticle"), QStringLiteral(RETICLE_VERSION)},
                                                 {QStringLiteral("Qt"), QString::fromLatin1(qVersion())},
                                                 {QStringLiteral("VTK"), QString::fromLatin1(vtkVersion::GetVTKVersion())}};
    if (hello.is_object()) {
        if (const QString worker = helloText(hello, "version"); worker != QStringLiteral(RETICLE_VERSION))
            all.emplace_back(aboutText("Worker"), worker);
        all.emplace_back(QStringLiteral("LibTorch"), helloText(hello, "torch"));
        all.emplace_back(aboutText("Matrix products"), helloText(hello, "blas"));
        all.emplace_back(aboutText("Computes on"), helloText(hello, "device"));
        if (hello.contains("threads") && hello.at("threads").is_number_integer())
            all.emplace_back(aboutText("Threads"), QString::number(hello.at("threads").get<int>()));
    } else {
        all.emplace_back(aboutText("Worker"), aboutText("not started yet"));
    }
    all.emplace_back(aboutText("System"), QSysInfo::prettyProductName() + QStringLiteral(", ") + QSysInfo::kernelType() +
                                              QLatin1Char(' ') + QSysInfo::kernelVersion() + QStringLiteral(", ") +
                                              QSysInfo::currentCpuArchitecture());
    if (const auto *screen = QGuiApplication::primaryScreen())
        all.emplace_back(aboutText("Screen"), QStringLiteral("%1 × %2, %3 %, %4")
                                                  .arg(screen->geometry().width())
                                                  .arg(screen->geometry().height())
                                                  .arg(screen->devicePixelRatio() * 100, 0, 'f', 0)
                                                  .arg(QGuiApplication::platformName()));
    return all;
}

void showAbout(QWidget *window, const Json &hello)
{
    const auto versions = versionsOf(hello);
    auto *sheet = new ModalOverlay(window, aboutText("About Reticle"),
                                   aboutText("Trains networks on images and tables, shows what they have learned, and how far to "
                                             "trust it."),
                                   {{aboutText("Close"), {}, true, QStringLiteral("closeAbout")}});
    auto *table = new QWidget;
    auto *grid = new QGridLayout(table);
    grid->setContentsMargins(0, 4, 0, 4);
    grid->setHorizontalSpacing(18);
    grid->setVerticalSpacing(3);
    QStringList lines;
    int row = 0;
    for (const auto &[name, version] : versions) {
        auto *title = new QLabel(name);
        title->setProperty("muted", true);
        auto *value = new QLabel(version);
        value->setTextFormat(Qt::PlainText);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        value->setWordWrap(true);
        value->setAccessibleName(name);
        grid->addWidget(title, row, 0, Qt::AlignTop);
        grid->addWidget(value, row++, 1);
        lines << name + QStringLiteral(": ") + version;
    }
    grid->setColumnStretch(1, 1);
    sheet->addContent(table);
    auto *copy = new QPushButton(aboutText("Copy"));
    copy->setObjectName(QStringLiteral("copyVersions"));
    copy->setToolTip(aboutText("Copy these lines, for a question about the program"));
    QObject::connect(copy, &QPushButton::clicked, sheet,
                     [lines] { QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n'))); });
    sheet->addButton(copy);
}

} // namespace reticle
