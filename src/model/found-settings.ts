/** Values by path below /proc/sys, as they were before slash64 wrote there for the first time. */
export type FoundValues = Readonly<Record<string, string>>

/** Where the state directory keeps them, as a read. */
export const FOUND_FILE = 'found-sysctls.json'
export const FOUND_SETTINGS = {
  id: 'found settings',
  file: FOUND_FILE,
  contained: true,
  mayFail: true,
} as const

/** What was found first; empty when the file is absent or not what we wrote. */
export function readSettings(text: string | undefined): FoundValues {
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
    return Object.fromEntries(entries.filter(isSetting))
  } catch {
    return {}
  }
}

/** Whether it is what we write, whole: of the rest, what there is of it is kept beside. */
export function isSettings(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && Object.entries(value).every(isSetting)
  } catch {
    return false
  }
}

function isSetting(entry: [string, unknown]): entry is [string, string] {
  return /^net\/[\w./@-]+$/.test(entry[0]) && !entry[0].includes('..') && typeof entry[1] === 'string'
}
