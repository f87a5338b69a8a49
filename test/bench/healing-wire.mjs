// What is watched from outside while the controller heals: datagrams that arrive or do not, and one `ip monitor` of our own.
import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'

const PACKETS = fileURLToPath(new URL('packets.mjs', import.meta.url))
/** Datagrams a second to each port. */
export const RATE = 500
/** Nothing listens to the world on this one. */
const DENIED = 9_999
/** This one is exposed: its silence is how long an exposure is missed. */
export const ALLOWED = 8_443
/** What was disturbed is over when nothing happened for so long (ms). */
const CALM = 400

/** Before busy loops in the queue for a processor, where we may. */
const FIRST = spawnSync('chrt', ['-f', '10', 'true']).status === 0 ? ['chrt', '-f', '10'] : []

/** Datagrams from `outside` to `address` in `inside`; both are namespaces. */
export function startWire({ outside, inside, address }) {
  const ports = [DENIED, ALLOWED].map(String)
  const receiver = talker(inside, ['receive', ...ports])
  const sender = talker(outside, ['send', address, String(RATE), ...ports])
  let passed = 0
  const take = async () => {
    const found = await receiver.ask()
    passed += found[DENIED].length
    return { denied: found[DENIED], allowed: found[ALLOWED] }
  }
  /**
   * How long (ms) a change showed: from the first to the last denied datagram that passed, or the longest silence of the allowed
   * ones, whichever is longer. `change` is made meanwhile.
   */
  const disturbance = async (change, deadline) => {
    const before = await take()
    const [denied, allowed] = [[], before.allowed.slice(-1)]
    await change()
    const made = clock()
    while (clock() - made < deadline) {
      await sleep(50)
      const more = await take()
      denied.push(...more.denied)
      allowed.push(...more.allowed)
      const last = Math.max(made, ...denied.slice(-1))
      const isFlowing = clock() - (allowed.at(-1) ?? -Infinity) < CALM / 2
      if (clock() - last > CALM && isFlowing)
        return { shown: Math.max(span(denied), longestGap(allowed)), denied: denied.length }
    }
    return { shown: Infinity, denied: denied.length }
  }
  const flows = async () => {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      await sleep(50)
      if ((await take()).allowed.length > 0) return
    }
    throw new Error('bench: the exposed port is not reached')
  }
  return {
    disturbance,
    flows,
    passed: () => passed,
    forget: () => (passed = 0),
    sent: async () => (await sender.ask())[DENIED],
    stop: () => [receiver, sender].forEach(({ stop }) => stop()),
  }
}

function span(times) {
  return times.length === 0 ? 0 : times.at(-1) - times[0] + 1000 / RATE
}

function longestGap(times) {
  const gaps = times.slice(1).map((time, index) => time - times[index])
  const longest = Math.max(0, ...gaps)
  return longest > 3 * (1000 / RATE) ? longest - 1000 / RATE : 0
}

function clock() {
  return Number(process.hrtime.bigint()) / 1e6
}

function talker(namespace, words) {
  const enter = ['nsenter', `--net=/run/netns/${namespace}`]
  const { child, lines } = listen([...FIRST, ...enter, process.execPath, PACKETS, ...words])
  const waiting = []
  lines.on('line', (line) => waiting.shift()(JSON.parse(line)))
  const ask = async () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      child.stdin.write('\n')
    })
  return { ask, stop: () => child.kill('SIGKILL') }
}

/** What the kernel tells of links and routes, each line with the time (ms) at which `ip` was told. */
export function watchHost() {
  const { child, lines } = listen([...FIRST, 'ip', '-ts', '-o', 'monitor', 'label', 'link', 'route'])
  let heard = []
  lines.on('line', (line) => {
    const [, stamp, event] = /^\[(\S+?)\] (.*)$/.exec(line) ?? []
    if (stamp !== undefined) heard.push({ at: milliseconds(stamp), event })
  })
  /** From the first event that is `broken` to the next one that is `mended`, in ms; `change` is made meanwhile. */
  const disturbance = async (change, { broken, mended }, deadline) => {
    heard = []
    await change()
    for (const end = clock() + deadline; clock() < end; await sleep(20)) {
      const from = heard.findIndex(({ event }) => broken(event))
      const to = from < 0 ? undefined : heard.slice(from).find(({ event }) => mended(event))
      if (to !== undefined) return { shown: to.at - heard[from].at, denied: 0 }
    }
    return { shown: Infinity, denied: 0 }
  }
  return { disturbance, stop: () => child.kill('SIGKILL') }
}

/** `2026-11-30T22:38:50.896969`, in local time without a zone; Date knows no microseconds. */
function milliseconds(stamp) {
  const [second, micro = '0'] = stamp.split('.')
  return new Date(second).getTime() + Number(micro) / 1000
}

function listen([command, ...args]) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill('SIGKILL'))
  return { child, lines: createInterface({ input: child.stdout }) }
}
