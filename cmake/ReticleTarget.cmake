option(RETICLE_ASSERTS "Keep assertions in optimised builds" OFF)
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
  target_compile_options(${name} PRIVATE -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -fno-math-errno)
  if(CCACHE_PROGRAM)
    target_compile_options(${name} PRIVATE -fpch-preprocess)
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

# reticle_library(NAME FOLDER [OBJECT] LIBS ...): all .cpp files of FOLDER and below. Method folders are OBJECT
# libraries, so that the linker keeps their registrations.
function(reticle_library name folder)
  cmake_parse_arguments(A "OBJECT" "" "LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cpp ${folder}/*.h)
  if(A_OBJECT)
    add_library(${name} OBJECT ${sources})
  else()
    add_library(${name} STATIC ${sources})
  endif()
  target_link_libraries(${name} PUBLIC ${A_LIBS})
  reticle_target(${name})
endfunction()
