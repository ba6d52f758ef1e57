#pragma once

#include <QString>
#include <QStringList>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace reticle {

/// Names one thing of a project, in the tree, in tabs and in what is remembered: "data:1", "run:3",
/// "prediction:3/stack.tif", "result:5", "figure:5/0", "compare:1,2", "comparison:1". The tab of the page that opens on a
/// click has the key of its thing; every other page is named with what it is of: "page:wavelets/data:1".
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
        Page,
        Comparison
    };
    Kind kind = Kind::None;
    std::int64_t id = 0; ///< of a page that of its thing
    QString detail = {}; ///< file name, index of a figure, runs of a comparison, or a page's name and thing

    bool operator==(const ItemKey &) const = default;

    /// Several runs side by side.
    static ItemKey ofRuns(std::vector<std::int64_t> runs)
    {
        std::sort(runs.begin(), runs.end());
        QStringList words;
        for (const auto run : runs)
            words << QString::number(run);
        return {Kind::Compare, 0, words.join(',')};
    }
    /// The page of this name (without '/') of a thing. What else the page has to know may be in the detail of a thing that
    /// needs none.
    static ItemKey page(const QString &name, const ItemKey &of)
    {
        return {Kind::Page, of.id, of.kind == Kind::None ? name : name + QChar('/') + of.text()};
    }
    static ItemKey page(const QString &name) { return page(name, ItemKey()); } ///< of nothing in the project
    /// A page's name; empty of anything else.
    QString pageName() const { return kind == Kind::Page ? detail.section('/', 0, 0) : QString(); }
    /// What a page is of; of anything else itself.
    ItemKey thing() const { return kind == Kind::Page ? fromText(detail.section('/', 1)) : *this; }

    QString text() const
    {
        QString t = QString::fromLatin1(names[static_cast<std::size_t>(kind)]);
        if (kind == Kind::Compare || kind == Kind::Page)
            return t + QChar(':') + detail;
        if (id)
            t += QChar(':') + QString::number(id);
        if (!detail.isEmpty())
            t += QChar('/') + detail;
        return t;
    }

    /// Of none where the text is no key. A page as it was remembered before, "tool:3/postprocess", has no thing: see
    /// Pages::completed().
    static ItemKey fromText(const QString &text)
    {
        ItemKey key;
        const auto colon = text.indexOf(':'), slash = text.indexOf('/');
        const auto nameEnds = colon >= 0 && (slash < 0 || colon < slash) ? colon : slash;
        const QString name = text.left(nameEnds < 0 ? text.size() : nameEnds);
        for (std::size_t i = 1; i < names.size(); ++i)
            if (name == QLatin1String(names[i]))
                key.kind = static_cast<Kind>(i);
        if (name == QLatin1String("tool"))
            key.kind = Kind::Page;
        if (nameEnds < 0)
            return key;
        const QString rest = text.mid(nameEnds + 1);
        if (key.kind == Kind::Compare || nameEnds == slash) {
            key.detail = rest;
            return key;
        }
        if (name == QLatin1String(names[static_cast<std::size_t>(Kind::Page)])) {
            key.detail = rest;
            key.id = key.thing().id;
            return key;
        }
        const auto end = rest.indexOf('/');
        key.id = rest.left(end < 0 ? rest.size() : end).toLongLong();
        key.detail = end < 0 ? QString() : rest.mid(end + 1);
        return key;
    }

private:
    /// By kind.
    static constexpr std::array<const char *, 13> names{"",         "data-group", "run-group", "result-group", "data",
                                                        "run",      "prediction", "result",    "figure",       "compare",
                                                        "new-data", "page",       "comparison"};
};

} // namespace reticle
