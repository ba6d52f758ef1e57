#pragma once

/// What window and worker say to each other over frames (Frame.h); `reticle-worker serve` on the other end.
///
/// Request   {"id": n, "method": "…", "params": {…}, "channel": "…"(optional)}
/// Response  {"id": n, "result": {…}}  or  {"id": n, "error": {"kind": "input|cancelled|failed", "message": "…",
///           "where": "…", "expected": "…", "found": "…", "wayOut": "…"}}  or  {"id": n, "stale": true}
/// Event     {"event": "progress", …}  as Event::toJson, with "request": n of the long work that it belongs to. The data of
///           an example: {"images": [Array…], "titles": […], "kinds": ["image" | "labels" | "probability", …]}, kinds may be
///           absent
///
/// Quick requests are answered one after the other on one thread, describe-model on another, long work (run, analyze, predict, simulate) on
/// a third, one at a time in the order of asking; pause, resume, stop and cancel act at once from the reading thread.
/// A request with a channel makes older ones of that channel stale: one that waits is answered so at once, a
/// predict-region or describe-model at work ends early. Of progress and examples only the newest waits for a slow reader.
///
/// What cannot be read is answered as an error, with id 0 where the request is not known, and the next message is read:
/// bytes that are not CBOR, tags, more than 100 levels of nesting, a field that is there twice (documents/Cbor.h), and
/// parameters that are missing or of another type. A length over 1 GiB ends the worker, since the next message cannot be
/// found. The window lets a worker go whose messages cannot be read: it closes the worker's input.
///
/// The end of the requests (and SIGTERM) stops a run with its checkpoint kept, cancels other work, and ends the worker.
///
/// method            params -> result
/// hello             {} -> {"version", "torch", "device", "devices": […], "blas", "threads", "bf16": bool, "warnings": […],
///                   "asking": what can be asked of which run (Capabilities.h)}; older workers say nothing of asking
/// catalog           {} -> Catalog as JSON (Recipe.h)
/// describe-model    {"model": {…}, "objective": {…}, "train": {…}, "channels", "planes", "classes", "height", "width", "batch"}
///                   -> {"table": Table, "weights", "macs", "activation-bytes", "memory": Table, "batch-in-8-gib", "widths",
///                   "summary", "result": Result with all tables and figures}; older workers say nothing of memory, or
///                   have no result
/// training-estimate {"recipe", "channels", "classes": 0 or absent = not known} -> {"text": what trainings like it on this
///                   machine say, and the numbers of TrainingEstimate (base/history/TrainingEstimate.h)}; older workers do
///                   not know it
/// augment-preview   {"recipe", "count"} -> {"images": [Array…], "targets": [Array…]}
/// run               {"project", "recipe"} or {"project", "resume": run} -> {"run", "status", "comparison": 0 = none} at its
///                   end; events meanwhile
/// pause resume      {} -> {} (the long work in progress)
/// stop cancel       {} -> {} (the same; work that waits is answered as cancelled)
/// open-model        {"project", "run"} -> {"classes", "class-names", "channels", "scale", "target": "labels" | "image",
///                   "labels": the classes and their label values (files::LabelClasses), null where the model does not say}
/// predict-region    {"input": path, "page", "y", "x", "height", "width", "flips", "input-range"} -> {"probability": Array
///                   (K, H, W) float32, "note": what was assumed of the image's numbers, once, "input-scale": {"factor",
///                   "offset"} from its numbers to those of the training images, absent where they are the same}
/// predict           {"project", "run", "input", "output": path, any field of PredictOptions, its "output" as "output-kind"}
///                   -> {"output"}; events meanwhile
/// analyze           {"name", "project", "run", "options", "output": folder, may be absent} -> Result as JSON with its "number"
///                   in the project; events meanwhile
/// postprocess       {"probability": Array, "truth": Array|null, "options": those of the analysis "postprocess"}
///                   -> {"labels": Array (H, W) uint8, "before": {…}, "after": {…}, "steps": text}; of the options that
///                   say what to read only "foreground" counts: that of the truth
/// wavelets          {"options": those of the analysis "wavelet-spectrum", "image": number, "level": 0 = approximation,
///                   -1 = the image, -2 = all coefficients, -3 = the image without what the options leave out, -4 = that}
///                   -> {"names", "levels": ["8", …, "1"], "images": how many there are, "pictures": [Array (H, W) float32
///                   or (H, W, 3) uint8, one a set, four at most], "black", "white", "diverging": about 0 or not,
///                   "pixel-size": nm, "left-out": {"A", "1": [H, V, D], …, "text"}, "bands", "figure", "notes"}
/// save-wavelets     {"options", "image"} -> {}; writes one image without what is left out to the options' "output"
/// simulate          {"name", "output", "seed", "options"} -> {"files": […]}, the data first and then what belongs to it; events meanwhile
