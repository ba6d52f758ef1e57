#include "window/RenderCommand.h"

#include "base/Error.h"
#include "base/Figure.h"
#include "widgets/export/FigureExport.h"

#include <QGuiApplication>

#include <charconv>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace reticle {

namespace {

constexpr const char *usage = "reticle render FIGURE.json --output FILE.{svg,pdf,png,tiff,csv} [--width-mm W] [--dpi N] "
                              "[--no-embed-font] [--thin-lines] [--strict]";

struct Arguments
{
    std::string input, output;
    ExportOptions options;
};

double positive(const std::string &option, const std::string &text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value > 0 && value < 1e6))
        throw Error({.where = option, .expected = "a number above 0", .found = "\"" + text + "\"", .wayOut = ""});
    return value;
}

Arguments parse(int argc, char **argv)
{
    Arguments a;
    for (int i = 2; i < argc; ++i) {
        const std::string word = argv[i];
        const auto next = [&]() -> std::string {
            if (i + 1 >= argc)
                throw Error({.where = word, .expected = "a value after it", .found = "none", .wayOut = usage});
            return argv[++i];
        };
        if (word == "--output" || word == "-o")
            a.output = next();
        else if (word == "--width-mm")
            a.options.widthMm = positive(word, next());
        else if (word == "--dpi")
            a.options.dpi = static_cast<int>(positive(word, next()));
        else if (word == "--strict")
            a.options.strict = true;
        else if (word == "--no-embed-font")
            a.options.embedFont = false;
        else if (word == "--thin-lines")
            a.options.thinLines = true;
        else if (word.size() > 1 && word[0] == '-')
            throw Error({.where = "reticle render", .expected = "one of its options", .found = "\"" + word + "\"",
                         .wayOut = usage});
        else if (a.input.empty())
            a.input = word;
        else
            throw Error({.where = "reticle render", .expected = "one figure", .found = "also \"" + word + "\"",
                         .wayOut = usage});
    }
    if (a.input.empty() || a.output.empty())
        throw Error({.where = "reticle render", .expected = a.input.empty() ? "a figure" : "--output FILE", .found = "none",
                     .wayOut = usage});
    return a;
}

Figure readFigure(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw Error({.where = path, .expected = "a figure (*.figure.json)", .found = "no readable file", .wayOut = ""});
    std::stringstream text;
    text << file.rdbuf();
    Json json;
    try {
        json = Json::parse(text.str());
    } catch (const Json::exception &e) {
        throw Error({.where = path, .expected = "a figure (*.figure.json)", .found = "no JSON", .wayOut = e.what()});
    }
    try {
        return Figure::fromJson(json);
    } catch (const Error &e) {
        throw e.within(path);
    }
}

} // namespace

int renderCommand(int argc, char **argv)
{
    if (argc > 2 && (std::string_view(argv[2]) == "--help" || std::string_view(argv[2]) == "-h")) {
        std::printf("%s\n", usage);
        return 0;
    }
    try {
        const Arguments a = parse(argc, argv);
        const Figure figure = readFigure(a.input);
        // Notices of the platform (a missing XDG_RUNTIME_DIR and such) are no business of a figure.
        qInstallMessageHandler([](QtMsgType type, const QMessageLogContext &, const QString &text) {
            if (type == QtCriticalMsg || type == QtFatalMsg)
                std::fprintf(stderr, "%s\n", qPrintable(text));
        });
        // Fonts come from the system, the picture goes into a file: no display is opened even where there is one.
        qputenv("QT_QPA_PLATFORM", "offscreen");
        int count = 1;
        QGuiApplication app(count, argv);
        for (const auto &warning : exportFigure(figure, a.output, a.options))
            std::fprintf(stderr, "warning: %s\n", warning.c_str());
        return 0;
    } catch (const Error &e) {
        std::fprintf(stderr, "%s\n", e.what());
        return e.exitStatus();
    }
}

} // namespace reticle
