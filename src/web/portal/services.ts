// What the islands need of the services API.
import type { Schema } from '@shared/api'

export type FormValue = Schema<'ServiceFormValue'>
export type FormField = Schema<'ServiceFormField'>
export type Material = Schema<'ServiceMaterial'>
export type ServiceItem = Schema<'ServiceItem'>
export type Prefill = Schema<'ServicePrefill'>
export type Case = Schema<'ServiceCase'>
export type Attachment = Schema<'ServiceAttachment'>

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
