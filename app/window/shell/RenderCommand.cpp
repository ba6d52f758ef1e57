#include "window/shell/RenderCommand.h"

#include "documents/JsonText.h"
#include "figure/Figure.h"
#include "files/OutputGuard.h"
#include "foundation/Error.h"
#include "project/SealedText.h"
#include "widgets/export/FigureExport.h"

#include <QGuiApplication>

#include <charconv>
#include <cstdio>
#include <new>
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
            throw Error(
                {.where = "reticle render", .expected = "one of its options", .found = "\"" + word + "\"", .wayOut = usage});
        else if (a.input.empty())
            a.input = word;
        else
            throw Error({.where = "reticle render", .expected = "one figure", .found = "also \"" + word + "\"", .wayOut = usage});
    }
    if (a.input.empty() || a.output.empty())
        throw Error({.where = "reticle render",
                     .expected = a.input.empty() ? "a figure" : "--output FILE",
                     .found = "none",
                     .wayOut = usage});
    return a;
}

Figure readFigure(const std::string &path)
{
    const std::string text = readTextFile(path, "a figure (*.figure.json)");
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
        throw Error({.where = path, .expected = "a figure (*.figure.json)", .found = "an empty file", .wayOut = ""});
    readJson(text, path); // says where it is no JSON
    try {
        return Figure::fromJson(readSealed(text, {}));
    } catch (const Error &e) {
        throw e.within(path);
    }
}

/// Exports it; what is wrong with the figure itself is said with the file that it is in.
std::vector<std::string> exported(const Figure &figure, const Arguments &a)
{
    try {
        return exportFigure(figure, a.output, a.options);
    } catch (const Error &e) {
        const std::string &where = e.parts().where;
        const bool ofTheFigure = e.kind() == Error::Kind::Input && where != a.output && where != "dpi" && where != "width";
        throw ofTheFigure ? e.within(a.input) : e;
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
        const InputsInUse inputs({a.input});
        requireOutput(a.output, Place::File);
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
        for (const auto &warning : exported(figure, a))
            std::fprintf(stderr, "warning: %s\n", Error(Error::Kind::Input, a.input, warning).what());
        return 0;
    } catch (const Error &e) {
        std::fprintf(stderr, "%s\n", e.what());
        return e.exitStatus();
    } catch (const std::bad_alloc &) {
        std::fprintf(stderr, "There is not enough memory for this figure. Choose a smaller width or fewer dots per inch.\n");
        return 4;
    } catch (const std::exception &e) {
        std::fprintf(stderr, "%s\n", Error(Error::Kind::Failed, argc > 2 ? argv[2] : "", e.what()).what());
        return 4;
    }
}

} // namespace reticle
