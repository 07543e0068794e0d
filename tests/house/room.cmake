# room(NAME [SEES room ...] [LINKS library ...] [MAIN file])
#
# A folder of daemon/ becomes a static library `room_NAME` whose sources see three
# include folders only: its own private headers beside the .c files, and one made
# for it in the build tree that links to include/NAME and include/<seen>. So an
# include of a room that is not seen does not compile. `alone_NAME` links the whole
# library with nothing but what it sees: a wrong call does not link.
# MAIN names a file that is left out of the library and becomes the program.
# Sources are every .c of the folder and its subfolders, listed at configure time.
# *.sql files of a room become generated headers: sql/x.sql -> "sql/x.sql.h".
function(room name)
        cmake_parse_arguments(R "" "MAIN" "SEES;LINKS" ${ARGN})
        set(dir ${PROJECT_SOURCE_DIR}/daemon/${name})
        set(seen ${PROJECT_BINARY_DIR}/rooms/${name})
        file(MAKE_DIRECTORY ${seen})
        foreach(folder IN ITEMS ${name} LISTS R_SEES)
                if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/include/${folder})
                        file(CREATE_LINK ${PROJECT_SOURCE_DIR}/include/${folder} ${seen}/${folder} SYMBOLIC)
                endif()
        endforeach()

        file(GLOB_RECURSE files CONFIGURE_DEPENDS ${dir}/*.c)
        if(R_MAIN)
                list(REMOVE_ITEM files ${dir}/${R_MAIN})
        endif()
        file(GLOB_RECURSE sql CONFIGURE_DEPENDS ${dir}/*.sql)
        foreach(file IN LISTS sql)
                file(RELATIVE_PATH rel ${dir} ${file})
                set(header ${PROJECT_BINARY_DIR}/generated/${name}/${rel}.h)
                add_custom_command(OUTPUT ${header} DEPENDS ${file}
                        ${PROJECT_SOURCE_DIR}/tests/house/embed.cmake
                        COMMAND ${CMAKE_COMMAND} -DIN=${file} -DOUT=${header}
                                -P ${PROJECT_SOURCE_DIR}/tests/house/embed.cmake)
                list(APPEND files ${header})
        endforeach()
        if(NOT files)
                return()
        endif()

        add_library(room_${name} STATIC ${files})
        set_target_properties(room_${name} PROPERTIES LINKER_LANGUAGE C) # even if all it has is SQL
        target_include_directories(room_${name} PRIVATE ${dir} ${PROJECT_BINARY_DIR}/generated/${name}
                PUBLIC ${seen})
        foreach(folder IN LISTS R_SEES)
                if(TARGET room_${folder})
                        # Linked, but its include folder does not come along.
                        target_link_libraries(room_${name} PUBLIC $<LINK_ONLY:room_${folder}>)
                endif()
        endforeach()
        target_link_libraries(room_${name} PRIVATE house PUBLIC ${R_LINKS})

        if(NOT R_MAIN AND TESTS)
                add_executable(alone_${name} ${PROJECT_SOURCE_DIR}/tests/house/alone.c)
                target_link_libraries(alone_${name} PRIVATE house
                        -Wl,--whole-archive $<TARGET_FILE:room_${name}> -Wl,--no-whole-archive room_${name})
                add_dependencies(alone_${name} room_${name})
                add_test(NAME house/${name}_links_alone COMMAND alone_${name})
        elseif(R_MAIN)
                add_executable(tributary ${dir}/${R_MAIN})
                target_include_directories(tributary PRIVATE ${dir})
                target_link_libraries(tributary PRIVATE house room_${name})
        endif()
endfunction()

# unit(ROOM test_x.c ...): tests/unit/ROOM/test_*.c, one cmocka executable a file,
# which sees what its room sees, private headers included.
function(units name)
        if(NOT TARGET room_${name})
                return()
        endif()
        file(GLOB tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/unit/${name}/test_*.c)
        foreach(file IN LISTS tests)
                get_filename_component(test ${file} NAME_WE)
                add_executable(${name}_${test} ${file})
                target_include_directories(${name}_${test} PRIVATE ${PROJECT_SOURCE_DIR}/daemon/${name}
                        ${PROJECT_BINARY_DIR}/generated/${name} ${PROJECT_SOURCE_DIR}/tests/unit)
                target_compile_definitions(${name}_${test} PRIVATE
                        TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data" PROJECT_DIR="${PROJECT_SOURCE_DIR}")
                target_link_libraries(${name}_${test} PRIVATE house room_${name} PkgConfig::cmocka)
                add_test(NAME ${name}/${test} COMMAND ${name}_${test})
                set(labels unit)
                add_dependencies(units ${name}_${test})
                # link/test_kafka asks librdkafka, which is not instrumented, at every step.
                if("${name}/${test}" MATCHES "^(base/test_(mail|hash|seal)|(link|vault|capture|pump|warehouse|role)/)"
                                AND NOT "${name}/${test}" STREQUAL "link/test_kafka")
                        list(APPEND labels threads)
                        add_dependencies(threads ${name}_${test})
                endif()
                # A loaded machine takes its time.
                set_tests_properties(${name}/${test} PROPERTIES LABELS "${labels}" TIMEOUT 300)
        endforeach()
endfunction()
