# SPDX-License-Identifier: Apache-2.0
# One folder of src/ = one target. DEPENDS names the folders whose headers it may include (and, through them, theirs); tools/check_folders.py
# reads the same lines. LINK names libraries from outside. A folder without sources yet is an interface.
#
#   litmus_library(NAME store DEPENDS base model SOURCES data_dir.cc ... TESTS data_dir_test.cc ... LINK Arrow::arrow_shared)
#
# gives the static library litmus_store and the test executable litmus_store_test, which ctest runs.

# Builds all unit tests and nothing else.
add_custom_target(litmus_tests)

function(litmus_library)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "DEPENDS;SOURCES;TESTS;LINK")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "litmus_library(${arg_NAME}): unknown ${arg_UNPARSED_ARGUMENTS}")
  endif()
  set(target litmus_${arg_NAME})
  list(TRANSFORM arg_DEPENDS PREPEND litmus_)
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    add_dependencies(${target} litmus_generated)
    target_link_libraries(${target} PUBLIC litmus_options ${arg_DEPENDS} ${arg_LINK})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE litmus_options ${arg_DEPENDS} ${arg_LINK})
  endif()
  if(arg_TESTS AND BUILD_TESTING)
    add_executable(${target}_test ${arg_TESTS})
    add_dependencies(${target}_test litmus_generated)
    add_dependencies(litmus_tests ${target}_test)
    target_link_libraries(${target}_test PRIVATE ${target} GTest::gmock_main)
    add_test(NAME ${target}_test COMMAND ${target}_test --gtest_brief=1)
    # No test leaves a daemon behind unless it wants one.
    set_tests_properties(${target}_test PROPERTIES ENVIRONMENT LITMUS_DAEMON=off)
  endif()
endfunction()

# The nanobind module NAME from SOURCES, linked to the folders in DEPENDS.
function(litmus_python_module)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "DEPENDS;SOURCES")
  if(NOT arg_SOURCES)
    return()
  endif()
  execute_process(
    COMMAND ${Python_EXECUTABLE} -m nanobind --cmake_dir
    OUTPUT_VARIABLE nanobind_ROOT
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY
  )
  find_package(nanobind CONFIG REQUIRED)
  nanobind_add_module(${arg_NAME} NB_STATIC NB_SUPPRESS_WARNINGS ${arg_SOURCES})
  list(TRANSFORM arg_DEPENDS PREPEND litmus_)
  target_link_libraries(${arg_NAME} PRIVATE litmus_options ${arg_DEPENDS})
  set_target_properties(
    ${arg_NAME} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/python/litmus
                           INSTALL_RPATH "$ORIGIN/../pyarrow"
  )
  if(SKBUILD)
    install(TARGETS ${arg_NAME} DESTINATION litmus)
    install(FILES ${LITMUS_GENERATED_PYTHON} DESTINATION litmus/data)
  else()
    add_custom_command(
      TARGET ${arg_NAME} POST_BUILD
      COMMAND ${CMAKE_COMMAND} -E create_symlink $<TARGET_FILE:${arg_NAME}>
              ${CMAKE_SOURCE_DIR}/python/litmus/$<TARGET_FILE_NAME:${arg_NAME}>
    )
  endif()
endfunction()
