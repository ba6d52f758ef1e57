#pragma once

#include "foundation/Random.h"
#include "support/MadeTiff.h"
#include "support/Png.h"

#include <string>
#include <vector>

namespace reticle::test {

/// A small file of every kind that the image readers know, made by code: what damage is done to.
inline std::vector<std::string> imageSeeds()
{
    std::vector<std::string> seeds;
    Random random(11);
    const auto noise = [&](std::size_t n) {
        std::string s;
        while (s.size() < n)
            s += static_cast<char>(random.below(256));
        return s;
    };
    const auto tiff = [&](bool big, bool bigTiff, std::uint64_t bits, const MadeTiff::Tags &others, std::size_t bytes,
                          int pages = 1) {
        MadeTiff made(big, bigTiff);
        for (int p = 0; p < pages; ++p) {
            auto tags = MadeTiff::gray(13, 7, made.add(noise(bytes)), bytes, bits);
            if (p == 0)
                for (const auto &[tag, value] : others)
                    tags[tag] = value;
            made.directory(tags);
        }
        seeds.push_back(made.bytes);
    };
    const auto one = [](std::uint64_t v) { return MadeTiff::Tag{MadeTiff::Short, {v}}; };
    // Packed bits, halves, reals of 24 bits, white-is-zero, both byte orders, BigTIFF.
    for (const std::uint64_t bits : {1, 2, 4, 10, 12, 14, 20, 31})
        tiff(bits % 3 == 0, bits % 4 == 0, bits, {{262, one(bits % 2)}}, 7 * ((13 * bits + 7) / 8), 2);
    tiff(false, false, 16, {{339, one(3)}}, 7 * 26);
    tiff(true, false, 24, {{339, one(3)}}, 7 * 39);
    tiff(false, false, 8, {{266, one(2)}}, 91);
    // Tables of colors.
    for (const std::uint64_t bits : {1, 2, 4, 8}) {
        MadeTiff::Tag colors{MadeTiff::Short, {}};
        for (std::uint64_t i = 0; i < (std::uint64_t{3} << bits); ++i)
            colors.values.push_back(static_cast<std::uint64_t>(random.below(65536)));
        tiff(false, false, bits, {{262, one(3)}, {320, colors}}, 7 * ((13 * bits + 7) / 8));
    }
    // Every orientation, whole and in strips.
    for (std::uint64_t o = 2; o <= 8; ++o)
        tiff(o % 2 == 0, false, 8, {{274, one(o)}}, 91, o % 2 ? 1 : 2);
    // Levels marked as reduced.
    {
        MadeTiff made;
        for (int k = 0; k < 3; ++k) {
            auto tags = MadeTiff::gray(static_cast<std::uint64_t>(12 >> k), static_cast<std::uint64_t>(8 >> k),
                                       made.add(noise(96)), static_cast<std::uint64_t>(96 >> (2 * k)));
            tags[254] = {MadeTiff::Long, {k > 0 ? 1u : 0u}};
            made.directory(tags);
        }
        seeds.push_back(made.bytes);
    }
    // Metadata of ImageJ and OME, over several files and of a companion.
    const std::string uuid = "<UUID FileName='b.ome.tif'>urn:uuid:2</UUID>";
    for (const std::string &text :
         {std::string("ImageJ=1.53\nimages=4\nchannels=2\nslices=2\nunit=um\nspacing=0.5\n"), std::string("Aperio Image Library"),
          std::string("{\"shape\": [4, 7, 13]}"),
          "<OME UUID='urn:uuid:1'><Image><Pixels DimensionOrder='XYCZT' SizeC='2' SizeZ='1' SizeT='2' SignificantBits='7' "
          "PhysicalSizeX='0.2'>"
          "<TiffData FirstT='0' IFD='0' PlaneCount='2'/><TiffData FirstT='1'>" +
              uuid + "</TiffData></Pixels></Image></OME>",
          std::string(
              "<ome:OME><ome:Image><ome:Pixels DimensionOrder='XYZTC' SizeC='2' SizeZ='2' SizeT='1'><ome:TiffData IFD='1' "
              "FirstZ='1'/>"
              "<ome:TiffData IFD='0'/><ome:TiffData IFD='2' FirstC='1' PlaneCount='2'/></ome:Pixels></ome:Image></ome:OME>"),
          std::string("<OME UUID='u'><BinaryOnly MetadataFile='x.companion.ome' UUID='v'/></OME>")})
        tiff(false, false, 8, {{270, MadeTiff::text(text)}}, 91, 4);
    // NumPy: halves, channels, Fortran order, objects.
    for (const char *words : {"{'descr': '<f2', 'fortran_order': False, 'shape': (6, 9), }",
                              "{'descr': '|u1', 'fortran_order': True, 'shape': (6, 9, 2), }",
                              "{'descr': '>u2', 'fortran_order': False, 'shape': (2, 6, 9, 1), }",
                              "{'descr': '|O', 'fortran_order': False, 'shape': (), }",
                              "{'descr': '|b1', 'fortran_order': False, 'shape': (20, 21, 5), }"}) {
        std::string header = words;
        header.append(63 - (header.size() + 10) % 64, ' ');
        header += '\n';
        std::string start = "\x93NUMPY\x01";
        start += '\0';
        start += static_cast<char>(header.size());
        start += static_cast<char>(header.size() >> 8);
        seeds.push_back(start + header + noise(2200));
    }
    return seeds;
}

/// PNGs with tables of colors, few bits and EXIF.
inline std::vector<std::string> pngSeeds()
{
    std::vector<std::string> seeds;
    for (const int bits : {1, 2, 4, 8}) {
        std::string colors;
        for (int i = 0; i < 3 << bits; ++i)
            colors += static_cast<char>(i * 37);
        const std::vector<std::string> rows(5, packedRow({1, 0, 1, 1, 0, 1, 0, 0, 1}, bits));
        seeds.push_back(madePng(9, 5, bits, 3, rows, {{"PLTE", colors}, {"tRNS", std::string(bits % 4 ? "\0" : "\xff", 1)}}));
        seeds.push_back(madePng(9, 5, bits, 0, rows, {{"eXIf", madeExif(bits)}}));
    }
    return seeds;
}

} // namespace reticle::test
