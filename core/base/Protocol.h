#pragma once

/// What window and worker say to each other over frames (Frame.h); `reticle-worker serve` on the other end.
///
/// Request   {"id": n, "method": "…", "params": {…}, "channel": "…"(optional)}
/// Response  {"id": n, "result": {…}}  or  {"id": n, "error": {"kind": "input|cancelled|failed", "message": "…",
///           "where": "…", "expected": "…", "found": "…", "wayOut": "…"}}
/// Event     {"event": "progress", …}  as Event::toJson; those of a request that is long work carry "request": n
///
/// A request with a channel makes older, not yet started requests of that channel stale: they are answered with
/// {"id": n, "stale": true}. Requests are answered on one worker thread; "run" and "analyze" on another, so that pause,
/// stop and previews are answered while they work.
///
/// method            params -> result
/// hello             {} -> {"version", "torch", "device", "devices": […], "blas", "threads", "bf16": bool, "warnings": […]}
/// catalog           {} -> Catalog as JSON (Recipe.h)
/// describe-model    {"model": {…}, "channels", "classes", "height", "width", "batch"} -> {"table": Table, "weights", "summary"}
/// augment-preview   {"recipe", "count"} -> {"images": [Array…], "targets": [Array…]}
/// run               {"project", "recipe"} or {"project", "resume": run} -> {"run", "status"} at its end; events meanwhile
/// pause resume stop cancel   {} -> {} (they act on the long work in progress)
/// open-model        {"project", "run"} -> {"classes", "class-names", "channels", "scale"}
/// predict-region    {"input": path, "page", "y", "x", "height", "width", "flips"} -> {"probability": Array (K, H, W) float32}
/// predict           {"project", "run", "input", "output", …} -> {"output"}; events meanwhile
/// analyze           {"name", "project", "run", "options", "output"} -> Result as JSON; events meanwhile
/// postprocess       {"probability": Array, "truth": Array|null, "options"} -> {"labels": Array, "before": {…}, "after": {…}}
/// simulate          {"name", "output", "seed", "options"} -> {"files": […]}
