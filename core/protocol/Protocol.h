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
/// Quick requests are answered one after the other on one thread, describe-model on another, long work (run, analyze, predict,
/// simulate) on a third, one at a time in the order of asking; pause, resume, stop and cancel act at once from the reading
/// thread. A request with a channel makes older ones of that channel stale: one that waits is answered so at once, a live query
/// at work that asks whether it is still wanted, or a describe-model at work, ends early. Of progress and examples only the
/// newest waits for a slow reader.
///
/// What cannot be read is answered as an error, with id 0 where the request is not known, and the next message is read:
/// bytes that are not CBOR, tags, more than 100 levels of nesting, a field that is there twice (documents/Cbor.h), and
/// parameters that are missing or of another type. A length over 1 GiB ends the worker, since the next message cannot be
/// found. The window lets a worker go whose messages cannot be read: it closes the worker's input.
///
/// The end of the requests (and SIGTERM) stops a run with its checkpoint kept, cancels other work, and ends the worker.
///
/// Every live query (analysis/LiveQuery.h) is a method: wavelets, postprocess, predict-region and others. The catalog lists
/// them as "live-queries", each with the schema of its settings, which stand in the params or in their object "options";
/// the schema's help says what stands beside them and what the result holds. docs/reference/live-queries.md shows them all.
/// The other methods:
///
/// method            params -> result
/// hello             {} -> {"version", "torch", "device", "devices": […], "blas", "threads", "bf16": bool, "warnings": […],
///                   "asking": what can be asked of which run (Capabilities.h)}; older workers say nothing of asking
/// catalog           {} -> Catalog as JSON (Recipe.h)
/// describe-model    {"recipe": {…}, "channels", "classes": 0 or absent = not known}: the network that the recipe would train,
///                   from the headers of its data; or {"project", "run"}: that of a run; or {"model": {…}, "objective": {…},
///                   "train": {…}, "channels", "planes", "classes", "height", "width", "batch"}: one of images
///                   -> {"table": Table, "weights", "macs", "activation-bytes", "memory": Table, "batch-in-8-gib", "widths",
///                   "summary", "result": Result with all tables and figures}; older workers say nothing of memory,
///                   have no result, or know neither recipe nor run
/// training-estimate {"recipe", "channels", "classes": 0 or absent = not known} -> {"text": what trainings like it on this
///                   machine say, and the numbers of TrainingEstimate (history/TrainingEstimate.h)}; older workers do
///                   not know it
/// augment-preview   {"recipe", "count"} -> {"images": [Array…], "targets": [Array…]}
/// run               {"project", "recipe"} or {"project", "resume": run} -> {"run", "status", "comparison": 0 = none} at its
///                   end; events meanwhile
/// pause resume      {} -> {} (the long work in progress)
/// stop cancel       {} -> {} (the same; work that waits is answered as cancelled)
/// open-model        {"project", "run"} -> {"classes", "class-names", "channels", "scale", "output": "classes" | "values",
///                   "labels": the classes and their label values (files::LabelClasses), null where the model does not say}
/// predict           {"project", "run", "input", "output": path, any field of PredictOptions, its "output" as "output-kind"}
///                   -> {"output"}; events meanwhile
/// analyze           {"name", "project", "run", "options", "output": folder, may be absent} -> Result as JSON with its "number"
///                   in the project; events meanwhile
/// simulate          {"name", "output", "seed", "options"} -> {"files": […]}, the data first and then what belongs to it; events
/// meanwhile
