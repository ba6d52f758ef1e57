#include "learn/TrainingScores_p.h"

namespace reticle {

RunScores trainingScores(bool images)
{
    const ScoreInfo loss{"loss", "loss", "", true, false};
    if (images)
        return {"reconstruction",
                "loss",
                {loss,
                 {"mse", "mean squared error", "", true, false},
                 {"psnr", "PSNR", "dB", false, false},
                 {"ssim", "SSIM", "", false, true}}};
    return {"segmentation",
            "dice",
            {loss,
             {"dice", "Dice", "", false, true},
             {"iou", "IoU", "", false, true},
             {"pixel-error", "pixel error", "", true, true}}};
}

} // namespace reticle
