"""Makes a stack of tiles of ordinary photos with labels by intensity: other data for crossvalidation.py than membranes.

    /usr/bin/python3 photos.py OUTPUT-FOLDER PICTURE...

Each picture becomes gray and is cut into at most six tiles of 256 px. The labels are what is brighter than Otsu's threshold of the
picture after a Gaussian blur of 2 px, so that the net has to find both the blur and the threshold of each picture. Writes
images.tif and labels.tif; the tiles of one picture lie together.
"""
import os
import sys

import numpy
import tifffile
from PIL import Image
from scipy import ndimage
from skimage.filters import threshold_otsu

SIDE, MOST = 256, 6


def main():
    output, *pictures = sys.argv[1:]
    images, labels = [], []
    for path in pictures:
        gray = numpy.asarray(Image.open(path).convert("L")).astype(numpy.float32)
        smooth = ndimage.gaussian_filter(gray, 2)
        mask = numpy.where(smooth > threshold_otsu(smooth), 255, 0).astype(numpy.uint8)
        corners = [(y, x) for y in range(0, gray.shape[0] - SIDE + 1, SIDE) for x in range(0, gray.shape[1] - SIDE + 1, SIDE)]
        # Spread over the picture where it has more.
        for i in sorted({round(k * (len(corners) - 1) / (MOST - 1)) for k in range(MOST)}) if corners else []:
            y, x = corners[i]
            images.append(gray[y:y + SIDE, x:x + SIDE].astype(numpy.uint8))
            labels.append(mask[y:y + SIDE, x:x + SIDE])
    os.makedirs(output, exist_ok=True)
    tifffile.imwrite(f"{output}/images.tif", numpy.stack(images), photometric="minisblack")
    tifffile.imwrite(f"{output}/labels.tif", numpy.stack(labels), photometric="minisblack")
    print(f"{len(images)} tiles of {len(pictures)} pictures, {100 * numpy.mean(numpy.stack(labels) > 0):.0f} % bright")


if __name__ == "__main__":
    main()
