// The model whose predictions a page of images shows.

#include "window/pages/ImagePage.h"

#include "project/ModelFiles.h"
#include "widgets/views/image/ImageView.h"
#include "widgets/views/image/StackViewer.h"
#include "window/parts/RunTitle.h"
#include "window/session/AskedData.h"
#include "window/session/LiveModel.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/Text.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace reticle {

namespace {

constexpr std::int64_t wholePage = 1024; // pages up to this side are predicted whole and kept
constexpr std::int64_t mostSide = 2048;  // of a region asked for at once
constexpr std::size_t keptPages = 24;

/// (K, H, W) -> (H, W): the foreground's probability, or the likeliest class where there are more than two.
Array flattened(const Array &probability, bool &classes)
{
    const std::int64_t k = probability.dim(0), n = probability.dim(1) * probability.dim(2);
    classes = k > 2;
    if (!classes)
        return probability.at(k - 1).clone();
    Array out(DType::UInt8, {probability.dim(1), probability.dim(2)});
    const float *p = probability.data<float>();
    auto *o = out.data<std::uint8_t>();
    for (std::int64_t i = 0; i < n; ++i) {
        std::int64_t best = 0;
        for (std::int64_t c = 1; c < k; ++c)
            if (p[c * n + i] > p[best * n + i])
                best = c;
        o[i] = static_cast<std::uint8_t>(best);
    }
    return out;
}

} // namespace

void ImagePage::fillModels()
{
    const std::int64_t shown = m_run;
    m_models->clear();
    m_models->addItem(tr("None"), 0);
    if (auto *project = m_session->project())
        for (auto it = project->runs().rbegin(); it != project->runs().rend(); ++it)
            if (project->hasModel(it->id) && mayTakeImages(*it))
                m_models->addItem(QStringLiteral("%1  %2").arg(it->id).arg(runTitle(*it)), static_cast<qlonglong>(it->id));
    const int index = m_models->findData(static_cast<qlonglong>(shown));
    m_models->setCurrentIndex(std::max(0, index));
    m_models->setEnabled(m_models->count() > 1);
    m_models->setToolTip(m_models->count() > 1 ? tr("Model whose prediction is laid over the image")
                                               : tr("Train a model first; its prediction can then be seen here"));
    const bool model = m_run > 0;
    const auto *info = m_session->project() ? m_session->project()->run(m_run) : nullptr;
    const bool segments = model && (!info || taskOf(info->summary) == "segmentation");
    m_predict->setEnabled(model);
    m_evaluate->setEnabled(segments);
    m_postprocess->setEnabled(segments);
    m_instances->setEnabled(segments);
    m_more->setEnabled(model);
    sayWhatIsEvaluated();
}

void ImagePage::sayWhatIsEvaluated()
{
    const auto *project = m_session->project();
    const bool own = project && m_run && isOwnData(*project, m_run, m_data);
    const QString scores = tr("Pixel error, Dice, V_Rand and more");
    m_evaluate->setToolTip(own ? tr("%1, of the slices of %2 that were kept for validation").arg(scores, m_data.title)
                           : m_data.labels.isEmpty()
                               ? tr("%1 has no labels yet to compare a prediction with; a click asks for them").arg(m_data.title)
                               : tr("%1, of all slices of %2").arg(scores, m_data.title));
}

void ImagePage::setShownRun(std::int64_t run)
{
    if (run == m_run && (run == 0 || !m_model || m_model->isOpen()))
        return;
    m_run = run;
    m_predictions.clear();
    nameViews();
    if (!m_model && run) {
        m_model = new LiveModel(this);
        connect(m_model, &LiveModel::predicted, this, &ImagePage::takePrediction);
        connect(m_model, &LiveModel::failed, this, [this](const Failure &failure) {
            m_busy->clear();
            std::vector<MessageBar::Action> actions{{tr("Try again"), [this] {
                                                         const auto again = std::exchange(m_run, 0);
                                                         setShownRun(again);
                                                     }}};
            if (failure.message.contains(QStringLiteral("input-range")))
                actions.insert(actions.begin(), {tr("Set the range…"), [this] {
                                                     askInputRange(this, m_data.inputRange, [this](const QString &range) {
                                                         m_data.inputRange = range;
                                                         m_model->setInputRange(range);
                                                         m_predictions.clear();
                                                         request();
                                                     });
                                                 }});
            m_message->sayFailure(failure, std::move(actions));
            m_modelProblem = m_message->text();
        });
        connect(m_model, &LiveModel::opened, this, [this] {
            if (const QString said = std::exchange(m_modelProblem, {}); !said.isEmpty() && m_message->text() == said)
                m_message->clear();
            classifyLabels();
        });
        connect(m_model, &LiveModel::noted, this,
                [this](const QString &sentence) { m_message->say(MessageBar::Level::Info, sentence); });
        connect(m_model, &LiveModel::busyChanged, this,
                [this](bool busy) { m_busy->setText(busy ? tr("predicting…") : QString()); });
    }
    fillModels();
    m_message->clear();
    if (run) {
        m_busy->setText(tr("opening the model…"));
        m_model->open(m_session->project()->folder(), run);
    } else if (m_model) {
        m_model->close();
        m_busy->clear();
    }
    showOverlays();
    request();
}

void ImagePage::request()
{
    if (!m_run || !m_model || !m_images)
        return;
    const auto &info = m_images->info();
    const QRect all(0, 0, static_cast<int>(info.width), static_cast<int>(info.height));
    QRect region = all;
    if (info.height > wholePage || info.width > wholePage) {
        region = m_viewer->view()->visibleImageRect().intersected(all);
        if (region.width() > mostSide || region.height() > mostSide) {
            const QPoint c = region.center();
            region = QRect(c.x() - mostSide / 2, c.y() - mostSide / 2, mostSide, mostSide).intersected(all);
        }
    }
    const auto it = m_predictions.find(m_viewer->page());
    if (region.isEmpty() || (it != m_predictions.end() && it->second.region.contains(region)))
        return;
    m_model->predict(m_data.images, m_viewer->page(), region);
}

void ImagePage::takePrediction(std::int64_t page, const QRect &region, const Array &probability)
{
    if (!m_run || probability.rank() != 3)
        return;
    Predicted p;
    p.region = region;
    if (m_model->makesValues()) {
        p.image = true;
        p.classes = false;
        p.values = probability.at(0).clone();
        for (float &v : p.values.span<float>())
            v = static_cast<float>((v - m_model->low()) / m_model->span());
    } else {
        p.values = flattened(probability, p.classes);
    }
    p.number = ++m_taken;
    m_predictions[page] = std::move(p);
    while (m_predictions.size() > keptPages) {
        // The page furthest from the one on show goes.
        auto first = m_predictions.begin(), last = std::prev(m_predictions.end());
        const auto here = m_viewer->page();
        m_predictions.erase(std::abs(first->first - here) > std::abs(last->first - here) ? first : last);
    }
    showOverlays();
    Q_EMIT predicted();
}

} // namespace reticle
