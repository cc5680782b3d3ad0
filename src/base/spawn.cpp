#include <pengcheng/base/spawn.hpp>

#include <pengcheng/base/log.hpp>

namespace pengcheng {

void spawn(boost::asio::any_io_executor executor, boost::asio::awaitable<void> task, std::string name) {
    auto report = [name = std::move(name)](std::exception_ptr error) {
        if (!error) {
            return;
        }
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& caught) {
            log::error("task.failed", {{"task", name}, {"error", caught.what()}});
        }
    };
    boost::asio::co_spawn(executor, std::move(task), std::move(report));
}

}  // namespace pengcheng
