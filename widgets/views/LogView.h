#pragma once

#include <QString>
#include <QWidget>

#include <memory>

namespace reticle {

/// Lines of a log with their level and time, at most `maximumLines` of them (the oldest go). Stays at the end while it is
/// there; copies what is selected. Appending is cheap: lines are shown at most 30 times a second.
class LogView : public QWidget
{
    Q_OBJECT
public:
    enum class Level { Info, Warning, Error };

    explicit LogView(QWidget *parent = nullptr);
    ~LogView() override;

    void append(Level level, const QString &text, const QString &time = {});
    void clear();
    int lines() const;
    void setMaximumLines(int lines); ///< 5000 at first
    QString text() const;            ///< all lines

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
