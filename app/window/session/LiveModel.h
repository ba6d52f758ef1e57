#pragma once

#include "files/LabelValues.h"
#include "foundation/Array.h"
#include "window/session/WorkerProcess.h"

#include <QObject>
#include <QRect>

#include <optional>

namespace reticle {

/// A trained model kept warm in a worker of its own, asked for the region on show. At most one request is under way and
/// one is waiting; a newer one takes the waiting one's place. GUI thread.
class LiveModel : public QObject
{
    Q_OBJECT
public:
    explicit LiveModel(QObject *parent = nullptr);

    /// Opens the model of `run`; the same again does nothing while it is open. Earlier answers are dropped.
    void open(const QString &project, std::int64_t run);
    void close();
    /// Whether a worker has the model, or is opening it.
    bool isOpen() const;
    std::int64_t run() const { return m_run; }
    /// The classes of its labels by their values; empty where the model does not say, or is not open yet.
    const files::LabelClasses &labels() const { return m_labels; }
    /// What the numbers of the images mean, as PredictOptions::inputRange; asked for from the next prediction on.
    void setInputRange(const QString &range) { m_inputRange = range; }
    /// Whether it makes values of the input's numbers, as an autoencoder, and not classes; known once opened.
    bool makesValues() const { return m_makesValues; }
    double low() const { return m_low; }   ///< number of the input that is 0 to the network
    double span() const { return m_span; } ///< and how many make 1

    /// Asks for the probabilities of `region` (pixels) of `page` of the picture at `input`. Opens the model again where
    /// its worker is gone.
    void predict(const QString &input, std::int64_t page, const QRect &region);

Q_SIGNALS:
    void opened(const QStringList &classNames);
    /// `probability` is (K, H, W) float32 of `region`; of a model that makes images what it makes of it.
    void predicted(std::int64_t page, const QRect &region, const reticle::Array &probability);
    /// What the worker assumed of the image's numbers.
    void noted(const QString &sentence);
    /// The model could not be opened, a prediction not made, or the worker is gone; said once.
    void failed(const reticle::Failure &failure);
    void busyChanged(bool busy);

private:
    struct Request
    {
        QString input;
        std::int64_t page;
        QRect region;
        bool operator==(const Request &) const = default;
    };
    void load();
    void next();

    WorkerProcess *m_worker;
    QString m_project, m_inputRange;
    files::LabelClasses m_labels;
    std::int64_t m_run = 0;
    bool m_opening = false, m_ready = false, m_makesValues = false;
    bool m_lossSaid = false;      ///< a request has failed with the worker, which is about to be reported lost
    double m_low = 0, m_span = 1; ///< of the image that was predicted last
    double m_trainedLow = 0, m_trainedSpan = 1;
    std::int64_t m_openRequest = 0, m_request = 0;
    std::optional<Request> m_underWay, m_waiting;
};

} // namespace reticle
