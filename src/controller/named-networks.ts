import type { Topic } from '../engine/types.ts'
import type { Container } from '../model/types.ts'
import { containersOf } from '../runtimes/locate.ts'
import { containerTopic } from '../runtimes/shared.ts'
import type { Feeds, NetworksWatch } from '../system/feeds.ts'
import { afterEnd } from './lives.ts'
import type { State } from './state.ts'
import type { NamedNetworks, Wish } from './types.ts'

/** Where iproute2 keeps named network namespaces (NETNS_RUN_DIR). */
const NAMESPACES = '/var/run/netns'

export function watchNamed<Source>(
  state: State<Source>,
  feeds: Feeds,
  wish: (wish: Wish) => void,
): NamedNetworks {
  let watch: NetworksWatch | undefined
  let watched = ''
  const changed = (name: string): void => {
    const meant = named(state).filter(({ runtime }) => runtime.name === name)
    for (const container of meant) state.lives = afterEnd(state.lives, container.name)
    const topics = meant.map(({ runtime }): Topic => containerTopic(runtime))
    // Its links, too: one that was made anew has lost its end of the pair.
    wish({ trigger: 'runtime', topics: new Set<Topic>([...topics, 'link']) })
  }
  return {
    follow: () => {
      const names = [...new Set(named(state).map(({ runtime }) => runtime.name))]
      if (names.join(' ') === watched) return
      watched = names.join(' ')
      watch?.close()
      watch = names.length === 0 ? undefined : feeds.networks(NAMESPACES, names, changed)
    },
    look: () => watch?.look(),
    stop: () => watch?.close(),
  }
}

function named<Source>({ desired }: State<Source>): readonly Container[] {
  return containersOf(desired.model, 'netns')
}
