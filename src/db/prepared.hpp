#pragma once

#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pengcheng::db {

/// Names of the statements prepared on one connection, at most `max`; the one unused longest goes first. A
/// name is never given twice, so that a statement prepared anew cannot meet its old self.
class PreparedNames {
public:
    PreparedNames(std::string prefix, std::size_t max) : prefix_(std::move(prefix)), max_(max) {}

    /// The name for `key`, and whether it is still to be prepared.
    std::pair<const std::string&, bool> use(std::string_view key) {
        auto found = places_.find(key);
        if (found != places_.end()) {
            order_.splice(order_.begin(), order_, found->second);
            return {found->second->name, false};
        }
        if (places_.size() >= max_) {
            evicted_.push_back(order_.back().name);
            places_.erase(order_.back().key);
            order_.pop_back();
        }
        order_.push_front({std::string(key), prefix_ + std::to_string(++last_)});
        places_[order_.front().key] = order_.begin();
        return {order_.front().name, true};
    }
    /// The statement is not prepared, or no longer usable: the next use prepares it.
    void forget(std::string_view key) {
        if (auto found = places_.find(key); found != places_.end()) {
            order_.erase(found->second);
            places_.erase(found);
        }
    }
    /// Names to DEALLOCATE.
    std::vector<std::string> take_evicted() { return std::exchange(evicted_, {}); }
    void clear() {
        order_.clear();
        places_.clear();
        evicted_.clear();
    }
    [[nodiscard]] std::size_t size() const { return places_.size(); }

private:
    struct Entry {
        std::string key;
        std::string name;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    std::string prefix_;
    std::size_t max_;
    std::uint64_t last_ = 0;
    std::list<Entry> order_;  ///< newest first
    std::unordered_map<std::string, std::list<Entry>::iterator, Hash, std::equal_to<>> places_;
    std::vector<std::string> evicted_;
};

}  // namespace pengcheng::db
