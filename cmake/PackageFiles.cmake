# Makes what only the package needs: the program's icon in fixed sizes and the copyright file.
#   cmake -DSOURCE=FOLDER -DOUT=FOLDER -DVERSION=X.Y.Z -P cmake/PackageFiles.cmake
cmake_minimum_required(VERSION 3.25)

find_program(RSVG_CONVERT rsvg-convert)
if(NOT RSVG_CONVERT)
  message(FATAL_ERROR "rsvg-convert is not installed. Run packaging/setup, then make the package again.")
endif()
file(REMOVE_RECURSE ${OUT})
foreach(size 16 22 24 32 48 64 128 256 512)
  set(folder ${OUT}/icons/${size}x${size}/apps)
  file(MAKE_DIRECTORY ${folder})
  execute_process(COMMAND ${RSVG_CONVERT} --width=${size} --height=${size} --output=${folder}/reticle.png
                          ${SOURCE}/resources/app/reticle.svg COMMAND_ERROR_IS_FATAL ANY)
endforeach()

file(READ ${SOURCE}/THIRD_PARTY.md third_party)
set(text "Reticle ${VERSION}\n\nA license of Reticle itself is not chosen yet.\n\n${third_party}")
# These are compiled into the programs, and their licenses ask for their text in every copy. The other libraries are packages that
# this one depends on, and bring their texts themselves.
foreach(package nlohmann-json3-dev libcli11-dev libsqlitecpp-dev)
  set(file /usr/share/doc/${package}/copyright)
  if(NOT EXISTS ${file})
    message(FATAL_ERROR "${file} is missing. Install ${package} by packaging/setup, then make the package again.")
  endif()
  file(READ ${file} license)
  string(APPEND text "\n\n# Compiled in: ${package}\n\n${license}")
endforeach()
file(WRITE ${OUT}/copyright "${text}")
