# SPDX-License-Identifier: Apache-2.0
# DuckDB's C library as DuckDB::duckdb: an installed one of our version first, else the one that `make setup` put into .venv/duckdb.

include(FindPackageHandleStandardArgs)

set(duckdb_folder ${CMAKE_SOURCE_DIR}/.venv/duckdb)
find_path(DUCKDB_INCLUDE_DIR duckdb.h PATHS ${duckdb_folder}/include)
find_library(DUCKDB_LIBRARY duckdb PATHS ${duckdb_folder}/lib)
find_package_handle_standard_args(
  LitmusDuckDB
  REQUIRED_VARS DUCKDB_LIBRARY DUCKDB_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "needed: libduckdb.so and duckdb.h, installed or in .venv/duckdb (`make setup` puts them there)"
)
if(LitmusDuckDB_FOUND AND NOT TARGET DuckDB::duckdb)
  add_library(DuckDB::duckdb SHARED IMPORTED GLOBAL)
  set_target_properties(
    DuckDB::duckdb
    PROPERTIES IMPORTED_LOCATION ${DUCKDB_LIBRARY}
               INTERFACE_INCLUDE_DIRECTORIES ${DUCKDB_INCLUDE_DIR}
               INTERFACE_COMPILE_DEFINITIONS DUCKDB_API_NO_DEPRECATED
  )
endif()
