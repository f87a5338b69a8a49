import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLab, type Lab } from '../lab/lab.ts'
import { eventually, inNamespace } from '../lab/process.ts'
import { container, networkYaml } from './fixtures.ts'
import { converged, fileOf, startController, type RunningController } from './controller-fixtures.ts'
import { wrapped } from './proxy-fixtures.ts'

const RULES = join(process.cwd(), 'examples/prometheus/slash64.rules.yml')

let lab: Lab
let controller: RunningController
let prometheus: ChildProcess
/** While this file is there, nft writes nothing. */
let broken: string

beforeAll(async () => {
  lab = await createLab({ containers: ['blog'] })
  broken = join(lab.directory, 'broken')
  const script = `case "$*" in *-f*) [ -e ${broken} ] && { echo 'Error: out of order' >&2; exit 1; };; esac; PATH=\${PATH#*:}; exec nft "$@"`
  controller = startController(lab, yaml(['80/tcp']), {
    args: ['--interval', '1s'],
    wrap: wrapped(lab, 'nft', script),
  })
  await converged(controller)
  prometheus = startPrometheus()
})

afterAll(async () => {
  prometheus?.kill('SIGKILL')
  await controller?.stop()
  await lab?.destroy()
})

function yaml(expose: readonly string[]): string {
  return networkYaml({ containers: { blog: container(lab, 'blog', 2, { expose: [...expose] }) } })
}

/** Debian's Prometheus with our rules; only their time runs faster, so that nobody has to wait a quarter of an hour. */
function startPrometheus(): ChildProcess {
  const folder = join(lab.directory, 'prometheus')
  mkdirSync(folder)
  const rules = readFileSync(RULES, 'utf8').replaceAll(/for: \d+[mh]/g, 'for: 1s')
  writeFileSync(join(folder, 'slash64.rules.yml'), rules)
  const shipped = readFileSync('examples/prometheus/prometheus.yml', 'utf8').replaceAll('15s', '500ms')
  writeFileSync(join(folder, 'prometheus.yml'), shipped)
  // It ends with us, however that is.
  const words = [
    'setpriv',
    '--pdeathsig=KILL',
    'prometheus',
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    '--web.listen-address=127.0.0.1:9090',
  ]
  const [command = '', ...args] = inNamespace(lab.namespace('host'), words)
  return spawn(command, args, { stdio: 'ignore' })
}

/** Names of the alerts that fire. */
async function firing(): Promise<readonly string[]> {
  const { stdout } = await lab.run('host', ['curl', '-sS', '-m', '2', 'http://127.0.0.1:9090/api/v1/alerts'])
  if (stdout === '') return []
  const alerts: { state: string; labels: { alertname: string } }[] = JSON.parse(stdout).data.alerts
  return alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname)
}

async function fires(alert: string): Promise<boolean> {
  return eventually(async () => (await firing()).includes(alert))
}

async function isSilent(): Promise<boolean> {
  return eventually(async () => (await firing()).length === 0)
}

it('scrapes the controller', async () => {
  const query = 'http://127.0.0.1:9090/api/v1/query?query=slash64_managed_resources'
  const series = async (): Promise<string> =>
    (await lab.run('host', ['curl', '-sS', '-m', '2', query])).stdout
  expect(await eventually(async () => (await series()).includes('"kind":"exposure"'))).toBe(true)
  expect(await isSilent()).toBe(true)
})

it('drift that stays fires, and its healing resolves', async () => {
  writeFileSync(broken, '')
  await lab.must('host', ['nft', 'flush', 'set', 'inet', 'slash64', 'exposed6'])
  expect(await fires('Slash64DriftPersistent')).toBe(true)
  expect(await fires('Slash64ReconcileFailing')).toBe(true)
  rmSync(broken)
  expect(await isSilent()).toBe(true)
})

it('a wrong file fires, and the right one resolves', async () => {
  writeFileSync(fileOf(lab), 'prefx: 2001:db8::/64\n')
  expect(await fires('Slash64ConfigInvalid')).toBe(true)
  writeFileSync(fileOf(lab), yaml(['80/tcp', '443/tcp']))
  expect(await isSilent()).toBe(true)
})

it('a controller that is gone fires, and its start resolves', async () => {
  await controller.stop()
  expect(await fires('Slash64Down')).toBe(true)
  controller = startController(lab, undefined, { args: ['--interval', '1s'] })
  expect(await isSilent()).toBe(true)
})
