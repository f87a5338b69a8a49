import type { Trigger, Wish } from './types.ts'

/** Made for nothing but events of the host, heard or missed: another reason names the pass before these do. */
const EVENTS: ReadonlySet<Trigger> = new Set(['nft', 'ip', 'runtime', 'monitor'])

export function isEvent({ trigger }: Wish): boolean {
  return EVENTS.has(trigger)
}

/** What reads everything wins, and of two such what is no event; else the first one gives the name. */
export function merged(one: Wish, other: Wish): Wish {
  const by = other.by ?? one.by
  const lost = new Set([...(one.lost ?? []), ...(other.lost ?? [])])
  const urgent = one.urgent === true || other.urgent === true
  const more = {
    ...(by !== undefined && { by }),
    ...(lost.size > 0 && { lost }),
    ...(urgent && { urgent: true as const }),
  }
  const whole = [one, other].filter(({ topics }) => topics === undefined)
  const winner = whole.find(({ trigger }) => !EVENTS.has(trigger)) ?? whole[0]
  if (winner !== undefined) return { trigger: winner.trigger, ...more }
  return { trigger: one.trigger, topics: new Set([...(one.topics ?? []), ...(other.topics ?? [])]), ...more }
}
