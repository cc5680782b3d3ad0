// The fields of an entry in the order of the form: what each is, what it takes and when it is asked for.
import { t } from '@shared/i18n'
import type { ResourceInput } from '../../api/catalogue'
import { conditionHelp } from '../../fields'
import { organization } from '../../session'
import {
  classes,
  domainOrder,
  domains,
  formatClasses,
  formats,
  grades,
  openTypes,
  options,
  shareModes,
  shareTypes,
  sourceKinds,
  subjects,
  updateCycleOrder,
  updateCycles,
} from '../../words'

export interface Choice {
  value: string | number
  label: string
}
interface Common {
  name: keyof ResourceInput
  required?: boolean | ((entry: ResourceInput) => boolean)
  /** The whole width of the form. */
  wide?: boolean
  shown?: (entry: ResourceInput) => boolean
  hint?: (entry: ResourceInput) => string | undefined
  /** What follows from a choice. */
  changed?: (entry: ResourceInput) => void
}
export type Field = Common &
  (
    | { kind: 'text'; max: number; counted?: boolean; placeholder?: string; input?: 'numeric' | 'tel' }
    | { kind: 'area'; max: number; counted?: boolean; rows?: number }
    | { kind: 'radio'; choices: Choice[] }
    /** `free`: other values may be typed. */
    | { kind: 'select'; choices: (entry: ResourceInput) => Choice[]; free?: boolean; clearable?: boolean }
    | { kind: 'words'; limit?: number }
    | { kind: 'date' | 'switch' | 'review' }
  )

const same = (values: readonly string[]): Choice[] => values.map((value) => ({ value, label: value }))
const named = (order: readonly string[], words: Record<string, string>): Choice[] =>
  order.map((value) => ({ value, label: words[value]! }))

function formatClassChosen(entry: ResourceInput): void {
  const choices = formats[entry.format_class] ?? []
  if (choices.length && !choices.includes(entry.format)) {
    entry.format = choices[0]!
  }
  const usual: Record<string, string> = { '1': 'file', '2': 'file', '3': 'api', '4': 'file', '7': 'api' }
  entry.share_mode = usual[entry.format_class] ?? entry.share_mode
}

function openChosen(entry: ResourceInput): void {
  if (!entry.open_flag) {
    entry.open_type = ''
    entry.open_condition = ''
  } else if (!entry.open_type) {
    entry.open_type = 'unconditional'
  }
}

export const groups: { title: string; fields: Field[] }[] = [
  {
    title: t('基本信息', 'What it is'),
    fields: [
      { name: 'name', kind: 'text', required: true, wide: true, max: 100, counted: true },
      { name: 'abstract', kind: 'area', required: true, wide: true, max: 500, counted: true, rows: 3 },
      { name: 'class', kind: 'radio', required: true, choices: options(classes) },
      { name: 'classification', kind: 'text', max: 30, input: 'numeric' },
      { name: 'domain', kind: 'select', required: true, choices: () => named(domainOrder, domains) },
      { name: 'subject_object', kind: 'select', clearable: true, choices: () => options(subjects) },
      { name: 'keywords', kind: 'words', limit: 10 },
      { name: 'region_scope', kind: 'text', max: 100, placeholder: t('如：全市', 'e.g. the whole city') },
      { name: 'time_from', kind: 'date' },
      { name: 'time_to', kind: 'date' },
      { name: 'related_codes', kind: 'words' },
      { name: 'provider_code', kind: 'text', max: 18, hint: () => organization.value?.name },
    ],
  },
  {
    title: t('格式与更新', 'Format and updates'),
    fields: [
      {
        name: 'format_class',
        kind: 'select',
        required: true,
        choices: () => options(formatClasses),
        changed: formatClassChosen,
      },
      {
        name: 'format',
        kind: 'select',
        required: true,
        free: true,
        choices: (entry) => same(formats[entry.format_class] ?? []),
      },
      { name: 'update_cycle', kind: 'select', required: true, choices: () => named(updateCycleOrder, updateCycles) },
      { name: 'publish_date', kind: 'date' },
      { name: 'source_system', kind: 'text', max: 100 },
      { name: 'source_kind', kind: 'select', free: true, clearable: true, choices: () => same(sourceKinds) },
      { name: 'source_note', kind: 'area', max: 500 },
      { name: 'synthetic', kind: 'switch' },
    ],
  },
  {
    title: t('共享与开放', 'Sharing and opening'),
    fields: [
      { name: 'share_type', kind: 'radio', required: true, choices: options(shareTypes) },
      {
        name: 'share_mode',
        kind: 'select',
        required: true,
        choices: () => options(shareModes),
        shown: (entry) => entry.share_type !== 'denied',
      },
      {
        name: 'share_condition',
        kind: 'area',
        wide: true,
        max: 500,
        counted: true,
        required: (entry) => ['conditional', 'denied'].includes(entry.share_type),
        hint: (entry) => conditionHelp(entry.share_type),
      },
      { name: 'open_flag', kind: 'switch', changed: openChosen },
      {
        name: 'open_type',
        kind: 'radio',
        required: true,
        choices: options(openTypes).filter((one) => one.value !== 'denied'),
        shown: (entry) => entry.open_flag,
      },
      {
        name: 'open_condition',
        kind: 'area',
        wide: true,
        max: 500,
        required: (entry) => entry.open_type === 'conditional',
        shown: (entry) => entry.open_flag,
      },
    ],
  },
  {
    title: t('分级与审查', 'Grade and reviews'),
    fields: [
      {
        name: 'grade',
        kind: 'select',
        required: true,
        choices: () => options(grades).map((one) => ({ value: Number(one.value), label: one.label })),
      },
      { name: 'secrecy_review', kind: 'review' },
      { name: 'pia_review', kind: 'review' },
      { name: 'head_consent', kind: 'review' },
      { name: 'contact_name', kind: 'text', max: 50 },
      { name: 'contact_phone', kind: 'text', max: 50, input: 'tel' },
    ],
  },
]
