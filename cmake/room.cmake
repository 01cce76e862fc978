# Handlers and commands are compiled at -O1: their time goes to the rooms below them (wire, store, net, the engines), and at
# -O2 they take a third longer to compile. Without -O2's analyses g++ 12 takes variants' members for uninitialised.
set(MEETINITY_SERVICE_OPTIONS $<$<CONFIG:RelWithDebInfo>:-O1 $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>>)
# Tests are compiled often and run once: optimising one costs a third of its time to compile.
set(MEETINITY_TEST_OPTIONS $<$<CONFIG:RelWithDebInfo>:-O0>)

# meetinity_headers(NAME [LIBRARIES …] [HEADERS …]): headers parsed once for all targets that are compiled alike. Only
# other people's: ccache may hand a checkout what another one precompiled, which must not name files of that other one.
function(meetinity_headers NAME)
  cmake_parse_arguments(HEADERS "" "" "LIBRARIES;HEADERS" ${ARGN})
  file(WRITE ${CMAKE_BINARY_DIR}/gen/${NAME}.cc "// Carries precompiled headers.\n")
  add_library(${NAME} OBJECT ${CMAKE_BINARY_DIR}/gen/${NAME}.cc)
  target_link_libraries(${NAME} PRIVATE fmt::fmt ${HEADERS_LIBRARIES})
  target_precompile_headers(${NAME} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.h ${HEADERS_HEADERS})
endfunction()

meetinity_headers(room_headers)
meetinity_headers(service_headers LIBRARIES nlohmann_json::nlohmann_json HEADERS <nlohmann/json.hpp>)
target_compile_options(service_headers PRIVATE ${MEETINITY_SERVICE_OPTIONS})
if(MEETINITY_TESTS)
  meetinity_headers(unit_test_headers LIBRARIES GTest::gmock GTest::gtest HEADERS <gtest/gtest.h> <gmock/gmock.h>)
  target_compile_options(unit_test_headers PRIVATE ${MEETINITY_TEST_OPTIONS})
endif()

# Builds every unit test and no program: all that a sanitizer's build is for.
add_custom_target(unit_tests)

# meetinity_room(NAME SOURCES … DEPENDS … [LIBRARIES …] [TESTS …] [TEST_DEPENDS …])
#
# One folder of src/, one static library. DEPENDS names other rooms and is public: who includes our headers needs
# theirs. LIBRARIES are third parties. TESTS become one program, NAME_test, linked with GoogleTest's main.
function(meetinity_room NAME)
  cmake_parse_arguments(ROOM "" "" "SOURCES;DEPENDS;LIBRARIES;TESTS;TEST_DEPENDS" ${ARGN})
  add_library(${NAME} STATIC ${ROOM_SOURCES})
  target_include_directories(${NAME} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/gen)
  target_link_libraries(${NAME} PUBLIC ${ROOM_DEPENDS} ${ROOM_LIBRARIES} Threads::Threads)
  if(CMAKE_CURRENT_SOURCE_DIR MATCHES "/src/(aws/|stack)")
    target_compile_options(${NAME} PRIVATE ${MEETINITY_SERVICE_OPTIONS})
    target_precompile_headers(${NAME} REUSE_FROM service_headers)
  else()
    target_precompile_headers(${NAME} REUSE_FROM room_headers)
  endif()
  # The release preset compiles six files at once, the sanitizers' twelve, which saves most of the time that headers and
  # templates cost. These of a service see all its types: each is as much work as several others.
  foreach(LARGE ${NAME}.cc config_book.cc state.cc)
    if(LARGE IN_LIST ROOM_SOURCES)
      set_source_files_properties(${LARGE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
  endforeach()
  if(ROOM_TESTS AND MEETINITY_TESTS)
    add_executable(${NAME}_test ${ROOM_TESTS})
    target_link_libraries(${NAME}_test PRIVATE ${NAME} ${ROOM_TEST_DEPENDS} GTest::gmock GTest::gtest GTest::gtest_main)
    target_precompile_headers(${NAME}_test REUSE_FROM unit_test_headers)
    if(NOT MEETINITY_SANITIZE)
      set_target_properties(${NAME}_test PROPERTIES UNITY_BUILD_BATCH_SIZE 8)  # unoptimised, so that eight are quick, too
    endif()
    target_compile_options(${NAME}_test PRIVATE ${MEETINITY_TEST_OPTIONS})
    add_dependencies(unit_tests ${NAME}_test)
    add_test(NAME ${NAME} COMMAND ${NAME}_test)
    set_tests_properties(${NAME} PROPERTIES WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  endif()
endfunction()
