#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::ingest::problem {

inline constexpr ProblemType no_upload{"ingest.no-upload", 404, "There is no such upload",
                                       "没有找到上传的文件"};
inline constexpr ProblemType truncated{"ingest.truncated-upload", 400, "The upload broke off",
                                       "上传中断，文件不完整"};
inline constexpr ProblemType empty_upload{"ingest.empty-upload", 422, "The upload is empty",
                                          "上传的文件是空的"};
inline constexpr ProblemType bad_name{"ingest.bad-name", 422, "Give the file's name", "请给出文件名"};
inline constexpr ProblemType tus_version{"ingest.tus-version", 412, "Only tus 1.0.0 is spoken here",
                                         "只支持 tus 1.0.0"};
inline constexpr ProblemType tus_type{"ingest.tus-type", 415,
                                      "The content type must be application/offset+octet-stream",
                                      "内容类型须为 application/offset+octet-stream"};
inline constexpr ProblemType tus_offset{"ingest.tus-offset", 409, "The offset is not where the upload stands",
                                        "续传位置与已收到的不一致"};
inline constexpr ProblemType tus_locked{"ingest.tus-locked", 423, "Another request is writing this upload",
                                        "另一请求正在续传此文件"};
inline constexpr ProblemType tus_surplus{"ingest.tus-surplus", 413, "More bytes came than were promised",
                                         "收到的字节超过约定的长度"};
inline constexpr ProblemType tus_length{"ingest.tus-length", 413, "Upload-Length is missing or too large",
                                        "Upload-Length 缺失或过大"};
inline constexpr ProblemType tus_finished{"ingest.tus-finished", 409, "The upload is finished and stays",
                                          "上传已完成，不能放弃"};
inline constexpr ProblemType no_items{"ingest.no-items", 409, "The catalogue entry has no items yet",
                                      "目录中还没有信息项，目录之外无数据"};
inline constexpr ProblemType retired{"ingest.retired", 409, "The entry is retired", "该目录已停用"};
inline constexpr ProblemType no_key{"ingest.no-key", 422, "Upsert needs a primary key among the items",
                                    "按主键更新需要先在信息项中设主键"};
inline constexpr ProblemType columns_differ{"ingest.columns-differ", 422,
                                            "The file's columns are not those of the catalogue",
                                            "文件的列与目录的信息项不一致"};
inline constexpr ProblemType nothing_loaded{"ingest.nothing-loaded", 422,
                                            "No row of the file could be taken; nothing was changed",
                                            "文件中没有可以入库的行，现有数据未作任何改动"};
inline constexpr ProblemType too_many_rejects{"ingest.too-many-rejects", 422,
                                              "Too many rows were rejected; nothing was changed",
                                              "问题行过多，已停止入库，现有数据未作任何改动"};
inline constexpr ProblemType no_batch{"ingest.no-batch", 404, "There is no such batch", "没有这个批次"};
inline constexpr ProblemType bad_cursor{"ingest.bad-cursor", 400, "The cursor is not one of ours",
                                        "分页游标无效"};
inline constexpr ProblemType no_folder{"ingest.no-folder", 422, "There is no such folder", "没有这个文件夹"};

}  // namespace pengcheng::ingest::problem
