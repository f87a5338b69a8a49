import { readdir, readFile, readlink } from 'node:fs/promises'
import { parseNetlinkSockets } from './netlink-sockets.ts'
import type { Condition } from './feeds.ts'

/**
 * What /proc shows of a program that was started, and of what it started itself: a wrapper of it may be what was started.
 * Writes nothing, and asks the program nothing. What cannot be read is left out.
 */
export async function lookAt(pid: number): Promise<Condition> {
  const processes = [pid, ...(await descendants(pid))]
  const [states, inodes, table] = await Promise.all([
    Promise.all(processes.map(stateOf)),
    Promise.all(processes.map(socketsOf)),
    readFile(`/proc/${pid}/net/netlink`, 'utf8').catch(() => ''),
  ])
  const own = new Set(inodes.flat())
  return {
    isStopped: states.some((state) => state === 'T' || state === 't'),
    sockets: parseNetlinkSockets(table).filter(({ inode }) => own.has(inode)),
  }
}

/** Its children and theirs (proc(5), /proc/PID/task/TID/children). */
async function descendants(pid: number): Promise<readonly number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => [])
  const texts = await Promise.all(
    tasks.map(async (task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  )
  const children = texts.join(' ').split(/\s+/).filter(Boolean).map(Number)
  return [...children, ...(await Promise.all(children.map(descendants))).flat()]
}

/** One letter (proc(5)); the name before it may have any sign. */
async function stateOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3)
}

async function socketsOf(pid: number): Promise<readonly string[]> {
  const folder = `/proc/${pid}/fd`
  const names = await readdir(folder).catch(() => [])
  const links = await Promise.all(names.map(async (name) => readlink(`${folder}/${name}`).catch(() => '')))
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
}
