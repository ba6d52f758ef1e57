#include "widgets/forms/FieldEditor.h"
#include "widgets/views/Theme.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QLocale>
#include <QRegularExpression>

namespace reticle {

namespace {

constexpr qlonglong longestList = 100000; ///< numbers, all ranges together; as many are read again at each key

/// "0, 2, 5-9": three and more in a row become a range.
QString listText(const Json &list)
{
    QStringList parts;
    for (std::size_t i = 0; i < list.size();) {
        std::size_t j = i;
        if (list[i].is_number_integer() && list[i].get<std::int64_t>() >= 0)
            while (j + 1 < list.size() && list[j + 1].is_number_integer() &&
                   list[j + 1].get<std::int64_t>() == list[j].get<std::int64_t>() + 1)
                ++j;
        if (j >= i + 2) {
            parts << QStringLiteral("%1-%2").arg(list[i].get<std::int64_t>()).arg(list[j].get<std::int64_t>());
            i = j + 1;
        } else {
            parts << (list[i].is_number_float() ? numberText(list[i].get<double>()) : QString::fromStdString(list[i].dump()));
            ++i;
        }
    }
    return parts.join(QStringLiteral(", "));
}

class ListEditor : public FieldEditor
{
public:
    ListEditor(const Field &field, QWidget *parent)
        : FieldEditor(parent), m_whole(field.type == Field::Type::IntegerList), m_line(new QLineEdit(this))
    {
        auto *layout = new QHBoxLayout(this);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(m_line);
        m_line->setPlaceholderText(m_whole ? QStringLiteral("0, 2, 5-9") : QStringLiteral("0.5, 1"));
        connect(m_line, &QLineEdit::textEdited, this, &FieldEditor::edited);
    }
    Json value() const override
    {
        static const QRegularExpression between(QStringLiteral("^(\\d+)\\s*[-\u2013]\\s*(\\d+)$"));
        static const QRegularExpression gaps(QStringLiteral("\\s*[,;]\\s*|\\s{2,}"));
        QString text = m_line->text().trimmed();
        text.replace(QChar(0x2212), QLatin1Char('-'));
        Json list = Json::array();
        for (const auto &part : text.split(gaps, Qt::SkipEmptyParts)) {
            const auto range = between.match(part);
            if (m_whole && range.hasMatch()) {
                const auto a = range.captured(1).toLongLong(), b = range.captured(2).toLongLong();
                if (b < a || b - a >= longestList - static_cast<qlonglong>(list.size()))
                    return text.toStdString();
                for (auto i = a; i <= b; ++i)
                    list.push_back(static_cast<std::int64_t>(i));
                continue;
            }
            bool ok = false;
            if (const qlonglong i = part.toLongLong(&ok); ok && m_whole) {
                list.push_back(static_cast<std::int64_t>(i));
                continue;
            }
            const double v = QLocale::c().toDouble(part, &ok);
            if (!ok)
                return text.toStdString();
            list.push_back(v);
        }
        return list;
    }
    void setValue(const Json &value) override
    {
        // While "5-" is being typed nothing rewrites it.
        if (value.is_array() && this->value() == value && m_line->hasFocus())
            return;
        m_line->setText(value.is_array() ? listText(value) : plainText(value));
        m_line->setCursorPosition(0);
    }
    void setReadOnly(bool readOnly) override
    {
        m_line->setReadOnly(readOnly);
        m_line->setPlaceholderText(readOnly ? QString() : m_whole ? QStringLiteral("0, 2, 5-9") : QStringLiteral("0.5, 1"));
    }
    void setProblem(bool problem) override { setStyleFlag(m_line, "problem", problem); }
    QWidget *input() const override { return m_line; }

private:
    bool m_whole;
    QLineEdit *m_line;
};

} // namespace

FieldEditor *makeListEditor(const Field &field, QWidget *parent)
{
    return new ListEditor(field, parent);
}

} // namespace reticle
