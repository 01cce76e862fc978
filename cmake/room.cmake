# meetinity_optimize(TARGET): -O1 for handlers and commands, whose time goes to the rooms below them (wire, store, net, the
# engines); at -O2 they take a third longer to compile. Without -O2's analyses g++ 12 takes variants' members for
# uninitialised.
function(meetinity_optimize TARGET)
  if(CMAKE_CURRENT_SOURCE_DIR MATCHES "/src/(aws/|stack|cli)" OR "${TARGET}" MATCHES "_model$")
    target_compile_options(${TARGET} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O1 $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>>)
  endif()
endfunction()

# The standard library's and GoogleTest's headers, parsed once for the tests of all rooms.
if(MEETINITY_TESTS)
  file(WRITE ${CMAKE_BINARY_DIR}/gen/unit_test_headers.cc "// Carries the headers that unit tests share.\n")
  add_library(unit_test_headers OBJECT ${CMAKE_BINARY_DIR}/gen/unit_test_headers.cc)
  target_link_libraries(unit_test_headers PRIVATE fmt::fmt GTest::gmock GTest::gtest)
  target_precompile_headers(unit_test_headers PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.h <gtest/gtest.h> <gmock/gmock.h>)
  target_compile_options(unit_test_headers PRIVATE $<$<CONFIG:RelWithDebInfo>:-O0>)
endif()

# meetinity_room(NAME SOURCES … DEPENDS … [LIBRARIES …] [PRECOMPILE …] [TESTS …] [TEST_DEPENDS …])
#
# One folder of src/, one static library. DEPENDS names other rooms and is public: who includes our headers needs
# theirs. LIBRARIES are third parties. PRECOMPILE names headers that most files of the room include and that are slow to
# parse. TESTS become one program, NAME_test, linked with GoogleTest's main.
function(meetinity_room NAME)
  cmake_parse_arguments(ROOM "" "" "SOURCES;DEPENDS;LIBRARIES;PRECOMPILE;TESTS;TEST_DEPENDS" ${ARGN})
  add_library(${NAME} STATIC ${ROOM_SOURCES})
  target_include_directories(${NAME} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/gen)
  target_link_libraries(${NAME} PUBLIC ${ROOM_DEPENDS} ${ROOM_LIBRARIES} Threads::Threads)
  # What nearly every file of the room includes: the standard library's common headers, and the service's generated types.
  set(common ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)
  foreach(DEPENDENCY ${ROOM_DEPENDS})
    if(DEPENDENCY MATCHES "_model$")
      list(APPEND common ${CMAKE_BINARY_DIR}/gen/aws/${DEPENDENCY}.h)
    endif()
  endforeach()
  list(APPEND common ${ROOM_PRECOMPILE})
  # Precompiling costs as much as parsing the headers twice.
  list(LENGTH ROOM_SOURCES sources)
  if(sources GREATER 10)
    target_precompile_headers(${NAME} PRIVATE ${common})
  endif()
  meetinity_optimize(${NAME})
  # The release and sanitizer presets compile three files at once, which halves the time that headers and templates
  # cost. These two files of a service see all its types: each is as much work as three others.
  foreach(LARGE ${NAME}.cc state.cc)
    if(LARGE IN_LIST ROOM_SOURCES)
      set_source_files_properties(${LARGE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
  endforeach()
  if(ROOM_TESTS AND MEETINITY_TESTS)
    add_executable(${NAME}_test ${ROOM_TESTS})
    target_link_libraries(${NAME}_test PRIVATE ${NAME} ${ROOM_TEST_DEPENDS} GTest::gmock GTest::gtest GTest::gtest_main)
    target_precompile_headers(${NAME}_test REUSE_FROM unit_test_headers)
    # Compiled often and run once: optimising a test costs a third of its time to compile.
    target_compile_options(${NAME}_test PRIVATE $<$<CONFIG:RelWithDebInfo>:-O0>)
    add_test(NAME ${NAME} COMMAND ${NAME}_test)
    set_tests_properties(${NAME} PROPERTIES WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  endif()
endfunction()
