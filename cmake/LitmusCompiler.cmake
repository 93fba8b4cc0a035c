# SPDX-License-Identifier: Apache-2.0
# How every target of the project is compiled and linked.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Python 3.11...<3.14 REQUIRED COMPONENTS Interpreter Development.Module)

# Objects are cached inside the project's build folder, so that nothing is written to the user's home.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT SKBUILD)
  set(cache_dir "$ENV{CCACHE_DIR}")
  if(NOT cache_dir)
    set(cache_dir ${CMAKE_SOURCE_DIR}/build/.ccache)
  endif()
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_DIR=${cache_dir} ${CCACHE_PROGRAM})
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

# What every target of ours links: include roots and warnings.
add_library(litmus_options INTERFACE)
target_include_directories(
  litmus_options INTERFACE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src
                           ${CMAKE_BINARY_DIR}/generated/include ${CMAKE_BINARY_DIR}/generated
)
# -Wno-restrict: g++ 12 reports false overlaps in std::string (GCC bug 105651).
target_compile_options(litmus_options INTERFACE -Wall -Wextra -Wpedantic -Werror -Wno-restrict)
# fmt is for all: g++ 12 has no std::format.
target_link_libraries(litmus_options INTERFACE Threads::Threads fmt::fmt)
