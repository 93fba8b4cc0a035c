# SPDX-License-Identifier: Apache-2.0
# Arrow, Parquet and Flight for C++, as Arrow::arrow_shared, ArrowCompute::arrow_compute_shared, Parquet::parquet_shared and
# ArrowFlight::arrow_flight_shared.
# First the CMake packages of an installed Arrow of our version; else the libraries inside the pyarrow wheel of the Python
# interpreter in use, which carries headers and versioned libraries but no CMake files.
# LITMUS_ARROW_IN_WHEEL says which: an installed program then looks for the libraries in pyarrow's folder.

include(FindPackageHandleStandardArgs)

set(arrow_version 26.0)
set(LITMUS_ARROW_IN_WHEEL OFF)
find_package(Arrow ${arrow_version} CONFIG QUIET)
find_package(ArrowCompute ${arrow_version} CONFIG QUIET)
find_package(Parquet ${arrow_version} CONFIG QUIET)
find_package(ArrowFlight ${arrow_version} CONFIG QUIET)

if(Arrow_FOUND AND ArrowCompute_FOUND AND Parquet_FOUND AND ArrowFlight_FOUND)
  set(found_version ${Arrow_VERSION})
  set(found_where ${Arrow_DIR})
else()
  execute_process(
    COMMAND
      ${Python_EXECUTABLE} -c
      "import pyarrow as p; v = p.cpp_version_info; print(p.cpp_version, v.major * 100 + v.minor, p.get_include(), p.get_library_dirs()[0], sep='|')"
    OUTPUT_VARIABLE answer
    ERROR_VARIABLE problem
    OUTPUT_STRIP_TRAILING_WHITESPACE
  )
  string(REPLACE "|" ";" answer "${answer}")
  list(LENGTH answer parts)
  if(parts EQUAL 4)
    list(GET answer 0 found_version)
    list(GET answer 1 so_version)
    list(GET answer 2 include_dir)
    list(GET answer 3 found_where)
  else()
    message(STATUS "${Python_EXECUTABLE} cannot import pyarrow: ${problem}")
  endif()
endif()

find_package_handle_standard_args(
  LitmusArrow
  REQUIRED_VARS found_where
  VERSION_VAR found_version
  REASON_FAILURE_MESSAGE
    "needed: Arrow ${arrow_version} as CMake packages, or pyarrow ${arrow_version} in ${Python_EXECUTABLE} (`make setup` installs the latter)"
)

# Adds one library of the wheel as an imported target; the version in the file name is also its soname.
function(litmus_wheel_library target file)
  if(TARGET ${target})
    return()
  endif()
  add_library(${target} SHARED IMPORTED GLOBAL)
  set_target_properties(
    ${target}
    PROPERTIES IMPORTED_LOCATION ${found_where}/${file}.so.${so_version}
               IMPORTED_SONAME ${file}.so.${so_version}
               INTERFACE_INCLUDE_DIRECTORIES ${include_dir}
               INTERFACE_LINK_LIBRARIES "${ARGN}"
  )
endfunction()

if(include_dir)
  set(LITMUS_ARROW_IN_WHEEL ON)
  litmus_wheel_library(Arrow::arrow_shared libarrow)
  litmus_wheel_library(ArrowCompute::arrow_compute_shared libarrow_compute Arrow::arrow_shared)
  litmus_wheel_library(Parquet::parquet_shared libparquet Arrow::arrow_shared)
  litmus_wheel_library(ArrowFlight::arrow_flight_shared libarrow_flight Arrow::arrow_shared)
endif()
