#pragma once

#include <QObject>
#include <QString>
#include <QTest>

#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace reticle::test {

using Maker = std::function<QObject *()>;
std::map<std::string, Maker> &makers();

struct Announce
{
    Announce(const char *name, Maker maker) { makers().emplace(name, std::move(maker)); }
};

/// A file below tests/, e.g. source("tests/reference/imaging.json").
inline std::filesystem::path source(const std::string &relative)
{
    return std::filesystem::path(RETICLE_SOURCE_DIR) / relative;
}

/// A program of this build: "reticle-worker".
inline std::string program(const std::string &name)
{
    return (std::filesystem::path(RETICLE_BINARY_DIR) / "bin" / name).string();
}

/// A file of the shared data folder beside the checkout, or "" where it is absent (then QSKIP with "shared/data").
inline std::string sharedData(const std::string &relative)
{
    const auto p = std::filesystem::path(RETICLE_SOURCE_DIR) / ".." / "shared" / "data" / relative;
    return std::filesystem::exists(p) ? std::filesystem::canonical(p).string() : std::string();
}

} // namespace reticle::test

/// At the end of XTest.cpp: RETICLE_TEST(XTest) and #include "XTest.moc".
#define RETICLE_TEST(Class)                                                                                                      \
    static const reticle::test::Announce announce##Class(#Class, [] { return static_cast<QObject *>(new Class); });

/// Runs `statement`, which must throw reticle::Error whose sentence contains `text`.
#define EXPECT_ERROR(statement, text)                                                                                            \
    do {                                                                                                                         \
        bool thrown = false;                                                                                                     \
        try {                                                                                                                    \
            statement;                                                                                                           \
        } catch (const reticle::Error &e) {                                                                                      \
            thrown = true;                                                                                                       \
            QVERIFY2(std::string(e.what()).find(text) != std::string::npos, e.what());                                           \
        }                                                                                                                        \
        QVERIFY2(thrown, #statement " threw no Error");                                                                          \
    } while (false)
