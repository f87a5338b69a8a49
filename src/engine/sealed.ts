import { digest } from '../net/digest.ts'
import { canonicalJson } from './canonical-json.ts'

/** `{"format":1,"digest":"…","NAME":…}`, and a newline: who reads it can tell that it is whole, and written so. */
export function sealed(name: string, format: number, value: unknown): string {
  return `${JSON.stringify({ format, digest: digestOf(value), [name]: value })}\n`
}

/** What was sealed by that name and format; undefined: it is damaged, of another format, or not written so. */
export function unsealed<T>(name: string, format: number, text: string): T | undefined {
  try {
    const { format: found, digest: told, [name]: value } = JSON.parse(text)
    return found === format && value !== undefined && told === digestOf(value) ? value : undefined
  } catch {
    return undefined
  }
}

function digestOf(value: unknown): string {
  return digest(canonicalJson(value), 32)
}
