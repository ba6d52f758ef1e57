// What a page of images shows, from one session to the next.

#include "project/ModelFiles.h"
#include "widgets/views/image/ImageView.h"
#include "widgets/views/image/StackViewer.h"
#include "window/pages/ImagePage.h"
#include "window/session/Session.h"
#include "window/shell/Text.h"

#include <algorithm>
#include <utility>

namespace reticle {

namespace {

double viewNumber(const Json &state, const char *key, double otherwise)
{
    const double largest = 1e12; // what was written by hand must not overflow a whole number
    return state.contains(key) && state.at(key).is_number() ? std::clamp(state.at(key).get<double>(), -largest, largest)
                                                            : otherwise;
}

bool arePair(const Json &state, const char *key)
{
    return state.contains(key) && state.at(key).is_array() && state.at(key).size() == 2 && state.at(key)[0].is_number() &&
           state.at(key)[1].is_number();
}

} // namespace

Json ImagePage::viewState() const
{
    if (m_toRestore)
        return *m_toRestore;
    Json state = {{"slice", m_viewer->page()}, {"views", m_viewer->views()}, {"run", m_run}};
    const auto *view = m_viewer->view();
    if (view->source() && !view->isFitted()) {
        state["center"] = {view->center().x(), view->center().y()};
        state["zoom"] = view->zoom();
    }
    if (view->source() && !view->isAutoContrast())
        state["contrast"] = {view->contrast().first, view->contrast().second};
    Json overlays = m_remembered;
    for (const auto &overlay : m_viewer->overlays())
        if (overlay.kind != ImageOverlay::Kind::Outlines) // these are as they are whatever is chosen
            overlays[ss(overlay.name)] = {{"visible", overlay.visible}, {"opacity", overlay.opacity}};
    state["overlays"] = overlays;
    return state;
}

void ImagePage::restoreView(const Json &state)
{
    if (!state.is_object())
        return;
    m_toRestore = state;
    if (m_images)
        applyRestored();
}

void ImagePage::applyRestored()
{
    if (!m_toRestore || !m_images)
        return;
    const Json state = *std::exchange(m_toRestore, std::nullopt);
    if (state.contains("overlays") && state.at("overlays").is_object())
        m_remembered = state.at("overlays");
    m_viewer->setViews(static_cast<int>(std::clamp(viewNumber(state, "views", 1), 1.0, double(StackViewer::mostViews))));
    m_viewer->setPage(static_cast<std::int64_t>(viewNumber(state, "slice", 0)));
    auto *view = m_viewer->view();
    if (const double zoom = viewNumber(state, "zoom", 0); zoom > 0 && arePair(state, "center"))
        view->setView({state.at("center")[0].get<double>(), state.at("center")[1].get<double>()}, zoom);
    if (arePair(state, "contrast"))
        view->setContrast(state.at("contrast")[0].get<double>(), state.at("contrast")[1].get<double>());
    const auto run = static_cast<std::int64_t>(viewNumber(state, "run", 0));
    const auto *project = m_session->project();
    if (m_models && run > 0 && m_run == 0 && project && project->run(run) && project->hasModel(run))
        setShownRun(run);
    showOverlays();
}

void ImagePage::remembered(ImageOverlay &overlay) const
{
    const std::string name = ss(overlay.name);
    if (!m_remembered.contains(name) || !m_remembered.at(name).is_object())
        return;
    const Json &was = m_remembered.at(name);
    if (was.contains("visible") && was.at("visible").is_boolean())
        overlay.visible = was.at("visible").get<bool>();
    overlay.opacity = std::clamp(viewNumber(was, "opacity", overlay.opacity), 0.0, 1.0);
}

} // namespace reticle
