// Names for every identifier that the API speaks: no reader has to know a code where a name exists.
import { t } from '@shared/i18n'

export type Words = Record<string, string>

export function word(words: Words, id: string | number | null | undefined): string {
  return id === null || id === undefined || id === '' ? '—' : (words[String(id)] ?? String(id))
}

export const options = (words: Words) => Object.entries(words).map(([value, label]) => ({ value, label }))

export const classes: Words = {
  base: t('基础信息资源', 'Base'),
  theme: t('主题信息资源', 'Theme'),
  department: t('部门信息资源', 'Department'),
}
export const shareTypes: Words = {
  unconditional: t('无条件共享', 'Unconditional'),
  conditional: t('有条件共享', 'Conditional'),
  denied: t('不予共享', 'Not shared'),
}
export const openTypes: Words = {
  unconditional: t('无条件开放', 'Unconditional'),
  conditional: t('有条件开放', 'Conditional'),
  denied: t('不予开放', 'Not opened'),
}
export const shareModes: Words = {
  api: t('服务接口', 'API'),
  database: t('批量交换（库表）', 'Batch exchange'),
  file: t('文件下载', 'File'),
  mail: t('邮件', 'Mail'),
  disc: t('拷盘', 'Disc'),
  media: t('介质交换', 'Media'),
}
export const updateCycles: Words = {
  '1': t('实时', 'Real time'),
  '2': t('每日', 'Daily'),
  '3': t('每周', 'Weekly'),
  '4': t('每月', 'Monthly'),
  '5': t('每季度', 'Quarterly'),
  '7': t('每半年', 'Half-yearly'),
  '6': t('每年', 'Yearly'),
  '8': t('不定期', 'Irregular'),
  '9': t('一次性', 'Once'),
}
/** Integer-like keys would be put in number order by the language itself, so lists name their order. */
export const updateCycleOrder = ['1', '2', '3', '4', '5', '7', '6', '8', '9']
export const grades: Words = {
  '1': t('1级 无危害', '1 no harm'),
  '2': t('2级 轻微危害', '2 slight harm'),
  '3': t('3级 一般危害', '3 fair harm'),
  '4': t('4级 严重危害', '4 grave harm'),
}
export const formatClasses: Words = {
  '1': t('电子文件', 'Electronic file'),
  '2': t('电子表格', 'Spreadsheet'),
  '3': t('数据库', 'Database'),
  '4': t('图形图像', 'Graphics'),
  '5': t('流媒体', 'Streaming media'),
  '6': t('自描述格式', 'Self-described'),
  '7': t('服务接口', 'Service interface'),
}
export const formats: Record<string, string[]> = {
  '1': ['ofd', 'pdf', 'docx', 'doc', 'wps', 'txt', 'xml', 'json', 'html', 'pptx', 'ppt'],
  '2': ['xlsx', 'xls', 'csv', 'et'],
  '3': [
    'postgresql',
    'mysql',
    'oracle',
    'sql server',
    'dm',
    'kingbasees',
    'opengauss',
    'gbase',
    'db2',
    'sybase',
    'access',
    'dbf',
    'dbase',
  ],
  '4': ['jpg', 'png', 'tif', 'gif', 'bmp', 'shp', 'dwg', 'geojson'],
  '5': ['mp4', 'm3u8', 'rtsp', 'mpg'],
  '6': [],
  '7': ['rest', 'webservice'],
}
export const domains: Words = {
  '01': t('信用服务', 'Credit services'),
  '02': t('医疗卫生', 'Health'),
  '03': t('社保就业', 'Social security, jobs'),
  '04': t('公共安全', 'Public security'),
  '05': t('城建住房', 'Building and housing'),
  '06': t('交通运输', 'Transport'),
  '07': t('教育文化', 'Education and culture'),
  '08': t('科技创新', 'Science and innovation'),
  '09': t('资源能源', 'Resources and energy'),
  '10': t('生态环境', 'Environment'),
  '11': t('工业农业', 'Industry and agriculture'),
  '12': t('商贸流通', 'Trade and circulation'),
  '13': t('财税金融', 'Finance and tax'),
  '14': t('安全监管', 'Safety supervision'),
  '15': t('市场监管', 'Market supervision'),
  '16': t('社会救助', 'Social relief'),
  '17': t('法律服务', 'Legal services'),
  '18': t('生活服务', 'Daily-life services'),
  '19': t('气象服务', 'Weather'),
  '20': t('地理空间', 'Geospatial'),
  '21': t('机构团体', 'Institutions'),
  '99': t('其他', 'Other'),
}
export const domainOrder = Object.keys(domains).sort()
export const subjects: Words = {
  person: t('自然人', 'Persons'),
  enterprise: t('法人及其他组织', 'Enterprises'),
  matter: t('事项', 'Matters'),
  vehicle: t('车辆', 'Vehicles'),
  place: t('地点、空间', 'Places'),
  thing: t('物、部件', 'Things'),
}
export const sourceKinds = [
  t('业务产生', 'Business'),
  t('采集', 'Collected'),
  t('共享获取', 'Shared'),
  t('上级下发', 'From above'),
  t('购买', 'Bought'),
]
export const itemTypes: Words = {
  C: t('字符 C', 'Text C'),
  N: t('数值 N', 'Number N'),
  I: t('整数 I', 'Integer I'),
  Y: t('货币 Y', 'Money Y'),
  D: t('日期 D', 'Date D'),
  T: t('日期时间 T', 'Date time T'),
  L: t('逻辑 L', 'Yes/no L'),
  M: t('备注 M', 'Memo M'),
  B: t('双精度 B', 'Double B'),
  F: t('浮点 F', 'Float F'),
  G: t('通用 G', 'General G'),
}
export const elements: Words = {
  id_number: t('公民身份号码', 'Citizen ID number'),
  credit_code: t('统一社会信用代码', 'Unified credit code'),
  person_name: t('姓名', 'Person name'),
  mobile: t('手机号码', 'Mobile'),
  landline: t('固定电话', 'Landline'),
  address: t('地址', 'Address'),
  region: t('行政区划代码', 'Region code'),
  plate: t('号牌号码', 'Vehicle plate'),
  bank_card: t('银行卡号', 'Bank card'),
  email: t('电子邮箱', 'E-mail'),
}
export const masks: Words = {
  name: t('姓名：留首尾', 'Name: first and last'),
  name_first: t('姓名：留姓', 'Name: surname'),
  name_foreign: t('外文姓名：留首字母', 'Foreign name: initials'),
  id_number: t('身份号码：隐去生日', 'ID: hide birth'),
  id_strict: t('身份号码：只留首尾', 'ID: first and last'),
  mobile: t('手机：留前三后四', 'Mobile: 3 and 4'),
  landline: t('固话：留区号和后四', 'Landline: area and 4'),
  address: t('地址：到街道', 'Address: to the street'),
  address_district: t('地址：到区县', 'Address: to the district'),
  bank_card: t('银行卡：留前六后四', 'Card: 6 and 4'),
  plate: t('号牌：留前后各二', 'Plate: 2 and 2'),
  email: t('邮箱：留首字母和域名', 'E-mail: first and domain'),
  credit_code: t('信用代码：个体户隐中段', 'Credit code: sole traders'),
  passport: t('护照：留前后各二', 'Passport: 2 and 2'),
  date_month: t('日期：到月', 'Date: month'),
  date_year: t('日期：到年', 'Date: year'),
  'age_band:5': t('年龄：五岁一段', 'Age: bands of 5'),
  'age_band:10': t('年龄：十岁一段', 'Age: bands of 10'),
  geo: t('坐标：约百米', 'Position: about 100 m'),
  ip: t('IP 地址：隐末段', 'IP: drop the last part'),
  pseudonym: t('假名：只在本授权内可关联', 'Pseudonym within one grant'),
  hide: t('全部隐去', 'Hide all'),
}
export const purposes: Words = {
  '1': t('行政审批', 'Administrative approval'),
  '2': t('公共服务', 'Public service'),
  '3': t('监管执法', 'Supervision'),
  '4': t('应急处置', 'Emergency'),
  '5': t('统计分析', 'Statistics'),
  '6': t('决策支持', 'Decision support'),
  '7': t('信用评价', 'Credit assessment'),
  '8': t('数据校核', 'Data checking'),
  '9': t('业务协同', 'Cooperation'),
  '99': t('其他', 'Other'),
}
export const loadModes: Words = {
  replace: t('全量替换', 'Replace all'),
  upsert: t('按主键更新', 'Update by key'),
  append: t('追加', 'Append'),
}
export const severities: Words = {
  block: t('阻断', 'Block'),
  major: t('严重', 'Major'),
  minor: t('一般', 'Minor'),
  hint: t('提示', 'Hint'),
}
export const ruleKinds: Words = {
  required: t('必填', 'Required'),
  not_blank: t('不得以“无”等代替', 'Not a word for nothing'),
  conditional_required: t('有条件必填', 'Required on a condition'),
  type: t('类型', 'Type'),
  length: t('长度', 'Length'),
  scale: t('小数位数', 'Decimals'),
  pattern: t('格式（正则）', 'Pattern'),
  range: t('值域', 'Range'),
  enumeration: t('枚举值', 'One of'),
  code_list: t('代码表', 'Code list'),
  region: t('行政区划代码', 'Region code'),
  id_number: t('公民身份号码', 'Citizen ID number'),
  credit_code: t('统一社会信用代码', 'Unified credit code'),
  organization_code: t('组织机构代码', 'Organization code'),
  phone: t('联系电话', 'Telephone'),
  mobile: t('手机号码', 'Mobile'),
  landline: t('固定电话', 'Landline'),
  plate: t('号牌号码', 'Vehicle plate'),
  bank_card: t('银行卡号', 'Bank card'),
  email: t('电子邮箱', 'E-mail'),
  person_name: t('姓名', 'Person name'),
  date_order: t('日期先后', 'Date order'),
  not_future: t('不晚于今天', 'Not in the future'),
  id_vs_birth: t('身份号码与出生日期一致', 'ID agrees with birth date'),
  id_vs_sex: t('身份号码与性别一致', 'ID agrees with sex'),
  dirty_text: t('乱码', 'Garbled text'),
  unique: t('唯一', 'Unique'),
  composite_unique: t('联合唯一', 'Unique together'),
  duplicate: t('重复', 'Duplicates'),
}
export const dimensions: Words = {
  '01': t('规范性', 'Conformity'),
  '02': t('完整性', 'Completeness'),
  '03': t('准确性', 'Accuracy'),
  '04': t('一致性', 'Consistency'),
  '05': t('时效性', 'Timeliness'),
  '06': t('可访问性', 'Accessibility'),
}
/** The indicators of GB/T 36344 under its dimensions. */
export const indicators: Words = {
  '0101': t('数据标准', 'data standards'),
  '0102': t('数据模型', 'data model'),
  '0103': t('元数据', 'metadata'),
  '0104': t('业务规则', 'business rules'),
  '0105': t('权威参考数据', 'reference data'),
  '0106': t('安全规范', 'safety rules'),
  '0201': t('数据元素完整性', 'complete elements'),
  '0202': t('数据记录完整性', 'complete records'),
  '0301': t('数据内容正确性', 'right content'),
  '0302': t('数据格式合规性', 'right format'),
  '0303': t('数据重复率', 'repeats'),
  '0304': t('数据唯一性', 'uniqueness'),
  '0305': t('脏数据出现率', 'dirty data'),
  '0401': t('相同数据一致性', 'the same in all places'),
  '0402': t('关联数据一致性', 'related data agree'),
  '0501': t('基于时间段的正确性', 'right per period'),
  '0502': t('基于时间点及时性', 'in time'),
  '0503': t('时序性', 'order in time'),
  '0601': t('可访问', 'reachable'),
  '0602': t('可用性', 'usable'),
}
export const licences: Words = {
  'xz-open-1': t('徐州市公共数据开放许可（无条件）', 'Xuzhou public data licence'),
  'xz-open-2': t('徐州市公共数据有条件开放使用协议', 'Xuzhou conditional agreement'),
  'cc-by': t('知识共享 署名 4.0', 'CC BY 4.0'),
  'cc-zero': t('知识共享 CC0 1.0', 'CC0 1.0'),
  mbodl: t('木兰-白玉兰开放数据许可', 'Mulan Baiyulan licence'),
}
export const roles: Words = {
  data_officer: t('数据专员', 'Data officer'),
  provider_officer: t('共享审批员', 'Provider officer'),
  reviewer: t('数据局审核员', 'Reviewer'),
  window_staff: t('综合窗口', 'Window staff'),
  case_officer: t('审批人员', 'Case officer'),
  citizen: t('市民', 'Citizen'),
  system_admin: t('系统管理员', 'System administrator'),
  security_admin: t('安全管理员', 'Security administrator'),
  audit_admin: t('安全审计员', 'Audit administrator'),
}
export const jobKinds: Words = {
  'ingest.load': t('数据归集', 'Load'),
  'ingest.preview': t('变化预览', 'Preview of changes'),
  'quality.run': t('质量检查', 'Quality run'),
  'quality.nightly': t('全部资源质量检查', 'Quality runs of all'),
  'app.housekeeping': t('日常清理', 'Housekeeping'),
}
export const jobStates: Words = {
  queued: t('排队中', 'Queued'),
  running: t('进行中', 'Running'),
  done: t('已完成', 'Done'),
  failed: t('失败', 'Failed'),
  dead: t('已放弃', 'Given up'),
  cancelled: t('已取消', 'Cancelled'),
}
export const scheduleDays: Words = {
  any: t('每天', 'Every day'),
  working: t('每个工作日', 'Every working day'),
  nth_working: t('当月第几个工作日', 'Nth working day of the month'),
  last_working: t('当月最后一个工作日', 'Last working day of the month'),
}
export const missedRuns: Words = {
  skip: t('跳过', 'Skip'),
  run_once: t('补一次', 'Run once'),
  run_all: t('逐次补上', 'Run each'),
}
export const stages: Words = {
  queued: t('排队中', 'Queued'),
  reading: t('读取文件', 'Reading'),
  loading: t('写入', 'Loading'),
  checking: t('检查', 'Checking'),
  comparing: t('比对变化', 'Comparing'),
  switching: t('切换', 'Switching'),
  merging: t('合并', 'Merging'),
  storing: t('入库', 'Storing'),
  unique: t('查重', 'Checking for repeats'),
  scoring: t('评分', 'Scoring'),
  indexing: t('建立索引', 'Indexing'),
  sweeping: t('清理', 'Sweeping'),
}
export const organizationKinds: Words = {
  party: t('党委部门', 'Party bodies'),
  congress: t('人大', 'Congress'),
  cppcc: t('政协', 'CPPCC'),
  court: t('法院', 'Courts'),
  procuratorate: t('检察院', 'Procuratorates'),
  government: t('政府部门', 'Government departments'),
  mass: t('群团组织', 'Mass organizations'),
  institution: t('事业单位', 'Institutions'),
  vertical: t('垂直管理机构', 'Vertical bodies'),
  county: t('县（市）区', 'Counties and districts'),
}

export type Tone = 'plain' | 'blue' | 'good' | 'warn'
/** Colour says the same as the words beside it, never more. */
export const states: Record<string, { text: string; tone: Tone }> = {
  draft: { text: t('草稿', 'Draft'), tone: 'plain' },
  submitted: { text: t('待审核', 'Submitted'), tone: 'blue' },
  returned: { text: t('已退回', 'Returned'), tone: 'warn' },
  approved: { text: t('已通过', 'Approved'), tone: 'good' },
  published: { text: t('已发布', 'Published'), tone: 'good' },
  retired: { text: t('已下架', 'Retired'), tone: 'plain' },
  queued: { text: t('排队中', 'Queued'), tone: 'plain' },
  running: { text: t('进行中', 'Running'), tone: 'blue' },
  loading: { text: t('进行中', 'Loading'), tone: 'blue' },
  done: { text: t('已完成', 'Done'), tone: 'good' },
  loaded: { text: t('已入库', 'Loaded'), tone: 'good' },
  failed: { text: t('失败', 'Failed'), tone: 'warn' },
  dead: { text: t('已放弃', 'Given up'), tone: 'warn' },
  cancelled: { text: t('已取消', 'Cancelled'), tone: 'plain' },
  provider_review: { text: t('待提供方答复', 'With the provider'), tone: 'blue' },
  partly_approved: { text: t('部分同意', 'Partly approved'), tone: 'good' },
  refused: { text: t('不同意', 'Refused'), tone: 'warn' },
  withdrawn: { text: t('已撤回', 'Withdrawn'), tone: 'plain' },
  active: { text: t('有效', 'Active'), tone: 'good' },
  revoked: { text: t('已收回', 'Revoked'), tone: 'warn' },
  expired: { text: t('已到期', 'Expired'), tone: 'plain' },
  disabled: { text: t('已停用', 'Disabled'), tone: 'plain' },
  received: { text: t('已收件', 'Received'), tone: 'blue' },
  supplement: { text: t('待补正', 'Papers asked'), tone: 'plain' },
  accepted: { text: t('已受理', 'Accepted'), tone: 'blue' },
  review: { text: t('审查中', 'Under review'), tone: 'blue' },
  decided: { text: t('已决定', 'Decided'), tone: 'good' },
  closed: { text: t('已办结', 'Closed'), tone: 'good' },
  raised: { text: t('待核实', 'To verify'), tone: 'blue' },
  corrected: { text: t('已更正', 'Mended'), tone: 'good' },
  confirmed_right: { text: t('核实无误', 'Found right'), tone: 'plain' },
}
/** Steps as histories and timelines name them; the last word of a dotted name is what is looked up. */
export const actions: Words = {
  create: t('新建', 'Created'),
  created: t('新建', 'Created'),
  update: t('修改', 'Edited'),
  updated: t('修改', 'Edited'),
  submit: t('提交', 'Submitted'),
  submitted: t('提交', 'Submitted'),
  approve: t('审核通过', 'Approved'),
  approved: t('审核通过', 'Approved'),
  return: t('退回', 'Returned'),
  returned: t('退回', 'Returned'),
  publish: t('发布', 'Published'),
  published: t('发布', 'Published'),
  retire: t('下架', 'Retired'),
  retired: t('下架', 'Retired'),
  delete: t('删除', 'Deleted'),
  mount: t('挂接数据', 'Mounted'),
  accept: t('受理', 'Accepted'),
  supplement: t('告知补正', 'Papers asked'),
  answer: t('提交补正', 'Papers handed in'),
  refuse: t('不予受理', 'Refused'),
  start_review: t('开始审查', 'Review began'),
  'start-review': t('开始审查', 'Review began'),
  decide: t('作出决定', 'Decided'),
  close: t('办结', 'Closed'),
  withdraw: t('撤回', 'Withdrawn'),
  revoke: t('收回授权', 'Revoked'),
  rate: t('评价', 'Rated'),
}

export function actionName(action: string): string {
  return actions[action] ?? actions[action.split('.').at(-1) ?? ''] ?? action
}

const auditObjects: Words = {
  resource: t('目录', 'entry'),
  code_list: t('代码表', 'code list'),
  grant: t('共享授权', 'grant'),
  request: t('共享申请', 'request'),
  data: t('数据', 'rows'),
  access: t('使用记录', 'accesses'),
  account: t('市民账号', 'citizen account'),
  user: t('工作账号', 'staff account'),
  client: t('接入系统', 'system'),
  organization: t('组织机构', 'organization'),
  region: t('行政区划', 'region'),
  password: t('密码', 'password'),
  role: t('角色', 'roles'),
  session: t('会话', 'session'),
  token: t('令牌', 'token'),
  batch: t('入库批次', 'batch'),
  upload: t('上传文件', 'upload'),
  reject: t('问题行', 'rejected rows'),
  job: t('任务', 'job'),
  calendar: t('工作日历', 'calendar'),
  pack: t('配置包', 'pack'),
  proposal: t('开放申请', 'proposal'),
  dataset: t('开放数据集', 'data set'),
  rule: t('质量规则', 'rules'),
  run: t('质量检查', 'quality run'),
  failure: t('不合格行', 'failing rows'),
  case: t('办件', 'case'),
  attachment: t('附件', 'attachment'),
  consent: t('授权同意', 'consent'),
  item: t('事项', 'service item'),
  objection: t('数据异议', 'objection'),
  chain: t('审计链', 'audit chain'),
  record: t('审计记录', 'audit records'),
  grade: t('可读数据级别', 'readable grade'),
  lockout: t('登录锁定', 'lock-out'),
  secret: t('系统密钥', 'system secret'),
  signing_key: t('签名密钥', 'signing key'),
  recovery_code: t('恢复码', 'recovery codes'),
  totp: t('动态口令', 'one-time code'),
  user_session: t('工作账号会话', 'staff session'),
  schedule: t('定时任务', 'schedule'),
  notice: t('消息', 'notice'),
  backup: t('备份', 'backup'),
  database: t('数据库', 'database'),
}
const auditVerbs: Words = {
  put: t('写入', 'put'),
  read: t('读取', 'read'),
  list: t('查看', 'listed'),
  load: t('入库', 'loaded'),
  preview: t('预览变化', 'previewed'),
  cancel: t('取消', 'cancelled'),
  retry: t('重试', 'retried'),
  enqueue: t('提交', 'queued'),
  reset: t('重置', 'reset'),
  end: t('结束', 'ended'),
  pause: t('暂停', 'paused'),
  resume: t('恢复', 'resumed'),
  remove: t('移除', 'removed'),
  make: t('生成', 'made'),
  restore: t('恢复', 'restored'),
  enable: t('启用', 'enabled'),
  run: t('执行', 'run'),
  apply: t('应用', 'applied'),
  finish: t('完成', 'finished'),
  give: t('给予', 'given'),
  download: t('下载', 'downloaded'),
  disable: t('停用', 'disabled'),
  prefill: t('预填', 'prefilled'),
  checkpoint: t('签名存证', 'signed'),
  verify: t('核验', 'verified'),
  export: t('导出', 'exported'),
  prune: t('清理', 'pruned'),
}
const auditWhole: Words = {
  'rows.data-api': t('通过接口读取数据', 'Rows read by the API'),
  'rows.open': t('读取开放数据', 'Open rows read'),
  'rows.chart': t('开放数据图表', 'Chart of open rows'),
  'rows.preview': t('预览数据', 'Rows previewed'),
  'rows.prefill': t('办事自动填写', 'Prefill of a form'),
  'rows.reject-file': t('下载问题行文件', 'Rejected rows as a file'),
  'rows.failing-rows': t('查看不合格行', 'Failing rows read'),
  'rows.closed': t('读取结束', 'Reading ended'),
  'http.access.refuse': t('请求被拒', 'Request refused'),
  'identity.totp.refuse': t('动态口令不对', 'One-time code refused'),
  'identity.password.refuse': t('密码不对', 'Password refused'),
  'identity.session.create': t('登录', 'Signed in'),
  'identity.session.delete': t('退出', 'Signed out'),
  'identity.session.refuse': t('登录被拒', 'Sign-in refused'),
  'identity.token.create': t('系统取令牌', 'Token given'),
  'identity.token.refuse': t('系统取令牌被拒', 'Token refused'),
  'identity.role.update': t('授予角色', 'Roles given'),
  'exchange.request.approve': t('同意共享申请', 'Request approved'),
  'exchange.request.refuse': t('不同意共享申请', 'Request refused'),
  'exchange.grant.revoke': t('收回共享授权', 'Grant revoked'),
  'ingest.batch.load': t('批次入库', 'Batch loaded'),
  'portal.proposal.approve': t('签发开放申请', 'Proposal signed off'),
  'services.case.supplement': t('办件告知补正', 'Papers of a case asked for'),
  'services.case.answer': t('办件提交补正', 'Papers of a case handed in'),
  'services.case.start_review': t('办件开始审查', 'Review of a case began'),
  'services.case.decide': t('办件作出决定', 'Case decided'),
  'services.case.refuse': t('办件不予受理', 'Case refused'),
  'services.consent.give': t('同意读取个人数据', 'Consent to read personal data'),
  'services.case.review': t('评价办件', 'Case rated'),
  'services.objection.answer': t('答复数据异议', 'Objection answered'),
}

/** "catalogue.resource.publish" -> "发布目录". */
export function auditName(action: string): string {
  const [, object, verb] = action.split('.')
  if (auditWhole[action] || !object || !verb) {
    return auditWhole[action] ?? action
  }
  const what = auditObjects[object] ?? object
  const did = auditVerbs[verb] ?? actions[verb] ?? verb
  return t(`${did}${what}`, `${what}: ${did.toLowerCase()}`)
}

/** The light of a limit that is told in days only: the last day is red, two days are yellow. */
export function lightOf(daysLeft: number | null): string | null {
  if (daysLeft === null) {
    return null
  }
  return daysLeft < 0 ? 'overdue' : daysLeft === 0 ? 'red' : daysLeft <= 2 ? 'yellow' : 'green'
}
