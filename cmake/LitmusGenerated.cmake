# SPDX-License-Identifier: Apache-2.0
# What schema/generate.py makes from the definitions in schema/: C++, Python, the reference pages; and the version header.
# Every library waits for the target litmus_generated.

set(generated ${CMAKE_BINARY_DIR}/generated)
configure_file(cmake/version.h.in ${generated}/include/litmus/version.h @ONLY)

set(LITMUS_GENERATED_PYTHON ${CMAKE_SOURCE_DIR}/python/litmus/data/events.py
                            ${CMAKE_SOURCE_DIR}/python/litmus/data/outcomes.py
)
set(generated_files
    ${generated}/include/litmus/events.h ${generated}/include/litmus/outcome.h
    ${generated}/model/event_fields.h ${generated}/model/run_columns.h ${LITMUS_GENERATED_PYTHON}
)
file(GLOB definitions CONFIGURE_DEPENDS schema/*.toml schema/*.py schema/config/*.json)
add_custom_command(
  OUTPUT ${generated_files}
  COMMAND ${Python_EXECUTABLE} schema/generate.py --out ${generated} --python python/litmus --docs docs/reference
  DEPENDS ${definitions}
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
  COMMENT "Generating code from schema/"
  VERBATIM
)
add_custom_target(litmus_generated DEPENDS ${generated_files})
