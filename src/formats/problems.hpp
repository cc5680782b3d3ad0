#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::formats::problem {

inline constexpr ProblemType empty_file{"formats.empty-file", 422, "The file is empty", "文件是空的"};
inline constexpr ProblemType unknown_encoding{"formats.unknown-encoding", 422,
                                              "The text encoding of the file could not be told",
                                              "无法识别文件的文字编码"};
inline constexpr ProblemType broken_text{"formats.broken-text", 422,
                                         "The file holds bytes that are not text of its encoding",
                                         "文件中有不符合其编码的字节"};
inline constexpr ProblemType broken_csv{"formats.broken-csv", 422, "The CSV file cannot be read on",
                                        "CSV 文件无法继续读取"};
inline constexpr ProblemType broken_archive{
    "formats.broken-archive", 422, "The compressed file is damaged or cut off", "压缩文件已损坏或不完整"};
inline constexpr ProblemType too_large{"formats.too-large", 422, "The file unpacks to more than is allowed",
                                       "文件解压后超出允许的大小"};
inline constexpr ProblemType broken_workbook{"formats.broken-workbook", 422, "The workbook cannot be read",
                                             "无法读取该工作簿"};
inline constexpr ProblemType no_sheet{"formats.no-sheet", 422, "The workbook has no such sheet",
                                      "工作簿中没有这个工作表"};
inline constexpr ProblemType unsupported{"formats.unsupported", 422, "This kind of file is not read here",
                                         "不支持这种文件格式"};
inline constexpr ProblemType broken_json{"formats.broken-json", 422, "The JSON file cannot be read",
                                         "无法读取该 JSON 文件"};
inline constexpr ProblemType too_many_columns{"formats.too-many-columns", 422,
                                              "The table has too many columns", "表格的列数过多"};
inline constexpr ProblemType no_header{"formats.no-header", 422, "No header row was found", "没有找到表头行"};

}  // namespace pengcheng::formats::problem
