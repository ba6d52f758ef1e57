#!/usr/bin/python3
"""Writes tests/reference/images/ and images.json: tiny pictures in many kinds, made by tifffile, Pillow and NumPy, with
the numbers that must be read from them. Each page is stated by its sum and by a sum weighted by position, so that a
pixel in the wrong place is seen. Run in this folder: ./images.py"""
import json
import os
import shutil

import numpy as np
import tifffile
from PIL import Image

OUT = "images"
shutil.rmtree(OUT, ignore_errors=True)
os.makedirs(OUT)
rng = np.random.default_rng(20)
expected = {}


def sums(page):
    v = page.astype(np.float64).ravel()
    weights = np.arange(v.size) % 251 + 1
    return [float(v.sum()), float((v * weights).sum())]


def expect(name, pages, *, axes, vips=False, pixel=(0, 0, 0), alpha=False, tolerance=0, format=None, dtype=None):
    """pages: (P, H, W) or (P, H, W, C)"""
    assert os.path.getsize(f"{OUT}/{name}") <= 2600, (name, os.path.getsize(f"{OUT}/{name}"))
    entry = {
        "dtype": dtype or str(pages.dtype),
        "pages": pages.shape[0], "height": pages.shape[1], "width": pages.shape[2],
        "channels": pages.shape[3] if pages.ndim > 3 else 1,
        "axes": axes, "sums": [sums(p) for p in pages],
    }
    if vips:
        entry["vips"] = True
    if any(pixel):
        entry["pixel-size-nm"] = pixel
    if alpha:
        entry["alpha"] = True
    if tolerance:
        entry["tolerance"] = tolerance
    if format:
        entry["format"] = format
    expected[name] = entry


def noise(dtype, *shape):
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.random(shape) < 0.4
    if dtype.kind == "f":
        return (rng.standard_normal(shape) * 100).astype(dtype)
    info = np.iinfo(dtype)
    low, high = max(info.min, -(2**50)), min(info.max, 2**50)
    return rng.integers(low, high, size=shape, endpoint=True, dtype=np.int64).astype(dtype)


def tiff(name, data, **options):
    tifffile.imwrite(f"{OUT}/{name}", data, **options)


# Number types and byte orders.
for code in ("u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8"):
    for order, word in (("<", "little"), (">", "big")):
        a = noise(code, 2, 7, 9)
        name = f"{word}_{a.dtype}.tif"
        tiff(name, a, byteorder=order, photometric="minisblack", metadata=None)
        expect(name, a, axes="ZYX", format="TIFF")

# BigTIFF, tiles, strips, compression, color.
for order, word in (("<", "little"), (">", "big")):
    a = noise("u2", 3, 5, 11)
    tiff(f"bigtiff_{word}.tif", a, byteorder=order, bigtiff=True, photometric="minisblack", metadata=None)
    expect(f"bigtiff_{word}.tif", a, axes="ZYX")
    a = noise("u2", 1, 18, 21)
    tiff(f"deflate_{word}.tif", a[0], byteorder=order, compression="zlib", photometric="minisblack", metadata=None)
    expect(f"deflate_{word}.tif", a, axes="YX")
    a = (np.add.outer(np.arange(20), np.arange(37)) * 3).astype("u2")[None]
    tiff(f"tiled_deflate_{word}.tif", a[0], byteorder=order, compression="zlib", tile=(16, 16), photometric="minisblack",
         metadata=None)
    expect(f"tiled_deflate_{word}.tif", a, axes="YX")
a = noise("u1", 1, 19, 33)
tiff("tiled.tif", a[0], tile=(16, 16), photometric="minisblack", metadata=None)
expect("tiled.tif", a, axes="YX")
a = noise("f4", 1, 12, 12)
tiff("tiled_float.tif", a[0], tile=(16, 16), photometric="minisblack", metadata=None)
expect("tiled_float.tif", a, axes="YX")
a = noise("u1", 2, 11, 7)
tiff("strips.tif", a, rowsperstrip=3, photometric="minisblack", metadata=None)
expect("strips.tif", a, axes="ZYX")
a = noise("f4", 2, 6, 8)
tiff("deflate_float.tif", a, compression="zlib", photometric="minisblack", metadata=None)
expect("deflate_float.tif", a, axes="ZYX")
a = noise("u1", 2, 6, 8, 3)
tiff("rgb.tif", a, photometric="rgb", metadata=None)
expect("rgb.tif", a, axes="ZYXC")
a = noise("u2", 2, 6, 8, 3)
tiff("rgb_planar.tif", np.moveaxis(a, 3, 1), photometric="rgb", planarconfig="separate", metadata=None)
expect("rgb_planar.tif", a, axes="ZYXC")
tiff("rgb_planar_big.tif", np.moveaxis(a, 3, 1), photometric="rgb", planarconfig="separate", byteorder=">", compression="zlib",
     metadata=None)
expect("rgb_planar_big.tif", a, axes="ZYXC")
a = noise("u1", 1, 15, 18, 3)
tiff("rgb_tiled.tif", a[0], photometric="rgb", tile=(16, 16), compression="zlib", metadata=None)
expect("rgb_tiled.tif", a, axes="YXC")
tiff("rgb_planar_tiled.tif", np.moveaxis(a[0], 2, 0), photometric="rgb", planarconfig="separate", tile=(16, 16),
     compression="zlib", metadata=None)
expect("rgb_planar_tiled.tif", a, axes="YXC")
a = noise("u1", 1, 6, 8, 4)
tiff("rgba.tif", a[0], photometric="rgb", extrasamples=["unassalpha"], metadata=None)
expect("rgba.tif", a, axes="YXC", alpha=True)
a = noise("u2", 1, 6, 8, 5)
tiff("five_channels.tif", a[0], photometric="minisblack", planarconfig="contig", metadata=None)
expect("five_channels.tif", a, axes="YXC")
a = noise("u1", 1, 6, 8)
tiff("white_is_zero.tif", a[0], photometric="miniswhite", metadata=None)
expect("white_is_zero.tif", 255 - a, axes="YX")
a = noise("u1", 1, 6, 8)
tiff("pyramid.tif", a[0], photometric="minisblack", metadata=None)
tifffile.imwrite(f"{OUT}/pyramid.tif", a[0, ::2, ::2], photometric="minisblack", metadata=None, append=True, subfiletype=1)
expect("pyramid.tif", a, axes="YX")
for compression in ("tiff_lzw", "packbits", "tiff_adobe_deflate"):
    a = np.repeat(noise("u1", 1, 9, 4), 3, axis=2)
    Image.fromarray(a[0]).save(f"{OUT}/{compression}.tif", compression=compression)
    expect(f"{compression}.tif", a, axes="YX")
    a = np.repeat(noise("u1", 1, 9, 4, 3), 2, axis=2)
    Image.fromarray(a[0]).save(f"{OUT}/{compression}_rgb.tif", compression=compression)
    expect(f"{compression}_rgb.tif", a, axes="YXC")
a = np.add.outer(np.arange(12), np.arange(20)).astype("u1")[None]
Image.fromarray(a[0]).save(f"{OUT}/lzw_predictor.tif", compression="tiff_lzw", tiffinfo={317: 2})
expect("lzw_predictor.tif", a, axes="YX")

# What TIFF files say of themselves.
a = noise("u1", 3, 6, 8)
tiff("ome_zyx.ome.tif", a, photometric="minisblack",
     metadata={"axes": "ZYX", "PhysicalSizeX": 4.0, "PhysicalSizeXUnit": "nm", "PhysicalSizeY": 0.004,
               "PhysicalSizeYUnit": "µm", "PhysicalSizeZ": 5e-5, "PhysicalSizeZUnit": "mm"})
expect("ome_zyx.ome.tif", a, axes="ZYX", pixel=(4, 4, 50), format="OME-TIFF")
a = noise("u1", 2, 2, 2, 4, 5)
tiff("ome_tzcyx.ome.tif", a, photometric="minisblack", metadata={"axes": "TZCYX", "PhysicalSizeX": 0.25})
expect("ome_tzcyx.ome.tif", np.moveaxis(a, 2, 4).reshape(4, 4, 5, 2), axes="TZYXC", pixel=(250, 250, 0), format="OME-TIFF")  # told of x alone: square
a = noise("u2", 2, 3, 4, 5)
tiff("ome_czyx.ome.tif", a, photometric="minisblack", byteorder=">", metadata={"axes": "CZYX"})
expect("ome_czyx.ome.tif", np.moveaxis(a, 0, 3), axes="ZYXC", format="OME-TIFF")
a = noise("u1", 2, 6, 5, 3)
tiff("ome_rgb.ome.tif", a, photometric="rgb", metadata={"axes": "ZYXS"})
expect("ome_rgb.ome.tif", a, axes="ZYXC", format="OME-TIFF")
# Planes in an order of their own, each told by a TiffData element.
a = noise("u1", 3, 2, 4, 5)
order = rng.permutation(6)
planes = "".join(f'<TiffData IFD="{i}" FirstZ="{p // 2}" FirstC="{p % 2}" FirstT="0" PlaneCount="1"/>' for i, p in enumerate(order))
tiff("ome_shuffled.ome.tif", a.reshape(6, 4, 5)[order], photometric="minisblack", metadata=None,
     description='<?xml version="1.0"?><ome:OME xmlns:ome="x"><ome:Image ID="Image:0"><ome:Pixels DimensionOrder="XYCZT" '
                 'ID="P" SizeC="2" SizeT="1" SizeX="5" SizeY="4" SizeZ="3" Type="uint8" PhysicalSizeX="8" '
                 'PhysicalSizeXUnit="nm" PhysicalSizeY="8" PhysicalSizeYUnit="nm">'
                 + planes.replace("<TiffData", "<ome:TiffData") + '</ome:Pixels></ome:Image></ome:OME>')
expect("ome_shuffled.ome.tif", np.moveaxis(a, 1, 3), axes="ZYXC", pixel=(8, 8, 0), format="OME-TIFF")
a = noise("u2", 2, 2, 2, 4, 5)
tiff("imagej.tif", a, imagej=True, resolution=(8.0, 8.0), metadata={"axes": "TZCYX", "spacing": 0.5, "unit": "um"})
expect("imagej.tif", np.moveaxis(a, 2, 4).reshape(4, 4, 5, 2), axes="TZYXC", pixel=(125, 125, 500), format="TIFF")
a = noise("u2", 7, 6, 5)
tiff("imagej_one_directory.tif", a, imagej=True, truncate=True, resolution=(0.25, 0.25),
     metadata={"axes": "ZYX", "spacing": 50, "unit": "nm"})
expect("imagej_one_directory.tif", a, axes="ZYX", pixel=(4, 4, 50), format="TIFF")
a = noise("u1", 1, 6, 5)
tiff("per_centimetre.tif", a[0], resolution=(2e5, 1e5, "CENTIMETER"), photometric="minisblack", metadata=None)
expect("per_centimetre.tif", a, axes="YX", pixel=(50, 100, 0))
tiff("printed_at_300_dpi.tif", a[0], resolution=(300, 300, "INCH"), photometric="minisblack", metadata=None)
expect("printed_at_300_dpi.tif", a, axes="YX")
a = noise("u1", 4, 6, 5)
tiff("shaped.tif", a, photometric="minisblack")
expect("shaped.tif", a, axes="ZYX")

# Kinds of TIFF that are left to libvips.
a = rng.random((1, 9, 12)) < 0.5
Image.fromarray(a[0]).save(f"{OUT}/one_bit.tif")
expect("one_bit.tif", a.astype("u1") * 255, axes="YX", vips=True)
a = noise("u1", 1, 6, 8, 4)
Image.fromarray(a[0], "CMYK").save(f"{OUT}/cmyk.tif")
expected["cmyk.tif"] = {"vips": True, "dtype": "uint8", "pages": 1, "height": 6, "width": 8, "channels": 3, "axes": "YXC"}

# Other pictures.
for mode, shape, axes in (("L", (1, 7, 9), "YX"), ("RGB", (1, 7, 9, 3), "YXC"), ("RGBA", (1, 7, 9, 4), "YXC"), ("LA", (1, 7, 9, 2), "YXC")):
    a = noise("u1", *shape)
    Image.fromarray(a[0], mode).save(f"{OUT}/{mode.lower()}.png")
    expect(f"{mode.lower()}.png", a, axes=axes, vips=True, alpha=mode.endswith("A"), format="PNG")
a = noise("u2", 1, 7, 9)
Image.fromarray(a[0].astype("i4"), "I").save(f"{OUT}/grey16.png")
expect("grey16.png", a, axes="YX", vips=True)
a = rng.random((1, 9, 12)) < 0.5
Image.fromarray(a[0]).save(f"{OUT}/one_bit.png")
expect("one_bit.png", a.astype("u1") * 255, axes="YX", vips=True)
a = np.add.outer(np.arange(16), np.arange(24)).astype("u1")[None] * 5
Image.fromarray(a[0]).save(f"{OUT}/grey.jpg", quality=95)
expect("grey.jpg", np.asarray(Image.open(f"{OUT}/grey.jpg"))[None], axes="YX", vips=True, tolerance=1, format="JPEG")
Image.fromarray(np.stack([a[0], a[0] // 2, 255 - a[0]], 2)).save(f"{OUT}/rgb.jpg", quality=95)
expect("rgb.jpg", np.asarray(Image.open(f"{OUT}/rgb.jpg"))[None], axes="YXC", vips=True, tolerance=1, format="JPEG")

# NumPy.
for code in ("?", "u1", "i1", "u2", "i2", "u4", "i4", "i8", "u8", "f4", "f8"):
    for order in "<>" if np.dtype(code).itemsize > 1 else "|":
        for fortran in (False, True):
            a = noise(code, 2, 5, 7).astype(np.dtype(code).newbyteorder(order))
            word = {"<": "little", ">": "big", "|": "byte"}[order] + ("_fortran" if fortran else "")
            name = f"{word}_{np.dtype(code)}.npy"
            np.save(f"{OUT}/{name}", np.asfortranarray(a) if fortran else a)
            expect(name, a, axes="ZYX", format="NumPy",
                   dtype={"bool": "uint8", "uint64": "int64"}.get(str(np.dtype(code)), str(np.dtype(code))))


def npy(name, a, pages, axes, version=None, alpha=False):
    with open(f"{OUT}/{name}", "wb") as f:
        np.lib.format.write_array(f, a, version=version)
    expect(name, pages, axes=axes, alpha=alpha)


a = noise("u2", 6, 9)
npy("version2.npy", a, a[None], "YX", version=(2, 0))
npy("version3.npy", a, a[None], "YX", version=(3, 0))
npy("flat_fortran.npy", np.asfortranarray(a), a[None], "YX")
a = noise("u1", 6, 9, 3)
npy("rgb.npy", a, a[None], "YXC")
npy("rgb_fortran.npy", np.asfortranarray(a), a[None], "YXC")
a = noise("i2", 3, 5, 6, 2)
npy("zyxc.npy", a, a, "ZYXC")
npy("zyxc_fortran.npy", np.asfortranarray(a), a, "ZYXC")
a = noise("f4", 3, 2, 5, 6)
npy("zcyx.npy", a, np.moveaxis(a, 1, 3), "ZYXC")
npy("zcyx_fortran.npy", np.asfortranarray(a), np.moveaxis(a, 1, 3), "ZYXC")
a = noise("u1", 2, 6, 5, 7)
npy("tzyx.npy", a, a.reshape(12, 5, 7), "TZYX")
npy("tzyx_fortran.npy", np.asfortranarray(a), a.reshape(12, 5, 7), "TZYX")

with open("images.json", "w") as f:
    json.dump(expected, f, indent=0)
    f.write("\n")
print(len(expected), "files,", sum(os.path.getsize(f"{OUT}/{n}") for n in os.listdir(OUT)), "bytes")
