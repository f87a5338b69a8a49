import { fstatSync } from 'node:fs'

/**
 * Whether a file descriptor leads to the journal: then JOURNAL_STREAM names its device and inode (systemd.exec(5)).
 * Somebody may have redirected it since, so it is compared.
 */
export function isJournal(descriptor: number, journalStream: string | undefined): boolean {
  const [device, inode] = (journalStream ?? '').split(':')
  if (!device || !inode) return false
  try {
    const { dev, ino } = fstatSync(descriptor)
    return `${dev}` === device && `${ino}` === inode
  } catch {
    return false
  }
}
