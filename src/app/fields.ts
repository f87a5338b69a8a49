/** An object of a JSON document that somebody else wrote: nothing is known of its values. */
export type Fields = Readonly<Record<string, unknown>>

/** The object that a text is; undefined: it is none. */
export function fieldsOf(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
