import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stage } from './demo-stage.ts'
import type { Lab } from './lab.ts'
import { eventually, type Result } from './process.ts'
import { ADDRESSES } from './topology.ts'
import { serveWeb, visit } from './web.ts'

/** What the demo adds to its network.yaml: two sites, by name, on the one public IPv4. */
export const ROUTES = `routes:
  - { host: blog.example.org, to: blog, http: 8000, https: 8443, ipv6: proxy }
  - { host: [mail.example.org, '*.mail.example.org'], to: mail, http: redirect, proxyProtocol: v2 }
`

export async function serveSites(lab: Lab): Promise<void> {
  await serveWeb(lab, 'blog', 8000)
  await serveWeb(lab, 'blog', 8443, { certificate: 'blog.example.org' })
  await serveWeb(lab, 'mail', 443, { certificate: 'mail.example.org', proxyProtocol: 'v2' })
}

/** Two sites share ports 80 and 443 of one IPv4; each keeps its own certificate. */
export async function showRoutes(
  lab: Lab,
  stage: Stage,
  slash64: (words: string, expected: number) => Promise<Result>,
): Promise<void> {
  stage.heading('Two web sites on one IPv4: ports 80 and 443 are shared by name')
  stage.show('cat >>network.yaml', ROUTES)
  await slash64('reconcile --once', 0)
  await checkSites(lab, stage)

  stage.heading('The reverse proxy is killed, and comes back')
  const pid = readFileSync(join(lab.directory, 'run/proxy/haproxy.pid'), 'utf8').trim()
  stage.show(`kill -9 ${pid}`, '')
  process.kill(Number(pid), 'SIGKILL')
  stage.check(
    'nobody answers',
    await eventually(async () => (await get(lab, 'blog.example.org')) === 'refused'),
  )
  await slash64('plan --detailed-exitcode', 2)
  await slash64('reconcile --once', 0)
  await checkSites(lab, stage)
  await slash64('status', 0)
}

async function checkSites(lab: Lab, stage: Stage): Promise<void> {
  const [blog, mail, below, unknown] = await Promise.all(
    ['blog.example.org', 'mail.example.org', 'imap.mail.example.org', 'nobody.example.org'].map(
      async (host) =>
        visit(lab, 'internet', { address: ADDRESSES.host, port: 443, tls: true, host, path: '/who' }),
    ),
  )
  const redirected = await get(lab, 'mail.example.org')
  stage.check('http://blog.example.org', (await get(lab, 'blog.example.org')).startsWith('200 blog:8000'))
  stage.check(
    'https://blog.example.org, with its own certificate',
    blog?.certificate === 'blog.example.org',
    blog?.body,
  )
  stage.check('https://mail.example.org, with another', mail?.certificate === 'mail.example.org', mail?.body)
  const isClient = mail?.body?.includes(`peer ${ADDRESSES.internet}:`) === true
  stage.check('which knows its client by the PROXY protocol', isClient, mail?.body)
  stage.check(
    'https://imap.mail.example.org, by the wildcard',
    below?.certificate === 'mail.example.org',
    below?.body,
  )
  stage.check('http://mail.example.org is a redirect', redirected.startsWith('301'), redirected)
  stage.check('a name that nobody serves is closed', unknown?.outcome === 'closed', unknown?.outcome)
}

/** `200 body`, or what came of it. */
async function get(lab: Lab, host: string): Promise<string> {
  const { outcome, status, body } = await visit(lab, 'internet', {
    address: ADDRESSES.host,
    port: 80,
    host,
    path: '/who',
  })
  return status === undefined ? outcome : `${status} ${body ?? ''}`.trim()
}
