#include "window/parts/ImageLabels.h"

#include "data/SegmentationData.h"
#include "files/ClassSource.h"
#include "foundation/Error.h"
#include "window/shell/ModalOverlay.h"

#include <QCoreApplication>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>

namespace reticle {

namespace {

/// Foreground and background, whatever their numbers are, and maybe what is ignored: then the classes tell what is
/// an object. Else every number but 0 is one.
bool isMask(const std::vector<std::int64_t> &values)
{
    return values.size() == 2 || (values.size() == 3 && values.back() == SegmentationData::ignore);
}

QString trLabels(const char *text)
{
    return QCoreApplication::translate("ImageLabels", text);
}

} // namespace

std::shared_ptr<ImageSource> OpenedLabels::truth(const files::LabelClasses &classes, std::string &note) const
{
    // What is no classes may become some by the threshold of the model.
    if (!file || (values.empty() && !(classes.threshold > 0)))
        return nullptr;
    try {
        return classes.names.empty() ? classesOf(file, values, dark) : classesOf(file, values, classes, note);
    } catch (const Error &) {
        return nullptr;
    }
}

OpenedLabels readLabels(const std::string &path, bool dark)
{
    OpenedLabels o;
    o.dark = dark;
    try {
        o.file = o.objects = o.shown = openLabels(path);
        o.values = labelValues(*o.file);
        if (isMask(o.values))
            o.objects = classesOf(o.file, o.values, dark, 0);
        o.shown = classesOf(o.file, o.values, dark, 0);
    } catch (const std::exception &e) {
        if (!o.shown) // else they are no classes, and are shown as they are
            o.problem = QString::fromUtf8(e.what());
    }
    return o;
}

void askInputRange(QWidget *page, const QString &shown, std::function<void(const QString &)> then)
{
    auto *range = new QLineEdit(shown.isEmpty() ? QStringLiteral("0..4095") : shown);
    range->setObjectName(QStringLiteral("inputRange"));
    range->setAccessibleName(trLabels("Values of black and white"));
    auto *sheet = new ModalOverlay(
        page->window(), trLabels("Range of the images"),
        trLabels("Enter the values of these images that mean black and white, such as 0..4095 for 12 bit images, or "
                 "as-is to use the values as they are."),
        {{trLabels("Predict"),
          [page = QPointer<QWidget>(page), range = QPointer<QLineEdit>(range), then = std::move(then)] {
              if (page && range)
                  then(range->text().trimmed());
          },
          true, QStringLiteral("predictRange")},
         {trLabels("Cancel"), [] {}, false, {}}});
    sheet->addContent(range);
    QObject::connect(range, &QLineEdit::returnPressed, sheet, [sheet] {
        if (auto *predict = sheet->findChild<QPushButton *>(QStringLiteral("predictRange")))
            predict->click();
    });
    range->show(); // at once, where the layout would do it later, so that it can have the focus
    range->setFocus();
    range->selectAll();
}

} // namespace reticle
