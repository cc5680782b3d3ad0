// The catalogue entries of the demo: facts of the city plan and of public standards, and three synthetic registers.
// Items say only what cannot be inferred from the file: the identifier, the type, keys, code lists, units.

const item = (name, column, type, more = {}) => ({ name, column, type, ...more })
const key = { primary_key: true, nullable: false }

/** Facts: opened without condition. `provider` is an organization code; with `pack` the city's pack brings the entry. */
export const facts = [
  {
    file: 'indicators.csv', provider: '044', slug: 'plan-indicators', name: '数字政府建设规划主要指标', domain: '21', cycle: '6',
    abstract: '徐州市数字政府建设规划（2022-2025年）29项主要指标的名称、属性、2021年值与2025年目标值。',
    source: '徐政办发〔2022〕92号', keywords: ['规划', '指标', '数字政府'],
    items: [
      item('序号', 'no', 'I', key), item('指标名称', 'name', 'C', { length: 60, nullable: false }),
      item('分组', 'group_name', 'C', { length: 20 }), item('属性', 'attribute', 'C', { length: 10 }),
      item('计量单位', 'unit', 'C', { length: 10 }),
      item('2021年值', 'value_2021', 'N', { length: 18, scale: 2 }), item('2025年目标值', 'target_2025', 'N', { length: 18, scale: 2 }),
      item('定义', 'definition', 'C', { length: 200 }), item('分子', 'numerator', 'C', { length: 300 }),
      item('分母', 'denominator', 'C', { length: 300 }), item('取得方式', 'source_kind', 'C', { length: 20 }),
    ],
  },
  {
    file: 'projects.csv', provider: '044', slug: 'key-projects', name: '数字政府建设重点项目清单', domain: '08', cycle: '6',
    abstract: '徐州市数字政府建设规划列出的48个重点项目及其牵头单位。', source: '徐政办发〔2022〕92号', keywords: ['规划', '重点项目'],
    items: [item('序号', 'no', 'I', key), item('项目名称', 'name', 'C', { length: 60, nullable: false }), item('牵头单位', 'lead', 'C', { length: 60 })],
  },
  {
    file: 'regions.csv', provider: '022', slug: 'regions', name: '徐州市行政区划代码', domain: '20', cycle: '6',
    abstract: '徐州市及所辖区县（市）、功能区的区划代码与名称。', source: 'GB/T 2260；标注“本项目自编”的两个功能区代码除外', keywords: ['行政区划', '代码'],
    items: [item('区划代码', 'code', 'C', { length: 6, ...key }), item('区划名称', 'name', 'C', { length: 40, nullable: false }),
      item('英文名称', 'name_en', 'C', { length: 80 }), item('类别', 'kind', 'C', { length: 20 }),
      item('上级代码', 'parent', 'C', { length: 6 }), item('来源', 'source', 'C', { length: 30 })],
  },
  {
    file: 'regions-abolished.csv', provider: '022', slug: 'regions-abolished', name: '徐州市已停用行政区划代码', domain: '20', cycle: '9',
    abstract: '曾经使用、现已停用的区划代码及其去向，用于核对旧证件号码。', source: 'GB/T 2260 历次版本', keywords: ['行政区划', '历史'],
    items: [item('旧代码', 'code', 'C', { length: 6, nullable: false }), item('旧名称', 'name', 'C', { length: 40 }),
      item('启用年', 'valid_from', 'I'), item('停用年', 'valid_until', 'I'), item('现代码', 'became', 'C', { length: 30 })],
  },
  { file: 'workdays.csv', provider: '015', slug: 'working-calendar', name: '节假日与调休安排', pack: true },
  {
    file: 'industries.csv', provider: '042', slug: 'industry-sections', name: '国民经济行业门类', domain: '11', cycle: '9',
    abstract: '国民经济行业分类的20个门类。', source: 'GB/T 4754', keywords: ['行业', '分类'],
    items: [item('门类代码', 'section', 'C', { length: 1, ...key }), item('门类名称', 'name', 'C', { length: 60 }),
      item('英文名称', 'name_en', 'C', { length: 200 }), item('大类范围', 'divisions', 'C', { length: 30 })],
  },
  { file: 'industry-divisions.csv', provider: '042', slug: 'industry-divisions', name: '国民经济行业大类', pack: true },
  {
    file: 'ethnic-groups.csv', provider: '020', slug: 'ethnic-groups', name: '民族代码', domain: '21', cycle: '9',
    abstract: '中国各民族名称的代码与罗马字母拼写。', source: 'GB/T 3304', keywords: ['民族', '代码'],
    items: [item('代码', 'code', 'C', { length: 2, ...key }), item('民族名称', 'name', 'C', { length: 20 }), item('英文名称', 'name_en', 'C', { length: 40 }),
      item('字母代码', 'letters', 'C', { length: 2 }), item('标准', 'standard', 'C', { length: 30 })],
  },
  { file: 'organizations.csv', provider: '009', slug: 'departments', name: '市级部门与县区名录（未核实）', pack: true },
  {
    file: 'bundles.csv', provider: '044', slug: 'one-thing-bundles', name: '一件事一次办事项清单', domain: '18', cycle: '6',
    abstract: '12个“一件事”的牵头单位、办理路径与建议时限（时限未核实）。', source: '国发〔2024〕3号、国办发〔2025〕24号及公开资料', keywords: ['一件事', '政务服务'],
    items: [item('序号', 'no', 'I', key), item('一件事名称', 'name', 'C', { length: 40 }), item('牵头单位', 'lead', 'C', { length: 30 }),
      item('清单来源', 'list', 'C', { length: 30 }), item('办理路径', 'path', 'C', { length: 60 }), item('办理时限（工作日）', 'working_days', 'C', { length: 20 })],
  },
  {
    file: 'sharing-limits.csv', provider: '044', slug: 'sharing-limits', name: '政务数据共享法定时限', domain: '17', cycle: '8',
    abstract: '政务数据共享条例规定的答复、提供、校核与目录更新时限。', source: '国务院令第809号', keywords: ['数据共享', '时限'],
    items: [item('环节', 'stage', 'C', { length: 20 }), item('事项', 'event', 'C', { length: 60 }), item('期限（工作日）', 'working_days', 'I'),
      item('起算', 'counted_from', 'C', { length: 40 }), item('依据', 'basis', 'C', { length: 40 })],
  },
  {
    file: 'domains.csv', provider: '044', slug: 'data-domains', name: '公共数据领域代码', domain: '21', cycle: '9',
    abstract: '公共数据目录使用的数据领域及其英文名称。', source: '公共信息资源开放试点工作方案；两位代码为本项目自编', keywords: ['目录', '领域', '代码'],
    items: [item('领域代码', 'code', 'C', { length: 2, ...key }), item('领域名称', 'name', 'C', { length: 20 }), item('英文名称', 'name_en', 'C', { length: 60 })],
  },
  {
    file: 'licence-types.csv', provider: '044', slug: 'licence-types', name: '常用电子证照类型', domain: '18', cycle: '8',
    abstract: '政务服务常用的电子证照类型、定义机构与持证主体。', source: '公开资料整理', keywords: ['电子证照', '类型'],
    items: [item('证照类型', 'type', 'C', { length: 4, ...key }), item('证照名称', 'name', 'C', { length: 60 }),
      item('定义机构', 'defined_by', 'C', { length: 60 }), item('持证主体', 'holder', 'C', { length: 10 })],
  },
]

/** Registers: conditional sharing; made from a seed and marked synthetic. */
export const registers = [
  {
    register: 'people', provider: '021', name: '人口基础信息', domain: '04', cycle: '2', grade: 3, subject: 'person', classOf: 'base', classification: '101001',
    abstract: '人口基础库样例：按种子生成的虚构人员，不对应任何真实个人。', keywords: ['人口', '合成数据'],
    items: [
      item('公民身份号码', 'id_number', 'C', { length: 18, ...key, element: 'id_number', sensitive: true, grade: 3, mask: 'id_number' }),
      item('姓名', 'name', 'C', { length: 50, nullable: false, element: 'person_name', sensitive: true, grade: 3, mask: 'name' }),
      item('性别', 'sex', 'C', { length: 1, nullable: false, code_list: 'sex' }),
      item('民族', 'ethnic_group', 'C', { length: 2, code_list: 'ethnic_group', sensitive: true, grade: 2 }),
      item('出生日期', 'birth_date', 'D', { nullable: false, grade: 2 }),
      item('户籍区划', 'region', 'C', { length: 6, code_list: 'region' }),
      item('住址', 'address', 'C', { length: 200, element: 'address', sensitive: true, grade: 3, mask: 'address' }),
      item('联系电话', 'phone', 'C', { length: 20, element: 'mobile', sensitive: true, grade: 3, mask: 'mobile' }),
      item('登记日期', 'registered_on', 'D'),
    ],
  },
  {
    register: 'enterprises', provider: '040', name: '法人基础信息', domain: '15', cycle: '2', grade: 3, subject: 'enterprise', classOf: 'base', classification: '102001',
    abstract: '法人单位基础库样例：按种子生成的虚构企业，不对应任何真实企业。', keywords: ['企业', '法人', '营业执照', '合成数据'],
    open: { slug: 'enterprises', title: '企业登记信息（合成）', columns: ['credit_code', 'name', 'kind', 'capital', 'founded_on', 'industry', 'region', 'state'] },
        items: [
      item('统一社会信用代码', 'credit_code', 'C', { length: 18, ...key, element: 'credit_code', grade: 1 }),
      item('企业名称', 'name', 'C', { length: 120, nullable: false }),
      item('企业类型', 'kind', 'C', { length: 40 }),
      item('法定代表人', 'legal_representative', 'C', { length: 50, element: 'person_name', sensitive: true, grade: 3, mask: 'name' }),
      item('法定代表人证件号', 'legal_representative_id', 'C', { length: 18, element: 'id_number', sensitive: true, grade: 3, mask: 'id_number' }),
      item('注册资本', 'capital', 'N', { length: 18, scale: 2, unit: '万元' }),
      item('成立日期', 'founded_on', 'D', { nullable: false }),
      item('注销日期', 'closed_on', 'D'),
      item('行业门类', 'industry', 'C', { length: 1, code_list: 'industry_section' }),
      item('住所区划', 'region', 'C', { length: 6, code_list: 'region' }),
      item('住所', 'address', 'C', { length: 200 }),
      item('联系电话', 'phone', 'C', { length: 20, element: 'mobile', sensitive: true, grade: 3, mask: 'mobile' }),
      item('经营状态', 'state', 'C', { length: 10 }),
    ],
  },
  {
    register: 'licences', provider: '044', name: '电子证照汇聚信息（合成）', domain: '18', cycle: '2', grade: 3, subject: 'person', classOf: 'base', classification: '105001',
    abstract: '电子证照库样例：按种子生成的虚构证照，不对应任何真实证照。', keywords: ['电子证照', '合成数据'],
    rules: [{ kind: 'unique', item: 'licence_no', severity: 'major', title: '证照编号不重复', params: {} },
      { kind: 'pattern', item: 'licence_no', severity: 'major', title: '证照编号为 XZ 加 8 位数字', params: { pattern: '^XZ[0-9]{8}$' } },
      { kind: 'date_order', item: 'valid_until', severity: 'major', title: '截止日期不早于颁发日期', params: { before: 'issued_on' } }],
    items: [
      item('证照编号', 'licence_no', 'C', { length: 20, nullable: false }),
      item('证照类型', 'type', 'C', { length: 4, code_list: 'licence_type' }),
      item('持证人', 'holder', 'C', { length: 50, nullable: false, element: 'person_name', sensitive: true, grade: 3, mask: 'name' }),
      item('持证人证件号', 'holder_id', 'C', { length: 18, element: 'id_number', sensitive: true, grade: 3, mask: 'id_number' }),
      item('颁发区划', 'region', 'C', { length: 6, code_list: 'region' }),
      item('颁发日期', 'issued_on', 'D'), item('有效期截止日期', 'valid_until', 'D'),
      item('证照状态', 'state', 'C', { length: 10 }),
    ],
  },
]

const review = (who, result) => ({ who, when: '2026-11-02', result })

/** Quality rules of its own, beside those derived from the items. */
export const rulesOf = (set) => (set.rules ?? []).map((rule, index) => ({ id: `own-${index + 1}`, ...rule }))

const reviews = (synthetic) => ({
  secrecy_review: review('保密办', '不涉密'), pia_review: review('数据专员', synthetic ? '合成数据，不含真实个人信息' : '不含个人信息'),
  head_consent: review('分管负责人', '同意'),
})

/** The request body that completes the draft a pack brought: what people add to it. */
export function completed(draft) {
  const { ref, code, provider, state, version, return_reason, created_by, submitted_by, created_at, updated_at, published_at, record_count,
    last_data_time, ...body } = draft
  return { ...body, ...reviews(false) }
}

/** The request body that compiles one entry. */
export function entry(set, synthetic) {
  return {
    class: set.classOf ?? 'department', classification: set.classification ?? '',
    name: set.name, abstract: set.abstract, format_class: '2', format: 'csv',
    share_type: synthetic ? 'conditional' : 'unconditional',
    share_condition: synthetic ? '用于履行法定职责中的身份核验、资格审查与数据校核，不得挪作他用' : '',
    share_mode: 'api', open_flag: !synthetic || Boolean(set.open), open_type: synthetic ? (set.open ? 'unconditional' : 'denied') : 'unconditional',
    open_condition: synthetic && !set.open ? '' : '注明来源', update_cycle: set.cycle, grade: set.grade ?? 1, domain: set.domain,
    subject_object: set.subject ?? 'matter', region_scope: '全市', keywords: set.keywords, source_kind: '业务产生',
    source_note: set.source ?? '按种子生成的合成数据', synthetic,
    contact_name: '数据专员', contact_phone: '0516-80000000',
    ...reviews(synthetic),
    items: set.items.map((one, index) => ({ nullable: true, ...one, no: index + 1 })),
  }
}
