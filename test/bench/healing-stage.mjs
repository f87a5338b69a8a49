// A host with many running containers in named namespaces, an internet of one machine, and the controller that keeps it.
import { execFileSync, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ALLOWED } from './healing-wire.mjs'

// A bench starts some hundred processes that end with it.
process.setMaxListeners(0)

export const OUTSIDE = 'healing-outside'
const PREFIX = '2001:db8:1:1::'
const METRICS = 'http://127.0.0.1:9464/metrics'

export function sixOf(index) {
  return `${PREFIX}1:${(index + 2).toString(16)}`
}

export function containerOf(index) {
  return `healing-c${index}`
}

function network(count, round) {
  const containers = Array.from({ length: count }, (_, index) => {
    const id = index + 2
    const expose = index === 0 ? `[443/tcp, ${ALLOWED}/udp]` : '[443/tcp]'
    const runtime = `{ type: netns, name: ${containerOf(index)} }`
    return `  c${index}: { runtime: ${runtime}, ipv6: '::1:${id.toString(16)}', ipv4: 10.64.${id >> 8}.${id & 255}, expose: ${expose} }`
  })
  return `# round ${round}
apiVersion: slash64/v1
kind: Network
upstream: { interface: eth0, ipv4: 203.0.113.2 }
prefix: { cidr: '${PREFIX}/64', delivery: on-link }
networks:
  br-ct: { ipv6: '::1:0/112', ipv4: 10.64.0.0/16 }
containers:
${containers.join('\n')}
`
}

/** The namespaces, and a cable to the internet in place of what was there; the host is the namespace that we are in. */
export function raise(count) {
  const names = [OUTSIDE, ...Array.from({ length: count }, (_, index) => containerOf(index))]
  batch(names.map((name) => `netns add ${name}`))
  for (const link of ['all', 'default']) quiet(link)
  execFileSync('sh', ['-c', 'ip link delete eth0 2>/dev/null || true'])
  batch([
    `link add eth0 type veth peer name eth0 netns ${OUTSIDE}`,
    'addr add 203.0.113.2/24 dev eth0',
    `addr add ${PREFIX}2/64 dev eth0 nodad`,
    'link set eth0 up',
  ])
  batch(
    [
      'addr add 203.0.113.1/24 dev eth0',
      `addr add ${PREFIX}ffff/64 dev eth0 nodad`,
      'addr add 2001:db8:ffff::10/64 dev eth0 nodad',
      'link set eth0 up',
    ],
    ['-n', OUTSIDE],
  )
  batch([`route add 2001:db8:ffff::/64 via ${PREFIX}ffff dev eth0`, 'route add default via 203.0.113.1'])
  return () => batch(names.map((name) => `netns delete ${name}`))
}

function quiet(link) {
  writeFileSync(`/proc/sys/net/ipv6/conf/${link}/accept_dad`, '0')
}

export function batch(lines, options = []) {
  execFileSync('ip', [...options, '-batch', '-'], { input: `${lines.join('\n')}\n` })
}

/** The controller, with nothing but events and `SIGHUP` to make it look. */
export async function startKeeping({ program, folder, count }) {
  const yaml = join(folder, 'healing.yaml')
  const places = [
    '-f',
    yaml,
    '--state-dir',
    join(folder, 'healing'),
    '--run-dir',
    join(folder, 'healing-run'),
  ]
  let round = 0
  const rewrite = () => writeFileSync(yaml, network(count, (round += 1)))
  rewrite()
  const words = [program, 'reconcile', ...places, '--interval', '1h']
  const child = ending(spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] }))
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text))
  const ended = new Promise((resolve) => child.once('close', resolve))
  const keeping = {
    /** Another file that says the same: what was put right before it is no fight with somebody. */
    rewrite,
    hangUp: () => child.kill('SIGHUP'),
    said: () => said,
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      execFileSync(process.execPath, [program, 'teardown', '--yes', ...places], { stdio: 'ignore' })
    },
  }
  for (let waited = 0; !/ converged /.test(said); waited += 50) {
    if (waited > 180_000 || child.exitCode !== null) throw new Error(`bench: it does not converge: ${said}`)
    await sleep(50)
  }
  return keeping
}

/** What is made for one of these reads everything, and may have taken a signal's wish along. */
const WHOLE = ['signal', 'file', 'retry', 'interval']

/** How many passes have ended, of all or for some triggers; a busy machine may have dropped the question. */
async function passes(triggers) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const page = await (await fetch(METRICS, { headers: { connection: 'close' } })).text()
      return sumOf(page, triggers)
    } catch (error) {
      if (attempt === 20) throw error
      await sleep(100)
    }
  }
}

function sumOf(page, triggers) {
  return page
    .split('\n')
    .filter((line) => line.startsWith('slash64_reconcile_total{'))
    .filter((line) => triggers === undefined || triggers.some((one) => line.includes(`trigger="${one}"`)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

/** Until no pass has ended for a while. */
export async function untilQuiet() {
  let [before, same] = [-1, 0]
  while (same < 10) {
    await sleep(100)
    const now = await passes()
    same = now === before ? same + 1 : 0
    before = now
  }
}

/** One whole look behind the other, by SIGHUP as soon as the last one has ended. */
export function keepLooking(keeping) {
  const over = new AbortController()
  const counted = { looks: 0 }
  let failed
  const look = async () => {
    let seen = await passes(WHOLE)
    keeping.hangUp()
    while (!over.signal.aborted) {
      await sleep(50)
      const now = await passes(WHOLE)
      if (now === seen) continue
      counted.looks += now - seen
      seen = now
      keeping.hangUp()
    }
  }
  const work = look().catch((error) => (failed = error))
  const stop = async () => {
    over.abort()
    await work
    if (failed !== undefined) throw failed
    await untilQuiet()
  }
  return { counted, stop }
}

/** So many loops that want a processor all the time; none outlives us. */
export function load(count) {
  const loops = Array.from({ length: count }, () =>
    ending(spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' })),
  )
  return () => loops.forEach((loop) => loop.kill('SIGKILL'))
}

/** Ends with us at the latest, however we end. */
export function ending(child) {
  process.once('exit', () => child.kill('SIGKILL'))
  return child
}
