#pragma once

#include <QString>
#include <QStringList>

#include <cstdint>
#include <vector>

namespace reticle {

/// Names one thing of a project, in the tree, in tabs and in what is remembered: "data:1", "run:3",
/// "prediction:3/stack.tif", "result:5", "figure:5/0", "compare:1,2", "comparison:1", "tool/layers".
struct ItemKey
{
    enum class Kind {
        None,
        DataGroup,
        RunGroup,
        ResultGroup,
        Data,
        Run,
        Prediction,
        Result,
        Figure,
        Compare,
        NewData,
        Tool,
        Comparison
    };
    Kind kind = Kind::None;
    std::int64_t id = 0;
    QString detail = {}; ///< file name, index of a figure, or runs of a comparison

    bool operator==(const ItemKey &) const = default;

    QString text() const
    {
        static const char *const names[] = {"",         "data-group", "run-group", "result-group", "data",
                                            "run",      "prediction", "result",    "figure",       "compare",
                                            "new-data", "tool",       "comparison"};
        QString t = QString::fromLatin1(names[static_cast<int>(kind)]);
        if (kind == Kind::Compare)
            return t + QChar(':') + detail;
        if (id)
            t += QChar(':') + QString::number(id);
        if (!detail.isEmpty())
            t += QChar('/') + detail;
        return t;
    }

    static ItemKey fromText(const QString &text)
    {
        ItemKey key;
        const auto colon = text.indexOf(':'), slash = text.indexOf('/');
        const auto nameEnds = colon >= 0 && (slash < 0 || colon < slash) ? colon : slash;
        const QString name = text.left(nameEnds < 0 ? text.size() : nameEnds);
        for (const auto kind :
             {Kind::DataGroup, Kind::RunGroup, Kind::ResultGroup, Kind::Data, Kind::Run, Kind::Prediction, Kind::Result,
              Kind::Figure, Kind::Compare, Kind::NewData, Kind::Tool, Kind::Comparison})
            if (ItemKey{kind}.text().remove(':') == name)
                key.kind = kind;
        if (nameEnds < 0)
            return key;
        const QString rest = text.mid(nameEnds + 1);
        if (key.kind == Kind::Compare || nameEnds == slash) {
            key.detail = rest;
            return key;
        }
        const auto end = rest.indexOf('/');
        key.id = rest.left(end < 0 ? rest.size() : end).toLongLong();
        key.detail = end < 0 ? QString() : rest.mid(end + 1);
        return key;
    }
};

} // namespace reticle
