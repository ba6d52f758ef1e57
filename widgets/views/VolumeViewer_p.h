#pragma once

#include <QDialog>
#include <QSize>

namespace reticle {

class SchemaForm;

/// Asks for the size of a picture in pixels.
class PictureDialog : public QDialog
{
public:
    explicit PictureDialog(QSize proposed, QWidget *parent = nullptr);
    QSize pictureSize() const;

private:
    SchemaForm *m_form;
};

} // namespace reticle
