# One static library for each folder. A link line is the permission to include:
# tools/check_layers.py holds the same table and fails the build's tests when an include breaks it.

add_library(carillon_options INTERFACE)
target_include_directories(carillon_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(carillon_options INTERFACE
  # False alarms of GCC 12 on "const char* + std::string" (its bug 105651).
  -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  $<$<BOOL:${CARILLON_WARNINGS_AS_ERRORS}>:-Werror>
  -fstack-protector-strong -fstack-clash-protection
  $<$<CONFIG:Release>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3>)
target_link_options(carillon_options INTERFACE -Wl,-z,relro,-z,now)

function(carillon_layer name)
  add_library(carillon_${name} STATIC ${ARGN})
  target_link_libraries(carillon_${name} PUBLIC carillon_options)
endfunction()

# One test program a folder, so that a change in model/ is proved in seconds.
function(carillon_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(test_${name} ${arg_SOURCES})
  target_link_libraries(test_${name} PRIVATE carillon_test_main ${arg_LIBRARIES})
  add_test(NAME ${name} COMMAND test_${name})
endfunction()
