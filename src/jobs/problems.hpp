#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::jobs::problem {

inline constexpr ProblemType no_job{"jobs.no-job", 404, "There is no such job", "没有这个任务"};
inline constexpr ProblemType ended{"jobs.ended", 409, "The job has ended already", "任务已经结束"};
inline constexpr ProblemType not_ended{
    "jobs.not-ended", 409, "The job did not fail, so it cannot be run again", "任务没有失败，不能重新执行"};

inline constexpr ProblemType no_schedule{"jobs.no-schedule", 404, "There is no such schedule",
                                         "没有这个定时任务"};
inline constexpr ProblemType schedule_exists{"jobs.schedule-exists", 409, "A schedule has this code already",
                                             "已有同名代码的定时任务"};
inline constexpr ProblemType never_due{"jobs.never-due", 422, "The expression is never due",
                                       "这个表达式永远不会到期"};

}  // namespace pengcheng::jobs::problem
