import type { Problem } from '../../engine/types.ts'
import { visible } from '../../text/escape.ts'
import type { UnitOptions } from './options.ts'

const UNSEEN = [
  { setting: 'ProtectHome=yes', folders: ['/home', '/root', '/run/user'] },
  { setting: 'PrivateTmp=yes', folders: ['/tmp', '/var/tmp'] },
  { setting: 'PrivateDevices=yes', folders: ['/dev'] },
] as const

/** A unit that may write there has no sandbox; what is of ours there would stand among what is not. */
const SYSTEMS = /^\/((bin|boot|etc|lib|opt|run|sbin|srv|usr|var|var\/(lib|log|cache))?$|(proc|sys)(\/|$))/

type Fact = readonly [what: string, path: string, wayOut: string]

/** Why no unit can be written for these paths: each is something that it could not see, or could not say. */
export function unitFaults({ program, file, stateDir, runDir }: UnitOptions): readonly Problem[] {
  const install = 'install Node.js and slash64 for all users, below /usr or /opt, and run it from there'
  const places: readonly Fact[] = [
    ['state directory', stateDir, 'choose another with --state-dir DIR'],
    ['run directory', runDir, 'choose another with --run-dir DIR'],
  ]
  const facts: readonly Fact[] = [
    ...program.map((path) => ['program', path, install] as const),
    ['file', file, 'name another with --file FILE (usual is /etc/slash64/network.yaml)'],
    ...places,
  ]
  return [
    ...facts.flatMap(unseen),
    ...places.filter(([, path]) => SYSTEMS.test(path)).map(systems),
    ...facts.filter(([, path]) => /\p{Cc}/u.test(path)).map((fact) => unsayable(fact, 'a control character')),
    ...places
      .filter(([, path]) => /["'\\:$,]|[^ -~]/.test(path) && !/\p{Cc}/u.test(path))
      .map((fact) => unsayable(fact, 'a character that systemd or HAProxy cannot take in a directory')),
  ]
}

function unseen([what, path, hint]: Fact): readonly Problem[] {
  return UNSEEN.flatMap(({ setting, folders }) => {
    const folder = folders.find((one) => path === one || path.startsWith(`${one}/`))
    if (folder === undefined) return []
    const message = `the unit cannot see the ${what} ${path}: it has nothing below ${folder} (${setting})`
    return [{ code: 'S64-U001', message, hint }]
  })
}

function systems([what, path, hint]: Fact): Problem {
  const message = `the ${what} ${path} is the system's: the unit could write all that is there`
  return { code: 'S64-U004', message, hint }
}

function unsayable([what, path, hint]: Fact, why: string): Problem {
  return { code: 'S64-U002', message: `the ${what} ${visible(path)} has ${why}`, hint }
}
