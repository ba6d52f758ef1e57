#include "window/parts/RunTitle.h"

#include "project/Project.h"
#include "window/shell/Text.h"

#include <QCoreApplication>

namespace reticle {

QString runTitle(const RunInfo &run)
{
    return run.title.empty() ? QCoreApplication::translate("RunTitle", "Run %1").arg(run.id) : qs(run.title);
}

QString runTitleInText(const RunInfo &run)
{
    return run.title.empty() ? QCoreApplication::translate("RunTitle", "run %1").arg(run.id) : qs(run.title);
}

QString numberedRunTitle(const RunInfo &run)
{
    return run.title.empty() ? runTitle(run) : QStringLiteral("%1 %2").arg(run.id).arg(qs(run.title));
}

} // namespace reticle
