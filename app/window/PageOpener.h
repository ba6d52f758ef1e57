#pragma once

#include "window/ItemKey.h"
#include "window/OpenProject.h"

#include <QObject>

#include <set>

namespace reticle {

class ActivityPanel;
class MessageBar;
class Session;
class SidePanel;
class TabArea;
class Work;

/// Opens the page of a thing as a tab, connects what the pages ask for with the session, and puts the fitting form on the
/// right. GUI thread.
class PageOpener : public QObject
{
    Q_OBJECT
public:
    PageOpener(Session *session, TabArea *tabs, SidePanel *side, MessageBar *message, QObject *parent = nullptr);

    /// False when the thing is not there (any more).
    bool open(const ItemKey &key, bool beside = false);
    void showFormOf(const ItemKey &key);

    void trainOn(std::int64_t input);            ///< shows the data and the form
    void trainAgain(std::int64_t run);
    void resume(std::int64_t run);
    void lookAtRun(std::int64_t run);            ///< its data with its prediction
    void evaluate(std::int64_t run);
    void analyse(const QString &name, std::int64_t run, const Json &options);
    void predict(std::int64_t run, const DataSet &data);
    void postprocess(std::int64_t run, const DataSet &data);
    void wavelets(std::int64_t input); ///< levels of detail of a data set's images
    void compare(std::vector<std::int64_t> runs);
    void openComparison(std::int64_t comparison);
    void openWork(Work *work); ///< the page of what it does

Q_SIGNALS:
    void opened(const reticle::ItemKey &key);

private:
    void train(const Json &recipe);
    void previewAugmentation(const Json &recipe);
    void showLayers(const Json &recipe, std::int64_t run = 0); ///< of a run, or of the form for training
    void describe(Json params, std::int64_t run);              ///< of describe-model
    void forgetLayers() { ++m_layersWish; } ///< a table that is still to come is not wanted any more
    void addData(const DataSet &data, bool beside);
    void addRun(std::int64_t run, bool beside);
    bool addResult(std::int64_t id, bool beside);
    void addComparison(std::int64_t comparison, bool beside);

    std::set<std::int64_t> m_comparing; ///< numbers of work whose comparison was opened
    Session *m_session;
    TabArea *m_tabs;
    SidePanel *m_side;
    MessageBar *m_message;
    std::int64_t m_layersWish = 0; ///< number of the last wish for a layer table: answers to earlier ones are dropped
};

} // namespace reticle
