import { TABLE } from '../model/identity.ts'
import type { Echo } from './monitor.ts'

const ECHO_TABLE = `${TABLE}-echo`

/**
 * A table that nobody ever sees: a transaction shows its end only. The ruleset stays as it is, its generation grows by one.
 * `create`, not `add`: a table of that name that is there is not ours to delete.
 */
export const NFT_ECHO: Echo = {
  make: (mark) => ['nft', `create table ${ECHO_TABLE}-${mark}; delete table ${ECHO_TABLE}-${mark}`],
  isHeard: (line, mark) => line === `delete table ${ECHO_TABLE}-${mark}`,
}

/**
 * The group of the loopback interface, written as it is. The kernel tells of that though nothing has changed, while the
 * interface is up (net/core/rtnetlink.c, do_setlink; 6.18); of a link that is down it tells nothing.
 */
export const IP_ECHO: Echo = {
  ask: ['ip', '-N', '-o', 'link', 'show', 'dev', 'lo'],
  make: (_mark, answer) => {
    const [, group] = /^1: lo: <(?:[^>]*,)?UP[,>].* group (\d+)(?: |$)/.exec(answer) ?? []
    return group === undefined ? undefined : ['ip', 'link', 'set', 'dev', 'lo', 'group', group]
  },
  isHeard: (line) => IS_LOOPBACK_UP.test(line),
}

/** What is read of the host does not depend on it while it is up. */
export const IS_LOOPBACK_UP = /^\[LINK\]1: lo: <(?:[^>]*,)?UP[,>]/
