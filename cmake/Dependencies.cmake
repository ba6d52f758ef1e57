# Every package, with its lowest version, and nowhere else.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(SQLiteCpp 3.2 REQUIRED)
find_package(Torch 1.13 REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)
pkg_check_modules(TIFF REQUIRED IMPORTED_TARGET libtiff-4)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)

# Without libvips (bare GPU servers) TIFF and .npy are read, nothing else.
set(RETICLE_VIPS FALSE)
if(RETICLE_WITH_VIPS)
  pkg_check_modules(VIPS IMPORTED_TARGET vips>=8.10)
  set(RETICLE_VIPS ${VIPS_FOUND})
endif()

if(RETICLE_GUI OR RETICLE_TESTS)
  find_package(Qt6 6.4 REQUIRED COMPONENTS Core Gui Widgets Svg OpenGL Test)
endif()
if(RETICLE_GUI)
  pkg_check_modules(HARFBUZZ_SUBSET REQUIRED IMPORTED_TARGET harfbuzz-subset)
  # VTK's configuration asks for the C MPI target of HDF5.
  find_package(MPI QUIET COMPONENTS C)
  find_package(VTK 9.1 REQUIRED COMPONENTS ChartsCore RenderingContext2D RenderingCore InfovisCore CommonColor
               RenderingOpenGL2 RenderingVolume RenderingVolumeOpenGL2 FiltersCore CommonDataModel)
  find_package(OpenGL REQUIRED COMPONENTS OpenGL EGL)
  find_package(GLEW REQUIRED)
endif()
