#include "widgets/forms/SchemaForm.h"
#include "widgets/views/volume/VolumeViewer_p.h"

#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace reticle {

namespace {

/// As much as a page at 1200 dpi needs; its memory stays below half a gigabyte.
constexpr double mostSide = 10000;

SchemaInfo pictureSchema(QSize proposed)
{
    struct Options
    {
        int width = 0, height = 0;
        double dpi = 300;
    };
    Schema<Options> schema("picture", "Picture of the 3-D view");
    schema.field(&Options::width, {.name = "width", .unit = "px", .min = 16.0, .max = mostSide})
        .field(&Options::height, {.name = "height",
                                  .help = "Shows as much from top to bottom as the view does.",
                                  .unit = "px",
                                  .min = 16.0,
                                  .max = mostSide})
        .field(&Options::dpi, {.name = "dpi",
                               .title = "Resolution",
                               .help = "Pixels an inch in print; changes the size on paper, not the picture.",
                               .unit = "dpi",
                               .min = 1.0,
                               .max = 10000.0});
    SchemaInfo info = schema.info();
    info.fields[0].defaultValue = std::clamp(proposed.width() * 2, 16, 10000);
    info.fields[1].defaultValue = std::clamp(proposed.height() * 2, 16, 10000);
    return info;
}

} // namespace

PictureDialog::PictureDialog(QSize proposed, QWidget *parent)
    : QDialog(parent), m_form(new SchemaForm(pictureSchema(proposed), this))
{
    setObjectName(QStringLiteral("pictureDialog"));
    setWindowTitle(QCoreApplication::translate("PictureDialog", "Picture of the 3-D view"));
    setMinimumWidth(320);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel, this);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(12);
    layout->addWidget(m_form);
    layout->addWidget(buttons);
    connect(m_form, &SchemaForm::validityChanged, buttons->button(QDialogButtonBox::Save), &QWidget::setEnabled);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

QSize PictureDialog::pictureSize() const
{
    const Json v = m_form->values();
    return {v.at("width").get<int>(), v.at("height").get<int>()};
}

double PictureDialog::dpi() const
{
    return m_form->values().at("dpi").get<double>();
}

} // namespace reticle
