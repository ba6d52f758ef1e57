#include "widgets/forms/FieldEditor.h"
#include "widgets/views/Theme.h"

#include <QHBoxLayout>
#include <QLineEdit>

namespace reticle {

namespace {

class TextEditor : public FieldEditor
{
public:
    explicit TextEditor(QWidget *parent) : FieldEditor(parent), m_line(new QLineEdit(this))
    {
        auto *layout = new QHBoxLayout(this);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(m_line);
        connect(m_line, &QLineEdit::textEdited, this, [this] {
            m_odd = nullptr;
            Q_EMIT edited();
        });
    }
    Json value() const override { return m_odd.is_null() ? Json(m_line->text().toStdString()) : m_odd; }
    void setValue(const Json &value) override
    {
        m_odd = value.is_string() ? Json() : value;
        const QString text = plainText(value);
        if (text != m_line->text()) {
            m_line->setText(text);
            m_line->setCursorPosition(0);
        }
    }
    void setReadOnly(bool readOnly) override { m_line->setReadOnly(readOnly); }
    void setProblem(bool problem) override { setStyleFlag(m_line, "problem", problem); }
    QWidget *input() const override { return m_line; }

private:
    QLineEdit *m_line;
    Json m_odd; ///< a value that is no text
};

} // namespace

FieldEditor *makeTextEditor(const Field &, QWidget *parent)
{
    return new TextEditor(parent);
}

} // namespace reticle
