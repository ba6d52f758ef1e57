#pragma once

#include <QAbstractButton>

namespace reticle {

/// On or off, drawn as a sliding switch; Space toggles.
class SwitchButton : public QAbstractButton
{
    Q_OBJECT
public:
    explicit SwitchButton(QWidget *parent = nullptr);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *) override;
};

} // namespace reticle
