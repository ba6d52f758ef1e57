#include "window/session/LiveModel.h"

#include "foundation/Error.h"
#include "window/shell/Text.h"

#include <utility>

namespace reticle {

LiveModel::LiveModel(QObject *parent) : QObject(parent), m_worker(new WorkerProcess(this))
{
    connect(m_worker, &WorkerProcess::lost, this, [this](const Failure &failure) {
        const bool said = std::exchange(m_lossSaid, false);
        if (m_run == 0 || m_opening)
            return; // no model is wanted, or the next worker opens it already
        m_ready = false;
        m_underWay.reset();
        m_waiting.reset();
        if (said)
            return;
        Q_EMIT busyChanged(false);
        Q_EMIT failed(failure); // it was idle: no request has failed
    });
}

void LiveModel::open(const QString &project, std::int64_t run)
{
    if (m_run == run && m_project == project && isOpen())
        return;
    m_project = project;
    m_run = run;
    m_labels = {};
    load();
}

bool LiveModel::isOpen() const
{
    return m_run > 0 && (m_opening || (m_ready && m_worker->isRunning()));
}

void LiveModel::load()
{
    m_worker->forget(m_openRequest);
    m_worker->forget(m_request);
    m_opening = true;
    m_ready = false;
    m_underWay.reset();
    Json params = {{"project", ss(m_project)}, {"run", m_run}};
    m_openRequest = m_worker->request(
        QStringLiteral("open-model"), std::move(params), this,
        [this](const Json &result) {
            m_opening = false;
            m_ready = true;
            m_makesValues = result.is_object() && result.value("output", std::string()) == "values";
            if (const Json scale = result.is_object() ? result.value("scale", Json()) : Json();
                m_makesValues && scale.is_object()) {
                m_low = m_trainedLow = scale.value("offset", 0.0);
                m_span = m_trainedSpan = 1 / scale.value("factor", 1.0);
            }
            try {
                if (const Json labels = result.is_object() ? result.value("labels", Json()) : Json(); labels.is_object()) {
                    m_labels = files::LabelClasses::fromJson(labels);
                    m_labels.owner = "run " + std::to_string(m_run);
                }
            } catch (const Error &) {
                m_labels = {}; // as of an older model
            }
            QStringList names;
            if (result.is_object() && result.contains("class-names"))
                for (const auto &name : result.at("class-names"))
                    names << qs(name.get<std::string>());
            Q_EMIT opened(names);
            next();
        },
        [this](const Failure &failure) {
            m_opening = m_ready = false;
            m_run = 0;
            m_waiting.reset();
            Q_EMIT busyChanged(false);
            Q_EMIT failed(failure);
        });
}

void LiveModel::close()
{
    m_worker->forget(m_openRequest);
    m_worker->forget(m_request);
    m_run = 0;
    m_opening = m_ready = false;
    m_underWay.reset();
    m_waiting.reset();
    Q_EMIT busyChanged(false);
}

void LiveModel::predict(const QString &input, std::int64_t page, const QRect &region)
{
    if (m_run == 0 || region.isEmpty())
        return;
    Request request{input, page, region};
    if (!isOpen()) { // its worker is gone: another one opens the model again
        m_waiting = std::move(request);
        Q_EMIT busyChanged(true);
        load();
        return;
    }
    if (m_underWay == request) {
        m_waiting.reset();
        return;
    }
    m_waiting = std::move(request);
    next();
}

void LiveModel::next()
{
    // Without its worker there is no model to ask: a new worker would not know it.
    if (!m_ready || !m_worker->isRunning() || m_underWay || !m_waiting)
        return;
    m_underWay = std::exchange(m_waiting, std::nullopt);
    const Request request = *m_underWay;
    Json params = {{"input", ss(request.input)},        {"page", request.page},
                   {"y", request.region.y()},           {"x", request.region.x()},
                   {"height", request.region.height()}, {"width", request.region.width()}};
    if (!m_inputRange.isEmpty())
        params["input-range"] = ss(m_inputRange);
    Q_EMIT busyChanged(true);
    m_request = m_worker->request(
        QStringLiteral("predict-region"), std::move(params), this,
        [this, request](const Json &result) {
            m_underWay.reset();
            Q_EMIT busyChanged(m_waiting.has_value());
            try {
                const Json scale = result.value("input-scale", Json::object());
                const double factor = scale.value("factor", 1.0), offset = scale.value("offset", 0.0);
                m_low = (m_trainedLow - offset) / factor;
                m_span = m_trainedSpan / factor;
                if (result.contains("note"))
                    Q_EMIT noted(qs(result.at("note").get<std::string>()));
                Q_EMIT predicted(request.page, request.region, Array::fromJson(result.at("probability")));
            } catch (const std::exception &e) {
                Q_EMIT failed({QStringLiteral("failed"), QString::fromUtf8(e.what()), {}, {}});
            }
            next();
        },
        [this](const Failure &failure) {
            m_underWay.reset();
            if (failure.kind == QStringLiteral("lost")) {
                m_lossSaid = true;
                if (!m_opening) {
                    m_ready = false;
                    m_waiting.reset();
                }
            }
            Q_EMIT busyChanged(false);
            Q_EMIT failed(failure);
            next();
        },
        QStringLiteral("region"));
}

} // namespace reticle
