option(RETICLE_ASSERTS "Keep assertions in optimized builds" OFF)
# LibTorch's headers leave the compiler 6 s of templates to instantiate at the end of each source that includes them, precompiled
# or not. Sources compiled in groups pay that once a group.
option(RETICLE_UNITY "Compile sources in groups: cold builds take a third of the time" OFF)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # The precompiled headers need the sloppiness; see "Precompiled headers" in ccache's manual.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()

# One place for what every target of ours is built with.
function(reticle_target name)
  target_compile_options(${name} PRIVATE -Wall -Wextra -Wno-missing-field-initializers -fno-math-errno)
  if(CCACHE_PROGRAM)
    target_compile_options(${name} PRIVATE -fpch-preprocess)
  endif()
  if(RETICLE_WERROR)
    # GCC 12 warns of strings and vectors of its own library where it has inlined them.
    target_compile_options(${name} PRIVATE -Werror -Wno-error=array-bounds -Wno-error=stringop-overflow
      -Wno-error=stringop-overread -Wno-error=restrict -Wno-error=maybe-uninitialized)
  endif()
  if(RETICLE_UNITY)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
    target_compile_options(${name} PRIVATE -Wno-subobject-linkage) # GCC asks it of every source but the main one
  endif()
  if(RETICLE_ASSERTS)
    target_compile_options(${name} PRIVATE -UNDEBUG)
  endif()
  if(RETICLE_SANITIZE)
    target_compile_options(${name} PRIVATE -fsanitize=${RETICLE_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${name} PUBLIC -fsanitize=${RETICLE_SANITIZE})
  endif()
  target_compile_definitions(${name} PRIVATE RETICLE_VERSION="${PROJECT_VERSION}" QT_NO_KEYWORDS)
endfunction()

# reticle_library(NAME FOLDERS [OBJECT] LIBS ...): all .cpp files of FOLDERS (a list) and below. Method folders are OBJECT
# libraries, so that the linker keeps their registrations.
# The rooms of base: all folders in `core` but those that stand above it.
function(reticle_base_rooms result core)
  file(GLOB rooms CONFIGURE_DEPENDS LIST_DIRECTORIES true RELATIVE ${core} ${core}/*)
  list(REMOVE_ITEM rooms CMakeLists.txt data learn simulate analysis)
  set(${result} ${rooms} PARENT_SCOPE)
endfunction()

function(reticle_library name folders)
  cmake_parse_arguments(A "OBJECT" "" "LIBS" ${ARGN})
  set(patterns ${folders})
  list(TRANSFORM patterns REPLACE "(.+)" "\\1/*.cpp;\\1/*.h")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${patterns})
  if(A_OBJECT)
    add_library(${name} OBJECT ${sources})
  else()
    add_library(${name} STATIC ${sources})
  endif()
  target_link_libraries(${name} PUBLIC ${A_LIBS})
  reticle_target(${name})
endfunction()
