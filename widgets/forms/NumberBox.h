#pragma once

#include <QAbstractSpinBox>

#include <optional>

class QLabel;

namespace reticle {

/// A number with up and down buttons that takes any text and always writes a decimal point. Reals step by their leading
/// digit (0.003 -> 0.004, 0.001 -> 0.0009), so that 1e-5 and 1000 are alike to adjust.
/// A hint (the range) stands muted at the right end of the line where the number leaves room.
class NumberBox : public QAbstractSpinBox
{
    Q_OBJECT
public:
    NumberBox(bool whole, std::optional<double> min, std::optional<double> max, QWidget *parent = nullptr);

    /// Nothing where the text is no number.
    std::optional<double> number() const;
    QString plainText() const;
    void setPlainText(const QString &text); ///< emits nothing
    void stepBy(int steps) override;
    void setRange(std::optional<double> min, std::optional<double> max); ///< of the buttons; the text stays
    void setHint(const QString &hint);
    QString shownHint() const; ///< "" while there is no room

Q_SIGNALS:
    void edited();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    StepEnabled stepEnabled() const override;
    QValidator::State validate(QString &input, int &position) const override;

private:
    void placeHint();

    QLabel *m_hint = nullptr;
    bool m_whole;
    std::optional<double> m_min, m_max;
};

} // namespace reticle
