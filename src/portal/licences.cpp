#include <pengcheng/portal/proposal.hpp>

namespace pengcheng::portal {

const std::vector<Licence>& licences() {
    static const std::vector<Licence> list{
        {"xz-open-1", "徐州市公共数据开放许可（无条件）", "Xuzhou public data licence (unconditional)",
         "使用者可以免费、非排他地复制、传播、加工和商业利用本数据集；应当注明“数据来源：徐州市公共数据开放平"
         "台，"
         "提供单位，获取日期”；对数据作出修改的应当说明；不得用于识别特定自然人，不得危害国家安全、公共利益或"
         "者侵犯"
         "他人合法权益，不得暗示获得提供单位的认可；数据按现状提供，提供单位可以更新、更正或者停止提供；违反"
         "本许可的，"
         "使用权自行终止。",
         ""},
        {"xz-open-2", "徐州市公共数据有条件开放使用协议", "Xuzhou agreement on conditionally open data",
         "限于申请载明的用途、范围和期限；不得转授权或者向第三方提供原始数据；采取与数据级别相应的安全措施，"
         "保存使用"
         "日志不少于六个月；接受检查，按要求报告使用情况和成果；发生安全事件立即停止使用并报告；期限届满或者"
         "授权撤回后"
         "删除数据并出具说明。",
         ""},
        {"cc-by", "知识共享 署名 4.0", "Creative Commons Attribution 4.0", "",
         "https://creativecommons.org/licenses/by/4.0/"},
        {"cc-zero", "知识共享 CC0 1.0", "Creative Commons CC0 1.0", "",
         "https://creativecommons.org/publicdomain/zero/1.0/"},
        {"mbodl", "木兰-白玉兰开放数据许可", "Mulan Baiyulan open data licence", "", ""},
    };
    return list;
}

}  // namespace pengcheng::portal
