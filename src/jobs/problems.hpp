#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::jobs::problem {

inline constexpr ProblemType no_job{"jobs.no-job", 404, "There is no such job", "没有这个任务"};
inline constexpr ProblemType ended{"jobs.ended", 409, "The job has ended already", "任务已经结束"};
inline constexpr ProblemType not_ended{
    "jobs.not-ended", 409, "The job did not fail, so it cannot be run again", "任务没有失败,不能重新执行"};

}  // namespace pengcheng::jobs::problem
