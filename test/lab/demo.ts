/**
 * What slash64 does, seen on this very kernel: a provider's router that asks for every single address, the internet
 * behind it, one host, three containers. Exits with 1 if anything is not as it says. Run it by `npm run demo`.
 */
import { ROUTES, serveSites, showRoutes } from './demo-routes.ts'
import { createStage, spoken, type Stage } from './demo-stage.ts'
import { createLab, type Lab } from './lab.ts'
import { withMonitors } from './monitor.ts'
import type { Result } from './process.ts'
import { ADDRESSES } from './topology.ts'

const BLOG = '2001:db8:1:1::1:2'
const DB = '2001:db8:1:1::1:3'
const MAIL = '2001:db8:1:1::1:4'
const SILENT = new Set(['timeout', 'unreachable'])

function networkYaml(lab: Lab): string {
  return `apiVersion: slash64/v1
kind: Network
upstream: { interface: eth0, ipv4: ${ADDRESSES.host} }
prefix: { cidr: '${ADDRESSES.prefix}', delivery: on-link }
networks:
  br-ct: { ipv6: '::1:0/112', ipv4: 10.64.0.0/24 }
containers:
  blog:
    runtime: { type: netns, name: ${lab.namespace('blog')} }
    ipv6: ::1:2
    ipv4: 10.64.0.2
    expose: [443/tcp, 80/tcp]
  db:
    runtime: { type: netns, name: ${lab.namespace('db')} }
    ipv6: ::1:3
    ipv4: 10.64.0.3
  mail:
    runtime: { type: netns, name: ${lab.namespace('mail')} }
    ipv6: ::1:4
    ipv4: 10.64.0.4
    expose: [25/tcp]
nat:
  source: snat
  forwards:
    - { listen: 5432/tcp, to: 'db:5432', from: [${ADDRESSES.internet}/32] }
    - { listen: 5300/udp, to: 'db:53' }
`
}

type Slash64 = (words: string, expected: number) => Promise<Result>

/** Runs one command line of the program, shows both, and checks how it ends. */
function program(lab: Lab, stage: Stage, yaml: string): Slash64 {
  const colour = ['--color', stage.colour ? 'always' : 'never']
  return async (words, expected) => {
    const result = await lab.slash64([...words.split(' '), ...colour], { yaml })
    stage.show(`slash64 ${words}`, spoken(result))
    stage.check(`exit code ${expected}`, result.exitCode === expected, `was ${result.exitCode}`)
    return result
  }
}

async function converge(lab: Lab, stage: Stage, slash64: Slash64): Promise<void> {
  stage.heading('The desired network: network.yaml')
  stage.show('cat network.yaml', networkYaml(lab))

  stage.heading('Before: containers have no network, and the router asks in vain')
  stage.check('the host answers the internet', (await lab.ping('internet', ADDRESSES.host6)).received === 1)
  stage.check('the blog does not', (await lab.ping('internet', BLOG)).received === 0)

  stage.heading('The plan: what would change, without changing it')
  await slash64('plan --detailed-exitcode', 2)

  stage.heading('Reconcile: one pass')
  await slash64('reconcile --once', 0)

  stage.heading("After: from the internet's side")
  await checkReach(lab, stage)
  await checkClosed(lab, stage)

  stage.heading('A second pass writes nothing')
  const again = await withMonitors(lab, async () => slash64('reconcile --once', 0))
  const heard = again.nft.length + again.ip.length
  stage.check('nft and ip monitors heard nothing', heard === 0, `${heard} events`)
}

async function breakAndHeal(lab: Lab, stage: Stage, slash64: Slash64): Promise<void> {
  stage.heading('Somebody breaks things: a proxy neighbour, a route, a whole chain of the firewall')
  await breakThings(lab, stage)
  stage.check('the blog does not answer', (await lab.ping('internet', BLOG)).received === 0)
  const status = await slash64('status', 0)
  stage.check('status calls it drift', status.stdout.includes('drifted'))
  await slash64('plan --detailed-exitcode', 2)

  stage.heading('Healed: only what was broken is written')
  await slash64('reconcile --once', 0)
  await checkReach(lab, stage)
  await checkClosed(lab, stage)

  stage.heading('Teardown: nothing of ours stays')
  await slash64('teardown --yes', 0)
  const left = await lab.must('host', [
    'sh',
    '-c',
    'nft list tables; ip -6 neigh show proxy; ip -br link show type bridge',
  ])
  stage.check('no table, proxy neighbour or bridge is left', left === '', left.trim())
}

async function serve(lab: Lab): Promise<void> {
  await Promise.all([
    lab.serve('blog', '443/tcp', '80/tcp', '8080/tcp'),
    lab.serve('db', '5432/tcp', '53/udp'),
    lab.serve('mail', '25/tcp'),
    lab.serve('internet', '7/tcp'),
    serveSites(lab),
  ])
}

async function checkReach(lab: Lab, stage: Stage): Promise<void> {
  await lab.forgetNeighbours()
  for (const [name, address] of Object.entries({ blog: BLOG, db: DB, mail: MAIL })) {
    const ping = await lab.ping('internet', address)
    stage.check(`${name} answers ping at ${address}`, ping.received === 1, `first packet ${ping.firstMs} ms`)
  }
  const talks = [
    ['https of the blog', await lab.tcp('internet', BLOG, 443), `blog:443 peer ${ADDRESSES.internet6}`],
    ['smtp of the mail host', await lab.tcp('internet', MAIL, 25), `mail:25 peer ${ADDRESSES.internet6}`],
    [
      'IPv4 port 5432 leads to db',
      await lab.tcp('internet', ADDRESSES.host, 5432),
      `db:5432 peer ${ADDRESSES.internet}`,
    ],
    [
      'IPv4 port 5300/udp leads to db',
      await lab.udp('internet', ADDRESSES.host, 5300),
      `db:53 peer ${ADDRESSES.internet}`,
    ],
    ['db leaves by IPv6 as itself', await lab.tcp('db', ADDRESSES.internet6, 7), `internet:7 peer ${DB}`],
    [
      'db leaves by IPv4 as the host',
      await lab.tcp('db', ADDRESSES.internet, 7),
      `internet:7 peer ${ADDRESSES.host}`,
    ],
  ] as const
  for (const [promise, seen, wanted] of talks) stage.check(promise, seen === wanted, seen)
}

async function checkClosed(lab: Lab, stage: Stage): Promise<void> {
  const timeoutMs = 300
  const closed = await lab.tcp('internet', BLOG, 8080, { timeoutMs })
  stage.check('port 8080 of the blog is closed, although somebody listens', SILENT.has(closed), closed)
  const direct = await lab.tcp('internet', DB, 5432, { timeoutMs })
  stage.check('port 5432 of db is closed on IPv6', SILENT.has(direct), direct)
  const stranger = await lab.tcp('internet', ADDRESSES.host, 5432, { timeoutMs, source: ADDRESSES.stranger })
  stage.check(`the forward is closed to ${ADDRESSES.stranger}`, !stranger.includes('peer'), stranger)
}

/** Breaks what the kernel announces to nobody (a proxy neighbour), a route, and the rules of one chain. */
async function breakThings(lab: Lab, stage: Stage): Promise<void> {
  const listing = await lab.must('host', ['nft', '-j', 'list', 'table', 'inet', 'slash64'])
  const { nftables }: { nftables: { readonly rule?: { readonly chain: string } }[] } = JSON.parse(listing)
  const chain = nftables.find((entry) => entry.rule !== undefined)?.rule?.chain ?? ''
  const commands = [
    `ip -6 neigh del proxy ${BLOG} dev eth0`,
    `ip -6 route del ${DB}/128 dev br-ct`,
    `nft flush chain inet slash64 ${chain}`,
  ]
  for (const command of commands) {
    stage.show(command, '')
    await lab.must('host', command.split(' '))
  }
  await lab.forgetNeighbours()
}

async function main(): Promise<void> {
  const stage = createStage()
  stage.heading('A lab on this kernel, in namespaces of its own')
  stage.note(
    [
      'internet ─── router ─── eth0 host br-ct ─┬─ blog  ::1:2   https and http',
      '                on-link /64              ├─ db    ::1:3   by forwards only',
      '             2001:db8:1:1::/64           └─ mail  ::1:4   smtp',
    ].join('\n'),
  )
  const lab = await createLab({ containers: ['blog', 'db', 'mail'] })
  try {
    await serve(lab)
    await converge(lab, stage, program(lab, stage, networkYaml(lab)))
    const slash64 = program(lab, stage, networkYaml(lab) + ROUTES)
    await showRoutes(lab, stage, slash64)
    await breakAndHeal(lab, stage, slash64)
  } finally {
    await lab.destroy()
  }
  process.exitCode = stage.finish() ? 0 : 1
}

process.on('SIGINT', () => process.exit(130))
// The bundle is CommonJS, which has no top-level await.
main().catch((error: unknown) => {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
