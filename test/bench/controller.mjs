// What the controller costs while nothing happens, and how long it takes to put right what somebody else did.
import { execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Clock ticks of /proc/PID/stat in a second (sysconf(_SC_CLK_TCK), 100 on every Linux that Node runs on). */
const TICKS = 100
const IDLE_SECONDS = 30
const HEALS = 100

export async function benchController({ count, program, places, log }) {
  const child = spawn(process.execPath, [program, 'reconcile', ...places, '--interval', '30s'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text))
  try {
    await until(
      () => / converged /.test(said),
      60_000,
      () => said,
    )
    // The look after the monitors have loaded is no idling.
    await sleep(5_000)
    await idle(child.pid, count, log)
    await heals(count, log)
  } finally {
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('close', resolve))
  }
}

async function idle(pid, count, log) {
  const before = cpuSeconds(pid)
  await sleep(IDLE_SECONDS * 1_000)
  const spent = cpuSeconds(pid) - before
  const hour = (spent * 3_600) / IDLE_SECONDS
  const own = residentKb(pid)
  const monitors = childrenOf(pid).reduce((sum, one) => sum + residentKb(one), 0)
  log(
    `controller, idle at N=${count}: ${hour.toFixed(0)} CPU seconds an hour (interval 30 s), ` +
      `resident ${(own / 1024).toFixed(0)} MB, its monitors ${(monitors / 1024).toFixed(0)} MB`,
  )
}

async function heals(count, log) {
  const ours = []
  const raw = []
  const list = () => execFileSync('nft', ['-s', 'list', 'table', 'inet', 'slash64'], { encoding: 'utf8' })
  const table = list()
  for (let round = 0; round < HEALS; round += 1) {
    execFileSync('nft', ['flush', 'ruleset'])
    const began = process.hrtime.bigint()
    await until(isBack, 5_000, () => 'the table does not come back')
    ours.push(Number(process.hrtime.bigint() - began) / 1e6)
    await sleep(150)
    // The floor: one program that has the whole table ready, on another name.
    const other = table.replace('table inet slash64', 'table inet floor')
    const start = process.hrtime.bigint()
    execFileSync('nft', ['-f', '-'], { input: other })
    raw.push(Number(process.hrtime.bigint() - start) / 1e6)
    execFileSync('nft', ['delete', 'table', 'inet', 'floor'])
  }
  if (list().replaceAll(/ # handle \d+/g, '').length !== table.length)
    throw new Error('it came back as another')
  log(
    `controller, heals a flushed ruleset at N=${count}, ${HEALS} times: median ${at(ours, 0.5)} ms, 99th percentile ${at(ours, 0.99)} ms, ` +
      `most ${at(ours, 1)} ms; one nft -f of the same table: ${at(raw, 0.5)} ms (${(at(ours, 0.5) / at(raw, 0.5)).toFixed(1)} x)`,
  )
}

/** The last that the transaction makes: one atomic step, so any part tells. */
function isBack() {
  try {
    execFileSync('nft', ['-s', 'list', 'chain', 'inet', 'slash64', 'nat-postrouting'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function at(values, part) {
  const sorted = values.toSorted((one, other) => one - other)
  return Number(sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)].toFixed(1))
}

async function until(check, deadline, why) {
  const end = Date.now() + deadline
  while (!check()) {
    if (Date.now() > end) throw new Error(`bench: ${why()}`)
    await sleep(1)
  }
}

/** Of the process and all that it has waited for, and of its monitors. */
function cpuSeconds(pid) {
  const of = (one, waited) => {
    const fields = readFileSync(`/proc/${one}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
      .map(Number)
    const [user, system, childUser, childSystem] = fields.slice(11, 15)
    return (user + system + (waited ? childUser + childSystem : 0)) / TICKS
  }
  return of(pid, true) + childrenOf(pid).reduce((sum, one) => sum + of(one, false), 0)
}

function childrenOf(pid) {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .trim()
      .split(/\s+/)
      .filter(Boolean)
      .map(Number),
  )
}

function residentKb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
}
