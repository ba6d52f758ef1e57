#pragma once

#include <QString>
#include <QStringList>

#include <cstdint>
#include <vector>

namespace reticle {

/// Names one thing of a project, in the tree, in tabs and in what is remembered: "data:1", "run:3",
/// "prediction:3/stack.tif", "result:5", "figure:5/0", "compare:1,2".
struct ItemKey
{
    enum class Kind { None, DataGroup, RunGroup, ResultGroup, Data, Run, Prediction, Result, Figure, Compare, NewData };
    Kind kind = Kind::None;
    std::int64_t id = 0;
    QString detail = {}; ///< file name, index of a figure, or runs of a comparison

    bool operator==(const ItemKey &) const = default;

    QString text() const
    {
        static const char *const names[] = {"",           "data-group", "run-group", "result-group", "data",    "run",
                                            "prediction", "result",     "figure",    "compare",      "new-data"};
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
        const auto colon = text.indexOf(':');
        const QString name = text.left(colon < 0 ? text.size() : colon);
        for (const auto kind : {Kind::DataGroup, Kind::RunGroup, Kind::ResultGroup, Kind::Data, Kind::Run,
                                Kind::Prediction, Kind::Result, Kind::Figure, Kind::Compare, Kind::NewData})
            if (ItemKey{kind, 0, {}}.text().section(':', 0, 0) == name)
                key.kind = kind;
        if (colon < 0)
            return key;
        const QString rest = text.mid(colon + 1);
        if (key.kind == Kind::Compare) {
            key.detail = rest;
            return key;
        }
        const auto slash = rest.indexOf('/');
        key.id = rest.left(slash < 0 ? rest.size() : slash).toLongLong();
        key.detail = slash < 0 ? QString() : rest.mid(slash + 1);
        return key;
    }
};

} // namespace reticle
