import { describe, expect, test } from 'vitest'
import { slash64, type Stage } from './support.ts'

/** The lines of the unit that install would write. */
async function unit(name: string, argv: readonly string[], stage: Stage = {}): Promise<readonly string[]> {
  const { code, out, err } = await slash64(['install', '-o', 'json', '--print', ...argv], stage)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const { units } = JSON.parse(out) as { units: readonly { path: string; text: string }[] }
  return (units.find(({ path }) => path.endsWith(`/${name}`))?.text ?? '').split('\n')
}

async function execStart(argv: readonly string[], stage: Stage = {}): Promise<string> {
  const lines = await unit('slash64.service', argv, stage)
  return lines.find((line) => line.startsWith('ExecStart='))?.slice(10) ?? ''
}

const PROGRAM = '/usr/bin/node /usr/lib/slash64/slash64.cjs reconcile'

describe('the command line of the controller', () => {
  test('says only what is not usual', async () => {
    expect(await execStart([])).toBe(`${PROGRAM} --file /etc/slash64/network.yaml`)
    const usual = ['--interval', '30s', '--listen', '127.0.0.1:9464', '--log-format', 'auto']
    const places = ['--state-dir', '/var/lib/slash64', '--run-dir', '/run/slash64/']
    expect(await execStart([...usual, ...places])).toBe(await execStart([]))
  })

  test.each([
    [['--interval', '5m'], ' --interval 5m'],
    [['--listen', '[::1]:9464'], ' --listen [::1]:9464'],
    [['--log-format', 'json'], ' --log-format json'],
    [['--state-dir', '/srv/state'], ' --state-dir /srv/state'],
    [['--run-dir', '/run/../run/other/'], ' --run-dir /run/other'],
  ])('%j', async (argv, expected) => {
    expect(await execStart(argv)).toBe(`${PROGRAM} --file /etc/slash64/network.yaml${expected}`)
  })

  test('has the file as an absolute path', async () => {
    expect(await execStart(['-f', '/srv/./x/../network.yaml'])).toBe(`${PROGRAM} --file /srv/network.yaml`)
    const { code, err } = await slash64(['install', '-f', 'network.yaml'])
    expect(code).toBe(1)
    expect(err).toContain('the file /home/here/network.yaml: it has nothing below /home (ProtectHome=yes)')
  })

  test.each([
    ['/srv/a b.yaml', '"/srv/a b.yaml"'],
    ['/srv/5%.yaml', '"/srv/5%%.yaml"', '/srv/5%%.yaml'],
    ['/srv/$HOME.yaml', '/srv/$$HOME.yaml'],
    ['/srv/"q".yaml', String.raw`"/srv/\"q\".yaml"`],
    [String.raw`/srv/a\b.yaml`, String.raw`"/srv/a\\b.yaml"`],
    ["/srv/it's.yaml", `"/srv/it's.yaml"`],
    ['/srv/;.yaml', '"/srv/;.yaml"'],
    ['/srv/é.yaml', '"/srv/é.yaml"'],
  ])('quotes %s', async (file, quoted, plain = quoted) => {
    expect([quoted, plain]).toContain((await execStart(['-f', file])).split(' --file ')[1])
  })

  test('the program may have a name of any kind too', async () => {
    const stage = { program: ['/opt/node 20/node', '/opt/50%/$x/slash64.cjs'] }
    expect(await execStart([], stage)).toMatch(/^"\/opt\/node 20\/node" \/opt\/50%%\/\$\$x\/slash64\.cjs /)
  })
})

describe('the places of a unit', () => {
  test('are made by systemd where they are its own', async () => {
    const lines = await unit('slash64.service', [])
    expect(lines).toEqual(expect.arrayContaining(['StateDirectory=slash64', 'RuntimeDirectory=slash64']))
    expect(lines).toContain('ReadWritePaths=/proc/sys/net')
    expect(lines.filter((line) => line.startsWith('ExecStartPre='))).toEqual([])
  })

  test('are made and opened where they are not', async () => {
    const places = ['--state-dir', '/srv/the state', '--run-dir', '/srv/5%']
    const lines = await unit('slash64.service', places)
    expect(lines).toContain('ReadWritePaths="-/srv/the state" -/srv/5%%')
    expect(lines).toContain('ExecStartPre=+/bin/mkdir -p "/srv/the state" /srv/5%%')
    // For the lock.
    expect(lines.filter((line) => /^(State|Runtime)Directory=/.test(line))).toEqual([
      'RuntimeDirectory=slash64',
    ])
    const proxy = await unit('slash64-proxy.service', places)
    expect(proxy).toContain('ConditionPathExists=/srv/the state/proxy/haproxy.cfg')
    expect(proxy).toContain('ReadWritePaths=-/srv/5%%/proxy')
    expect(proxy.join('\n')).toContain(
      '-f "/srv/the state/proxy/haproxy.cfg" -f "/srv/the state/proxy/backends.cfg"',
    )
    expect(proxy.join('\n')).not.toContain('/slash64/')
  })

  test('the path unit watches the file', async () => {
    expect(await unit('slash64.path', ['-f', '/srv/a b 5%.yaml'])).toContain('PathChanged=/srv/a b 5%%.yaml')
  })

  test('a port below 1024 takes a privilege more', async () => {
    const bounds = async (...argv: readonly string[]) =>
      (await unit('slash64.service', argv)).find((line) => line.startsWith('CapabilityBoundingSet='))
    expect(await bounds('--listen', '[::1]:443')).toContain(' CAP_NET_BIND_SERVICE')
    expect(await bounds('--listen', '127.0.0.1:1024')).toBe(await bounds())
  })
})

describe('what a unit could not see or say is refused', () => {
  test.each([
    [['-f', '/root/network.yaml'], 'file /root/network.yaml', 'ProtectHome=yes', '--file FILE'],
    [['-f', '/tmp/network.yaml'], 'file /tmp/network.yaml', 'PrivateTmp=yes', '--file FILE'],
    [['-f', '/srv/../var/tmp/x'], 'file /var/tmp/x', 'PrivateTmp=yes', '--file FILE'],
    [['--state-dir', '/home'], 'state directory /home', 'ProtectHome=yes', '--state-dir DIR'],
    [['--run-dir', '/run/user/0/x'], 'run directory /run/user/0/x', 'ProtectHome=yes', '--run-dir DIR'],
  ])('%j', async (argv, what, setting, wayOut) => {
    const { code, err, calls } = await slash64(['install', ...argv])
    expect({ code, calls }).toEqual({ code: 1, calls: [] })
    expect(err).toContain(`error[S64-U001]: the unit cannot see the ${what}: `)
    expect(err).toContain(setting)
    expect(err).toContain(wayOut)
  })

  test.each([
    ['--run-dir', '/', 'run directory /'],
    ['--run-dir', '/run/', 'run directory /run'],
    ['--state-dir', '/etc', 'state directory /etc'],
    ['--state-dir', '/var/lib/../../usr', 'state directory /usr'],
    ['--state-dir', '/var/lib', 'state directory /var/lib'],
    ['--state-dir', '/proc/sys/x', 'state directory /proc/sys/x'],
    ['--run-dir', '/sys/x', 'run directory /sys/x'],
  ])('%s %s: the sandbox would end there', async (option, path, what) => {
    const { code, err, calls } = await slash64(['install', option, path])
    expect({ code, calls }).toEqual({ code: 1, calls: [] })
    expect(err).toMatch(`error[S64-U004]: the ${what} is the system's`)
    expect(err).toContain(`${option} DIR`)
  })

  test.each(['/srv/x', '/var/lib/x', '/data', '/etc/slash64/state', '/process'])(
    'but not %s',
    async (path) => {
      expect((await slash64(['install', '--print', '--state-dir', path])).code).toBe(0)
    },
  )

  test.each(['/root/.nvm/node', '/home/me/node', '/tmp/node'])('the program %s', async (node) => {
    const { code, err } = await slash64(['install', '--print'], { program: [node, '/opt/slash64.cjs'] })
    expect(code).toBe(1)
    expect(err).toContain(`the program ${node}`)
    expect(err).toContain('install Node.js and slash64 for all users')
  })

  test.each(['/homes/x', '/roots', '/tmpfs/x', '/var/tmpdir'])('but not %s', async (folder) => {
    expect((await slash64(['install', '--print', '-f', `${folder}/network.yaml`])).code).toBe(0)
  })

  test.each([
    [['-f', '/srv/a\nb.yaml'], 'file'],
    [['-f', '/srv/a\u0000b.yaml'], 'file'],
    [['--run-dir', '/run/a\tb'], 'run directory'],
    [['--state-dir', '/srv/a"b'], 'state directory'],
    [['--state-dir', '/srv/a:b'], 'state directory'],
    [['--run-dir', '/run/é'], 'run directory'],
  ])('%j', async (argv, what) => {
    const { code, err } = await slash64(['install', '--print', ...argv])
    expect(code).toBe(1)
    expect(err).toMatch(new RegExp(`^error\\[S64-U002\\]: the ${what} \\S+ has a`))
    expect(err.split('\n')).toHaveLength(3)
  })
})
