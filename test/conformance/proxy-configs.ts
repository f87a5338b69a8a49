import { appended, edited, IPV4 } from './proxy-files.ts'
import type { Files } from './proxy-files.ts'

export interface ConfigCase {
  readonly title: string
  readonly files: (files: Files) => Files
}

const CFG = 'haproxy.cfg'
const BACKENDS = 'backends.cfg'
const TLS = `bind ${IPV4}:443`

const add = (name: string, text: string) => (files: Files) => appended(files, name, text)
const edit = (from: string, to: string) => (files: Files) => edited(files, CFG, from, to)
const without = (name: string) => (files: Files) =>
  Object.fromEntries(Object.entries(files).filter(([known]) => known !== name))

/** Configurations, whole and broken, each in one way. */
export const CONFIG_CASES: readonly ConfigCase[] = [
  { title: 'whole', files: (files) => files },
  { title: 'an unknown word in a frontend', files: edit('default_backend', 'nonsense') },
  { title: 'an unknown word in the global section', files: edit('global\n', 'global\n    nonsense\n') },
  { title: 'an unknown word in the defaults', files: edit('defaults\n', 'defaults\n    nonsense\n') },
  { title: 'an unknown word in a backend', files: add(BACKENDS, '    nonsense\n') },
  {
    title: 'unknown words in two files',
    files: (files) => add(CFG, ' foo\n bar\n')(add(BACKENDS, 'baz\n')(files)),
  },
  { title: 'a word before any section', files: edit('# slash64\n', 'foo bar\n') },
  { title: 'no map for HTTP', files: without('http.map') },
  { title: 'no map for TLS', files: without('tls.map') },
  { title: 'no backends', files: without(BACKENDS) },
  { title: 'no configuration', files: without(CFG) },
  { title: 'an empty map', files: (files) => ({ ...files, 'http.map': '' }) },
  { title: 'a map with a key alone', files: (files) => ({ ...files, 'http.map': 'alone\n' }) },
  { title: 'a mode that is none', files: edit('mode tcp', 'mode udp') },
  { title: 'a server by name', files: add(BACKENDS, '    server t some.name.invalid:80\n') },
  { title: 'an unknown option of a server', files: add(BACKENDS, '    server t 10.0.0.1:80 check foo\n') },
  { title: 'a backend twice', files: add(BACKENDS, 'backend b-web\n    mode http\n') },
  { title: 'a frontend twice', files: add(CFG, 'frontend tls\n    mode tcp\n') },
  { title: 'no such default backend', files: edit('default_backend nothing', 'default_backend nope') },
  { title: 'no such backend', files: edit('use_backend generation', 'use_backend nope') },
  { title: 'a listener without a port', files: edit(TLS, `bind ${IPV4}`) },
  { title: 'a listener on a name', files: edit(TLS, 'bind nonsense.invalid:443') },
  { title: 'a listener twice', files: edit(TLS, `${TLS}\n    ${TLS}`) },
  { title: 'a last line without its end', files: add(CFG, '    acl x src 127.0.0.1') },
  { title: 'an open quote', files: add(CFG, '    acl x src "127.0.0.1\n') },
  { title: 'no folder for maps', files: edit('    default-path config\n', '') },
]
