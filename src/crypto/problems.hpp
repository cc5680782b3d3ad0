#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::crypto::problem {

inline constexpr ProblemType loose_key{"crypto.key-file-exposed", 500,
                                       "A key file may be read by other users", "密钥文件可被其他用户读取"};
inline constexpr ProblemType bad_key{"crypto.key-file-broken", 500, "A key file does not hold a key",
                                     "密钥文件内容无效"};
inline constexpr ProblemType no_key{"crypto.key-file-unusable", 500, "A key file cannot be made or read",
                                    "无法创建或读取密钥文件"};

}  // namespace pengcheng::crypto::problem
