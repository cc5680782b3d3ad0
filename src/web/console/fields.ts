// Labels and help of every field of an entry; the same words serve the form, the detail and the error list.
import { t } from '@shared/i18n'

export const fieldNames: Record<string, string> = {
  class: t('资源属性', 'Class'),
  classification: t('资源分类', 'Classification'),
  name: t('资源名称', 'Name'),
  provider_code: t('提供方统一社会信用代码', "Provider's credit code"),
  abstract: t('资源摘要', 'Abstract'),
  format_class: t('格式分类', 'Format class'),
  format: t('资源格式', 'Format'),
  share_type: t('共享类型', 'Share type'),
  share_condition: t('共享条件', 'Share condition'),
  share_mode: t('共享方式', 'Share mode'),
  open_flag: t('向社会开放', 'Open to the public'),
  open_condition: t('开放条件', 'Open condition'),
  open_type: t('开放类型', 'Open type'),
  update_cycle: t('更新周期', 'Update cycle'),
  publish_date: t('发布日期', 'Publish date'),
  related_codes: t('关联资源代码', 'Related codes'),
  grade: t('数据分级', 'Grade'),
  domain: t('数据领域', 'Domain'),
  subject_object: t('数据对象', 'Subject'),
  region_scope: t('区域范围', 'Region'),
  time_from: t('数据时间起', 'Data from'),
  time_to: t('数据时间止', 'Data to'),
  keywords: t('关键字', 'Keywords'),
  source_system: t('来源系统', 'Source system'),
  source_kind: t('数据来源', 'Source'),
  contact_name: t('联系人', 'Contact'),
  contact_phone: t('联系电话', 'Telephone'),
  secrecy_review: t('保密审查', 'Secrecy review'),
  pia_review: t('个人信息保护影响评估', 'Personal information impact assessment'),
  head_consent: t('部门负责人同意意见', "Head's consent"),
  synthetic: t('合成数据', 'Synthetic'),
  source_note: t('来源说明', 'Note on the source'),
  items: t('信息项', 'Items'),
}

export const itemFieldNames: Record<string, string> = {
  name: t('名称', 'Name'),
  column: t('字段名', 'Column'),
  type: t('类型', 'Type'),
  length: t('长度', 'Length'),
  scale: t('小数位', 'Decimals'),
  nullable: t('可为空', 'May be empty'),
  primary_key: t('主键', 'Key'),
  unit: t('单位', 'Unit'),
  code_list: t('代码表', 'Code list'),
  element: t('数据元', 'Data element'),
  sensitive: t('敏感', 'Sensitive'),
  grade: t('分级', 'Grade'),
  share_type: t('共享类型', 'Share type'),
  open_type: t('开放类型', 'Open type'),
  mask: t('默认脱敏', 'Default mask'),
  description: t('说明', 'Description'),
}

export const help: Record<string, string> = {
  classification: t(
    '类1位、项2位、目3位，其后为细目；留空则按资源属性和提供方自动生成。',
    'Class, group and heading in six digits, then finer ones; empty: made from class and provider.',
  ),
  name: t(
    '说明数据内容，不用系统名称，末尾不加标点，本部门内不重名。',
    'Say what the data are; not a system; no punctuation at the end; unique in the department.',
  ),
  abstract: t('一两句话说清内容和主要字段，500字以内。', 'Content and key fields in a sentence or two.'),
  format_class: t(
    '上传文件后自动填写；电子表格入库后也可以接口提供。',
    'Filled in from the file; a spreadsheet may be served by API once it is loaded.',
  ),
  share_mode: t(
    '数据库类用接口或库表；电子表格用接口或文件。',
    'Databases: API or exchange; spreadsheets: API or file.',
  ),
  update_cycle: t('逾期未更新会提醒。', 'A reminder comes when an update is overdue.'),
  publish_date: t('留空为在平台发布的当天。', 'Empty: the day it is published here.'),
  open_type: t(
    '4级数据不得开放；3级须脱敏或汇总后开放。',
    'Grade 4 is never opened, grade 3 only masked or aggregated.',
  ),
  grade: t(
    '不低于信息项中的最高分级；保存时自动抬升。',
    "At least the items' highest; raised by itself on saving.",
  ),
  keywords: t('最多10个，回车添加。', 'Up to ten; Enter adds one.'),
  related_codes: t(
    '同一资源在目录中另一处出现时的代码，如 303017/000041。',
    'Codes of the same resource elsewhere, such as 303017/000041.',
  ),
  secrecy_review: t(
    '提交审核前须登记（条例第十三条）。',
    'Needed before review (sharing regulation, art. 13).',
  ),
  pia_review: t('含个人信息的资源须登记。', 'Needed where there is personal information.'),
  head_consent: t(
    '提交审核前须登记（条例第十三条）。',
    'Needed before review (sharing regulation, art. 13).',
  ),
  synthetic: t('造出来的数据，凡显示之处都会标明。', 'Made up; marked wherever it shows.'),
  contact_phone: t('部门外只显示后四位。', 'Others see the last four digits only.'),
}

/** What share_condition must say, by share type. */
export function conditionHelp(shareType: string): string {
  if (shareType === 'conditional') {
    return t(
      '写明共享条件和使用范围（条例第十五条），必填。',
      'The condition and the scope of use (art. 15); needed.',
    )
  }
  if (shareType === 'denied') {
    return t(
      '写明所依据的法律、行政法规或者国务院决定（条例第十四条），必填。',
      'The law, regulation or State Council decision (art. 14); needed.',
    )
  }
  return t('可写明使用要求，如作为行政依据、工作参考、数据校核。', 'What it may be used for.')
}

/** "/items/3/column" -> "第 4 个信息项「编码」的字段名". */
export function placeName(pointer: string, items: { name: string }[] = []): string {
  const [first, second, third] = pointer.replace(/^\//, '').split('/')
  if (first === 'items' && second !== undefined) {
    const no = Number(second) + 1
    const named = items[no - 1]?.name
    const field = third ? (itemFieldNames[third] ?? third) : ''
    return t(
      `第 ${no} 项${named ? `「${named}」` : ''}${field}`,
      `Item ${no}${named ? ` (${named})` : ''} ${field}`,
    )
  }
  return fieldNames[first ?? ''] ?? pointer
}

/** Brings the field of a pointer into view and focuses it. */
export function goTo(pointer: string): void {
  const place = pointer.startsWith('/items/') ? pointer : `/${pointer.split('/')[1] ?? ''}`
  const found =
    document.querySelector<HTMLElement>(`[data-pointer="${place}"]`) ??
    document.querySelector<HTMLElement>(`[data-pointer="/${pointer.split('/')[1] ?? ''}"]`)
  found?.scrollIntoView({ block: 'center' })
  const target = found?.matches('input,select,textarea')
    ? found
    : found?.querySelector<HTMLElement>('input,select,textarea,button')
  target?.focus({ preventScroll: true })
}
