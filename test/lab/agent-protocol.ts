/** One conversation to be had from inside a namespace. */
export interface Talk {
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
  readonly timeoutMs: number
  readonly source?: string
}

/** What the agent can be asked; its answer is one string. */
export type Request =
  | { readonly op: 'serve'; readonly protocol: 'tcp' | 'udp'; readonly name: string; readonly port: number }
  | { readonly op: 'talk'; readonly talk: Talk }
  | { readonly op: 'open'; readonly talk: Talk; readonly stream: number }
  | { readonly op: 'probe'; readonly stream: number; readonly timeoutMs: number }
