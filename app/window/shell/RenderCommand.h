#pragma once

namespace reticle {

/// `reticle render FIGURE.json --output FILE.{svg,pdf,png,csv} [--width-mm W] [--dpi N] [--strict]`, argv[1] being
/// "render". Makes its own QGuiApplication and needs no display. Returns the exit status: 0 done, 2 bad arguments or
/// input (one line on stderr), 4 failed while writing. Warnings go to stderr; with --strict they are errors.
int renderCommand(int argc, char **argv);

} // namespace reticle
