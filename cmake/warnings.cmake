# Warnings are errors on both compilers; a warning switched off here carries its reason.
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fno-omit-frame-pointer)

# RelWithDebInfo is what runs: optimised, line tables for a stack trace at 3 a.m., and CHECK stays in.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g1")

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports impossible string copies inside libstdc++ at -O2 (GCC bugs 105329, 105651).
  add_compile_options(-Wno-restrict)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ looks for garbage whenever its heap has doubled, which takes it an eighth of its time; below 1.5 GB it need not.
  add_compile_options(--param=ggc-min-heapsize=1500000)
endif()

# Debian's lld links the program in a fifth of the time.
find_program(MEETINITY_LLD ld.lld)
if(MEETINITY_LLD)
  add_link_options(-fuse-ld=lld)
endif()

if(MEETINITY_SANITIZE)
  # A report names functions and lines. Full debug information costs a third of the time to compile and most of the
  # time to link; optimising doubles the time to compile and saves little of it in these tests.
  set(CMAKE_CXX_FLAGS_DEBUG "-g1")
  set(CMAKE_C_FLAGS_DEBUG "-g1")
  add_compile_options(-fsanitize=${MEETINITY_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MEETINITY_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The sanitizers' instrumentation makes g++ 12 see uninitialised reads that are not there.
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
endif()

# ccache knows a precompiled header by its content only where it is told that this will do, and a checkout by what is in
# it only where paths are taken relative to it: without these nineteen compilations in twenty go past the cache.
find_program(MEETINITY_CCACHE ccache)
if(MEETINITY_CCACHE)
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 ${MEETINITY_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)
  add_compile_options("$<$<COMPILE_LANG_AND_ID:CXX,Clang>:SHELL:-Xclang -fno-pch-timestamp>")
endif()
