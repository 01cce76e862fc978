# meetinity_model(SERVICE [TARGET name SERVED file OUT folder NAMESPACE name])
#
# The library SERVICE_model: structs and descriptors of the operations that models/served/SERVICE.txt lists. Include
# them as "aws/SERVICE_model.h". The optional arguments are for the codecs' tests, which describe operations that no
# service of ours serves.
set(MEETINITY_GENERATOR_DIR ${CMAKE_CURRENT_LIST_DIR}/generator)
file(GLOB MEETINITY_GENERATOR CONFIGURE_DEPENDS ${MEETINITY_GENERATOR_DIR}/*.py)

function(meetinity_model SERVICE)
  cmake_parse_arguments(MODEL "" "TARGET;SERVED;OUT;NAMESPACE" "" ${ARGN})
  set(models ${CMAKE_SOURCE_DIR}/models)
  string(REPLACE "-" "_" stem ${SERVICE})
  if(NOT MODEL_TARGET)
    set(MODEL_TARGET ${stem}_model)
    set(MODEL_SERVED ${models}/served/${SERVICE}.txt)
    set(MODEL_OUT ${CMAKE_BINARY_DIR}/gen/aws)
    set(MODEL_NAMESPACE meetinity)
  endif()
  # By the function's own place, because it is called from folders that do not see this one's variables.
  set(generator ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/generator)
  file(GLOB generator_sources CONFIGURE_DEPENDS ${generator}/*.py)
  set(inputs ${models}/${SERVICE}.json ${MODEL_SERVED} ${generator_sources})
  if(EXISTS ${models}/errors/${SERVICE}.txt)
    list(APPEND inputs ${models}/errors/${SERVICE}.txt)
  endif()
  # The generator leaves an unchanged file alone, so it is the stamp that says when it last ran.
  set(stamp ${MODEL_OUT}/${stem}_model.stamp)
  add_custom_command(
    OUTPUT ${stamp}
    BYPRODUCTS ${MODEL_OUT}/${stem}_model.h ${MODEL_OUT}/${stem}_model.cc
    COMMAND ${Python3_EXECUTABLE} -B ${generator}/generate.py model --service ${SERVICE} --models ${models}
            --served ${MODEL_SERVED} --out ${MODEL_OUT} --namespace ${MODEL_NAMESPACE}
    COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
    DEPENDS ${inputs}
    COMMENT "Generating ${MODEL_TARGET}"
    VERBATIM)
  add_custom_target(${MODEL_TARGET}_source DEPENDS ${stamp})
  # All generated headers, for who reads sources without compiling them.
  if(NOT TARGET models)
    add_custom_target(models)
  endif()
  add_dependencies(models ${MODEL_TARGET}_source)
  add_library(${MODEL_TARGET} STATIC ${MODEL_OUT}/${stem}_model.cc)
  add_dependencies(${MODEL_TARGET} ${MODEL_TARGET}_source)
  target_link_libraries(${MODEL_TARGET} PUBLIC wire)
  target_compile_options(${MODEL_TARGET} PRIVATE ${MEETINITY_SERVICE_OPTIONS})
endfunction()
