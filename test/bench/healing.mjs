// How long somebody's change stands while the controller looks at everything, seen from outside: the time from its first trace
// to its last. Of the firewall, traces are datagrams: denied ones that arrive, allowed ones that do not (500 of each a second, so
// to 2 ms). Of links and routes, they are events of an `ip monitor` of our own, with its time stamps. All these go before
// everything else for the processor, where that is allowed, so that a busy machine is late, and not its clock.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  containerOf,
  keepLooking,
  load,
  OUTSIDE,
  raise,
  sixOf,
  startKeeping,
  untilQuiet,
} from './healing-stage.mjs'
import { RATE, startWire, watchHost } from './healing-wire.mjs'

const run = promisify(execFile)
/** A change that stands longer (ms) is told as not undone. */
const DEADLINE = 120_000
const BUSY = 8

const CONDITIONS = [
  { id: 'idle', name: 'an idle host', looking: false, loops: 0 },
  { id: 'look', name: 'a whole look under way', looking: true, loops: 0 },
  { id: 'busy', name: `a whole look under way, ${BUSY} busy loops`, looking: true, loops: BUSY },
]

/** Each is made once in a round, with another container or element each time. */
const CASES = [
  {
    name: 'a foreign element in exposed6',
    by: 'wire',
    change: ({ round }) =>
      nft(`add element inet slash64 exposed6 { ${sixOf(0)} . udp . 9000-${10_000 + round} }`),
  },
  { name: 'exposed6 flushed', by: 'wire', change: () => nft('flush set inet slash64 exposed6') },
  {
    name: 'the set of guarded bridges flushed',
    by: 'wire',
    change: () => nft('flush set inet slash64 bridges'),
  },
  { name: 'the table flushed', by: 'wire', change: () => nft('flush table inet slash64') },
  { name: 'the table deleted', by: 'wire', change: () => nft('delete table inet slash64') },
  {
    name: 'a link taken down',
    by: 'host',
    change: ({ port }) => run('ip', ['link', 'set', port, 'down']),
    broken:
      ({ port }) =>
      (event) =>
        isLink(event, port) && !/[<,]UP[,>]/.test(event),
    mended:
      ({ port }) =>
      (event) =>
        isLink(event, port) && /[<,]UP[,>]/.test(event),
  },
  {
    name: 'a bridge port removed',
    by: 'host',
    change: ({ port }) => run('ip', ['link', 'set', port, 'nomaster']),
    broken:
      ({ port }) =>
      (event) =>
        event.startsWith('[LINK]Deleted') && event.includes(` ${port}@`),
    mended:
      ({ port }) =>
      (event) =>
        isLink(event, port) && event.includes(' master br-ct '),
  },
  {
    name: 'a route deleted',
    by: 'host',
    change: ({ route }) => run('ip', ['-6', 'route', 'del', route, 'dev', 'br-ct']),
    broken:
      ({ route }) =>
      (event) =>
        event.startsWith(`[ROUTE]Deleted ${route} dev br-ct `),
    mended:
      ({ route }) =>
      (event) =>
        event.startsWith(`[ROUTE]${route} dev br-ct `),
  },
]

/** What the same work costs the raw tools, in the same minutes. */
const RAW = [
  {
    name: 'nft -f',
    effect: () => run('sh', ['-c', `echo 'add element inet healing-floor e { 1 }' | nft -f -`]),
  },
  {
    name: 'ip -batch',
    effect: () => run('sh', ['-c', `echo 'route replace 192.0.2.1/32 dev eth0' | ip -batch -`]),
  },
  {
    name: 'nft -j list table',
    effect: () => run('nft', ['-j', '-n', '-s', 'list', 'table', 'inet', 'slash64'], { maxBuffer: 1e9 }),
  },
]

/** `times`: how often each change is made in each condition; `only`: the conditions, and `cases`: a part of the changes' names. */
export async function benchHealing({ count, times, program, folder, log, only, cases = '' }) {
  const remove = raise(count)
  let keeping
  let [wire, host] = []
  try {
    keeping = await startKeeping({ program, folder, count })
    await untilQuiet()
    await nft('add table inet healing-floor; add set inet healing-floor e { type inet_service; }')
    const ports = await portsOf(count)
    wire = startWire({ outside: OUTSIDE, inside: containerOf(0), address: sixOf(0) })
    host = watchHost()
    await wire.flows()
    const chosen = CASES.filter(({ name }) => name.includes(cases))
    const stage = { count, times, keeping, ports, wire, host, log, chosen }
    for (const condition of CONDITIONS) {
      if (only === undefined || only.split(',').includes(condition.id)) await inCondition(stage, condition)
    }
  } finally {
    for (const one of [wire, host]) one?.stop()
    await keeping?.stop()
    remove()
  }
}

async function inCondition(stage, { name, looking, loops }) {
  const { count, times, keeping, wire, log, chosen } = stage
  const stopLoad = load(loops)
  const looks = looking ? keepLooking(keeping) : undefined
  const results = chosen.map(() => [])
  const raw = RAW.map(() => [])
  const [sent, began] = [await wire.sent(), performance.now()]
  wire.forget()
  try {
    for (let round = 0; round < times; round += 1) {
      keeping.rewrite()
      if (!looking) await untilQuiet()
      for (const [index, one] of chosen.entries()) {
        await sleep(100 + 900 * Math.random())
        results[index].push(await once(stage, one, round))
      }
      for (const [index, { effect }] of RAW.entries()) raw[index].push(await milliseconds(effect))
    }
  } finally {
    stopLoad()
    await looks?.stop()
  }
  const minutes = (performance.now() - began) / 60_000
  const looked = looks === undefined ? '' : `, ${looks.counted.looks} whole looks`
  log(`healing at N=${count}, ${name}: ${times} of each in ${minutes.toFixed(1)} min${looked}`)
  const floor = Object.fromEntries(RAW.map((one, index) => [one.name, at(raw[index], 0.5)]))
  log(`  raw, median: ${RAW.map((one) => `one ${one.name} ${floor[one.name]} ms`).join(', ')}`)
  chosen.forEach((one, index) => log(row(one, results[index], floor)))
  log(`  denied datagrams: ${(await wire.sent()) - sent} sent (${RATE} a second), ${wire.passed()} passed`)
}

async function once({ count, ports, wire, host }, { by, change, broken, mended }, round) {
  // Container 0 is the one that is sent to; each of these three changes is made to another one.
  const turn = (part) => 1 + ((round + Math.floor((part * (count - 1)) / 3)) % (count - 1))
  const subject = { round, port: ports[turn(broken === undefined ? 0 : 1)], route: sixOf(turn(2)) }
  const make = () => change(subject)
  if (by === 'wire') return wire.disturbance(make, DEADLINE)
  return host.disturbance(make, { broken: broken(subject), mended: mended(subject) }, DEADLINE)
}

function row({ name, by }, results, floor) {
  const times = results.map(({ shown }) => shown)
  const denied = results.reduce((sum, one) => sum + one.denied, 0)
  const [write, unit] = by === 'wire' ? ['nft -f', floor['nft -f']] : ['ip -batch', floor['ip -batch']]
  const list = floor['nft -j list table']
  const median = at(times, 0.5)
  return [
    `  ${name.padEnd(36)}`,
    `median ${median} ms, p99 ${at(times, 0.99)} ms, max ${at(times, 1)} ms`,
    ` (median is ${ratio(median, unit)} x ${write}, ${ratio(median, list)} x nft -j list table)`,
    by === 'wire' ? `; ${denied} denied passed` : '',
  ].join('')
}

function ratio(one, other) {
  return (one / other).toFixed(1)
}

/** The host's end of each container's pair, by the container's number: the one whose other end is in that namespace. */
async function portsOf(count) {
  const { stdout } = await run('ip', ['-j', 'link', 'show', 'master', 'br-ct'])
  const byIndex = new Map(JSON.parse(stdout).map(({ ifindex, ifname }) => [ifindex, ifname]))
  const ports = []
  for (let index = 0; index < count; index += 1) {
    const inside = await run('ip', ['-n', containerOf(index), '-j', 'link', 'show', 'eth0'])
    ports.push(byIndex.get(JSON.parse(inside.stdout)[0].link_index))
  }
  return ports
}

async function nft(command) {
  await run('nft', [command])
}

function isLink(event, port) {
  return event.startsWith('[LINK]') && !event.startsWith('[LINK]Deleted') && event.includes(` ${port}@`)
}

async function milliseconds(effect) {
  const start = performance.now()
  await effect()
  return performance.now() - start
}

function at(values, part) {
  const sorted = values.toSorted((one, other) => one - other)
  return Number(sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)].toFixed(1))
}
