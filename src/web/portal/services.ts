// What the islands need of the services API.
export type FormValue = string | number | boolean | string[]

export interface FormField {
  name: string
  label: string
  type: 'text' | 'textarea' | 'number' | 'date' | 'select' | 'radio' | 'checkbox' | 'id_number' | 'mobile'
  required: boolean
  min?: number
  max?: number
  max_length?: number
  placeholder?: string
  hint?: string
  options?: { value: string; label: string }[]
  prefill?: { resource: string; column: string; title: string; organization: string }
}
export interface Material {
  code: string
  name: string
  required: boolean
  note?: string
  accept: string[]
  max_bytes: number
}
export interface ServiceItem {
  code: string
  name: string
  organization: { code: string; name: string }
  promised_days: number
  materials: Material[]
  form: { version: number; fields: FormField[] }
  state: string
}
export interface Prefill {
  fields: Record<
    string,
    { value: FormValue; source: { resource: string; title: string; organization: string; organization_name?: string } }
  >
  missing: string[]
}
export interface Case {
  case_no: string
  item: { code: string; name: string }
  state: string
  state_name: string
  due_date: string
  form: { name: string; label: string; value: string; raw: FormValue | null; source: string }[]
  supplement: { missing: { code: string; name: string; reason: string }[]; due: string } | null
  version: number
}
export interface Attachment {
  id: string
  name: string
  bytes: number
}

export function emptyValue(field: FormField): FormValue {
  if (field.type === 'checkbox') {
    return field.options ? [] : false
  }
  return ''
}

/** The form as sent: what is left blank is left out, numbers are numbers. */
export function sentForm(fields: FormField[], values: Record<string, FormValue>): Record<string, FormValue> {
  const out: Record<string, FormValue> = {}
  for (const field of fields) {
    const value = values[field.name]
    if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) {
      continue
    }
    out[field.name] = field.type === 'number' && typeof value === 'string' ? Number(value) : value
  }
  return out
}
