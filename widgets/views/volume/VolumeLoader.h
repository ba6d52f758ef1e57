#pragma once

#include <QObject>
#include <QString>

#include <functional>
#include <memory>

namespace reticle {

/// Runs one piece of long work at a time on a thread, the newest only: what is under way is told to stop when another one is
/// asked for. GUI thread.
class VolumeLoader : public QObject
{
    Q_OBJECT
public:
    explicit VolumeLoader(QObject *parent = nullptr);
    ~VolumeLoader() override; ///< tells the work to stop and does not wait for it

    /// Asked with the fraction done; false: stop.
    using GoOn = std::function<bool(double)>;
    /// `work` runs on the thread, maybe longer than this object lives, and returns what is to be done on the GUI thread
    /// with its result, if this object is still there. An Error that either throws comes as failed(), but for
    /// Error::Kind::Cancelled.
    void start(std::function<std::function<void()>(const GoOn &)> work);
    void stop();
    bool isBusy() const;

Q_SIGNALS:
    void progressed(double fraction);
    void failed(const QString &sentence);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
