// slash64 beside the raw tools: what the same reads and writes cost when nothing has to be compared.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { benchContainers } from './containers.mjs'
import { benchController } from './controller.mjs'
import { benchHealing } from './healing.mjs'
import { benchRoutes } from './routes.mjs'

const program = fileURLToPath(new URL('../../dist/slash64.cjs', import.meta.url))
// Sizes (1 10 100 1000), or one part: `healing [CONTAINERS [TIMES [idle,look,busy [part of a change's name]]]]`.
const isHealing = process.argv[2] === 'healing'
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 10, 100, 1000]
const folder = mkdtempSync(join(tmpdir(), 'slash64-bench-'))
const yaml = join(folder, 'network.yaml')

/** N containers that somebody else configures: everything on the host's side, nothing inside. */
function network(count) {
  const containers = Array.from({ length: count }, (_, index) => {
    const id = index + 2
    return `  c${id}: { ipv6: '::1:${id.toString(16)}', ipv4: 10.64.${id >> 8}.${id & 255}, expose: [443/tcp] }`
  })
  const forwards = containers.map(
    (_, index) => `    - { listen: ${10_000 + index}/tcp, to: 'c${index + 2}:22' }`,
  )
  return `apiVersion: slash64/v1
kind: Network
upstream: { interface: eth0, ipv4: 203.0.113.2 }
prefix: { cidr: '2001:db8:1:1::/64', delivery: on-link }
networks:
  br-ct: { ipv6: '::1:0/112', ipv4: 10.64.0.0/16 }
containers:
${containers.join('\n')}
nat:
  forwards:
${forwards.join('\n')}
`
}

function host() {
  const lines = [
    'link add name eth0 type veth peer name peer0',
    'link set dev eth0 up',
    'link set dev peer0 up',
  ]
  lines.push('addr add 203.0.113.2/24 dev eth0', 'addr add 2001:db8:1:1::2/64 dev eth0 nodad')
  execFileSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` })
}

function slash64(...words) {
  const args = [
    program,
    ...words,
    '-f',
    yaml,
    '--state-dir',
    join(folder, 'state'),
    '--run-dir',
    join(folder, 'run'),
  ]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`slash64 ${words.join(' ')} ended with ${status}: ${stderr}`)
}

/** The same reads, side by side, without anything that looks at them. */
function rawReads() {
  const reads = [
    'ip -N -j -d addr show',
    'ip -N -j -4 route show table main',
    'ip -N -j -6 route show table main',
  ]
  reads.push('ip -N -j -6 neigh show proxy')
  reads.push('nft -j -n -s list table inet slash64', 'nft -j -n -s list table bridge slash64')
  execFileSync('sh', ['-c', `${reads.map((read) => `${read} >/dev/null & `).join('')} wait`])
}

/** The same objects, from nothing, by one `nft -f` and one `ip -batch`: the floor of the first run. */
function rawWrites(count) {
  const ids = Array.from({ length: count }, (_, index) => index + 2)
  const six = (id) => `2001:db8:1:1::1:${id.toString(16)}`
  const four = (id) => `10.64.${id >> 8}.${id & 255}`
  const elements = (make) => ids.map(make).join(', ')
  const nft = `add table inet raw
add set inet raw e { type ipv6_addr . inet_proto . inet_service; flags interval; }
add set inet raw s4 { type ifname . ipv4_addr; }
add set inet raw s6 { type ifname . ipv6_addr; }
add map inet raw f { type inet_proto . inet_service : ipv4_addr . inet_service; }
add element inet raw e { ${elements((id) => `${six(id)} . 6 . 443`)} }
add element inet raw s4 { ${elements((id) => `"br-raw" . ${four(id)}`)} }
add element inet raw s6 { ${elements((id) => `"br-raw" . ${six(id)}`)} }
add element inet raw f { ${elements((id) => `6 . ${9998 + id} : ${four(id)} . 22`)} }
`
  const ip = ['link add name br-raw up type bridge', 'addr add 10.64.0.1/16 dev br-raw']
  ip.push(
    ...ids.map((id) => `route add ${six(id)}/128 dev br-raw`),
    ...ids.map((id) => `neigh add proxy ${six(id)} dev eth0`),
  )
  execFileSync('nft', ['-f', '-'], { input: nft })
  execFileSync('ip', ['-batch', '-'], { input: `${ip.join('\n')}\n` })
}

function rawRemove() {
  execFileSync('nft', ['delete', 'table', 'inet', 'raw'])
  execFileSync('ip', ['link', 'delete', 'br-raw'])
  execFileSync('ip', ['link', 'set', 'eth0', 'down'])
  execFileSync('ip', ['-batch', '-'], {
    input: 'link set eth0 up\naddr add 2001:db8:1:1::2/64 dev eth0 nodad\n',
  })
}

function milliseconds(effect) {
  const start = process.hrtime.bigint()
  effect()
  return Number(process.hrtime.bigint() - start) / 1e6
}

function median(values) {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]
}

/** Runs both in turn, so that a noisy moment hits both. */
function pair(rounds, ours, raw) {
  const figures = Array.from({ length: rounds }, () => [milliseconds(ours), milliseconds(raw)])
  return { ours: median(figures.map(([one]) => one)), raw: median(figures.map(([, other]) => other)) }
}

function row(what, count, { ours, raw }, floor) {
  const ratio = (ours / raw).toFixed(1)
  console.log(
    [
      what.padEnd(34),
      String(count).padStart(6),
      ours.toFixed(1).padStart(9),
      raw.toFixed(1).padStart(9),
      ratio.padStart(7),
      `  ${floor}`,
    ].join(' '),
  )
}

function startUp() {
  const empty = join(folder, 'empty.cjs')
  writeFileSync(empty, '')
  const ours = () => spawnSync(process.execPath, [program, '--version'])
  row(
    'slash64 --version',
    0,
    pair(15, ours, () => spawnSync(process.execPath, [empty])),
    'an empty Node script',
  )
}

function bench(count) {
  writeFileSync(yaml, network(count))
  const rounds = count >= 1000 ? 5 : 9
  const first = pair(
    1,
    () => slash64('reconcile', '--once'),
    () => {
      slash64('teardown', '--yes')
      return rawWrites(count)
    },
  )
  // The teardown is inside the raw measurement above only to free the place; measured again without it:
  rawRemove()
  first.raw = milliseconds(() => rawWrites(count))
  rawRemove()
  row('first run (create all)', count, first, 'one nft -f and one ip -batch')
  slash64('reconcile', '--once')
  row(
    'plan, nothing to do',
    count,
    pair(rounds, () => slash64('plan'), rawReads),
    'the same six reads, side by side',
  )
  row(
    'reconcile, nothing to do',
    count,
    pair(rounds, () => slash64('reconcile', '--once'), rawReads),
    'the same six reads, side by side',
  )
  const heal = () => {
    execFileSync('ip', ['-6', 'neigh', 'delete', 'proxy', '2001:db8:1:1::1:2', 'dev', 'eth0'])
    slash64('reconcile', '--once')
  }
  row('heal one proxy neighbour', count, pair(rounds, heal, rawReads), 'the same six reads, once')
  slash64('teardown', '--yes')
}

async function controller(count) {
  writeFileSync(yaml, network(count))
  const places = ['-f', yaml, '--state-dir', join(folder, 'state'), '--run-dir', join(folder, 'run')]
  await benchController({ count, program, places, log: console.log })
  slash64('teardown', '--yes')
}

async function healing(count = 200, times = 30, only = undefined, cases = undefined) {
  const many = { count: Number(count), times: Number(times) }
  await benchHealing({ ...many, program, folder, log: console.log, only, cases })
}

async function everything() {
  host()
  console.log(
    `${'what'.padEnd(34)} ${'N'.padStart(6)} ${'slash64'.padStart(9)} ${'raw'.padStart(9)} ${'ratio'.padStart(7)}   raw is`,
  )
  startUp()
  for (const count of sizes) bench(count)
  for (const count of sizes) benchRoutes(count, { folder, yaml, slash64, pair, row, rawReads })
  for (const count of sizes.filter((size) => size <= 100))
    benchContainers(count, { folder, yaml, slash64, pair, row, rawReads })
  for (const count of sizes) await controller(count)
  await healing()
}

// What we started ends by our `exit`.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.once(signal, () => process.exit(1))

try {
  await (isHealing ? healing(...process.argv.slice(3)) : everything())
} catch (error) {
  // A reverse proxy would outlive us.
  slash64('teardown', '--yes')
  throw error
} finally {
  rmSync(folder, { recursive: true, force: true })
}
