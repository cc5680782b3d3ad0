# Builds text files into the binary: `<namespace>::Embedded {name, text}` arrays.
#   embed_folder(target folder glob output namespace what)
# defines `const Embedded <what>_files[]` and `const std::size_t <what>_file_count`.
function(embed_folder target folder glob output namespace what)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/${glob})
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUT=${output} -DFOLDER=${CMAKE_SOURCE_DIR}/${folder} -DGLOB=${glob}
            -DNAMESPACE=${namespace} -DWHAT=${what} -P ${CMAKE_SOURCE_DIR}/cmake/embed_script.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/embed_script.cmake
    COMMENT "Embedding ${folder}/${glob}"
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
  set_source_files_properties(${output} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()
