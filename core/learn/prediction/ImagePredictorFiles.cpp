#include "learn/prediction/ImagePredictor_p.h"

#include "files/Pictures.h"
#include "files/StackWriter.h"

#include <algorithm>
#include <chrono>
#include <future>

namespace reticle {

void ImagePredictor::predictFile(const std::filesystem::path &input, const std::filesystem::path &output, EventSink &events,
                                 RunControl &control)
{
    const auto source = openPictures(input);
    for (const auto &note : source->info().notes)
        events.emit({.kind = Event::Kind::Warning, .text = note});
    predictStack(*source, output, events, control);
}

void ImagePredictor::predictStack(const ImageSource &source, const std::filesystem::path &output, EventSink &events,
                                  RunControl &control)
{
    using Clock = std::chrono::steady_clock;
    const auto &info = source.info();
    const auto start = Clock::now();
    const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
    const auto numbers = d->makesValues                       ? StackNumbers::Values
                         : d->options.output == "probability" ? StackNumbers::Probability
                                                              : StackNumbers::Whole;
    auto plan = StackPlan::of(source);
    plan.pixelBytes = d->makesValues ? 4 * d->outputs : numbers == StackNumbers::Probability ? 4 : 1;
    if (numbers == StackNumbers::Probability)
        plan.probabilityClass = d->options.classIndex;
    requireFormat(output, plan, numbers);
    auto said = d->notes.size();
    const auto say = [&] {
        for (; said < d->notes.size(); ++said)
            events.emit({.kind = Event::Kind::Warning, .text = d->notes[said]});
    };
    d->fitMemory(info.height, info.width); // before the first page is read
    say();
    const auto scale = d->scaleOf(source);
    if (!scale.note.empty())
        events.emit({.kind = Event::Kind::Warning, .text = scale.note});
    said = d->notes.size();
    const auto writer = StackWriter::open(output, plan, numbers);
    // Pages that a later one has for a neighbor are kept, so that each is read once. One read is under way at a time.
    std::map<std::int64_t, Array> kept;
    const auto read = [&](std::int64_t page) {
        return std::async(std::launch::async, [&, page] {
            const auto image = d->withContext(page, info, [&](std::int64_t p) {
                if (const auto found = kept.find(p); found != kept.end())
                    return found->second;
                const auto one = d->scaled(source.readPage(p), scale, info.path + ": page " + std::to_string(p), info.alpha);
                if (d->context > 0)
                    kept[p] = one;
                return one;
            });
            if (page + 1 < info.pages)
                kept.erase(kept.begin(), kept.lower_bound(neighborPage(info, page + 1, -d->context)));
            return image;
        });
    };
    // The next page is read and the last one written while this one is computed.
    auto next = read(0);
    std::future<void> writing;
    double reported = -1;
    for (std::int64_t page = 0; page < info.pages; ++page) {
        const auto image = next.get();
        if (page + 1 < info.pages)
            next = read(page + 1);
        const auto goOn = [&](double done) {
            if (const double now = seconds(); now - reported > 0.2) {
                reported = now;
                const double part = (static_cast<double>(page) + done) / static_cast<double>(info.pages);
                Event e{.kind = Event::Kind::Progress};
                e.time = now;
                e.step = page;
                e.total = info.pages;
                e.value = part;
                e.data = {{"remaining", part > 0.01 ? Json(now * (1 - part) / part) : Json()}};
                events.emit(e);
            }
            return control.goOn();
        };
        const auto height = image.dim(1), width = image.dim(2);
        const TiledPage tiled{d->channels, height, width, [&](const Region &) { return image; }};
        Array result;
        try {
            result = d->output(d->region(tiled, {0, 0, height, width}, scale, goOn));
        } catch (const Error &e) {
            if (e.kind() != Error::Kind::Cancelled)
                throw;
            throw Error(Error::Kind::Cancelled, output.string(),
                        "The prediction was stopped after " + std::to_string(page) + " of " + std::to_string(info.pages) +
                            (info.pages == 1 ? " page" : " pages") + ". Nothing was written.");
        }
        say();
        if (writing.valid())
            writing.get();
        writing = std::async(std::launch::async, [&writer, result] { writer->writePage(result); });
    }
    if (writing.valid())
        writing.get();
    writer->close();
    if (const auto note = formatNote(output, numbers, plan.probabilityClass); !note.empty())
        events.emit({.kind = Event::Kind::Log, .text = note});
    Event e{.kind = Event::Kind::Progress};
    e.time = seconds();
    e.step = e.total = info.pages;
    e.value = 1;
    e.data = {{"remaining", 0}};
    events.emit(e);
}

} // namespace reticle
