import { StringDecoder } from 'node:string_decoder'

/** Characters of one line; what is beyond is dropped, so that no program can fill our memory. */
export const LINE_LIMIT = 64 * 1024

export interface Splitter {
  readonly feed: (chunk: Buffer) => void
  /** What stands after the last newline, if anything does. */
  readonly flush: () => void
}

/** Cuts a stream into lines, wherever its chunks begin and end. */
export function splitter(told: (line: string) => void): Splitter {
  const decoder = new StringDecoder('utf8')
  let open = ''
  const take = (text: string): void => {
    const room = LINE_LIMIT - open.length
    if (room > 0) open += text.slice(0, room)
  }
  const tell = (): void => {
    const line = open
    open = ''
    told(line)
  }
  return {
    feed: (chunk) => {
      const [first = '', ...others] = decoder.write(chunk).split('\n')
      take(first)
      for (const text of others) {
        tell()
        take(text)
      }
    },
    flush: () => {
      take(decoder.end())
      if (open !== '') tell()
    },
  }
}
